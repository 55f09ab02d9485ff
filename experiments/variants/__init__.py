"""Small-budget variants of the recipe `tiny`, and what each change is worth."""
