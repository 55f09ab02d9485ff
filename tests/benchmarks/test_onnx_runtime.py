"""The comparison of ONNX Runtime with Keras: at each size, and only where both agree."""

import json
import shutil

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from tiny_colorizers import preset_of, violet

import polychrome
from benchmarks.onnx_runtime import BEGIN, END, compare, main, runtimes
from polychrome.export.onnx import add_onnx
from polychrome.files import sha256_of


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    return preset_of(violet(), tmp_path_factory.mktemp("benchmark") / "preset")


@pytest.mark.long
def test_each_size_against_each_way(preset, tmp_path, capsys):
    path = tmp_path / "times.json"
    before = {file.name: file.read_bytes() for file in preset.iterdir()}
    arguments = ["--sizes", "16,24", "--batch", "3", "--repeats", "2", "--json", str(path)]
    assert main([str(preset), *arguments]) == 0
    (found,) = json.loads(path.read_text())["comparisons"].values()
    assert [item["name"] for item in found] == [
        f"3 at {size}x{size} against {rival}"
        for size in (16, 24)
        for rival in ("SavedModel", "Keras")
    ]
    printed = capsys.readouterr().out
    for item in found:
        assert item["images"] == 3 and len(item["ours_seconds"]["wall"]) == 2
        assert f"{item['name']}: " in printed
    assert {file.name: file.read_bytes() for file in preset.iterdir()} == before

    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\n{END}\nafter\n")
    assert main(["--json", str(path), "--page", str(page)]) == 0
    written = page.read_text()
    assert written.startswith("before\n") and written.endswith("after\n")
    for item in found:
        images = item["images"] / np.median(item["ours_seconds"]["wall"])
        assert f"| {images:,.1f} |" in written


def test_a_page_needs_a_record_and_a_measurement_a_preset(tmp_path, capsys):
    for arguments in ([], ["--page", str(tmp_path / "page.md")]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2
    assert "name the figures with --json" in capsys.readouterr().err


def test_another_networks_file_is_not_timed(preset, tmp_path):
    copy = shutil.copytree(preset, tmp_path / "preset")
    add_onnx(copy)
    model = onnx.load(copy / "model.onnx")
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32:
            tensor.CopyFrom(numpy_helper.from_array(values * np.float32(0.9), tensor.name))
    onnx.save(model, copy / "model.onnx")
    card = json.loads((copy / "preset.json").read_text())
    card["sha256"]["model.onnx"] = sha256_of(copy / "model.onnx")
    (copy / "preset.json").write_text(json.dumps(card))
    with pytest.raises(ArithmeticError, match="ONNX Runtime is .* ab units off SavedModel"):
        compare(copy, [16], 1, 1)
    # Keras is another rival, though a preset with such a file is loaded into ONNX Runtime.
    ours, rivals = runtimes(copy, copy)
    lightness = np.full((1, 16, 16, 1), 50, np.float32)
    theirs = np.asarray(rivals["Keras"].predict(lightness).ab)
    assert np.ptp([ours.predict(lightness).ab, theirs], axis=0).max() > 0.1
    np.testing.assert_array_equal(polychrome.load(preset).predict(lightness).ab, theirs)
