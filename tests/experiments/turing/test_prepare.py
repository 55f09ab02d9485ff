"""What the options of `prepare` decide, by way of the command line."""

from pathlib import Path

import numpy as np
from PIL import Image
from skimage.color import rgb2lab

from experiments.turing.__main__ import main
from experiments.turing.study import Study, picture_file


def prepared(folder: Path, photographs: Path, options: str) -> Study:
    arguments = ["prepare", str(folder), "--photographs", str(photographs), *options.split()]
    assert main([*arguments, "--contact", "Ada <ada@example.org>"]) == 0
    return Study.open(folder)


def pictures(study: Study, system: int | None) -> np.ndarray:
    """All photographs' pictures of a system: uint8 `[photographs, H, W, 3]`."""
    assert study.folder is not None
    files = [picture_file(study.folder, number, system) for number in range(9)]
    return np.stack([np.asarray(Image.open(file)) for file in files])


def colorfulness(of: np.ndarray) -> float:
    """Mean chroma of sRGB."""
    _, a, b = np.moveaxis(rgb2lab(of), -1, 0)
    return float(np.hypot(a, b).mean())


def test_every_option_decides_what_it_says(tmp_path, pictures_folder):
    options = (
        "--limit 9 --side 40 --time-limit 2 --pairs 1 --checks 3 --misses 1 --seed 3 "
        "--preset photo --preset photo@0.5 --baseline mean --baseline gray"
    )
    study = prepared(tmp_path / "study", pictures_folder, options)
    settings = study.settings
    assert (settings.time_limit, settings.pairs, settings.checks, settings.misses) == (2.0, 1, 3, 1)
    assert settings.contact == "Ada <ada@example.org>" and not settings.simulated
    assert list(study.systems.values()) == ["photo", "photo@0.5", "mean", "gray"]
    assert len(study.rows("SELECT * FROM photographs")) == 9
    assert sum(1 for _ in (tmp_path / "study" / "pictures").iterdir()) == 9
    real, photo, vivid, mean, gray = (pictures(study, system) for system in (None, 0, 1, 2, 3))
    study.close()
    assert real.shape == photo.shape == (9, 30, 40, 3)

    # The dial is for more color.
    assert colorfulness(vivid) > 1.2 * colorfulness(photo) > 0
    # The gamut allows the mean chroma nearly everywhere.
    expected = rgb2lab(real)[..., 1:].mean(axis=(0, 1, 2))
    assert np.hypot(*expected) > 2.0
    found = np.median(rgb2lab(mean)[..., 1:], axis=(0, 1, 2))
    np.testing.assert_allclose(found, expected, atol=0.5)
    assert colorfulness(gray) < 0.5


def test_each_study_draws_a_seed_that_nobody_can_guess(tmp_path, pictures_folder):
    """Of 62 bits: each is below 2^32 with a probability of 1 in 10^9."""
    seeds, options = [], "--baseline gray --pairs 1 --checks 1"
    for name in ("one", "other"):
        study = prepared(tmp_path / name, pictures_folder, options)
        seeds.append(study.settings.seed)
        study.close()
    assert seeds[0] != seeds[1] and min(seeds) > 2**32
    study = prepared(tmp_path / "chosen", pictures_folder, f"{options} --seed 7")
    assert study.settings.seed == 7
    study.close()
