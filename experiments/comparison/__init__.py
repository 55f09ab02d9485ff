"""The bake-off: systems trained at one budget, graded on the same images, and compared."""
