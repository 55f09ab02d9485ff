"""Folders of damaged files: each file has its output whole, or its line in the summary."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from odd_files import mutated, seeds
from PIL import Image

SEEDS = seeds()


def _colorize_all(run, count, seed, *options):
    names = sorted(SEEDS)
    Path("in").mkdir()
    for index in range(count):
        name = names[index % len(names)]
        encoded = mutated(SEEDS[name], np.random.default_rng([seed, index]))
        (Path("in") / f"{index}{Path(name).suffix}").write_bytes(encoded)
    # Small ones only: a header that lies must not cost time here.
    small = ("--page", "1", "--max-pixels", "1e5")
    status, lines = run("colorize", "in", "-o", "out", *small, *options)
    assert status == 1
    text = "\n".join(lines)
    assert "Traceback" not in text and "unexpected" not in text
    failed = {name for line in lines if (name := line.partition(": ")[0]).startswith("in/")}
    counts = re.fullmatch(r"colorized ([\d,]+) pictures?; .*; ([\d,]+) failed", lines[-1])
    made, lost = (int(number.replace(",", "")) for number in counts.groups())
    assert made + lost == count and lost == len(failed)
    outputs = [path for path in Path("out").rglob("*") if path.is_file()]
    assert len(outputs) == made
    for path in outputs:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # EXIF is kept as it was, damage and all.
            with Image.open(path) as image:
                image.load()
    stems = {path.name.split(".")[0] for path in outputs} | {Path(name).stem for name in failed}
    assert len(stems) == count
    # Both happen, or the mutations would show little.
    assert 0.05 < made / count < 0.6


def test_damaged_files_are_colorized_or_named(here, run, recwarn):
    _colorize_all(run, 200, 2)
    assert [str(warning) for warning in recwarn.list] == []


@pytest.mark.long
def test_many_damaged_files_are_colorized_or_named(here, run):
    _colorize_all(run, 2_000, 3)


@pytest.mark.long
def test_more_are_by_a_model_that_takes_no_time(here, run, preset):
    _colorize_all(run, 8_000, 4, "--model", preset)
