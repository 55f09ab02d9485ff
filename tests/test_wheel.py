"""What people install: the wheel holds both presets, and is small."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Megabytes, with ONNX of photo alone: with that of tiny too they would be 46.
LARGEST = 40
# All that a wheel is built from. A copy, because setuptools writes into the folder.
SOURCES = ("polychrome", "pyproject.toml", "setup.cfg", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    # No isolation, which would download setuptools: TensorFlow requires it and wheel.
    command = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation"]
    command += ["--no-index", "--disable-pip-version-check", "--wheel-dir", "dist"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = (folder / "dist").iterdir()
    return path


@pytest.mark.long
def test_a_wheel_holds_both_presets_to_the_byte_in_at_most_40_mb(wheel):
    assert wheel.stat().st_size <= LARGEST * 1e6
    presets = ROOT / "polychrome" / "presets"
    with zipfile.ZipFile(wheel) as archive:
        for name in ("photo", "tiny"):
            files = [path for path in (presets / name).iterdir() if path.is_file()]
            needed = {"config.json", "model.weights.h5", "preset.json"}
            needed |= {"model.onnx"} if name == "photo" else set()
            assert needed <= {path.name for path in files}
            for path in files:
                packed = archive.read(path.relative_to(ROOT).as_posix())
                assert packed == path.read_bytes(), path


@pytest.mark.long
def test_a_wheel_holds_the_package_alone(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "polychrome").rglob("*.py")}
    assert packed >= sources
    assert {name.split("/")[0] for name in packed} == {"polychrome"}
