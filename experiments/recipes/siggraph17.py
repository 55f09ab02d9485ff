"""SIGGRAPH17: Zhang et al., "Real-Time User-Guided Image Colorization", 2017, without a user.

    python -m experiments.run siggraph17 --data imagenet_folder --data-dir PATH
    python -m experiments.run siggraph17_narrow --data tiny_imagenet --data-dir PATH

Three stages: bins without hints, then chroma with simulated hints at two learning rates; the paper
does not say for how many passes over ImageNet, the numbers of epochs here are ours. Graded without
hints. In the Padova report's comparison, on Tiny ImageNet fed at 64x64: PSNR 23.9000 dB, SSIM
0.9334; doing nothing scores 23.74 and 0.9350. The authors' release feeds 256x256 and resizes a*, b*
back: both are graded. `siggraph17_narrow` has a quarter of the filters.
"""

import dataclasses
import functools

import keras
from keras import ops

from experiments.recipe import Network, Published, Recipe
from polychrome.color.scaling import ZHANG
from polychrome.layers.resizing import fed_at
from polychrome.losses.grid import GridCrossEntropy
from polychrome.models.siggraph17 import build_siggraph17, without_hints
from tf_data.augment import flip_horizontally
from tf_data.hints import draw_hints


def _targets(chroma):
    return {"chroma": chroma, "bins": chroma}


def _without_hints(batch):
    lightness, chroma = ZHANG.split(batch.rgb)
    nothing = ops.zeros_like(lightness)
    hints = ops.zeros_like(chroma)
    return {"lightness": lightness, "hints": hints, "mask": nothing}, _targets(chroma)


def _with_hints(batch):
    lightness, chroma = ZHANG.split(batch.rgb)
    hints, mask = batch.drawn[..., :2] / ZHANG.chroma_scale, batch.drawn[..., 2:]
    return {"lightness": lightness, "hints": hints, "mask": mask}, _targets(chroma)


def _compile(network: keras.Model, learning_rate: float, chroma_weight: float) -> None:
    network.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss={"chroma": "mae", "bins": GridCrossEntropy(ZHANG)},
        loss_weights={"chroma": chroma_weight, "bins": 1.0},
    )


def _go_on(network: keras.Model, *before: keras.Model) -> None:
    network.set_weights(before[-1].get_weights())


def _at_authors_size(*stages: keras.Model) -> keras.Model:
    return fed_at(without_hints(stages[-1]), 256)


def _stages(width: int, rates: tuple[float, float, float], epochs: int) -> tuple[Network, ...]:
    first = Network(
        "bins",
        functools.partial(build_siggraph17, width=width, trained_by="bins"),
        epochs=epochs,
        # The chroma head learns along, on features that it does not change.
        compile=functools.partial(_compile, learning_rate=rates[0], chroma_weight=10.0),
        example=_without_hints,
        augment=flip_horizontally,
        to_chroma=without_hints,
    )
    later = (
        dataclasses.replace(
            first,
            name=name,
            build=functools.partial(build_siggraph17, width=width),
            compile=functools.partial(_compile, learning_rate=rate, chroma_weight=10.0),
            example=_with_hints,
            draw=draw_hints,
            start=_go_on,
        )
        for name, rate in zip(("hints", "hints_slowly"), rates[1:], strict=True)
    )
    return (first, *later)


RECIPE = Recipe(
    name="siggraph17",
    label="SIGGRAPH17",
    summary="Zhang et al. 2017: U-Net with user hints, here graded without",
    networks=_stages(64, (1e-4, 1e-5, 1e-6), epochs=10),
    variants={"fed at 256x256": _at_authors_size},
    published=Published(
        {"psnr": 23.9000, "ssim": 0.9334},
        "Padova report, Table 2",
        note="the authors' weights fed with 64x64 images",
    ),
    scaling=ZHANG,
    image_size=176,
    batch_size=25,
    report_data="--data imagenet_folder --data-dir PATH",
    sample_epochs=1,
)

NARROW = dataclasses.replace(
    RECIPE,
    name="siggraph17_narrow",
    label="SIGGRAPH17, quarter width",
    summary="SIGGRAPH17 with a quarter of its filters, quick enough for two cores",
    networks=_stages(16, (1e-3, 1e-3, 1e-4), epochs=10),
    published=Published({}, ""),
    report_data="--data tiny_imagenet --data-dir PATH",
    batch_size=64,
    sample_epochs=4,
)
