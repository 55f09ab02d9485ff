"""The reports' figures and claims, held against the kept runs."""
