"""Films: read, colorized shot by shot with colors that stay, and written, with PyAV."""
