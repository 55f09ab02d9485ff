"""Pictures of a run: exact pixels, sizes, hostile labels, short and broken histories."""

import math

import numpy as np
import pytest
from skimage import io

from experiments.report.figures.drawing import draw_curves, draw_filmstrip, draw_grid, evenly
from polychrome.errors import InputError


def photographs(seed, n=3, height=16, width=16):
    return np.random.default_rng(seed).integers(0, 256, (n, height, width, 3), np.uint8)


def history(epochs, **columns):
    columns = {"loss": 0.02, "val_loss": 0.03, **columns}
    return [
        {"epoch": epoch, **{name: value / epoch for name, value in columns.items()}}
        for epoch in range(1, epochs + 1)
    ]


def contains(picture, tile):
    """Whether `tile` stands somewhere in `picture`, pixel for pixel."""
    windows = np.lib.stride_tricks.sliding_window_view(picture[..., 0], tile.shape[:2])
    corners = (windows[..., 0, 0] == tile[0, 0, 0]) & (windows[..., -1, -1] == tile[-1, -1, 0])
    height, width = tile.shape[:2]
    return any(
        np.array_equal(picture[y : y + height, x : x + width], tile)
        for y, x in np.argwhere(corners)
    )


def enlarged(image, factor):
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


@pytest.mark.parametrize(("height", "width", "factor"), [(16, 16, 12), (64, 48, 3), (256, 200, 1)])
def test_grid_shows_every_pixel_unchanged(tmp_path, height, width, factor):
    columns = {name: photographs(i, 2, height, width) for i, name in enumerate(("gray", "a", "b"))}
    path = tmp_path / "grid.png"
    draw_grid(columns, path, ["first", "second"])
    picture = io.imread(path)[..., :3]
    for images in columns.values():
        for image in images:
            assert contains(picture, enlarged(image, factor))
    assert not contains(picture, enlarged(photographs(9, 1, height, width)[0], factor))
    assert [p.name for p in tmp_path.iterdir()] == ["grid.png"]


def test_grid_columns_stand_in_order_under_their_headers(tmp_path):
    flat = {name: np.full((1, 64, 64, 3), v, np.uint8) for name, v in (("x", 60), ("y", 160))}
    draw_grid(flat, tmp_path / "grid.png")
    picture = io.imread(tmp_path / "grid.png")[..., 0]
    middle = picture[-100]
    assert np.flatnonzero(middle == 60).max() < np.flatnonzero(middle == 160).min()
    assert (middle == 60).sum() == (middle == 160).sum() == 192
    top = np.flatnonzero((picture == 60).any(axis=1)).min()
    for value in (60, 160):  # ink above each column
        columns = np.flatnonzero(middle == value)
        assert picture[: top - 1, columns].min() < 100


@pytest.mark.filterwarnings("ignore:Glyph")  # a missing letter is drawn as a box
@pytest.mark.parametrize("label", ["$\\frac{$", "a" * 300, "", "日本 <b>&", "two\nlines"])
def test_any_label_can_be_drawn(tmp_path, label):
    draw_grid({label: photographs(0), "truth": photographs(1)}, tmp_path / "g.png", [label] * 3)
    picture = io.imread(tmp_path / "g.png")[..., :3]
    assert contains(picture, enlarged(photographs(1)[2], 12))
    assert picture.shape[1] < 1000  # a long name wraps or is cut, it does not widen the page


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"a": photographs(0), "b": photographs(0, n=2)},
        {"a": photographs(0).astype("float32")},
        {"a": photographs(0)[..., :1]},
    ],
)
def test_grid_refuses_what_is_not_a_grid(tmp_path, columns):
    with pytest.raises(ValueError, match="columns must be"):
        draw_grid(columns, tmp_path / "g.png")
    with pytest.raises(ValueError, match="row labels"):
        draw_grid({"a": photographs(0)}, tmp_path / "g.png", ["one"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("count", "most"), [(1, 10), (2, 10), (10, 10), (11, 10), (300, 10)])
def test_evenly_keeps_both_ends(count, most):
    chosen = evenly(count, most)
    assert chosen[0] == 0 and chosen[-1] == count - 1
    assert len(chosen) == min(count, most)
    gaps = np.diff(chosen)
    assert count == 1 or gaps.max() - gaps.min() <= 1


def test_filmstrip_is_a_row_a_photograph_and_a_column_an_epoch(tmp_path):
    frames = [(f"epoch {e}", photographs(e, n=2)) for e in range(1, 26)]
    draw_filmstrip(frames, tmp_path / "strip.png")
    picture = io.imread(tmp_path / "strip.png")[..., :3]
    for shown in (0, 24):
        assert contains(picture, enlarged(frames[shown][1][1], 12))
    assert not contains(picture, enlarged(frames[1][1][1], 12))
    assert picture.shape[1] < 10 * 200 and picture.shape[0] < 2 * 200 + 60


def test_curves_have_a_panel_for_each_quantity_that_is_there(tmp_path):
    path, widths = tmp_path / "curves.png", []
    for columns in ({}, {"val_psnr_chroma": 25.0}, {"psnr_chroma": 25, "psnr_chroma_report": 19}):
        draw_curves({"a": history(8, **columns)}, path)
        widths.append(io.imread(path).shape[1])
    assert widths[1] == 2 * widths[0] and widths[2] == 3 * widths[0]
    assert [p.name for p in tmp_path.iterdir()] == ["curves.png"]


def ink(path, color):
    """Number of pixels close to a color "#rrggbb"."""
    wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    picture = io.imread(path)[..., :3].astype(int)
    return int((np.abs(picture - wanted).max(axis=-1) < 12).sum())


def test_networks_have_their_own_colors(tmp_path):
    path = tmp_path / "curves.png"
    draw_curves({"a": history(8)}, path)
    assert ink(path, "#0072B2") > 500 and ink(path, "#D55E00") == 0
    draw_curves({"a": history(8), "b": history(8, loss=0.05, val_loss=0.06)}, path)
    assert ink(path, "#0072B2") > 500 and ink(path, "#D55E00") > 500


@pytest.mark.parametrize("epochs", [1, 2, 200])
def test_curves_show_any_number_of_epochs(tmp_path, epochs):
    validation, nothing = tmp_path / "some.png", tmp_path / "none.png"
    draw_curves({"a": history(epochs)}, validation)
    rows = history(epochs, val_loss=math.nan)
    draw_curves({"a": rows}, nothing)
    # A dot of 4 points at 160 dpi covers 60 pixels and more.
    assert ink(validation, "#0072B2") - ink(nothing, "#0072B2") > 50


def test_curves_without_numbers_are_refused(tmp_path):
    for histories in ({}, {"a": []}, {"a": [{"epoch": 1, "loss": math.nan}]}):
        with pytest.raises(InputError, match="no loss"):
            draw_curves(histories, tmp_path / "curves.png")


def test_a_picture_that_cannot_be_written_is_an_input_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        draw_grid({"a": photographs(0)}, tmp_path / "file" / "grid.png")
