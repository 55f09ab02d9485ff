"""What the card of a run's preset says of its data and weights, as far as the run knows it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.plan import Plan
from experiments.stages.earlier_weights import RECORD
from experiments.stages.train import Trained
from experiments.training import read_if_there
from polychrome.presets.card import CARD

# The same that a shipped preset's first section has.
HEADING = "Data and license"


def data_section(
    plan: Plan, trained: Sequence[Trained], images: int, left_out: int = 0
) -> dict[str, str]:
    """A section of the card, heading to text; none of published weights, whose source is named.

    A recipe's own sections are of the weights that were shipped, not of those that others train
    with it on their data.

    Args:
        plan, trained: of the run.
        images: number of training images.
        left_out: number of photographs that were not trained on, because they are gray.
    """
    if plan.options.weights is not None:
        return {}
    names = [each.described.name for each in trained]
    records = {each.described.name: read_if_there(each.folder / RECORD) for each in trained}
    learned = [each.described.name for each in trained if each.state.epoch]
    left = [name for name in names if name not in learned]
    said = []
    if learned:
        who, was = _subject(learned, names)
        on = f"{who} {was} trained on {images:,} images of `{plan.options.data}`"
        gray = f"{left_out:,} gray {'one' if left_out == 1 else 'ones'} left out"
        said.append(f"{on}; {gray}" if left_out else on)
        said.append("The run does not know what license they have")
    if learned and left:
        said.append(" ".join(_subject(left, names)) + " not trained further")
    said += _origins(records, bool(learned))
    return {HEADING: " ".join(f"{sentence}." for sentence in said)}


def _origins(records: Mapping[str, Mapping[str, Any]], learned: bool) -> list[str]:
    """Sentences on the weights that the networks began with."""
    said, begun = [], {}
    for name, record in records.items():
        encoder = record.get("encoder", {}).get("origin")
        if record.get("init_from"):
            begun.setdefault(record["init_from"], []).append(name)
        elif encoder:
            said.append(f"The encoder of {name} began with {encoder}")
    for source, names in begun.items():
        weights = f"the weights of {_described(source)}; see its card for their data and license"
        who, _ = _subject(names, list(records))
        said.append(f"{who} began with {weights}" if learned else f"Not trained further: {weights}")
    return said


def _described(source: str) -> str:
    """The run or preset whose weights were asked for."""
    is_run = Path(source).is_dir() and not (Path(source) / CARD).is_file()
    return f"the {'run' if is_run else 'preset'} `{source}`"


def _subject(names: Sequence[str], every: Sequence[str]) -> tuple[str, str]:
    """Some networks out of every one of a system as the subject of a sentence, and its verb."""
    if len(names) == len(every):
        return "It", "was"
    *others, last = names
    if others:
        return f"Its networks {', '.join(others)} and {last}", "were"
    return f"Its network {last}", "was"
