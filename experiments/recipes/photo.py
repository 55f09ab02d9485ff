"""Our own colorizer of photographs, also old ones: `tiny`'s network at 128 pixels.

    python -m experiments.run photo --init-from tiny --data folder --data-dir PATH

PATH is a collection of `python -m tf_data.photographs`. Training begins with the weights of `tiny`,
which has seen images of 64 pixels enlarged to 128. Half of the training and validation images look
old (`tf_data.degradations`): the network sees the lightness of the old photograph, and its colors
are compared with the truth at the true lightness. Grading is on clean images;
`python -m experiments.robustness` grades degraded ones. 40 epochs are 384,000 images. Then, as in
`tiny`, a second network learns a vivid answer and the expected error, on the same draw.
"""

from experiments.recipe import Network, Recipe, any_size
from experiments.recipes.tiny import LITE0, LOG_ERROR, VIVID_AND_SPREAD, go_on, with_rgb
from polychrome.color.scaling import POLYCHROME
from polychrome.models.lite_unet import build_heads, build_lite_unet, outputs_by_name
from tf_data.augment import flip_horizontally
from tf_data.degradations.aging import aging


def of_old(batch):
    """The degraded lightness, from the draw, and the target of `with_rgb`."""
    _, target = with_rgb(batch)
    return POLYCHROME.lab_to_lightness(batch.drawn), target


RECIPE = Recipe(
    name="photo",
    label="polychrome photo",
    summary="our U-Net on photographs of 128 pixels, half of them made to look old",
    networks=(
        Network(
            "colorizer",
            any_size(build_lite_unet),
            epochs=40,
            objective=LOG_ERROR,
            example=of_old,
            augment=(flip_horizontally,),
            draw=aging(0.5),
            encoder=LITE0,
        ),
        Network(
            "heads",
            any_size(build_heads),
            epochs=8,
            objective=VIVID_AND_SPREAD,
            example=of_old,
            augment=(flip_horizontally,),
            draw=aging(0.5),
            to_chroma=outputs_by_name,
            start=go_on,
        ),
    ),
    scaling=POLYCHROME,
    image_size=128,
    stored_size=160,
    epoch_images=10_000,
    validation_images=2_000,
    report_data="--init-from tiny --data folder --data-dir PATH",
    sample_epochs=6,
)
