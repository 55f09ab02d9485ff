"""Whether color helps a classifier, and which systems are its relatives; from records alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.comparison.kinds import TAKEN, TRAINED
from experiments.comparison.progress import RUNS
from experiments.comparison.settings import Settings
from experiments.comparison.tables.cells import listed
from experiments.comparison.tables.ranking import Ranking, rank
from experiments.comparison.tables.rows import Row
from experiments.grading.baseline_names import NOTHING
from polychrome.files import read_json
from polychrome.presets.card import CARD, shipped

# Judged by EfficientNet-Lite0.
TOP1, FRECHET = "top1", "frechet_lite0"
_TRUTH = "truth"
# First digits of the SHA-256 of Lite0's ImageNet weights, and what their file is called.
_DIGEST, _FILE = "57934424", "efficientnet-lite0"


def classifier_notes(rows: Sequence[Row], settings: Settings, out: Path) -> list[str]:
    """What Lite0's top-1 says of color, and whom Lite0 judges that began as it, as sentences.

    Args:
        rows, settings, out: of the bake-off.
    """
    related = {
        row.name
        for row in rows
        if any(_is_lite0(each) for each in _encoders(row.name, settings, out))
    }
    labels = listed(row.label for row in rows if row.name in related)
    said = []
    by_name = {row.name: row for row in rows}
    if NOTHING in by_name and by_name[NOTHING].by_seed(TOP1):
        said.append(_of_top1(rows, by_name))
    judged = any(key in row.first.facts["metrics"] for row in rows for key in (TOP1, FRECHET))
    if labels and judged:
        said.append(
            "EfficientNet-Lite0 judges its own kind where an encoder began with its weights, and "
            f"its top-1 and the Fréchet distance on its features may flatter: {labels}."
        )
    return said


def _of_top1(rows: Iterable[Row], by_name: Mapping[str, Row]) -> str:
    """By the differences from gray on the same images."""
    compared = [row for row in rows if row.kind in (TRAINED, TAKEN) and row.by_seed(TOP1)]
    truth = by_name.get(_TRUTH)
    everyone = [by_name[NOTHING], *compared]
    if truth is not None and truth.by_seed(TOP1):
        everyone.append(truth)
    fixed = [row.name for row in everyone if row.kind != TRAINED]
    ranking = rank({row.name: row.by_seed(TOP1) for row in everyone}, fixed=fixed)
    said = "Does color help a classifier? Lite0's top-1 less that on the same images in gray, with "
    said += "its interval over images"
    if _TRUTH in ranking.order:
        said += f": on the true ones {_away(ranking, _TRUTH)}"
    groups = {
        "more by": [row for row in compared if ranking.above(row.name, NOTHING)],
        "less by": [row for row in compared if ranking.above(NOTHING, row.name)],
    }
    told = [row for group in groups.values() for row in group]
    groups["not told from gray, by images or by seeds"] = [
        row for row in compared if row not in told
    ]
    for words, group in groups.items():
        if group:
            found = ", ".join(f"{row.label} {_away(ranking, row.name)}" for row in group)
            said += f"; {words} {found}" if words.endswith("by") else f"; {words}: {found}"
    return f"{said}."


def _away(ranking: Ranking, name: str) -> str:
    mean, low, high = ranking.difference(name, NOTHING)
    return f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"


def _encoders(name: str, settings: Settings, out: Path) -> Iterator[Mapping[str, Any]]:
    """What records say of the encoders of a row; nothing of a run that was taken and not kept."""
    taken = next((each.taken for each in settings.systems if each.name == name), None)
    folders = sorted((out / RUNS / name).glob("seed-*"))
    if taken is not None:
        card = shipped().get(taken, Path(taken)) / CARD
        if card.is_file():
            networks = read_json(card).get("source", {}).get("networks", {})
            yield from (each["encoder"] for each in networks.values() if each.get("encoder"))
        folders = [Path(taken)]
    for folder in folders:
        for path in sorted(folder.glob("networks/*/initial_weights.json")):
            yield read_json(path).get("encoder") or {}


def _is_lite0(encoder: Mapping[str, Any]) -> bool:
    digest, origin = encoder.get("sha256") or "", encoder.get("origin") or ""
    return digest.startswith(_DIGEST) or _FILE in origin.lower()
