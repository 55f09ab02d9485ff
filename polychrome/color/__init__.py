"""Color spaces, color differences and the 313 bins of the ab plane."""
