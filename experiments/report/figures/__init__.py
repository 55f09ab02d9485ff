"""Figures of runs and studies, drawn with Matplotlib."""
