"""The command line of a run, and what all commands share of it."""
