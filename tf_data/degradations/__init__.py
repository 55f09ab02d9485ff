"""What age does to photographs: color images to the lightness of old ones, for training."""
