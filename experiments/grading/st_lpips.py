"""ST-LPIPS, a learned perceptual distance that small shifts leave as it is.

Ghildyal and Liu, "Shift-tolerant Perceptual Similarity Metric", 2022, by the authors' package with
its weights (extra `st-lpips`): AlexNet with blurred pooling, their default.
"""

import importlib.util

import numpy as np

from polychrome.errors import InputError

KEY, LABEL = "st_lpips", "ST-LPIPS"
MEANING = (
    "Shift-tolerant LPIPS on AlexNet (Ghildyal and Liu 2022), between true and colorized images."
)


class STLPIPS:
    """The distance of pairs of images.

    Raises:
        InputError: its package, or PyTorch, is not installed.
    """

    def __init__(self) -> None:
        check_installed()
        import torch
        from stlpips_pytorch.stlpips import LPIPS

        self._torch = torch
        self._network = LPIPS(net="alex", variant="shift_tolerant", verbose=False)

    def __call__(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Two batches of RGB in [0, 1], `[B, H, W, 3]`, to float32 `[B]`: 0 for equal images."""
        pair = [
            self._torch.from_numpy(np.ascontiguousarray(np.moveaxis(each, -1, 1), np.float32))
            for each in (truth, prediction)
        ]
        with self._torch.inference_mode():
            return self._network(*pair, normalize=True).flatten().numpy()


def check_installed() -> None:
    """Fail now rather than after training.

    Raises:
        InputError: the package, or PyTorch, is not installed.
    """
    for name in ("torch", "stlpips_pytorch"):
        if importlib.util.find_spec(name) is None:
            raise InputError(
                f"ST-LPIPS needs {name}, which is not installed: pip install -e '.[st-lpips]', or "
                "leave it out with --skip st_lpips"
            )
