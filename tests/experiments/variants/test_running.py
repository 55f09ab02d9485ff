"""Variants trained through the suite's job on the sample, stopped, skipped, and decoded again."""

import dataclasses
import gc
import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from experiments.ablation import main
from experiments.recipe import any_size
from experiments.recipes import RECIPES
from experiments.variants import decodings, records
from experiments.variants.of_tiny import (
    BASE,
    COLORIZER,
    DECODINGS,
    STRIDE,
    VARIANTS,
    Variant,
    recipe_of,
)
from experiments.variants.running import run_variants
from polychrome.errors import InputError
from polychrome.models.cnn import build_cnn
from tf_data.sources.source import open_source
from tf_data.store import Store

pytestmark = pytest.mark.usefixtures("own_folder", "same_precision")
SMALL = {"build": any_size(build_cnn, filters=(6, 8)), "encoder": None}
RUNS = ["--limit", "12", "--batch-size", "4", "--image-size", "16"]
RUNS += ["--precision", "mixed_bfloat16"]


def small(variant: Variant) -> Variant:
    """With a network that trains in seconds."""
    return dataclasses.replace(variant, changes={**variant.changes, **SMALL})


def images_held() -> int:
    """Number of images in all stores of the process."""
    gc.collect()
    return sum(len(each.images) for each in gc.get_objects() if isinstance(each, Store))


def test_every_variant_changes_its_recipe_alone():
    for name, variant in VARIANTS.items():
        recipe = recipe_of(name)
        (network,) = recipe.networks
        changed = {
            field.name
            for field in dataclasses.fields(network)
            if getattr(network, field.name) != getattr(COLORIZER, field.name)
        }
        assert changed == set(variant.changes)
        assert bool(changed or variant.with_classes) == (name != BASE)
        assert set(variant.decodings) <= set(DECODINGS) and recipe.name == name
        assert recipe.scaling == RECIPES["tiny"].scaling and recipe.image_size == 64
    assert STRIDE == 4


def test_objectives_say_what_is_changed_and_nothing_else():
    network = build_cnn((2, 2))
    base = COLORIZER.objective.describe(network)
    said = {
        name: recipe_of(name).networks[0].objective.describe(network)
        for name in ("squared_ab", "squared_rgb", "log_and_squared", "fine_tuned", "average")
    }
    assert said["squared_ab"] == {**base, "loss": "squared error of ab"}
    assert said["squared_rgb"] == {**base, "loss": "squared error of RGB"}
    assert said["log_and_squared"]["optimizer"] == base["optimizer"]
    assert said["average"]["loss"] == base["loss"]
    assert said["average"]["optimizer"].endswith("use_ema True")  # 0.99 is Keras's default
    assert said["fine_tuned"]["optimizer"].endswith("slow lite0, factor 0.1")
    assert said["fine_tuned"]["optimizer"].startswith("PartlySlowAdamW, learning rate 0.002")


def test_a_mirrored_answer_is_the_same_for_the_mirror_image():
    def lopsided(lightness):
        return np.cumsum(lightness, axis=2) * np.array([1.0, -2.0])

    images = np.random.default_rng(0).uniform(0, 100, (2, 4, 6, 1))
    both = decodings.mirrored(lopsided)
    np.testing.assert_allclose(both(images[:, :, ::-1])[:, :, ::-1], both(images))
    total = images.sum(axis=2, keepdims=True) * np.array([1.0, -2.0])
    # Sums from the left and from the right share the pixel itself.
    np.testing.assert_allclose(both(images), (total + images * np.array([1.0, -2.0])) / 2)


