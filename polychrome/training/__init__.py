"""Resumable training: the loop, callbacks, devices, GANs."""
