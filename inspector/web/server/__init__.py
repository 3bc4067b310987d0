"""From the command line to a page that a browser is given: addresses, headers, bounds."""
