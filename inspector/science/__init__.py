"""Spectra, labels, the network and its answers, in numpy and torch: no file, no server, no clock."""
