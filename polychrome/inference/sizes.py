"""The size at which the network sees a picture, for NumPy and for TensorFlow's graphs."""

# Largest aspect ratio the network sees; longer images are scaled down further. Without a limit,
# a 1x5000 strip would become 64x320,000.
MAX_ASPECT = 8


def network_size(height: int, width: int, image_size: int) -> tuple[int, int]:
    """Height and width (at least 1) of an image as the network sees it.

    The shorter side becomes `image_size`, unless the image is longer than `MAX_ASPECT` allows.
    """
    scale = image_size / min(height, width)
    sides = [max(image_size, round(side * scale)) for side in (height, width)]
    shrink = min(1.0, MAX_ASPECT * image_size / max(sides))
    height, width = (max(1, round(side * shrink)) for side in sides)
    return height, width
