"""A collected and sealed session for the tests of the bag, the image and the burner."""
