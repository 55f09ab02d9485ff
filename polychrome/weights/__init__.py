"""Weights in files: published checkpoints, ImageNet encoders, our own."""
