"""What studies of a colorizer found, as sections of its card."""

import re
from collections.abc import Sequence
from pathlib import Path

from experiments.report.study_tables import frontier_table, robustness_table, spread_table
from polychrome.errors import InputError
from polychrome.files import read_json

_DROPS = (
    "A drop is what the degradation costs the colors alone: they are predicted from the degraded "
    "photograph and joined with the lightness of the clean one."
)


def study_sections(name: str, studies: Sequence[Path]) -> dict[str, str]:
    """Heading to Markdown with a table, the images and the command behind it.

    Args:
        name: of the preset.
        studies: JSON files of experiments.frontier, experiments.robustness or experiments.spread.

    Raises:
        InputError: a file is none of these, or of another system.
    """
    return dict(_section(name, path) for path in studies)


def _section(name: str, path: Path) -> tuple[str, str]:
    record = read_json(path)
    if record.get("name") != name:
        raise InputError(f"{path}: a study of {record.get('name')!r}, not of {name}")
    if "sets" in record:
        heading = "Clean, old-looking and shifted photographs"
        figures = {key: found for key, found in record["sets"].items() if found}
        if "all" not in figures:
            heading += f" of {', '.join(figures)}"
        table = f"{robustness_table(figures, 'github')}\n\n{_DROPS}"
    elif "ranked_by" in record:
        heading = "Does the spread know where the colors are wrong?"
        table = spread_table(record["ranked_by"], record["images"], "github")
    elif "at_colorfulness" in record:
        heading = "What more color costs"
        table = frontier_table(record["at_colorfulness"], "github")
        # The runs are points of the figure, and no part of the table.
        record["command"] = re.sub(r" --runs( (?!--)\S+)+", "", record["command"])
        if record["curves"]["dial"]:
            table += f"\n\n{_ends_of_the_dial(record)}"
    else:
        raise InputError(
            f"{path}: should be of experiments.frontier, experiments.robustness or "
            "experiments.spread"
        )
    return heading, f"{table}\n\n{_basis(record)}"


def _ends_of_the_dial(record: dict) -> str:
    """Where it begins and ends, and by which saturation what lies beyond was reached."""
    on_it = [point for point in record["curves"]["dial"] if point["setting"] <= 1.0]
    first, last = (on_it[end]["colorfulness"] for end in (0, -1))
    text = f"The dial goes from {first:.1f} to {last:.1f}"
    for target, point in record["at_colorfulness"]["dial"].items():
        if point and point["setting"] > 1.0:
            text += f"; {target} is its end times a saturation of {point['setting']:.2f}"
    return f"{text}; dashes stand where a curve does not go."


def _basis(record: dict) -> str:
    images = record["images"]
    graded = images["graded"] if isinstance(images, dict) else images
    size = record["image_size"]
    return f"{graded:,} images of {size}x{size} pixels: `{record['command']}`"
