"""`polychrome models`, and fetching weights in the authors' format from a server on this machine.

The weights are random and the networks narrow: the authors' files have never been read here.
"""

import dataclasses
import hashlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from file_server import serving
from PIL import Image
from pytorch_writer import write_pytorch
from tiny_colorizers import lively, preset_of, violet

import polychrome
from polychrome.cli import main
from polychrome.color.scaling import ZHANG
from polychrome.models.siggraph17 import without_hints
from polychrome.presets import models_folder, read_card, shipped
from polychrome.weights import published
from polychrome.weights.authors import FILES

WIDTH = 2  # instead of 64
ROOT = Path(__file__).resolve().parents[3]
RELEASES = {"eccv16": published.ECCV16, "siggraph17": published.SIGGRAPH17}
LIGHTNESS = np.random.default_rng(0).uniform(0, 100, (1, 24, 16, 1)).astype("float32")


def written(name, folder, width):
    """A network of random weights, and the file that PyTorch would write of it."""
    network = lively(RELEASES[name].build(width))
    state = {
        key: np.transpose(variable, [axes.index(axis) for axis in range(len(axes))])
        for key, (variable, axes) in published.torch_variables(network).items()
    }
    return network, write_pytorch(folder / "weights.pth", state)


def chroma_of(name, network):
    """a* and b* of `LIGHTNESS` by the network itself."""
    colorizer = without_hints(network) if name == "siggraph17" else network
    return np.asarray(colorizer((LIGHTNESS - 50.0) / 100.0)) * ZHANG.chroma_scale


@pytest.fixture(scope="module", params=["eccv16"])
def narrow(request, tmp_path_factory):
    """Name, chroma and bytes of a file in the authors' format, of few filters."""
    network, path = written(request.param, tmp_path_factory.mktemp("authors"), width=WIDTH)
    return request.param, chroma_of(request.param, network), path.read_bytes()


