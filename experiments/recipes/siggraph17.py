"""SIGGRAPH17: Zhang et al., "Real-Time User-Guided Image Colorization", 2017, without a user.

    python -m experiments.run siggraph17 --data imagenet_folder --data-dir PATH
    python -m experiments.run siggraph17_narrow --data tiny_imagenet --data-dir PATH

Three stages: bins without hints, then chroma with simulated hints at two learning rates. The paper
does not give the number of passes over ImageNet, so the numbers of epochs are ours. Graded without
hints. In the Padova report's comparison, on Tiny ImageNet fed at 64x64: PSNR 23.9000 dB, SSIM
0.9334; doing nothing scores 23.74 and 0.9350. The authors' release feeds 256x256 and resizes a*, b*
back: both are graded. `siggraph17_narrow` has a quarter of the filters.
"""

import dataclasses

import keras
from keras import ops

from experiments.recipe import Adam, Network, Recipe, Released, Supervised, any_size
from experiments.reported.published import PADOVA_TABLE_2
from polychrome.color.scaling import ZHANG
from polychrome.layers.resizing import fed_at
from polychrome.losses.grid import GridCrossEntropy
from polychrome.losses.pixel import summed_l1
from polychrome.models.siggraph17 import build_siggraph17, without_hints
from polychrome.weights.published import SIGGRAPH17
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


def _losses(materials):
    return {"chroma": summed_l1, "bins": GridCrossEntropy(ZHANG)}


def _objective(learning_rate: float) -> Supervised:
    return Supervised(
        _losses,
        "10 x absolute error summed over a* and b*, cross-entropy of 529 color bins",
        Adam(learning_rate),
        loss_weights={"chroma": 10.0, "bins": 1.0},
    )


def _go_on(network: keras.Model, *before: keras.Model) -> None:
    network.set_weights(before[-1].get_weights())


def _at_authors_size(*stages: keras.Model) -> keras.Model:
    return fed_at(without_hints(stages[-1]), 256)


def _stages(width: int, rates: tuple[float, float, float], epochs: int) -> tuple[Network, ...]:
    first = Network(
        "bins",
        any_size(build_siggraph17, width=width, trained_by="bins"),
        epochs=epochs,
        # The chroma head is trained too, but its gradient does not reach the features.
        objective=_objective(rates[0]),
        example=_without_hints,
        augment=(flip_horizontally,),
        to_chroma=without_hints,
    )
    later = (
        dataclasses.replace(
            first,
            name=name,
            build=any_size(build_siggraph17, width=width),
            objective=_objective(rate),
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
    published=(PADOVA_TABLE_2["siggraph17"],),
    released=Released(SIGGRAPH17, without_hints, {"fed at 256x256": _at_authors_size}),
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
    published=(),
    released=None,
    report_data="--data tiny_imagenet --data-dir PATH",
    batch_size=64,
    sample_epochs=4,
)
