"""Weights files: published checkpoints, ImageNet encoders, our own."""
