"""Metrics for grading colorizations: one class per definition."""
