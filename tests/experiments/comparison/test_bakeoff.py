"""A whole bake-off: stopped, gone on with, one system broken, and graded by every judge."""

import io
import json
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from experiments.bakeoff import main

ROOT = Path(__file__).resolve().parents[3]
# A test run in the background ignores SIGINT, and so would a program that it starts.
PROGRAM = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from experiments.bakeoff import main; sys.exit(main())"
)
CLASSES = ("n01443537", "n02123045")  # goldfish and tabby, of Tiny ImageNet and of ImageNet


def write_tiny_imagenet(path: Path, images: np.ndarray) -> Path:
    """A zip laid out as the official one, of two of its classes, all splits alike."""
    with zipfile.ZipFile(path, "w") as archive:
        annotations = []
        for index, image in enumerate(images):
            encoded = io.BytesIO()
            Image.fromarray(image).save(encoded, "JPEG")
            label = CLASSES[index % 2]
            annotations.append(f"val_{index}.JPEG\t{label}\t0\t0\t63\t63")
            for name in (
                f"train/{label}/images/{label}_{index}.JPEG",
                f"val/images/val_{index}.JPEG",
                f"test/images/test_{index}.JPEG",
            ):
                archive.writestr(f"tiny-imagenet-200/{name}", encoded.getvalue())
        archive.writestr("tiny-imagenet-200/val/val_annotations.txt", "\n".join(annotations))
    return path


def history(out: Path) -> list[dict]:
    path = out / "runs/cnn/seed-1/networks/cnn/state.json"
    try:
        return json.loads(path.read_text())["history"]
    except OSError:
        return []


@pytest.mark.long
def test_a_bake_off_is_stopped_goes_on_and_survives_a_broken_system(tmp_path, smooth, capfd):
    data = write_tiny_imagenet(tmp_path / "tiny.zip", smooth(24, 64, 64))
    broken, out = tmp_path / "broken", tmp_path / "out"
    (broken / "networks/cnn").mkdir(parents=True)
    recipe = {"name": "cnn", "options": {}, "image_size": 32, "batch_size": 8}
    (broken / "recipe.json").write_text(json.dumps(recipe))
    (broken / "networks/cnn/state.json").write_text('{"epoch": 1, "weights": "1.weights.h5"}')
    (broken / "networks/cnn/1.weights.h5").write_text("These are no weights.")
    arguments = ["cnn", "--take", str(broken), "--out", str(out), "--images", "480"]
    arguments += ["--skip", "superpixels", "--", "--data", "tiny_imagenet", "--data-dir", str(data)]
    arguments += ["--image-size", "32", "--batch-size", "8"]
    command = [sys.executable, "-c", PROGRAM, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while not history(out):
        assert process.poll() is None, process.communicate()[0].decode()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[0].decode()
    assert process.returncode == 130, said
    assert f"go on with: python -m experiments.bakeoff --out {out}" in said
    before = history(out)
    assert 0 < len(before) < 20

    assert main(["--out", str(out)]) == 1  # because of the broken one
    error = capfd.readouterr().err.splitlines()[-1]
    assert error.startswith("error: 1 of 3 failed: broken, seed 1 (") and "1.weights.h5" in error
    after = history(out)
    assert len(after) == 20 and after[: len(before)] == before  # 480 images of 24

    record = json.loads((out / "report/bakeoff.json").read_text())
    rows = {row["system"]: row for row in record["rows"]}
    assert list(rows)[0] == "cnn" and len(rows) == 12
    assert record["unfinished"] == ["broken, seed 1"]
    assert rows["cnn"]["costs"]["training_images"] == 480
    assert rows["cnn"]["costs"]["training_cpu_seconds"] > 0
    values = {name: row["values"] for name, row in rows.items()}
    assert values["truth"]["psnr"]["mean"] > 59.9
    assert values["truth"]["st_lpips"]["mean"] < 1e-3 < values["do_nothing"]["st_lpips"]["mean"]
    assert values["truth"]["frechet_lite0"]["mean"] < values["do_nothing"]["frechet_lite0"]["mean"]
    # The graded images are those to look up in: nothing is nearer in gray than the image itself.
    assert values["nearest_gray"]["psnr"]["mean"] > 59
    assert 0 <= values["truth"]["top1"]["mean"] <= values["truth"]["top1_among"]["mean"] <= 1
    with np.load(out / "grades/cnn/seed-1.npz") as arrays:
        assert len(arrays["per_image/top1"]) == len(arrays["per_image/psnr"]) == 24
        np.testing.assert_allclose(arrays["details/colors"].sum(), 1, rtol=1e-5)
        worst, best = arrays["rows/worst"][0], arrays["rows/best"][0]
        assert arrays["per_image/psnr_colored"][worst] < arrays["per_image/psnr_colored"][best]
        assert arrays["pictures/wall/made"].shape == (12, 32, 32, 3)
    page = (out / "report/bakeoff.html").read_text()
    assert 'id="curves"' in page and 'class="frontier dial apart"' in page
