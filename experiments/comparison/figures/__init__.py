"""Figures and pictures on the page of a bake-off."""
