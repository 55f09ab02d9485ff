"""What benchmarks have in common: their frame, clocks, counts, and inputs."""
