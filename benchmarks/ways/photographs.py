"""Ways from a photograph's file to a colorized file, each in a process of its own.

    python -m benchmarks.ways.photographs WAY FOLDER INPUT OUTPUT

loads its network from FOLDER (see `benchmarks.photographs_speed.prepare`), then colorizes INPUT
once for each line on standard input, and answers with the seconds that it took, elapsed and of the
processor. All see the same ECCV16 with the same random weights.
"""

import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Names of the files in FOLDER.
PRESET, ONNX, TORCH = "eccv16", "eccv16-256.onnx", "eccv16.pth"

Way = Callable[[Path, Path], object]


def ours(folder: Path) -> Way:
    """What `polychrome colorize --model FOLDER` does with a file, in ONNX Runtime."""
    import polychrome
    from polychrome.photographs.opening import open_photograph
    from polychrome.photographs.saving import save_photograph

    colorizer = polychrome.load(folder / PRESET, runtime="onnx")

    def colorize(source: Path, target: Path) -> None:
        photograph = open_photograph(source)
        rgb = colorizer.colorize_photograph(photograph)
        save_photograph(target, rgb, photograph, disclosure="ECCV16")

    return colorize


def opencv(folder: Path) -> Way:
    """The steps of OpenCV's sample `samples/dnn/colorization.py`, from file to file.

    The picture is squashed to a square for the network, and everything else is at full size in
    float32. The network comes in as ONNX, because OpenCV 5 imports no Caffe models.
    """
    import cv2

    colors = opencv_colors(cv2.dnn.readNetFromONNX(str(folder / ONNX)))

    def colorize(source: Path, target: Path) -> None:
        cv2.imwrite(str(target), colors(cv2.imread(str(source))))

    return colorize


def opencv_colors(network: Any) -> Callable[[Any], Any]:
    """The same from pixels to pixels, uint8 `[H, W, 3]` in BGR.

    Args:
        network: of `cv2.dnn`.
    """
    import cv2
    import numpy as np

    def colors(pixels: Any) -> Any:
        rgb = pixels[..., ::-1].astype(np.float32) / 255.0
        lightness = cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab)[..., :1]
        small = cv2.cvtColor(cv2.resize(rgb, (256, 256)), cv2.COLOR_RGB2Lab)[..., :1]
        network.setInput(np.ascontiguousarray((small[None] - 50.0) / 100.0))
        ab = 110.0 * network.forward().reshape(256, 256, 2)
        ab = cv2.resize(ab, rgb.shape[1::-1])
        lab = np.concatenate([lightness, ab], axis=-1)
        bgr = np.clip(cv2.cvtColor(lab, cv2.COLOR_Lab2BGR), 0.0, 1.0)
        return (bgr * 255.0).astype(np.uint8)

    return colors


def pytorch(folder: Path) -> Way:
    """The steps of the authors' script `demo_release.py`, from file to file.

    scikit-image converts colors, in float64; the picture is squashed to 256x256 for the network.
    """
    import numpy as np
    import torch
    from PIL import Image
    from skimage import color

    from benchmarks.ways.torch_networks import ECCV16

    network = ECCV16().eval()
    network.load_state_dict(torch.load(folder / TORCH, weights_only=True))

    def colorize(source: Path, target: Path) -> None:
        with Image.open(source) as image:
            rgb = np.asarray(image.convert("RGB"))
        squashed = np.asarray(Image.fromarray(rgb).resize((256, 256), Image.Resampling.BICUBIC))
        full, small = (color.rgb2lab(each)[..., :1] for each in (rgb, squashed))
        seen = torch.tensor((small - 50.0) / 100.0, dtype=torch.float32).permute(2, 0, 1)[None]
        with torch.no_grad():
            ab = 110.0 * network(seen)
            ab = torch.nn.functional.interpolate(ab, size=rgb.shape[:2], mode="bilinear")
        lab = np.concatenate([full, ab[0].permute(1, 2, 0).numpy()], axis=-1)
        colored = np.round(255.0 * np.clip(color.lab2rgb(lab), 0.0, 1.0)).astype(np.uint8)
        Image.fromarray(colored).save(target)

    return colorize


WAYS: dict[str, Callable[[Path], Way]] = {"ours": ours, "OpenCV": opencv}
if importlib.util.find_spec("torch") is not None:
    WAYS["PyTorch"] = pytorch


def main() -> None:
    """Answer each line with two numbers."""
    way, folder, source, target = sys.argv[1], *map(Path, sys.argv[2:])
    colorize = WAYS[way](folder)
    for _ in sys.stdin:
        wall, processor = time.perf_counter(), time.process_time()
        colorize(source, target)
        print(time.perf_counter() - wall, time.process_time() - processor, flush=True)


if __name__ == "__main__":
    main()
