"""The reports' figures, and on which images ours can be compared with them."""

import pytest

from experiments.recipes import RECIPES
from experiments.reported.published import (
    DTU_TABLE_1,
    PADOVA_TABLE_1,
    PADOVA_TABLE_2,
    UCI_ROSE,
    Published,
)

EVERY = {
    f"{table}/{key}": published
    for table, rows in (
        ("padova 1", PADOVA_TABLE_1),
        ("padova 2", PADOVA_TABLE_2),
        ("dtu", DTU_TABLE_1),
        ("uci", UCI_ROSE),
    )
    for key, published in rows.items()
}
# Of Tiny ImageNet. DTU never says which images of Places it took, and UCI's is one photograph.
SPLIT_OF = {"padova 1": "validation", "padova 2": "test"}


def test_every_figure_that_a_recipe_carries_is_in_a_table_here():
    carried = [published for recipe in RECIPES.values() for published in recipe.published]
    assert carried and all(published in EVERY.values() for published in carried)


@pytest.mark.parametrize("name", EVERY)
def test_only_tiny_imagenets_defined_splits_can_be_the_same_images(name):
    published = EVERY[name]
    # The report's own source and number of images: of Places and the rose that proves nothing.
    for split in ("train", "validation", "test"):
        same = published.same_images(published.data, split, published.images)
        assert same == (split == SPLIT_OF.get(name.split("/")[0]))
    assert not published.same_images("sample", published.split, published.images)
    assert not published.same_images(published.data, published.split, published.images - 1)


def test_figures_without_a_split_are_never_of_the_same_images():
    assert not Published({"psnr": 20.0}, "a report").same_images("tiny_imagenet", "", 10_000)


def test_dtus_table_is_whole():
    """DTU report, Table 1, in its order; the row for L1 stands twice there."""
    rows = [
        ("eccv16", None, None, 0.0241, 6.79, 15296.60),
        ("mse", 100, 1e-4, 0.1264, 9.22, 8799.35),
        ("mse", 98, 1e-3, 0.8197, 17.79, 1214.07),
        ("mse", 101, 1e-4, 0.8244, 18.39, 1076.04),
        ("mse", 93, 1e-4, 0.1267, 9.25, 8720.09),
        ("mse", 100, 1e-4, 0.8235, 18.71, 1024.60),
        ("l1", 100, 1e-3, 0.8148, 18.30, 1137.31),
        ("smooth_l1", 100, 1e-3, 0.8185, 18.33, 1092.50),
        ("smooth_l1", 100, 1e-4, 0.8220, 18.80, 1027.55),
        ("color_weighted", 100, 1e-3, 0.8163, 18.77, 994.90),
        ("color_weighted", 100, 1e-4, 0.8188, 18.90, 978.10),
    ]
    for (key, published), (loss, epochs, rate, ssim, psnr, mse) in zip(
        DTU_TABLE_1.items(), rows, strict=True
    ):
        assert key.startswith(loss)
        assert published.training.get("epochs") == epochs
        assert published.training.get("learning_rate") == rate
        assert published.values == {"psnr": psnr, "ssim": ssim, "mse": mse}
        assert ("failed" in published.note) == (psnr < 10 and loss == "mse")


def test_padovas_times_and_ucis_section():
    seconds = [row.training["seconds"] for row in PADOVA_TABLE_1.values()]
    assert seconds == [21000, 22500, 2700, 2520, 5100, 2520]  # 5h 50min ... 42min
    assert {row.source for row in UCI_ROSE.values()} == {"UCI report, section 3.5"}
    zhang = UCI_ROSE["eccv16"].values
    assert zhang == {"max_channel_superpixels": 0.91, "gray_luma_superpixels": 0.89}
