"""Files to pixels: containers, depths, profiles, and whether there is color."""