both = pytest.mark.parametrize("narrow", RELEASES, indirect=True)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The folder of models, which does not exist yet."""
    monkeypatch.setenv("POLYCHROME_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "models"


def offer(monkeypatch, name, url, content):
    """Let `name` be offered at a URL, whose end tells the hash of this content."""
    head = hashlib.sha256(content).hexdigest()[:8]
    monkeypatch.setitem(FILES, name, dataclasses.replace(FILES[name], url=f"{url}-{head}.pth"))
    return FILES[name].file


@pytest.fixture
def offered(narrow, place, monkeypatch):
    """Name, server and file name of weights that can be fetched."""
    name, _, content = narrow
    monkeypatch.setattr(published, "WIDTH", WIDTH)
    with serving(content, "weights") as server:
        file = offer(monkeypatch, name, server.url, content)
        yield name, server, file


@pytest.fixture
def models(capsys):
    """A function that runs `polychrome models`: exit status, standard output and error."""

    def run(*arguments):
        capsys.readouterr()
        status = main(["models", *map(str, arguments)])
        return status, *capsys.readouterr()

    return run


def check_installed(name, content, place):
    """The preset is whole, of these bytes, and nothing else is left."""
    card = read_card(place / name)
    assert card["source"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert sorted(path.name for path in place.iterdir()) == [name]


@both
def test_weights_are_fetched_converted_and_loaded_by_name(narrow, offered, place, models, draw):
    name, server, file = offered
    chroma = narrow[1]
    with pytest.raises(polychrome.InputError, match=f"`polychrome models fetch {name}` gets it"):
        polychrome.load(name)
    status, out, progress = models("fetch", name)
    sha256 = hashlib.sha256(server.content).hexdigest()
    assert status == 0 and f"{name}: installed in {place / name}" in out
    assert sha256 in out and sha256[:8] in file
    assert file in progress and "100%" in progress
    check_installed(name, server.content, place)
    colorizer = polychrome.load(name)
    assert colorizer.card["image_size"] == 256 and colorizer.card["license"] == "BSD-2-Clause"
    np.testing.assert_allclose(colorizer.predict(LIGHTNESS).ab, chroma, atol=0.02)
    assert np.ptp(chroma) > 1
    picture, out = draw(place.parent / "gray.png"), place.parent / "color.png"
    assert main(["colorize", str(picture), "-o", str(out), "--model", name]) == 0
    with Image.open(picture) as gray, Image.open(out) as color:
        np.testing.assert_array_equal(np.asarray(color), colorizer.colorize(np.asarray(gray)))
        assert np.ptp(np.asarray(color).astype(int), axis=-1).max() > 2

    listed = {model["name"]: model for model in json.loads(models("--json")[1])}
    assert listed[name]["installed"] and listed[name]["folder"] == str(place / name)
    status, out, _ = models("fetch", name)
    assert status == 0 and "already installed" in out and server.asked == [None]


def test_an_interrupted_fetch_is_resumed(offered, place, models):
    name, server, file = offered
    server.etag, server.cut_at = '"1"', 100_000
    status, _, error = models("fetch", name)
    assert status == 1 and "cut at 100,000" in error and "again to resume" in error
    assert (place / "downloads" / f"{file}.part").stat().st_size == 100_000
    assert not json.loads(models("--json")[1])[-1]["installed"]
    server.cut_at = None
    assert models("fetch", name)[0] == 0
    assert server.asked == [None, "bytes=100000-"]
    check_installed(name, server.content, place)


def test_a_server_without_ranges_sends_all_again(offered, place, models):
    name, server, _ = offered
    server.ranges, server.cut_at = False, 100_000
    assert models("fetch", name)[0] == 1
    server.cut_at = None
    assert models("fetch", name)[0] == 0
    check_installed(name, server.content, place)


def test_a_file_that_is_there_needs_no_network(offered, place, models, tmp_path):
    name, server, _ = offered
    (tmp_path / "mine.pth").write_bytes(server.content)
    assert models("fetch", name, "--file", tmp_path / "mine.pth")[0] == 0
    assert server.asked == [] and (tmp_path / "mine.pth").read_bytes() == server.content
    check_installed(name, server.content, place)


def test_another_file_is_not_installed(offered, place, models, tmp_path):
    name, server, file = offered
    server.content = server.content[::-1]
    status, _, error = models("fetch", name)
    assert status == 1 and "not the expected file, SHA-256" in error.splitlines()[-1]
    assert [path for path in place.rglob("*") if path.is_file()] == []

    (tmp_path / "other.pth").write_bytes(server.content)
    status, _, error = models("fetch", name, "--file", tmp_path / "other.pth")
    assert status == 1 and error.count("\n") == 1
    assert f"damaged, or not the authors' {file}" in error and not (place / name).exists()


def test_without_a_server_it_is_one_line(place, models, monkeypatch):
    with serving(b"", "weights") as server:
        offer(monkeypatch, "eccv16", server.url, b"")
    status, _, error = models("fetch", "eccv16")
    assert status == 1 and error.count("\n") == 1 and "refused" in error


@pytest.mark.parametrize(
    "file, message", [("none.pth", "cannot read none.pth: No such file"), (".", ".: a folder, ")]
)
def test_no_file_is_one_line(place, models, monkeypatch, tmp_path, file, message):
    monkeypatch.chdir(tmp_path)
    status, _, error = models("fetch", "eccv16", "--file", file)
    assert status == 1 and error.count("\n") == 1 and message in error


@pytest.mark.parametrize("within", ["download", "conversion"])
def test_a_full_disk_leaves_nothing_half_installed(offered, place, models, within):
    name, server, file = offered
    size = len(server.content)  # of Keras's file half as much again
    room, kept = {"download": (size // 2, f"{file}.part"), "conversion": (size, file)}[within]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))  # a file ends there, as on a full disk
    try:
        status, _, error = models("fetch", name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert status == 1 and error.splitlines()[-1].startswith("error: ")
    assert [path.name for path in place.rglob("*") if path.is_file()] == [kept]
    assert models("fetch", name)[0] == 0
    check_installed(name, server.content, place)


def test_a_damaged_model_is_fetched_again(offered, place, models):
    name, server, _ = offered
    assert models("fetch", name)[0] == 0
    (place / name / "model.weights.h5").write_bytes(b"")
    assert models("fetch", name)[0] == 0
    check_installed(name, server.content, place)
    assert len(server.asked) == 2


def test_something_else_in_its_place_is_left_alone(offered, place, models):
    name = offered[0]
    (place / name).mkdir(parents=True)
    (place / name / "notes.txt").write_text("mine")
    status, _, error = models("fetch", name)
    assert status == 1 and "something else than a preset" in error
    assert [path.name for path in (place / name).iterdir()] == ["notes.txt"]


def test_other_names_are_wrong_usage(place, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["models", "fetch", "deoldify"])
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert "deoldify" in error and "eccv16" in error and "siggraph17" in error


def test_the_list_has_what_is_installed_and_what_can_be_fetched(place, models):
    preset_of(violet(), place / "mine")
    status, out, _ = models("--json")
    found = {model["name"]: model for model in json.loads(out)}
    assert status == 0 and list(found) == ["photo", "tiny", "mine", "eccv16", "siggraph17"]
    assert {name for name, model in found.items() if model["dial"]} == {"photo", "tiny"}
    assert {name for name, model in found.items() if not model["installed"]} == set(FILES)
    assert found["photo"]["runtime"] == "ONNX Runtime" and found["tiny"]["runtime"] == "Keras"
    on_disk = sum(path.stat().st_size for path in shipped()["photo"].iterdir())
    assert found["photo"]["bytes"] == on_disk
    # Four bytes for each of the weights that the builders of the networks tell of.
    assert found["eccv16"]["bytes"] == pytest.approx(4 * 32_240_377, rel=0.01)
    assert found["siggraph17"]["bytes"] == pytest.approx(4 * 34_192_787, rel=0.01)
    assert found["siggraph17"]["url"].endswith("/siggraph17-df00044c.pth")


def test_the_table_shows_grades_speed_licenses_and_data(place, models, tmp_path):
    gain = {"psnr": {"baseline": "mean_color", "mean": 0.456, "low": 0.1, "high": 0.8}}
    folder = preset_of(violet(), place / "mine", over_baseline=gain)
    card = json.loads((folder / "preset.json").read_text())
    card["speed"] = {
        "images_per_second": 12.34,
        "image": "512x512",
        "seconds_12_megapixels": 1.56,
        "machine": "3 cores of an abacus",
        "load_average": 0.5,
    }
    card["license"] = "CC0\x1b[2J"
    (folder / "preset.json").write_text(json.dumps(card))
    status, out, _ = models()
    rows = {line.split()[0]: line for line in out.splitlines() if line}
    assert status == 0 and "\x1b" not in out
    assert "+0.46 dB" in rows["mine"] and "12/s, 1.6 s for 12 MP" in rows["mine"]
    assert "speed of mine: photographs of 512x512 pixels, and one of 12" in out
    assert "on 3 cores of an abacus (load average 0.5)" in out
    assert "129 MB to fetch" in rows["eccv16"] and "not graded" in rows["eccv16"]
    assert "BSD-2-Clause" in rows["siggraph17"] and "not measured" in rows["siggraph17"]
    assert "tiny: Trained on Tiny ImageNet's 100,000 training images: photographs of" in out
    assert f"polychrome models fetch eccv16|siggraph17, into {place}" in out


@pytest.mark.parametrize(
    "text, reason",
    [("{", "is not JSON"), ('{"name": "x"}', "image_size"), ("[]", "not the card of a colorizer")],
)
def test_a_broken_card_is_named_and_the_rest_listed(place, models, text, reason):
    (place / "broken").mkdir(parents=True)
    (place / "broken" / "preset.json").write_text(text)
    status, out, _ = models()
    assert status == 0 and "\nphoto " in out
    assert out.splitlines()[-1].startswith("broken: ") and reason in out.splitlines()[-1]


@pytest.mark.parametrize(
    "variables, expected",
    [
        ({"POLYCHROME_MODELS": "/a", "XDG_DATA_HOME": "/b"}, "/a"),
        ({"POLYCHROME_MODELS": "~/a"}, "/home/a"),
        ({"XDG_DATA_HOME": "/b"}, "/b/polychrome/models"),
        ({"XDG_DATA_HOME": "b"}, "/home/.local/share/polychrome/models"),
        ({}, "/home/.local/share/polychrome/models"),
    ],
)
def test_where_models_are_kept(monkeypatch, variables, expected):
    for name in ("POLYCHROME_MODELS", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home", **variables}.items():
        monkeypatch.setenv(name, value)
    assert models_folder() == Path(expected)


def test_a_presets_name_in_the_package_is_not_taken_over(place):
    preset_of(violet(), place / "photo")
    assert polychrome.load("photo").card["name"] == "photo"


LIST = """
import sys
from polychrome.cli import main
assert main(["models"]) == 0
sys.exit(str(heavy) if (heavy := {"keras", "tensorflow", "cv2", "h5py"} & set(sys.modules)) else 0)
"""


def test_listing_imports_neither_keras_nor_tensorflow(place):
    run = subprocess.run(
        [sys.executable, "-c", LIST],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "siggraph17" in run.stdout


@pytest.mark.long
@pytest.mark.parametrize("name", RELEASES)
def test_a_file_of_full_size(name, place, models, monkeypatch, tmp_path):
    network, path = written(name, tmp_path, width=64)
    content = path.read_bytes()
    with serving(content, "weights") as server:
        offer(monkeypatch, name, server.url, content)
        assert models("fetch", name)[0] == 0
    check_installed(name, content, place)
    found = polychrome.load(name).predict(LIGHTNESS).ab
    np.testing.assert_allclose(found, chroma_of(name, network), atol=0.02)