@pytest.mark.long
def test_variants_are_trained_skipped_gone_on_with_and_decoded_without_training(
    monkeypatch, capsys
):
    variants = {BASE: small(VARIANTS[BASE]), "squared_rgb": small(VARIANTS["squared_rgb"])}
    variants[BASE] = dataclasses.replace(variants[BASE], decodings=("mirrored",))
    out = Path("ablation")

    def go(equal=records.IMAGES, images=24, seeds=1, more=()):
        run_variants(
            list(variants),
            out,
            seeds=seeds,
            images=images,
            equal=equal,
            arguments=[*RUNS, *more],
            variants=variants,
        )

    # Ctrl-C in the second epoch of the second variant.
    fit = keras.Model.fit

    def interrupted(model, *arguments, callbacks, **options):
        if "squared_rgb" in str(callbacks[-1].log_dir):
            stop = keras.callbacks.LambdaCallback(
                on_epoch_begin=lambda epoch, logs: exec("raise KeyboardInterrupt") if epoch else 0
            )
            callbacks = [*callbacks, stop]
        return fit(model, *arguments, callbacks=callbacks, **options)

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "fit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            go()
    stopped = out / "images/squared_rgb/seed-1"
    network = stopped / "networks/colorizer"
    assert len(json.loads((network / "state.json").read_text())["history"]) == 1
    held = images_held()  # by the interrupted run
    go()
    # TensorFlow never frees pipelines: forty runs would hold forty times the test images.
    assert images_held() == held
    assert "done already    ablation/images/base/seed-1" in capsys.readouterr().out
    assert len(json.loads((network / "state.json").read_text())["history"]) == 2
    assert (stopped / "report.html").exists() and not Path("saved_models").exists()

    base, other = records.read(out / "records")
    assert (base.images, base.graded, base.seed, other.variant) == (24, 12, 1, "squared_rgb")
    graded = json.loads((out / "images/base/seed-1/metrics.json").read_text())["rows"][0]
    plain = base.grades["as trained"]["values"]["psnr_colored"]
    assert plain == graded["values"]["psnr_colored"]["mean"]
    scaled, factor = (other.grades["scaled"][key] for key in ("values", "factor"))
    assert factor != 1 and scaled != other.grades["as trained"]["values"]
    recipe = json.loads((stopped / "recipe.json").read_text())
    assert recipe["networks"][0]["loss"] == "squared error of RGB"
    assert recipe["reproduce"].startswith("python -m experiments.ablation squared_rgb --out DIR --")

    # A decoding is added without training.
    trained = (network / "state.json").stat().st_mtime_ns
    weights = {path: path.stat().st_mtime_ns for path in out.rglob("*.h5")}
    variants[BASE] = dataclasses.replace(variants[BASE], decodings=("mirrored", "scaled"))
    keras.config.set_dtype_policy("mixed_bfloat16")  # as training leaves it
    go()
    assert keras.config.dtype_policy().name == "float32"
    assert images_held() == held
    assert set(records.read(out / "records")[0].grades) == {"as trained", "mirrored", "scaled"}
    assert weights == {path: path.stat().st_mtime_ns for path in out.rglob("*.h5")}
    assert trained == (network / "state.json").stat().st_mtime_ns

    # A copy of the records alone goes on with what is not recorded.
    kept = out.rename("whole") / "records"
    shutil.copytree(kept, out / "records")
    (out / "records/images/squared_rgb/seed-1.json").unlink()
    capsys.readouterr()
    go()
    assert "recorded        ablation/images/base/seed-1" in capsys.readouterr().out
    assert not (out / "images/base").exists()
    assert records.read(out / "records")[0] == records.read(kept)[0]
    assert (out / "images/squared_rgb/seed-1/report.html").exists()
    with pytest.raises(InputError, match="base.*of a run with 24 images, 12 graded.*, not 120 im"):
        go(images=120)
    with pytest.raises(
        InputError, match="base.*of a run with 24 images, 12 graded.*, not 24.* 7 g"
    ):
        go(more=["--graded", "7"])
    shutil.rmtree(out)
    Path("whole").rename(out)

    go(records.CPU)
    assert not (out / "cpu/base").exists() and (out / "cpu/squared_rgb/seed-1/report.html").exists()
    with pytest.raises(InputError, match="begun with 24 images, not 120.*see --images, --out"):
        go(images=120)


def test_a_kept_record_is_of_the_images_that_were_trained_on(half_gray_folder, capsys):
    """Of the 49 files to train on 28 have color; one of those to grade is no image."""
    graded = open_source("folder", half_gray_folder).splits["test"].names
    (half_gray_folder / graded[0]).write_bytes(b"not an image")
    record = records.Record(
        variant=BASE,
        group="",
        says="",
        equal=records.IMAGES,
        seed=1,
        images=72,
        cpu_seconds=1.0,
        parameters=1,
        graded=5,
        data="folder",
        precision="mixed_bfloat16",
        processor="",
        commit="",
        grades={},
    )
    records.write(Path("ablation/records"), [record])
    passed = ["--data", "folder", "--data-dir", str(half_gray_folder), "--batch-size", "8"]
    passed += ["--precision", "mixed_bfloat16"]

    def go(images):
        run_variants(
            [BASE], Path("ablation"), seeds=1, images=images, equal="images", arguments=passed
        )

    go(images=72)  # three epochs of 24
    assert "recorded        ablation/images/base/seed-1" in capsys.readouterr().out
    with pytest.raises(InputError, match="of a run with 72 images, 5 .*, not 48 images, 5 graded"):
        go(images=48)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing", "--out", "x"], "no variant is named 'nothing'; there are: base, squared_ab"),
        (["base", "--out", "x", "--", "--seed", "2"], "--seed: is set by this command"),
        (["labels", "--out", "x", "--", "--limit", "12"], "labels: sample has no classes"),
        (["zoom", "--out", "x", "--equal", "cpu"], "x/records: holds no records of an ablation"),
    ],
)
def test_what_makes_no_sense_is_one_line(arguments, says, capsys):
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ") and says in error and error.count("\n") == 1
    assert not Path("x").exists()


def test_the_variants_are_listed(capsys):
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(VARIANTS)
