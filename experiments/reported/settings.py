"""The settings of every recipe, and the source of each number.

Recipes are tested against this table, and the table in docs/systems.md is generated from it
(`experiments.tables.systems`). The owner is the source that gives the number for this system:

- "report": the report's text, also where it gives one number for all of its systems;
- "code": public code of the report's authors or, for Zhang et al., of the paper's;
- "paper": the paper of Zhang et al.;
- "tutorial": the public tutorial on U-Net and GAN that the VVIT report follows;
- "ours": none of them gives it, or we depart from what they give (`Settings.note`).
"""

from dataclasses import dataclass, replace
from typing import Any

# A number, or several numbers or names, and their owner.
Owned = tuple[Any, str]


@dataclass(frozen=True)
class Images:
    """The images of a data set in three splits, as `tf_data.sources` opens it.

    `about`: they are divided by a hash of each path, so the counts vary a little.
    """

    data: str
    train: Owned
    validation: Owned
    test: Owned
    about: bool = False


@dataclass(frozen=True)
class Settings:
    """Training settings of one system or several similar ones.

    Attributes:
        report: its short name, or the authors of the paper.
        systems: names of the recipes.
        learning_rate: of each network's first step.
        batch_size: in images.
        epochs: of each network.
        image_size: side in pixels; smaller images of a data set are not enlarged to it.
        images: on the report's data.
        augmentation: names of steps of `tf_data.augment`, in their order.
        drop_every: steps after which the learning rate is divided by ten; None: it is fixed.
        resize: "crop" or "stretch", how images that are not square become so.
        note: where "ours" departs from a source, or what a source leaves open.
    """

    report: str
    systems: tuple[str, ...]
    learning_rate: Owned
    batch_size: Owned
    epochs: Owned
    image_size: Owned
    images: Images
    augmentation: Owned
    drop_every: Owned | None = None
    resize: Owned = ("crop", "ours")
    note: str = ""


def _ours(*numbers: int) -> tuple[Owned, ...]:
    return tuple((number, "ours") for number in numbers)


_TINY = Images("tiny_imagenet", (100_000, "report"), (10_000, "report"), (10_000, "report"))
# Padova's data set, used for other reports' systems.
_TINY_OURS = Images("tiny_imagenet", *_ours(100_000, 10_000, 10_000))
_PLACES = Images("places365_small", (30_000, "report"), (3_000, "ours"), (10_000, "report"))
_COCO = Images("coco/2017", (8_000, "report"), (1_000, "ours"), (2_000, "report"))
# 5 % of 657,571 images; the last 1 % to test on.
_LSUN = Images("lsun/dining_room", (32_879, "report"), (300, "ours"), (6_576, "ours"))
# 1,600 in the report; 1,200 and 400 as published, a tenth of the first to validate on.
_BERRIES = Images("linnaeus5/berry", *_ours(1_080, 120, 400), about=True)
# The paper trains on all 1.28 million; here a tenth of them validates, and `val` tests.
_IMAGENET = Images("imagenet_folder", *_ours(1_153_000, 128_000, 50_000), about=True)
# The code's GAN takes one folder, of the report's 700 beaches, and tests on a tenth.
_BEACHES = Images("folder", (315, "report"), (315, "report"), (70, "code"), about=True)
# The code's autoencoder takes 500 images, as many as the report has of flowers.
_FLOWERS = Images("folder", (225, "report"), (225, "report"), (50, "ours"), about=True)

_NONE: tuple[str, ...] = ()
_FLIP = ("flip_horizontally",)
_BOTH_FLIPS = ("flip_horizontally", "flip_vertically")

# Report, sections 3 to 5 and Table 1. Its rate is "fixed"; the notebook's "adam" means 1e-3.
_POLYCHROMIFY = Settings(
    report="Padova",
    systems=("polychromify", "polychromify_v6"),
    learning_rate=((1e-3,), "code"),
    batch_size=(64, "report"),
    epochs=((25,), "report"),
    image_size=(64, "report"),
    images=_TINY,
    augmentation=(_NONE, "report"),
)
_NOTEBOOK = replace(_POLYCHROMIFY, batch_size=(64, "code"))
_SELECTION = replace(_POLYCHROMIFY, learning_rate=((1e-3,), "ours"), batch_size=(64, "ours"))
_PADOVA = (
    replace(_NOTEBOOK, systems=("cnn",), epochs=((25,), "code")),
    _POLYCHROMIFY,
    replace(
        _POLYCHROMIFY,
        systems=("polychromify_ab",),
        learning_rate=((1e-3, 1e-3), "code"),
        epochs=((30, 30), "report"),
    ),
    replace(_NOTEBOOK, systems=("polychromify_overfit",), epochs=((50,), "code")),
    replace(
        _SELECTION,
        systems=("polychromify_v1", "polychromify_v2", "polychromify_v3", "polychromify_v4"),
        note="Table 1 gives neither rate nor batch: they are those of v6, the final network",
    ),
    replace(_SELECTION, systems=("polychromify_v5",), epochs=((50,), "report")),
)

