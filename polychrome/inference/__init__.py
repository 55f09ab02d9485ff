"""From a photograph of any size to a colorized one."""
