"""The grades that the reports publish for a system, as data.

Keys name rows as in their tables. Padova's figures are on Tiny ImageNet: Table 1 on the 10,000
validation images, Table 2 on the 10,000 test images, both public. DTU's are on 10,000 unspecified
images of Places, and UCI's on one photograph. The Linköping report has no grade, but accuracies of
a discriminator; VVIT's has none at all. All figures of all five with their protocols, those that
are no grades too, are in `experiments.reported.figures`.
"""

import dataclasses
from collections.abc import Mapping

_MINUTE = 60.0


@dataclasses.dataclass(frozen=True)
class Published:
    """Figures from a report, for the row next to ours.

    Attributes:
        values: metric key (`polychrome.metrics`) to figure.
        source: report and table.
        note: caveats for comparing.
        images: number of images they were measured on.
        data: the data set (`tf_data.sources`) of those images.
        split: of that data set, if the images are known to be a whole split; empty if it is not
            known which images were used.
        training: what the row says about it: any of "epochs", "learning_rate", "seconds".
    """

    values: Mapping[str, float]
    source: str
    note: str = ""
    images: int = 10_000
    data: str = "tiny_imagenet"
    split: str = ""
    training: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def same_images(self, data: str, split: str, images: int) -> bool:
        """Whether a grading of `images` images of a data set's split used the same images."""
        return bool(self.split) and (data, split, images) == (self.data, self.split, self.images)


def _padova_1(psnr: float, epochs: int, minutes: float) -> Published:
    return Published(
        {"psnr_chroma_report": psnr},
        "Padova report, Table 1",
        "ab only, max_val=1: 6.02 dB low",
        split="validation",
        training={"epochs": epochs, "seconds": minutes * _MINUTE},
    )


PADOVA_TABLE_1 = {
    "v1": _padova_1(20.56, 25, 350),
    "v2": _padova_1(20.18, 25, 375),
    "v3": _padova_1(20.55, 25, 45),
    "v4": _padova_1(20.62, 25, 42),
    "v5": _padova_1(19.54, 50, 85),
    "v6": _padova_1(20.66, 25, 42),
}


def _padova_2(psnr: float, ssim: float, note: str = "") -> Published:
    values = {"psnr": psnr, "ssim": ssim}
    return Published(values, "Padova report, Table 2", note, split="test")


# Table 2, column Params.
PADOVA_PARAMETERS = {
    "cnn": "10^5",
    "polychromify": "10^6",
    "polychromify_ab": "10^6",
    "eccv16": "32×10^6",
    "siggraph17": "35×10^6",
}

_AT_64 = "the authors' weights fed with 64x64 images"
PADOVA_TABLE_2 = {
    "cnn": _padova_2(21.5735, 0.9061),
    "polychromify": _padova_2(21.9590, 0.9056),
    "polychromify_ab": _padova_2(22.4440, 0.9231),
    "eccv16": _padova_2(22.1403, 0.9230, _AT_64),
    "siggraph17": _padova_2(23.9000, 0.9334, _AT_64),
}


def _dtu(
    epochs: int, learning_rate: float, ssim: float, psnr: float, mse: float, note: str = ""
) -> Published:
    return Published(
        {"psnr": psnr, "ssim": ssim, "mse": mse},
        f"DTU report, Table 1 ({epochs} epochs, learning rate {learning_rate:g})",
        note,
        data="places365_small",
        training={"epochs": epochs, "learning_rate": learning_rate},
    )


_FAILED = "a run that failed: the report has it beside others of the same loss that work"
DTU_TABLE_1 = {
    "eccv16": Published(
        {"psnr": 6.79, "ssim": 0.0241, "mse": 15296.60},
        "DTU report, Table 1",
        "a broken run of a model that works: 22.04 dB in its authors' paper",
        data="places365_small",
    ),
    "mse_100_1e-4_failed": _dtu(100, 1e-4, 0.1264, 9.22, 8799.35, _FAILED),
    "mse_98_1e-3": _dtu(98, 1e-3, 0.8197, 17.79, 1214.07),
    "mse_101_1e-4": _dtu(101, 1e-4, 0.8244, 18.39, 1076.04),
    "mse_93_1e-4_failed": _dtu(93, 1e-4, 0.1267, 9.25, 8720.09, _FAILED),
    "mse_100_1e-4": _dtu(
        100, 1e-4, 0.8235, 18.71, 1024.60, "of five runs with MSE the one of the best PSNR"
    ),
    "l1_100_1e-3": _dtu(100, 1e-3, 0.8148, 18.30, 1137.31, "the row stands twice in the table"),
    "smooth_l1_100_1e-3": _dtu(100, 1e-3, 0.8185, 18.33, 1092.50),
    "smooth_l1_100_1e-4": _dtu(100, 1e-4, 0.8220, 18.80, 1027.55),
    "color_weighted_100_1e-3": _dtu(100, 1e-3, 0.8163, 18.77, 994.90),
    "color_weighted_100_1e-4": _dtu(100, 1e-4, 0.8188, 18.90, 978.10),
}


def _uci(note: str = "", **values: float) -> Published:
    rose = "one photograph of a white rose, a figure read off the report's text"
    return Published(values, "UCI report, section 3.5", f"{rose}{note}", images=1, data="folder")


UCI_ROSE = {
    "eccv16": _uci(
        "; the authors' weights", max_channel_superpixels=0.91, gray_luma_superpixels=0.89
    ),
    "gan": _uci(gray_luma_superpixels=0.91),
    "vae": _uci(gray_luma_superpixels=0.71),
}