# Report, sections 2 and 6.2 and Table 1. A row that it does not have has the rate that we chose.
_DTU_ROW = Settings(
    report="DTU",
    systems=(),
    learning_rate=((1e-4,), "report"),
    batch_size=(128, "ours"),
    epochs=((100,), "report"),
    image_size=(256, "report"),
    images=_PLACES,
    augmentation=(_NONE, "ours"),
)
_DTU_OPEN = replace(_DTU_ROW, learning_rate=((1e-4,), "ours"))
_DTU_FAST = replace(_DTU_ROW, learning_rate=((1e-3,), "report"))
_DTU = (
    replace(
        _DTU_ROW,
        systems=("dtu_mse", "dtu_smooth_l1", "dtu_color_weighted"),
        note="the report has batches of 128 and of 64, and says where for one row alone; nor what "
        "augmentation",
    ),
    replace(_DTU_FAST, systems=("dtu_l1", "dtu_smooth_l1_lr1e-3", "dtu_color_weighted_lr1e-3")),
    replace(_DTU_FAST, systems=("dtu_mse_lr1e-3",), epochs=((98,), "report")),
    replace(
        _DTU_ROW,
        systems=("dtu_mse_93",),
        epochs=((93,), "report"),
        batch_size=(64, "report"),
        note="one of the report's two failed rows; it gives batches of 64 to the worst of rows 4 "
        "and 5 of its Table 1, which this one is, be Zhang et al.'s row counted or not",
    ),
    replace(_DTU_ROW, systems=("dtu_mse_101",), epochs=((101,), "report")),
    replace(
        _DTU_ROW,
        systems=("dtu_mse_batch64",),
        batch_size=(64, "ours"),
        note="the report's other failed row has what its best row with MSE has; that batches of 64 "
        "part them is a guess",
    ),
    replace(
        _DTU_OPEN,
        systems=("dtu_total_variation", "dtu_perceptual"),
        note="the report tries these losses and gives no rate for them",
    ),
    replace(_DTU_OPEN, systems=("dtu_mse_flips",), augmentation=(_BOTH_FLIPS, "ours")),
    replace(_DTU_OPEN, systems=("dtu_mse_flips_vertical",), augmentation=(_BOTH_FLIPS[1:], "ours")),
    replace(
        _DTU_OPEN,
        systems=("dtu_mse_balanced", "dtu_l1_balanced", "dtu_light"),
        epochs=((100,), "ours"),
        note="the report wishes for these in section 8 and did not train them",
    ),
    replace(
        _DTU_OPEN,
        systems=("dtu_lite0",),
        epochs=((100,), "ours"),
        note="the report has no such encoder; ImageNet weights of this one are within reach",
    ),
)

# Report, Tables 1 and 2, sections 2.3, 3.1.1, 3.2.2 and 3.2.4. It is silent on augmentation.
_VGG16 = Settings(
    report="Linköping",
    systems=("vgg16_regression",),
    learning_rate=((1e-4,), "report"),
    batch_size=(64, "report"),
    epochs=((35,), "report"),
    image_size=(224, "report"),
    images=_BERRIES,
    augmentation=(_NONE, "ours"),
    note="the report counts 1,600 images a class and does not say how it divides them",
)
_LINKOPING = (
    _VGG16,
    replace(
        _VGG16,
        systems=("vgg16_classification",),
        learning_rate=((3e-5,), "report"),
        epochs=((250,), "report"),
    ),
    replace(
        _VGG16,
        systems=("cgan", "cgan_noise1", "cgan_non_saturating"),
        learning_rate=((5e-5,), "report"),
        epochs=((2,), "report"),
        image_size=(64, "report"),
        images=_LSUN,
        note="",
    ),
)

