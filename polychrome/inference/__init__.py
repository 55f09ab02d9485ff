"""Colorizing photographs of any size."""
