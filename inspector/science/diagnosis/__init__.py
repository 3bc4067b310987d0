"""What a star's answer hangs on: the spectrum changed on purpose, and asked about again."""
