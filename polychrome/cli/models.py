"""`polychrome models`: what is installed and what can be fetched; and `polychrome models fetch`."""

import argparse
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from polychrome.cli.names import printable
from polychrome.errors import InputError
from polychrome.presets import by_name, models_folder
from polychrome.presets.card import CARD, ONNX_FILE, read_description
from polychrome.weights.authors import FILES


def add_commands(subparsers: Any) -> None:
    """Add the parser of `models`, with its subcommand `fetch`, to what `add_subparsers` gave.

    Both set `run` to a function that takes the parsed options and raises `InputError`.
    """
    models = subparsers.add_parser(
        "models",
        help="list the models, or fetch one",
        description="List the models that are installed and those that can be fetched.",
    )
    models.add_argument("--json", action="store_true", help="for programs: a list of objects")
    models.set_defaults(run=run_list)
    commands = models.add_subparsers(metavar="fetch")
    fetching = commands.add_parser(
        "fetch",
        help="install the authors' weights of a model",
        description="Download the authors' weights, check their SHA-256, convert them for Keras, "
        "and keep them in ~/.local/share/polychrome/models, or where POLYCHROME_MODELS says. A "
        "download that breaks off goes on where it was.",
    )
    fetching.add_argument("name", choices=FILES, metavar="NAME", help=" or ".join(FILES))
    fetching.add_argument(
        "--file", type=Path, metavar="FILE.pth", help="take this file instead of downloading it"
    )
    fetching.set_defaults(run=run_fetch)


def run_list(options: argparse.Namespace) -> None:
    """Print the models, as a table or as JSON."""
    found, damaged = models()
    if options.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    print(table(found))
    for sentence in notes(found, damaged):
        print(f"\n{sentence}")


def run_fetch(options: argparse.Namespace) -> None:
    """Install a model.

    Raises:
        InputError: see `polychrome.weights.fetching.fetch`.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # the conversion loads Keras
    from polychrome.weights.fetching import fetch

    name = options.name
    fetched = fetch(name, options.file)
    print(f"{name}: {'already ' if fetched.before else ''}installed in {fetched.folder}")
    print(
        f"SHA-256 of the authors' file: {fetched.sha256} (of which they publish the first digits, "
        f"{FILES[name].sha256_head})"
    )
    print(f"Load it by its name: polychrome colorize --model {name}, polychrome.load({name!r})")


def models() -> tuple[list[dict[str, Any]], dict[str, str]]:
    """All models, and what is wrong with those whose card cannot be read.

    Neither Keras nor TensorFlow is imported, and no hash is checked.

    Returns:
        For each model "name", "installed", "folder" (None if it is not), "bytes" (on disk, or about
        those of the download), "license", "data" (a text or None), "grades" and "over_baseline" (as
        in `polychrome.presets.write_preset`), "speed" (as `benchmarks.preset_speed` measures it, or
        None), "dial" (whether it has a vivid answer), "runtime" and "url" (None if it has none);
        and the reasons by name.
    """
    found, damaged = [], {}
    presets = by_name()
    for name, folder in presets.items():
        try:
            found.append(_installed(name, folder))
        except InputError as error:
            damaged[name] = str(error)
    return found + [_fetchable(name) for name in FILES if name not in presets], damaged


def _installed(name: str, folder: Path) -> dict[str, Any]:
    card = read_description(folder / CARD)
    if not isinstance(card.get("license"), str):
        raise InputError(f"{folder / CARD}: license is missing; get the preset again")
    for key in ("about", "grades", "over_baseline", "speed"):  # earlier versions wrote two of them
        if not isinstance(card.setdefault(key, {}), dict):
            raise InputError(f"{folder / CARD}: {key} is not an object; get the preset again")
    files = [path for path in folder.iterdir() if path.is_file()]
    return {
        "name": name,
        "installed": True,
        "folder": str(folder),
        "bytes": sum(path.stat().st_size for path in files),
        "license": card["license"],
        "data": card["about"].get("Data and license"),
        "grades": card["grades"],
        "over_baseline": card["over_baseline"],
        "speed": card["speed"] or None,
        "dial": "vivid_ab" in card["outputs"],
        "runtime": "ONNX Runtime" if (folder / ONNX_FILE).is_file() else "Keras",
        "url": None,
    }


def _fetchable(name: str) -> dict[str, Any]:
    facts = FILES[name]
    return {
        "name": name,
        "installed": False,
        "folder": None,
        "bytes": facts.megabytes * 1_000_000,
        "license": facts.license,
        "data": facts.data,
        "grades": {},
        "over_baseline": {},
        "speed": None,
        "dial": False,
        "runtime": "Keras",
        "url": facts.url,
    }


def table(found: Iterable[Mapping[str, Any]]) -> str:
    """The models as lines of text."""
    from tabulate import tabulate

    rows = [
        {
            "name": printable(model["name"]),
            "size": f"{model['bytes'] / 1e6:.0f} MB" + " to fetch" * (not model["installed"]),
            "license": printable(model["license"]),
            "PSNR gain": _gain(model["over_baseline"]),
            "speed": _speed(model["speed"]),
            "dial": "yes" if model["dial"] else "no",
            "runs in": model["runtime"],
        }
        for model in found
    ]
    return tabulate(rows, headers="keys", disable_numparse=True)


def _gain(over_baseline: Mapping[str, Any]) -> str:
    gain = over_baseline.get("psnr")
    return f"{gain['mean']:+.2f} dB" if gain else "not graded"


def _speed(speed: Mapping[str, Any] | None) -> str:
    if not speed:
        return "not measured"
    seconds = speed["seconds_12_megapixels"]
    return f"{speed['images_per_second']:.2g}/s, {seconds:.2g} s for 12 MP"


def notes(found: Iterable[Mapping[str, Any]], damaged: Mapping[str, str]) -> list[str]:
    """What the columns mean, what the weights come from, and what to do next."""
    found = list(found)
    lines = [
        "PSNR gain: over the best answer without a network, on the model's own test images. dial: "
        "whether --vivid works."
    ]
    lines += _machines(found)
    lines += [
        f"{printable(model['name'])}: {printable(_first_sentence(model['data']))}"
        for model in found
        if model["data"]
    ]
    if missing := [model["name"] for model in found if not model["installed"]]:
        lines.append(
            f"To fetch: polychrome models fetch {'|'.join(missing)}, into "
            f"{printable(models_folder())}"
        )
    lines += [f"{printable(name)}: {printable(reason)}" for name, reason in damaged.items()]
    return lines


def _machines(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """A sentence for each machine on which models were timed."""
    timed: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for model in found:
        if speed := model["speed"]:
            timed.setdefault((speed["image"], speed["machine"]), []).append(model)
    return [
        printable(
            f"speed of {', '.join(model['name'] for model in group)}: photographs of {image} "
            f"pixels, and one of 12 megapixels, from array to array, on {machine} (load average "
            f"{', '.join(str(model['speed']['load_average']) for model in group)})."
        )
        for (image, machine), group in timed.items()
    ]


def _first_sentence(text: str) -> str:
    """It ends in a period before a space; what is in parentheses is for the card."""
    bare = re.sub(r"\s*\([^)]*\)", "", text)
    return re.split(r"(?<=\.)\s", bare, maxsplit=1)[0]
