"""What is known of spectra, labels and the network, in numpy and torch: no file, no server, no clock."""
