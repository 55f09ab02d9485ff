"""Layers and graph pieces that several networks share."""
