"""Pictures and heat maps of a page, as data URIs."""

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


def jpeg_uri(image: np.ndarray) -> str:
    """Likewise of a JPEG, a quarter as large."""
    encoded = encode_jpeg(image, quality=90)
    return "data:image/jpeg;base64," + base64.b64encode(encoded).decode("ascii")


def encode_jpeg(image: np.ndarray, quality: int) -> bytes:
    """An RGB image, uint8 `[H, W, 3]`, as JPEG with full chroma: colors are what is compared."""
    sampling = cv2.IMWRITE_JPEG_SAMPLING_FACTOR
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality, sampling, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    return cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), settings)[1].tobytes()


def heat_map(values: np.ndarray, low: float, high: float) -> str:
    """Values `[H, W]` as colors from dark (`low`) to bright (`high`), as a data URI."""
    share = np.clip((values - low) / max(high - low, 1e-12), 0.0, 1.0)
    colors = matplotlib.colormaps[_MAP](share)[..., :3]
    return data_uri((255 * colors + 0.5).astype(np.uint8))


def scale_bar(count: int = 64) -> str:
    """The colors of `heat_map` from left to right, as a data URI."""
    return heat_map(np.linspace(0, 1, count)[None], 0.0, 1.0)
