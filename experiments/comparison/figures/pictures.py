"""Pictures and heat maps of a page, as data URIs of PNG."""

import base64

import cv2
import matplotlib
import numpy as np

# Dark to bright, told apart by color-blind people, and visible on both white and black.
_MAP = "viridis"


def data_uri(image: np.ndarray) -> str:
    """An RGB image, uint8 `[H, W, 3]`, as the address of a PNG within the page."""
    encoded = cv2.imencode(".png", np.ascontiguousarray(image[..., ::-1]))[1]
    return "data:image/png;base64," + base64.b64encode(encoded.tobytes()).decode("ascii")


def heat_map(values: np.ndarray, low: float, high: float) -> str:
    """Values `[H, W]` as colors from dark (`low`) to bright (`high`), as a data URI."""
    share = np.clip((values - low) / max(high - low, 1e-12), 0.0, 1.0)
    colors = matplotlib.colormaps[_MAP](share)[..., :3]
    return data_uri((255 * colors + 0.5).astype(np.uint8))


def scale_bar(count: int = 64) -> str:
    """The colors of `heat_map` from left to right, as a data URI."""
    return heat_map(np.linspace(0, 1, count)[None], 0.0, 1.0)
