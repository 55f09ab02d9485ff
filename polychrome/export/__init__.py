"""Colorizers as SavedModels, and the check that they do what the network does."""
