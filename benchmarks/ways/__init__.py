"""Ways to do one thing, ours and those of rivals, which benchmarks time."""
