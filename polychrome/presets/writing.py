"""Writing a preset."""

import dataclasses
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polychrome.errors import InputError
from polychrome.files import replacing_folder, sha256_of, write_json
from polychrome.presets.card import (
    CARD,
    CONFIG,
    FORMAT,
    KERAS_FILES,
    WEIGHTS,
    outputs_of,
    read_card,
)
from polychrome.presets.half import halve
from polychrome.presets.model_card import model_card
from polychrome.presets.reading import check_config
from polychrome.presets.uncompiled import config_of, save_uncompiled

if TYPE_CHECKING:
    import keras

    from polychrome.color.scaling import Scaling


def write_preset(
    folder: Path,
    colorizer: "keras.Model",
    *,
    scaling: "Scaling",
    image_size: int,
    name: str,
    title: str,
    grades: Mapping[str, Any] | None,
    license: str,
    source: Mapping[str, Any],
    about: Mapping[str, str] | None = None,
    over_baseline: Mapping[str, Any] | None = None,
    half: bool = False,
) -> Path:
    """Write a preset atomically, replacing an older one.

    Args:
        folder: of the preset; parent folders are created.
        colorizer: scaled lightness `[B, H, W, 1]`, any H and W, to scaled chroma `[B, H, W, 2]`; or
            to a dict with that under "ab" and, if it predicts them, "vivid_ab" `[B, H, W, 2]` and
            "spread" `[B, H, W, 1]`, scaled like chroma. Written without compile state.
        scaling: of its input and outputs.
        image_size: shorter side, in pixels, to which images are scaled for the network.
        name, title: of the system, for code and for people.
        grades: metric key to {"mean", "low", "high"} as in a run's `metrics.json`, or to a number.
        license: of the weights, an SPDX name where there is one.
        source: where the weights come from: recipe, data, budget, command, and so on. The card
            says of the grades that they are of "graded_images" images of "graded_size" pixels.
        about: further sections of the card for people, heading to text, the first ones.
        over_baseline: metric key to the difference from the best trivial baseline on the graded
            images, {"baseline", "mean", "low", "high"} as in a row of a run's `metrics.json`.
        half: whether the weights are rounded to float16 in the file.

    Returns:
        `folder`.

    Raises:
        InputError: the folder cannot be written, or holds something other than a preset.
        ValueError: the network has other inputs or outputs.
    """
    folder = Path(folder)
    _check_network(colorizer)
    outputs = outputs_of(colorizer)
    if "spread" in outputs and scaling.space != "lab":
        raise ValueError(f"spread is in ab units, but {name} predicts {scaling.space}")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CARD).is_file():
        raise InputError(f"{folder}: holds something else than a preset; name another folder")
    card = {
        "format": FORMAT,
        "name": name,
        "title": title,
        "license": license,
        "scaling": dataclasses.asdict(scaling),
        "image_size": image_size,
        "outputs": outputs,
        "parameters": colorizer.count_params(),
        "grades": dict(grades or {}),
        "over_baseline": dict(over_baseline or {}),
        "source": dict(source),
        "about": dict(about or {}),
    }
    with replacing_folder(folder) as unpublished:
        _write_network(colorizer, unpublished)
        if half:
            halve(unpublished / WEIGHTS)
        card["sha256"] = {name: sha256_of(unpublished / name) for name in KERAS_FILES}
        write_json(unpublished / CARD, card)
        (unpublished / "README.md").write_text(model_card(card), encoding="utf-8")
    return folder


def describe(folder: Path, **entries: Mapping[str, Any]) -> None:
    """Put entries into a preset's card, and write the card for people anew.

    Args:
        folder: of the preset, replaced as a whole.
        **entries: "over_baseline" as in `write_preset`, or "speed": how fast it is on one machine,
            as `benchmarks.preset_speed` measures it.

    Raises:
        InputError: see `read_card`; the folder cannot be written.
    """
    card = read_card(folder) | entries
    with replacing_folder(folder) as unpublished:
        shutil.copytree(folder, unpublished, dirs_exist_ok=True)
        write_json(unpublished / CARD, card)
        (unpublished / "README.md").write_text(model_card(card), encoding="utf-8")


def _check_network(network: "keras.Model") -> None:
    inputs = [tuple(tensor.shape) for tensor in network.inputs]
    if inputs != [(None, None, None, 1)]:
        raise ValueError(f"{network.name} takes {inputs}, should take one [B, H, W, 1] of any size")
    given = network.output if isinstance(network.output, dict) else {"ab": network.output}
    shapes = {key: given[key].shape[-1] for key in given}
    expected = {key: 1 if key == "spread" else 2 for key in ["ab", *outputs_of(network)]}
    if shapes != expected:
        raise ValueError(f"{network.name} has the outputs {shapes}, should have {expected}")


def _write_network(network: "keras.Model", folder: Path) -> None:
    """Write the parts of a `.keras` file, without optimizers, losses, and metrics.

    Loading the network from a file without them also leaves an optimizer's variables behind, which
    take twice the space of the weights.
    """
    import keras

    with tempfile.TemporaryDirectory() as temporary:
        bare = Path(temporary) / "bare.keras"
        save_uncompiled(network, bare)
        check_config(config_of(bare), folder / CONFIG)
        keras.saving.load_model(bare, compile=False).save(bare)
        with zipfile.ZipFile(bare) as archive:
            for member in KERAS_FILES:
                archive.extract(member, folder)
