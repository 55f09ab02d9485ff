"""Photographs as files: pixels, depth, and metadata in and out, without Keras or TensorFlow."""
