"""A results table as a queue of spectra to vet: filtered, sorted, filled with live values, gone along row by row."""
