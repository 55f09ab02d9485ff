"""Markdown tables without padding, so that a changed cell changes one line of a page."""

from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """A table of GitHub Markdown.

    Args:
        headings, rows: Markdown; see `escaped` for other text.
        right: places of the columns that are aligned on the right.
    """
    right = frozenset(right)
    rules = ["---:" if place in right else "---" for place in range(len(headings))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rules, *rows))


def escaped(text: str) -> str:
    """Text in one line, so that it stays in its cell and is not markup."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`")
