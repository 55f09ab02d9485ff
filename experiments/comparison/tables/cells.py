"""Cells of a bake-off's table, alike on its page and in Markdown."""

from collections.abc import Iterable, Mapping


def rank_of(row: Mapping, record: Mapping) -> str:
    """The ranks that a row may have; empty for oracles.

    Args:
        row: of the table.
        record: of `bakeoff.json`.
    """
    first, last = row["ranks"].get(record["ranked_by"]) or (None, None)
    if first is None:
        return ""
    return str(first) if first == last else f"{first}–{last}"


def digits(record: Mapping, key: str) -> int:
    """Decimals of a column: four where no mean exceeds 1, else two; one from a hundred on."""
    means = [
        abs(row["values"][key]["mean"])
        for row in record["rows"]
        if row["values"].get(key, {}).get("mean") is not None
    ]
    return 4 if max(means, default=0) <= 1 else 2 if max(means) < 100 else 1


def seeds_of(value: Mapping, places: int) -> str:
    """Least and largest mean of several seeds, with so many decimals; empty for one seed.

    Args:
        value: of a row of the table.
        places: decimals.
    """
    known = [each for each in value["by_seed"] if each is not None]
    if len(known) < 2:
        return ""
    return f"{len(known)} seeds: {min(known):.{places}f} to {max(known):.{places}f}"


def listed(labels: Iterable[str]) -> str:
    """Labels in a sentence; many have commas of their own."""
    return "; ".join(labels)


def several_seeds(record: Mapping) -> bool:
    """Whether a row has several, of which figures and pictures of a single run show the first."""
    return any(len(row["seeds"]) > 1 for row in record["rows"])
