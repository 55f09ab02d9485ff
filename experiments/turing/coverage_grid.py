"""How often the statistics are right over a grid of participants, rates, and clustering.

Participants' rates are beta distributed, so the true mean is known without fitting. Answers go
straight into the statistics; `experiments.turing.simulation` sends them through a database.
"""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.report.markdown import table
from experiments.turing.intervals import intervals
from experiments.turing.summary import SIMULATED

PARTICIPANTS = (10, 20, 50, 200)
RATES = (0.02, 0.05, 0.1, 0.3, 0.5)
# Between two answers of one participant: none, moderate, strong.
CORRELATIONS = (0.0, 0.1, 0.3)
PAIRS = 15


def coverage_of(
    participants: int, rate: float, correlation: float, studies: int, seed: int = 0
) -> dict[str, Any]:
    """Simulate studies of one system and see how often the interval covers its rate.

    An interval of a strength is that of the rate on another scale, and covers when that does.

    Args:
        participants: of each study, 2 or more; each has a rate of their own.
        rate: the mean of these, between 0 and 1.
        correlation: intra-class correlation, 0 up to below 1: the variance of the participants'
            rates divided by `rate * (1 - rate)`.
        studies: how many.
        seed: of the drawing, 0 or more.

    Returns:
        "participants", "rate", "correlation", "covered" (share of the studies whose 95 % interval
        covers the rate), "nobody_fooled" (share of them without a fooled participant), and
        "mean_width" (of the intervals).
    """
    rng = np.random.default_rng([seed, participants, round(1000 * rate), round(1000 * correlation)])
    own = np.full((studies, participants), rate)
    if correlation:
        spread = 1.0 / correlation - 1.0
        own = rng.beta(rate * spread, (1.0 - rate) * spread, own.shape)
    fooled = rng.binomial(PAIRS, own)
    low, high, _ = intervals(fooled, np.full(participants, PAIRS))
    return {
        "participants": participants,
        "rate": rate,
        "correlation": correlation,
        "covered": float(((low <= rate) & (rate <= high)).mean()),
        "nobody_fooled": float((fooled.sum(axis=1) == 0).mean()),
        "mean_width": float((high - low).mean()),
    }


def coverage_grid(studies: int, seed: int) -> dict[str, Any]:
    """`coverage_of` for all of `PARTICIPANTS`, `CORRELATIONS` and `RATES`.

    Args:
        studies: of each cell.
        seed: of the drawing.

    Returns:
        "simulated" (True), "studies", "pairs", "seed", and "cells", a list.
    """
    cells = [
        coverage_of(participants, rate, correlation, studies, seed)
        for participants, correlation, rate in itertools.product(PARTICIPANTS, CORRELATIONS, RATES)
    ]
    return {"simulated": True, "studies": studies, "pairs": PAIRS, "seed": seed, "cells": cells}


def grid_table(found: Mapping[str, Any]) -> str:
    """What `coverage_grid` returned, as Markdown: coverage, and the mean width in brackets."""
    cells = {
        (cell["participants"], cell["correlation"], cell["rate"]): cell for cell in found["cells"]
    }
    rows = [
        [f"{participants}", f"{correlation:g}"]
        + [_cell(cells[participants, correlation, rate]) for rate in RATES]
        for participants in PARTICIPANTS
        for correlation in CORRELATIONS
    ]
    shares = [cell["covered"] for cell in found["cells"]]
    within = sum(0.93 <= share <= 0.97 for share in shares)
    above = [cell for cell in found["cells"] if cell["covered"] > 0.97]
    below = [cell for cell in found["cells"] if cell["covered"] < 0.93]
    said = (
        f"**{SIMULATED}**: {found['studies']:,} studies in each of {len(shares)} cells, with "
        f"{found['pairs']} pairs of each system. {within} cells are within 93 to 97 %, "
        f"{_listed(below)} below, and {_listed(above)} above. In brackets: the mean width."
    )
    headings = ["participants", "correlation", *(f"rate {rate:.0%}" for rate in RATES)]
    return f"{said}\n\n{table(headings, rows, range(7))}"


def _cell(cell: Mapping[str, Any]) -> str:
    return f"{cell['covered']:.1%} ({cell['mean_width']:.1%})"


def _listed(cells: list[Mapping[str, Any]]) -> str:
    """How many, and how far they go: "none", or "3 (97.4 to 99.8 %)"."""
    if not cells:
        return "none"
    shares = [100.0 * cell["covered"] for cell in cells]
    return f"{len(cells)} ({min(shares):.1f} to {max(shares):.1f} %)"
