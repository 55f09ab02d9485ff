"""Layers and graph pieces shared by several networks."""
