"""`README.md` of a preset: its card, with the front matter that model hubs read."""

import json
import re
from collections.abc import Mapping
from typing import Any


def model_card(card: Mapping[str, Any]) -> str:
    """The text of `README.md` for the content of `preset.json`."""
    sections = [
        _front_matter(card["license"]),
        f"# {card['title']}",
        "A network that colorizes gray images, written by polychrome.",
        *(f"## {heading}\n\n{text}" for heading, text in card.get("about", {}).items()),
        "```python\nimport polychrome\n\n"
        'colorizer = polychrome.load("FOLDER")  # of this card, or "photo", "tiny"\n'
        'colorizer.colorize("photograph.jpg").save("color.png")\n```',
        f"{card['parameters']:,} parameters; it sees an image with a shorter side of "
        f"{card['image_size']} pixels. License of the weights: {card['license']}.",
        "## Where the weights come from\n\n" + _list(_told(card["source"])),
        "## Grades\n\n" + _of(card["source"]) + _grades(card["grades"]),
        *_over_baseline(card.get("over_baseline", {})),
        *_speed(card.get("speed")),
    ]
    return "\n\n".join(sections) + "\n"


def _front_matter(license: str) -> str:
    spdx = re.fullmatch(r"[A-Za-z0-9.+-]+", license)
    lines = [f"license: {license.lower()}"]
    if not spdx:  # Hubs accept SPDX identifiers, or "other" with a name.
        lines = ["license: other", f"license_name: {json.dumps(license)}"]
    lines += ["library_name: keras", "pipeline_tag: image-to-image"]
    return "\n".join(["---", *lines, "tags:", "- image-colorization", "- polychrome", "---"])


def _told(source: Mapping[str, Any]) -> dict[str, Any]:
    # What each network was trained on is for programs; the budget says it in words. The size of
    # graded images stands with the grades.
    return {key: value for key, value in source.items() if key not in ("networks", "graded_size")}


def _list(values: Mapping[str, Any]) -> str:
    lines = [f"- {key.replace('_', ' ')}: {_inline(value)}" for key, value in values.items()]
    return "\n".join(lines) or "Not recorded."


def _inline(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _of(source: Mapping[str, Any]) -> str:
    """What images were graded: other tables of a card may be of another size."""
    images, size = source.get("graded_images"), source.get("graded_size")
    return f"Of {images:,} images of {size}x{size} pixels.\n\n" if images and size else ""


def _grades(grades: Mapping[str, Any]) -> str:
    rows = []
    for key, value in grades.items():
        entry = value if isinstance(value, Mapping) else {"mean": value}
        if entry.get("mean") is not None:
            rows.append(f"| {key} | {entry['mean']:.4g} | {_interval(entry)} |")
    if not rows:
        return "Not graded."
    return "\n".join(["| metric | mean | 95 % interval |", "|---|---|---|", *rows])


def _over_baseline(gains: Mapping[str, Any]) -> list[str]:
    if not gains:
        return []
    rows = [
        f"| {key} | {gain['baseline'].replace('_', ' ')} | {gain['mean']:+.2f} | "
        f"{_interval(gain, '+.2f')} |"
        for key, gain in gains.items()
    ]
    head = [
        "| metric | best trivial baseline | above it (dB) | 95 % interval |",
        "|---|---|---|---|",
    ]
    return ["\n".join([*head, *rows])]


def _speed(speed: Mapping[str, Any] | None) -> list[str]:
    if not speed:
        return []
    return [
        "## Speed\n\n"
        f"{speed['images_per_second']:.3g} photographs a second of {speed['image']} pixels, and "
        f"{speed['seconds_12_megapixels']:.2f} s for one of 12 megapixels, from array to array in "
        f"{speed['runtime']} on {speed['machine']} (load average {speed['load_average']:.1f}): "
        f"`{speed['command']}`"
    ]


def _interval(entry: Mapping[str, Any], form: str = ".4g") -> str:
    low, high = entry.get("low"), entry.get("high")
    return "" if low is None or high is None else f"{low:{form}} to {high:{form}}"
