"""Where and how a system errs, gathered batch by batch, for figures. NumPy alone."""

import numpy as np

# Edges of a* and b* in the histograms, of L*, and of the true chroma.
AB_EDGES = np.arange(-110, 111, 10.0)
LIGHTNESS_EDGES = np.linspace(0, 100, 21)
CHROMA_EDGES = np.linspace(0, 100, 21)


class Details:
    """Sums over images.

    Args:
        side: of the images in pixels.
    """

    def __init__(self, side: int):
        bins = len(AB_EDGES) - 1
        self.images = 0
        self._where = np.zeros([side, side])
        self._colors = np.zeros([bins, bins])
        self._lightness = np.zeros([2, len(LIGHTNESS_EDGES) - 1])
        self._chroma = np.zeros([2, len(CHROMA_EDGES) - 1])

    def add(self, lab: np.ndarray, ab: np.ndarray) -> None:
        """Add a batch.

        Args:
            lab: of the truth, `[B, H, W, 3]`.
            ab: predicted, `[B, H, W, 2]`.
        """
        self.images += len(lab)
        error = np.linalg.norm(ab - lab[..., 1:], axis=-1)
        self._where += error.sum(axis=0, dtype=np.float64)
        a, b = (_place(ab[..., i], AB_EDGES) for i in range(2))
        bins = len(AB_EDGES) - 1
        self._colors += np.bincount((a * bins + b).ravel(), minlength=bins**2).reshape(bins, bins)
        chroma = np.linalg.norm(lab[..., 1:], axis=-1)
        for sums, values, edges in (
            (self._lightness, lab[..., 0], LIGHTNESS_EDGES),
            (self._chroma, chroma, CHROMA_EDGES),
        ):
            place = _place(values, edges).ravel()
            sums += [
                np.bincount(place, error.ravel(), len(edges) - 1),
                np.bincount(place, minlength=len(edges) - 1),
            ]

    def arrays(self) -> dict[str, np.ndarray]:
        """What was gathered.

        Returns:
            "where" `[H, W]`, the mean distance in a* and b* by place in the image; "colors"
            `[a, b]`, the share of pixels by predicted color, in the squares of `AB_EDGES`;
            "by_lightness" and "by_chroma", the mean distance by the truth's L* and chroma in steps
            of their edges, NaN where there are no pixels. Colors beyond an edge count at it.
        """
        return {
            "where": (self._where / max(self.images, 1)).astype("float32"),
            "colors": (self._colors / max(self._colors.sum(), 1)).astype("float32"),
            "by_lightness": _ratio(self._lightness),
            "by_chroma": _ratio(self._chroma),
        }


def _place(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    step = edges[1] - edges[0]
    return np.clip((values - edges[0]) // step, 0, len(edges) - 2).astype(np.int64)


def _ratio(sums: np.ndarray) -> np.ndarray:
    error, count = sums
    return np.where(count > 0, error / np.maximum(count, 1), np.nan).astype("float32")
