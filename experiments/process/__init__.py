"""The process of a run: its clock, its environment, and what its libraries print."""
