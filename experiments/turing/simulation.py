"""Synthetic participants of known ability, who answer by way of the same database and summary.

In a pair of system s and photograph j, participant i takes the colorized picture for real with the
probability 1 / (1 + exp(-(c_s + a_i + b_sj))). Abilities a and difficulties b are normal; c_s is
solved so that the rate over all people and the study's photographs is what was asked for.
"""

import collections
import dataclasses
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.turing.pairs import SIDES
from experiments.turing.study import Settings, Study, check_name
from experiments.turing.summary import summary_of
from polychrome.errors import InputError

# Nearer to 0 or 1 there may be no constant with which a crowd has the rate; see `_constant`.
LIMITS = (1e-6, 1.0 - 1e-6)
_PAGE = "simulated"  # the only one of each participant, who reload nothing


@dataclasses.dataclass(frozen=True)
class Crowd:
    """Whom a simulated study asks.

    Attributes:
        participants: how many.
        ability: standard deviation of participants' abilities, on the scale of logits.
        difficulty: the same of photographs.
        inattentive: share who answer at random, attention checks too.
        slips: probability that others miss a check.
    """

    participants: int
    ability: float = 0.6
    difficulty: float = 0.5
    inattentive: float = 0.1
    slips: float = 0.01


def simulate(
    folder: Path | None, rates: Mapping[str, float], crowd: Crowd, settings: Settings
) -> Study:
    """Create a study that is marked as simulated and let synthetic participants answer it.

    Args:
        folder: of the new study, without pictures; None: in memory.
        rates: true fooling rate of each system, within `LIMITS`.
        crowd: who answers.
        settings: of the study; the seed is that of the crowd too.

    Raises:
        InputError: a rate beyond these, a system with the name of the attention checks, or the
            folder exists.
    """
    if not rates:
        raise InputError("no systems; give --rate NAME=RATE once or more")
    for name, rate in rates.items():
        check_name(name, f"--rate {name}={rate}")
        if not LIMITS[0] <= rate <= LIMITS[1]:
            raise InputError(
                f"--rate {name}={rate}: should be a rate, {LIMITS[0]:f} to {LIMITS[1]:f}"
            )
    settings = dataclasses.replace(settings, simulated=True)
    count = len(rates) * settings.pairs + settings.checks
    study = Study.create(
        folder,
        settings,
        {name: f"simulated with rate {rate:g}" for name, rate in rates.items()},
        [f"simulated-{number:03d}" for number in range(count)],
    )
    study.rows("PRAGMA synchronous = OFF")  # Nobody's answers: they can be had again.
    # Order and sides have streams of [seed, participant]; 0 is nobody's.
    rng = np.random.default_rng([settings.seed, 0])
    difficulty = rng.normal(0.0, crowd.difficulty, (len(rates), count))
    constants = np.array(
        [
            _constant(rate, crowd.ability, row)
            for rate, row in zip(rates.values(), difficulty, strict=True)
        ]
    )
    for _ in range(crowd.participants):
        _take_part(study, constants[:, None] + difficulty, crowd, rng)
    return study


def _take_part(study: Study, logits: np.ndarray, crowd: Crowd, rng: np.random.Generator) -> None:
    token = study.enroll()
    ability = rng.normal(0.0, crowd.ability)
    random = rng.random() < crowd.inattentive
    study.state(token, page=_PAGE)
    for trial, pair in enumerate(study.pairs_of(token)):
        if random:
            chance = 0.5
        elif pair.system in study.systems:
            chance = _logistic(logits[pair.system, pair.photograph] + ability)
        else:
            chance = crowd.slips
        fooled = bool(rng.random() < chance)
        picked = SIDES[(pair.real_side == SIDES[1]) != fooled]
        study.answer(token, trial, picked, int(rng.gamma(4.0, 500.0)), _PAGE)


def _logistic(logit: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-logit))


def _constant(rate: float, ability: float, difficulty: np.ndarray) -> float:
    """The constant with which a system has this rate over all people and these photographs."""
    from scipy.optimize import brentq

    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    weights = weights / weights.sum()
    logits = np.add.outer(difficulty, ability * nodes)

    def miss(constant: float) -> float:
        return float((_logistic(logits + constant) @ weights).mean() - rate)

    return float(brentq(miss, -40.0, 40.0))


def coverage(
    rates: Mapping[str, float],
    crowd: Crowd,
    settings: Settings,
    studies: int,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Simulate many studies in memory and see how often their statements are true.

    Args:
        rates, crowd, settings: as for `simulate`; seeds count up from the settings' seed.
        studies: how many.
        tell: called with the progress.

    Returns:
        "simulated" (True), "studies", "seed" (of the first study), "participants", "crowd" (the
        rest of `Crowd`), "pairs" (of each system), "checks", "misses", "rates", "covered" (name to
        the share of studies whose 95 % interval covers the true rate), "mean_width" (name to that
        of the intervals), "mean_rate", and "tied" (for each pair of systems of one rate, "A = B",
        the share of studies that rank them alike).

    Raises:
        InputError: as for `simulate`, or nobody counts in a study.
    """
    covered: collections.Counter[str] = collections.Counter()
    width: collections.Counter[str] = collections.Counter()
    mean: collections.Counter[str] = collections.Counter()
    tied: collections.Counter[str] = collections.Counter()
    both = itertools.combinations(rates, 2)
    copies = [(one, other) for one, other in both if rates[one] == rates[other]]
    for number in range(studies):
        seeded = dataclasses.replace(settings, seed=settings.seed + number)
        study = simulate(None, rates, crowd, seeded)
        found = {row["name"]: row for row in summary_of(study)["systems"]}
        study.close()
        for name, row in found.items():
            if row["rate"] is None:
                raise InputError(f"nobody counts in study {number}; take more participants")
            covered[name] += row["low"] <= rates[name] <= row["high"]
            width[name] += row["high"] - row["low"]
            mean[name] += row["rate"]
        for one, other in copies:
            tied[f"{one} = {other}"] += found[one]["rank"] == found[other]["rank"]
        tell(f"{number + 1} of {studies} studies")
    asked = dataclasses.asdict(crowd)
    return {
        "simulated": True,
        "studies": studies,
        "seed": settings.seed,
        "participants": asked.pop("participants"),
        "crowd": asked,
        "pairs": settings.pairs,
        "checks": settings.checks,
        "misses": settings.misses,
        "rates": dict(rates),
        "covered": {name: covered[name] / studies for name in rates},
        "mean_width": {name: width[name] / studies for name in rates},
        "mean_rate": {name: mean[name] / studies for name in rates},
        "tied": {f"{one} = {other}": tied[f"{one} = {other}"] / studies for one, other in copies},
    }
