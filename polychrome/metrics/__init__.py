"""What colorizations are graded by: one class a definition, named after it."""
