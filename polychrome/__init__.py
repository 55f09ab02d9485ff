"""polychrome: colorization systems of five reports, on any Keras backend."""
