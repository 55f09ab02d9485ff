"""Pixels and metadata to JPEG, PNG, and TIFF files."""
