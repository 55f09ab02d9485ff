"""The command line of a run, and its options: as given, or of the run that is resumed."""

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.command_line.folders import new_folder
from experiments.command_line.numbers import image_side, natural, number, positive
from experiments.command_line.options import Options, option
from polychrome.errors import InputError
from polychrome.files import read_json

if TYPE_CHECKING:  # A recipe imports Keras, which takes seconds; --help should not.
    from experiments.recipe import Recipe

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
# Copies, because their modules import Keras; a test compares them.
METHODS = ("slic", "gray_merged")  # tf_data.superpixels.segmentation
PATCHES = (1, 16, 34, 70, 286)  # polychrome.models.patchgan
FITS = ("crop", "stretch")  # tf_data.decoding.Fit

# Options that a resumed run may change: where the data is, longer training, and more grades.
_CHANGEABLE = ("data_dir", "epochs", "frechet")


def run_parser() -> argparse.ArgumentParser:
    """The command line of `python -m experiments.run`."""
    result = argparse.ArgumentParser(
        prog="python -m experiments.run",
        description="Train, grade, report and export one colorization system.",
        epilog="Names of systems: --list. Without --data the run uses a small embedded sample.",
        # Commands that pass options on know those that they set by their whole names.
        allow_abbrev=False,
    )
    add = result.add_argument
    add("recipe", nargs="?", metavar="NAME", help="system to run; see --list")
    add("--list", action="store_true", help="list the systems and exit")
    add(
        "--data",
        metavar="SOURCE",
        help="sample (default), tiny_imagenet, folder, ... (docs/data.md)",
    )
    add("--data-dir", metavar="PATH", help="zip or folder that holds the data")
    add("--download", action="store_true", help="fetch the data if they are not found")
    add("--epochs", type=natural, metavar="N", help="epochs of each network, in all; 0 grades only")
    add(
        "--learning-rate",
        type=number(0, 1, "a number between 0 and 1", within=True),
        metavar="R",
        help="of each network",
    )
    add("--batch-size", type=positive, metavar="N", help="images a step, on all devices together")
    add("--limit", type=positive, metavar="N", help="at most N images of each split")
    add(
        "--train-limit",
        type=positive,
        metavar="N",
        help="at most N to train on, and to validate on; grade on all",
    )
    add("--graded", type=positive, metavar="N", help="grade at most N images, evenly spread")
    add("--seed", type=natural, metavar="N", help="of data order, weights and dropout (1)")
    add(
        "--precision",
        choices=PRECISIONS,
        help="dtype policy of training (float32); grades and exports are float32",
    )
    add("--deterministic", action="store_true", default=None, help="repeatable to the bit")
    add(
        "--resident",
        action="store_true",
        default=None,
        help="keep the training images in the accelerator's memory (KERAS_BACKEND=jax)",
    )
    add("--image-size", type=image_side, metavar="N", help="side of the images in pixels")
    add(
        "--init-from",
        metavar="RUN",
        help="begin with the weights of another run of the system, or of a preset",
    )
    add(
        "--train-only",
        metavar="NETWORK,...",
        help="networks to train; the others keep the weights of --init-from",
    )
    add(
        "--weights",
        metavar="FILE",
        help="the authors' published weights, .pth (docs/weights.md)",
    )
    add("--encoder-weights", metavar="FILE", help="ImageNet weights of the encoder (.pth, .h5)")
    add("--loss-weights", metavar="FILE", help="VGG16's for the perceptual loss (.h5)")
    add("--histogram", metavar="FILE", help="color histogram (experiments.histogram) to weigh by")
    add("--superpixels", type=positive, metavar="N", help="superpixels an image (uci_, --weights)")
    add("--compactness", type=float, metavar="C", help="of the superpixels (10)")
    add(
        "--superpixel-method",
        choices=METHODS,
        help="slic, the UCI report's, or gray_merged, its code's",
    )
    add("--patch", type=int, choices=PATCHES, help="pixels that a PatchGAN's logit judges (70)")
    add("--resize", choices=FITS, help="how images become square")
    add(
        "--frechet",
        action="store_true",
        default=None,
        help="also grade by the Fréchet distance on EfficientNet-Lite0 (extra `encoder`)",
    )
    add("--out", type=Path, metavar="DIR", help="folder of the run (runs/NAME-TIME)")
    add("--resume", action="store_true", help="go on with the run in --out, or the newest of NAME")
    add(
        "--saved-models",
        type=Path,
        metavar="DIR",
        default=Path("saved_models"),
        help="where the exported model goes, as DIR/NAME/VERSION (saved_models)",
    )
    return result


def resolve(arguments: argparse.Namespace, recipe: "Recipe") -> tuple[Options, Path]:
    """Options and folder of the run requested on the command line.

    Raises:
        InputError: the folder holds another run, there is no run to resume, or the options of a
            resumed run would change.
    """
    given = {
        field.name: getattr(arguments, field.name)
        for field in dataclasses.fields(Options)
        if getattr(arguments, field.name) is not None
    }
    if not arguments.resume:
        folder = arguments.out or new_folder(recipe.name)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"--out {folder}: exists already; add --resume or name a new folder")
        return Options(**given), folder

    folder = arguments.out or _newest(recipe)
    if not (folder / "recipe.json").exists():
        raise InputError(f"--resume: {folder} holds no run (no recipe.json); check --out")
    record = read_json(folder / "recipe.json")
    if record["name"] != recipe.name:
        raise InputError(f"--resume: {folder} is a run of {record['name']}, not of {recipe.name}")
    begun = dataclasses.asdict(Options()) | record["options"]
    for name, value in given.items():
        if name not in _CHANGEABLE and value != begun.get(name):
            raise InputError(
                f"{option(name)} {value}: the run in {folder} was begun with {begun.get(name)}; "
                "leave the option out, or start a new run"
            )
    changed = {name: given[name] for name in _CHANGEABLE if name in given}
    return Options(**begun | changed), folder


def _newest(recipe: "Recipe") -> Path:
    # Names end in the time, so the last one is the newest; the digits keep variants apart.
    found = sorted(Path("runs").glob(f"{recipe.name}-[0-9]*/recipe.json"))
    if not found:
        raise InputError(f"--resume: no run of {recipe.name} in runs/; name one with --out DIR")
    return found[-1].parent
