"""Which rows beat the trivial baselines, their marks, and the sentence that says so."""

import pytest

from experiments.report import tables
from experiments.report.against_baselines import beats, remaining


@pytest.mark.parametrize(
    ("psnr", "expected"), [(22.99, tables.BELOW), (23.0, tables.BELOW), (23.01, "")]
)
def test_only_a_row_above_the_best_baseline_is_unmarked(metrics, psnr, expected):
    metrics["rows"][4]["values"]["psnr"]["mean"] = psnr
    assert tables.mark(metrics["rows"][4], metrics) == expected


@pytest.mark.parametrize(
    ("colored", "everywhere", "expected"),
    [(23.2, 22.99, True), (23.2, 23.01, True), (22.9, 23.5, False), (23.0, 23.5, False)],
)
def test_best_constant_may_be_what_is_to_beat_on_colored_images(
    metrics, colored, everywhere, expected
):
    ours, constant = metrics["rows"][4], metrics["rows"][0]
    ours["values"]["psnr_colored"]["mean"] = colored
    ours["values"]["psnr"]["mean"] = everywhere
    constant["values"]["psnr_colored"]["mean"] = 23.0  # do nothing has 22.5, and 23.0 on all
    assert beats(ours, metrics, "psnr_colored") is expected
    marked = not expected or everywhere < 23.0
    assert tables.mark(ours, metrics) == (tables.BELOW if marked else "")
    said = "1 of 1 trained row beats" if expected else "none of 1 trained row beats"
    assert remaining(metrics).startswith(
        f"On colored images, {said} the best trivial baseline, the best constant (23.00 dB)"
        f"{': Net' if expected else ''}. On all images, "
    )


def test_an_interval_that_holds_zero_beats_nothing(metrics):
    ours = metrics["rows"][4]
    for low, expected in ((-0.01, False), (0.01, True)):
        gain = {"baseline": "do_nothing", "mean": 0.5, "low": low, "high": 1.0}
        ours["against_best_baseline"] = {key: gain for key in ("psnr", "psnr_colored")}
        assert beats(ours, metrics, "psnr") is expected
        assert tables.mark(ours, metrics) == ("" if expected else tables.BELOW)
        assert "Means are compared" not in remaining(metrics)
    ours["against_best_baseline"]["psnr"] = gain | {"low": None, "high": None}  # of one image
    assert beats(ours, metrics, "psnr") is False
    del ours["against_best_baseline"]["psnr"]
    assert remaining(metrics).endswith(
        "Means are compared where a record has no paired differences."
    )


@pytest.mark.parametrize(
    ("graded", "gray", "said"),
    [
        (24, 4, ""),
        (23, 4, "19 images with color are too few to say which row is better, whatever the"),
        (1, 0, "1 image with color is too few to say which row is better, whatever the"),
    ],
)
def test_few_images_are_said_to_be_too_few(metrics, graded, gray, said):
    metrics["images"] |= {"graded": graded, "gray": gray}
    for text in (remaining(metrics), tables.text_table(metrics), tables.markdown_table(metrics)):
        assert ("too few to say" in text) is bool(said)
        assert said in " ".join(text.split())
