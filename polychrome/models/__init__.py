"""One file a network. Each `build_*` returns a functional `keras.Model`: lightness to chroma."""
