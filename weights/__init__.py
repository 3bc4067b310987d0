"""How the demonstration network was made: material, observation, training, calibration, validation."""
