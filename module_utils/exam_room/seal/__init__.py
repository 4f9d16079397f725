"""The results (V7): collected, packed into a sealed bag, written to disc and read back."""
