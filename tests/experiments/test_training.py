"""What the records of runs say of their training: images that networks saw, and histories."""

import math
from pathlib import Path

import numpy as np
import pytest

from experiments.report.kept_runs import read_kept
from experiments.training import Training, images_of_epoch, parts_of, read_history
from polychrome.errors import InputError
from polychrome.files import read_json
from tf_data.pipeline import resident_training_images
from tf_data.store import Store

RESULTS = Path(__file__).resolve().parents[2] / "experiments/results"


def test_an_epoch_has_the_whole_batches_of_its_share():
    assert images_of_epoch(100_000, 64, 5_000) == 4_992
    assert images_of_epoch(100_000, 64, None) == 99_968
    assert images_of_epoch(200, 64, 5_000) == 192
    assert images_of_epoch(12, 64, 5_000) == 12
    assert images_of_epoch(150, 100, 90) == 100  # not of two shares without a batch
    assert Training(4, 96_101, parts=10, batch_size=64).seen == 38_400
    assert Training(3, 12, batch_size=64).seen == 36


@pytest.mark.parametrize(
    "count, batch_size, epoch_images",
    [(23, 5, None), (23, 5, 8), (23, 5, 2), (8, 5, 5), (150, 100, 90)],
)
def test_the_images_of_an_epoch_are_those_that_the_pipeline_gives(count, batch_size, epoch_images):
    images = np.zeros((count, 2, 2, 3), np.uint8)
    store = Store(images, tuple(map(str, range(count))), gray=0, skipped=())
    parts = parts_of(count, batch_size, epoch_images)
    resident, steps = resident_training_images(
        store, lambda batch: batch, batch_size, seed=1, parts=parts
    )
    seen = images_of_epoch(count, batch_size, epoch_images)
    assert np.size(resident.rows(0)) == steps * batch_size == seen
    assert Training(2, count, parts, batch_size=batch_size).seen == 2 * seen


def test_without_a_batch_size_or_images_less_is_known():
    assert Training(4, 96_101, parts=10).seen == Training(4, 96_101, parts=10).in_epochs == 38_440
    assert Training(4).seen is None and Training(4).in_epochs is None


@pytest.mark.parametrize(
    "run, network, images",
    [
        ("photo", "heads", 38_400),
        ("photo/clothes/after", "heads", 38_440 + 8_640),  # batches of the first run are unknown
        ("photo_colorizer", "heads", 80_000 + 76_800),
        ("tiny_imagenet/cnn_25_epochs", "cnn", 2_499_200),
        ("tiny_imagenet/tiny", "heads", 80_000 + 39_936),
    ],
)
def test_a_kept_run_saw_what_its_steps_took_in_and_what_the_runs_before_it_did(
    run, network, images
):
    """Rates of the epochs are of images in steps, and rounded."""
    (kept,) = (each for each in read_kept([RESULTS / run]) if each.folder == RESULTS / run)
    assert kept.seen == images
    folder = RESULTS / run / "networks" / network
    rows = read_history(folder / "history.csv")
    here = sum(row["images_per_second"] * row["training_seconds"] for row in rows)
    record = folder / "initial_weights.json"
    before = read_json(record).get("inherited", []) if record.exists() else []
    here += sum(each["epochs"] * (each["images"] // each["parts"]) for each in before)
    # Far below what is left over of the epochs.
    assert images == pytest.approx(here, abs=max(1, kept.left_over / 10))


def test_history_is_numbers(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,loss,val_loss\n1,0.5,\n2,nan,0.25\n3,0.1")
    first, second = read_history(path)  # the third line was cut short
    assert first["epoch"] == 1 and isinstance(first["epoch"], int)
    assert first["loss"] == 0.5 and math.isnan(first["val_loss"])
    assert math.isnan(second["loss"]) and second["val_loss"] == 0.25
    path.write_text("")
    assert read_history(path) == []


@pytest.mark.parametrize(
    "content", ["epoch,loss\n1,x\n", "epoch,loss\n1\n2,3\n", "loss\n1\n", "epoch,loss\nnan,1\n"]
)
def test_a_broken_history_names_file_and_line(tmp_path, content):
    path = tmp_path / "history.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=r"history\.csv, line 2"):
        read_history(path)
    with pytest.raises(InputError, match="missing"):
        read_history(tmp_path / "missing.csv")
