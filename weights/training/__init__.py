"""How the demonstration network is trained: the synthetic grid, the telescope, two stages, the file that ships."""
