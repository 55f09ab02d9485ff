"""What a run was asked for, as its `recipe.json` keeps it."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Options:
    """Everything a run depends on besides its recipe.

    Attributes:
        data: name of the source.
        data_dir: where its files are.
        epochs: of every network; None: the recipe's.
        batch_size: of all devices together.
        limit: largest number of images of each split; None: all.
        train_limit: largest number of training and of validation images; the graded split stays
            whole.
        graded: largest number of graded images; None: all.
        seed: of data order, weights, and dropout.
        precision: Keras dtype policy.
        deterministic: bit-for-bit repeatable operations.
        resident: training images stay in the accelerator's memory (JAX).
        image_size: side of the images; None: the smaller of the recipe's and the source's.
        init_from: run of the same system, preset, or name of a shipped preset, with the weights to
            start from.
        train_only: names of networks with commas between them; the others keep the weights of
            `init_from`. None: all are trained.
        weights: file of the system's own weights, as its authors published them.
        encoder_weights: file of ImageNet weights for the encoder.
        loss_weights: file of ImageNet weights for the network of a perceptual loss.
        histogram: file from `experiments.histogram` for color-weighted losses; None: measured.
        superpixels, compactness, superpixel_method: for systems that train on superpixels (None:
            the recipe's) and for published weights, then also graded on them.
        learning_rate: of every network; None: the recipe's.
        patch: side of the PatchGAN's patch in pixels; None: the recipe's.
        resize: "crop" or "stretch", how images become square; None: the recipe's.
        frechet: also measure the Fréchet distance on EfficientNet-Lite0.
    """

    data: str = "sample"
    data_dir: str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    limit: int | None = None
    train_limit: int | None = None
    graded: int | None = None
    seed: int = 1
    precision: str = "float32"
    deterministic: bool = False
    resident: bool = False
    image_size: int | None = None
    init_from: str | None = None
    train_only: str | None = None
    weights: str | None = None
    encoder_weights: str | None = None
    loss_weights: str | None = None
    histogram: str | None = None
    superpixels: int | None = None
    compactness: float | None = None
    superpixel_method: str | None = None
    learning_rate: float | None = None
    patch: int | None = None
    resize: str | None = None
    frechet: bool = False


def option(setting: str) -> str:
    """The option of a field of `Options`, or of another setting: "data_dir" is "--data-dir"."""
    return "--" + setting.replace("_", "-")
