"""From a spectrum to a row: settings, preparing, asking, judging, for one spectrum or for many."""
