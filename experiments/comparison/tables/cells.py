"""Cells of a bake-off's table, alike on its page and in Markdown."""

from collections.abc import Mapping


def rank_of(row: Mapping, record: Mapping) -> str:
    """A row's rank, with "=" if it shares it; empty for oracles.

    Args:
        row: of the table.
        record: of `bakeoff.json`.
    """
    rank = row["ranks"].get(record["ranked_by"])
    if rank is None:
        return ""
    ranks = [each["ranks"].get(record["ranked_by"]) for each in record["rows"]]
    return f"{rank}{'=' if ranks.count(rank) > 1 else ''}"


def digits(record: Mapping, key: str) -> int:
    """Decimals of a column: four where no mean exceeds 1, else two; one from a hundred on."""
    means = [
        abs(row["values"][key]["mean"])
        for row in record["rows"]
        if row["values"].get(key, {}).get("mean") is not None
    ]
    return 4 if max(means, default=0) <= 1 else 2 if max(means) < 100 else 1


def several_seeds(record: Mapping) -> bool:
    """Whether a row has several, of which figures and pictures of a single run show the first."""
    return any(len(row["seeds"]) > 1 for row in record["rows"])