# Report, sections 3.1 to 3.5; src/gan.py and src/test.py of its code.
_UCI_GAN = Settings(
    report="UCI",
    systems=("uci_gan", "uci_gan_adversarial"),
    learning_rate=((5e-4,), "code"),
    batch_size=(1, "code"),
    epochs=((25,), "report"),
    image_size=(120, "code"),
    images=_BEACHES,
    augmentation=(_NONE, "code"),
    resize=("stretch", "report"),
    note="the report resizes to 224, the code's GAN to 120",
)
_UCI = (
    _UCI_GAN,
    replace(
        _UCI_GAN,
        systems=("uci_vae", "uci_vae_kl1"),
        learning_rate=((1e-3,), "ours"),
        batch_size=(16, "ours"),
        epochs=((25,), "ours"),
        image_size=(224, "report"),
        images=_FLOWERS,
        note="the code's autoencoder, a plain one, has 1e-4, batches of 10, up to 100 epochs",
    ),
)

# Report, Implementation and Results: images, size and flip, nothing else.
_UNET = Settings(
    report="VVIT",
    systems=("unet_patchgan", "unet_patchgan_1", "unet_patchgan_16", "unet_patchgan_34"),
    learning_rate=((2e-4,), "tutorial"),
    batch_size=(16, "tutorial"),
    epochs=((20,), "ours"),
    image_size=(256, "report"),
    images=_COCO,
    augmentation=(_FLIP, "report"),
    resize=("stretch", "tutorial"),
    note="the tutorial trains this U-Net for 100 epochs",
)
_VVIT = (
    _UNET,
    replace(
        _UNET,
        systems=("unet_l1", "unet_l2"),
        learning_rate=((2e-4,), "ours"),
        note="the report speaks of either loss alone and shows neither",
    ),
    replace(
        _UNET,
        systems=("resnet_unet_patchgan",),
        learning_rate=((1e-4, 2e-4), "tutorial"),
        epochs=((20, 20), "tutorial"),
        note="",
    ),
    replace(
        _UNET,
        systems=("unet_fusion",),
        images=_TINY_OURS,
        note="the report trains on COCO, whose images have no class of their own",
    ),
)

# Paper of 2016 (450,000 steps are 14 epochs); solver.prototxt and train_val.prototxt of its code.
_ECCV16 = Settings(
    report="Zhang et al.",
    systems=("eccv16",),
    learning_rate=((3e-5,), "paper"),
    drop_every=(225_000, "code"),
    batch_size=(40, "code"),
    epochs=((14,), "paper"),
    image_size=(176, "code"),
    images=_IMAGENET,
    augmentation=(("random_crop", "flip_horizontally"), "code"),
)
# scripts/train_siggraph.sh and options/ of the same authors' colorization-pytorch.
_SIGGRAPH17 = Settings(
    report="Zhang et al.",
    systems=("siggraph17",),
    learning_rate=((1e-4, 1e-5, 1e-6), "code"),
    batch_size=(25, "code"),
    epochs=((10, 10, 10), "ours"),
    image_size=(176, "code"),
    images=_IMAGENET,
    augmentation=(_FLIP, "ours"),
    note="the code trains for 15, 10 and 5 epochs, and crops at random scales besides flipping",
)
_NARROW = {"batch_size": (64, "ours"), "images": _TINY_OURS, "augmentation": (_FLIP, "ours")}
_ZHANG = (
    _ECCV16,
    replace(
        _ECCV16,
        systems=("eccv16_narrow", "eccv16_narrow_plain"),
        learning_rate=((1e-3,), "ours"),
        drop_every=None,
        epochs=((14,), "ours"),
        **_NARROW,
    ),
    _SIGGRAPH17,
    replace(
        _SIGGRAPH17,
        systems=("siggraph17_narrow",),
        learning_rate=((1e-3, 1e-3, 1e-4), "ours"),
        note="",
        **_NARROW,
    ),
)

_OURS = (
    Settings(
        report="polychrome",
        systems=("tiny",),
        learning_rate=((5e-4, 2e-3), "ours"),
        batch_size=(64, "ours"),
        epochs=((8, 4), "ours"),
        image_size=(64, "ours"),
        images=replace(_TINY_OURS, validation=(2_000, "ours")),
        augmentation=(_FLIP, "ours"),
        note="goes on from earlier runs; an epoch is 10,000 images, validation 2,000 of 10,000",
    ),
    Settings(
        report="polychrome",
        systems=("photo",),
        learning_rate=((2e-3, 2e-3), "ours"),
        batch_size=(64, "ours"),
        epochs=((40, 8), "ours"),
        image_size=(128, "ours"),
        images=Images("folder", *_ours(96_101, 2_000, 5_654)),
        augmentation=(("random_crop", "flip_horizontally"), "ours"),
        note="begins with tiny; an epoch is 9,610 images, stored at 160 pixels, half of them aged",
    ),
)

ROWS = (*_PADOVA, *_DTU, *_LINKOPING, *_UCI, *_VVIT, *_ZHANG, *_OURS)
