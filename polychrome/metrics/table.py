"""The metrics of the grading table."""

from polychrome.metrics.base import ImageMetric
from polychrome.metrics.channels import BacktrackedGrayAccuracy, MaxChannelAccuracy
from polychrome.metrics.perceptual import (
    CIEDE2000,
    SSIM,
    Colorfulness,
    ColorfulnessDifference,
)
from polychrome.metrics.pixel import MSE255, PSNR, ColoredPSNR


def grading_metrics() -> tuple[ImageMetric, ...]:
    """New instances of the RGB metrics, in the order of the grading table."""
    return (
        PSNR(),
        ColoredPSNR(),
        SSIM(),
        MSE255(),
        CIEDE2000(),
        Colorfulness(),
        ColorfulnessDifference(),
        MaxChannelAccuracy(),
        *(MaxChannelAccuracy(channel) for channel in MaxChannelAccuracy.CHANNELS),
        BacktrackedGrayAccuracy("mean"),
        BacktrackedGrayAccuracy("luma"),
    )
