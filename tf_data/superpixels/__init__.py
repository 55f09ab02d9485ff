"""SLIC superpixels, and images painted with their mean colors."""
