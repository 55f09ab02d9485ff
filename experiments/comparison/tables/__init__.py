"""The rows of a bake-off, their ranks, and the table that they make."""
