"""Grading of systems, all by the same protocols on the same images."""
