"""One grading protocol for every system."""
