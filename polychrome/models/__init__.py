"""One file per network. Each `build_*` returns a functional `keras.Model`."""
