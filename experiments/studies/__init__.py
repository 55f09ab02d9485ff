"""Single questions to one colorizer, beyond the grades that all systems get."""
