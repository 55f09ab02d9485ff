"""What networks minimize."""
