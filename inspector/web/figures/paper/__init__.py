"""The figure for a talk or a paper, drawn by matplotlib."""
