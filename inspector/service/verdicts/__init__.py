"""Verdicts on stars: the scheme they follow, the events they are kept as, the store, and what is handed over."""
