"""The stages of a run, and the job that goes through them in order."""
