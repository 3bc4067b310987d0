"""One reader per APOGEE product, how a file's product is recognised, and safe reading of FITS."""
