"""Result tables and single spectra as tables, the journal of a batch run, and where it may write."""
