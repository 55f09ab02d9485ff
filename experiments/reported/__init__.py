"""What the reports publish: their figures, and the settings with the owner of each number."""
