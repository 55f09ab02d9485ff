"""Training that can be stopped at any time: the loop, callbacks, devices, GANs."""
