"""What Lite0 says of color, and that it is said whom of its own kind it judges."""

import json

import numpy as np
import pytest

from experiments.comparison.settings import Budget, Settings, System
from experiments.comparison.tables.classifier import classifier_notes
from experiments.comparison.tables.rows import read_rows

IMAGES = 40
LITE0 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


@pytest.fixture
def judged(tmp_path, write_grades):
    """Of 20 labeled images, 10 are known in gray, 14 as they are, and 15 and 6 by two systems."""
    for name, kind, known in (
        ("helped", "trained", 15),
        ("hurt", "trained", 6),
        ("do_nothing", "baseline", 10),
        ("truth", "oracle", 14),
    ):
        psnr = np.full(IMAGES, 20.0)
        psnr[:known] = 25.0  # "top1" of the fixture: above 23
        write_grades(tmp_path, name, 1 if kind == "trained" else 0, kind, psnr)
    return tmp_path


def settings(**taken):
    systems = [System("helped"), System("hurt"), *(System(n, f) for n, f in taken.items())]
    return Settings(tuple(systems), Budget(images=1000))


def notes(out, settings):
    return classifier_notes(read_rows(settings, out), settings, out)


def test_the_answer_is_by_differences_from_gray_on_the_same_images(judged):
    (said,) = notes(judged, settings())
    assert "on the true ones +0.200 [" in said
    assert "; more by Helped +0.250 [" in said and "; less by Hurt -0.200 [" in said
    assert "not told from gray" not in said


def test_seeds_far_apart_do_not_answer(judged, write_grades):
    psnr = np.full(IMAGES, 20.0)
    psnr[:11] = 25.0
    write_grades(judged, "helped", 2, "trained", psnr)
    (said,) = notes(judged, settings())
    assert "; not told from gray, by images or by seeds: Helped +0.150 [" in said


@pytest.mark.parametrize("digest, warned", [(LITE0, True), ("0" * 64, False), (None, False)])
def test_a_run_whose_encoder_began_as_the_judge_is_named(judged, digest, warned):
    path = judged / "runs/hurt/seed-1/networks/net/initial_weights.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"encoder": {"sha256": digest, "pretrained": True}}))
    said = [note for note in notes(judged, settings()) if "judges its own kind" in note]
    assert bool(said) == warned
    assert all(note.endswith("may flatter: Hurt.") for note in said)


@pytest.mark.parametrize("taken, warned", [("tiny", True), ("RUN", False)])
def test_so_is_a_preset_by_its_card(judged, write_grades, taken, warned):
    write_grades(judged, "shipped", 1, "taken", np.full(IMAGES, 20.0))
    said = " ".join(notes(judged, settings(shipped=taken)))
    assert ("may flatter: Shipped." in said) == warned
