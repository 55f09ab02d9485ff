"""How much training a run's networks have had, in it and in the runs before it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from polychrome.files import read_json


class Trained(NamedTuple):
    """A network of a run.

    Attributes:
        network: its name.
        images: that it has seen in all runs, counted as often; whole batches aside.
        runs: their number, this one included.
    """

    network: str
    images: int
    runs: int


def trained_networks(run: Path) -> list[Trained]:
    """The networks of a run's folder, from its records; empty where they don't tell.

    Args:
        run: folder of a graded run, kept or whole.
    """
    recipe, metrics = (_read(run / name) for name in ("recipe.json", "metrics.json"))
    count = metrics.get("images", {}).get("train")
    if not count:
        return []
    part = min(recipe.get("epoch_images") or count, count)
    found = []
    for network in recipe.get("networks", []):
        folder = run / "networks" / network["name"]
        epochs = _read(folder / "state.json").get("epoch", 0)
        before = _read(folder / "initial_weights.json").get("inherited", [])
        if any(each.get("images") is None for each in before):
            return []
        images = [each["epochs"] * each["images"] // each.get("parts", 1) for each in before]
        images += [epochs * part] * (epochs > 0)
        found.append(Trained(network["name"], sum(images), len(images)))
    return found


def in_brief(trained: Sequence[Trained]) -> str:
    """`colorizer: 840,000 images in 4 runs; heads: 120,000 images in 2 runs`."""
    return "; ".join(
        f"{network}: {images:,} images in {runs} {'run' if runs == 1 else 'runs'}"
        for network, images, runs in trained
    )


def number_of_runs(trained: Sequence[Trained]) -> int:
    """Those that the network with the most has had; 1 for none."""
    return max((each.runs for each in trained), default=1)


def _read(path: Path) -> dict:
    return read_json(path) if path.exists() else {}
