"""What the shipped weights can do: calibrated errors, held-out and real stars, the model card and the test data."""
