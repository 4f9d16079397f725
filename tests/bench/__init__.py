"""What is measured: how long preparing takes, how fast the cutoff is. ``python -m bench``, or ``make bench``."""
