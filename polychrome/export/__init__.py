"""Colorizers as SavedModels, and a check against the Keras network."""
