"""What a study found so far, read from its database."""

from typing import Any

import numpy as np

from experiments.turing.intervals import clustered_rate
from experiments.turing.ranking import ranks, strengths
from experiments.turing.study import Study

SIMULATED = "SIMULATED: synthetic participants, not a study with people"

_ANSWERED = "answers JOIN trials USING (participant, trial) JOIN systems USING (system)"
_FINISHED = f"FROM {_ANSWERED} GROUP BY participant HAVING count(*) = :total"
# Whether a pair was seen, and with a time limit for that long: one that was shown again was seen
# for longer, or its pictures were lost on the way. Nobody is sent those of a simulated study.
_SEEN = "(:time_limit IS NULL OR (showings < 2 AND (:simulated OR (left_sent AND right_sent))))"
_PASSED = f"sum(is_check AND picked != real_side AND {_SEEN}) <= :misses"
_WHO_FINISHED = f"SELECT participant, {_PASSED} AS passed {_FINISHED}"
_WHO_COUNT = f"SELECT participant {_FINISHED} AND {_PASSED}"
# Which answers count, for the rates and for the CSV file alike.
_COUNTS = f"NOT is_check AND {_SEEN} AND participant IN ({_WHO_COUNT})"
# Times count from consent, so that the file, once published, tells nobody when somebody took part.
_ANSWERS = f"""
SELECT participant, trial, photographs.name AS photograph, systems.name AS system,
       is_check AS "check", real_side, picked, picked != real_side AS fooled, milliseconds,
       showings, strftime('%s', answered) - strftime('%s', consented) AS seconds_since_consent,
       {_COUNTS} AS counted
FROM {_ANSWERED} JOIN photographs USING (photograph) JOIN participants USING (participant)
ORDER BY participant, trial
"""
_TOTALS = f"""
SELECT participant, system, sum(picked != real_side) AS fooled, count(*) AS pairs
FROM {_ANSWERED} WHERE {_COUNTS} GROUP BY participant, system
"""


def summary_of(study: Study) -> dict[str, Any]:
    """Fooling rates, strengths, and ranks of a study's systems.

    Only participants count who finished and missed no more attention checks than the study allows.
    With a time limit, answers to pairs that were shown again, or of which a picture was never sent,
    count neither as pairs nor as missed checks.

    Returns:
        "study" (`SIMULATED` or "study with people"), "simulated", "settings", "participants"
        ("enrolled", "finished", "failed_checks", "counted"), "answers" (all, of all participants)
        and "systems": a list, best first, with "name", "rank", "rate", "low", "high", "pairs",
        "design_effect", "strength", "strength_low", "strength_high". Numbers that don't exist are
        None: for a system of which no pair counts all but "pairs", 0. It comes last, and the others
        are ranked among themselves.
    """
    counted, counts = _counted(study)
    fooled, pairs = _totals(study, counted)
    settings = study.settings
    return {
        "study": SIMULATED if settings.simulated else "study with people",
        "simulated": settings.simulated,
        "created": study.created,
        "settings": {
            "pairs": settings.pairs,
            "checks": settings.checks,
            "misses": settings.misses,
            "time_limit": settings.time_limit,
            "seed": str(settings.seed),  # JSON's readers round large numbers
        },
        "participants": {**counts, "counted": len(counted)},
        "answers": study.rows("SELECT count(*) FROM answers")[0][0],
        "systems": _systems(list(study.systems.values()), fooled, pairs),
    }


def answers_of(study: Study) -> list[dict[str, Any]]:
    """Every answer, as a row of the CSV file; participants are numbers.

    A row of a simulated study says so. "counted" is 1 if the answer is among the pairs of
    `summary_of`, of which the rates are, and else 0, as for all attention checks.
    """
    mark = "SIMULATED" if study.settings.simulated else "people"
    return [{"study": mark, **dict(row)} for row in study.rows(_ANSWERS, _rules(study))]


def _rules(study: Study) -> dict[str, Any]:
    """What the queries need to know of the settings."""
    return {
        "total": len(study.systems) * study.settings.pairs + study.settings.checks,
        "misses": study.settings.misses,
        "time_limit": study.settings.time_limit,
        "simulated": study.settings.simulated,
    }


def _counted(study: Study) -> tuple[list[int], dict[str, int]]:
    """Numbers of the participants who count, and how many there are of each kind."""
    # In one query, because people finish meanwhile.
    finished = study.rows(_WHO_FINISHED, _rules(study))
    counted = [row["participant"] for row in finished if row["passed"]]
    enrolled = study.rows("SELECT count(*) FROM participants")[0][0]
    return counted, {
        "enrolled": enrolled,
        "finished": len(finished),
        "failed_checks": len(finished) - len(counted),
    }


def _totals(study: Study, counted: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Pairs in which a participant was fooled, and all pairs: int `[participants, systems]`."""
    place = {participant: row for row, participant in enumerate(counted)}
    fooled = np.zeros((len(counted), len(study.systems)), int)
    pairs = np.zeros_like(fooled)
    for row in study.rows(_TOTALS, _rules(study)):
        # Somebody else may have finished meanwhile.
        if row["participant"] in place:
            at = place[row["participant"]], row["system"]
            fooled[at], pairs[at] = row["fooled"], row["pairs"]
    return fooled, pairs


def _systems(names: list[str], fooled: np.ndarray, pairs: np.ndarray) -> list[dict[str, Any]]:
    # Systems meet the real pictures only, so the others can do without one that has no pairs.
    is_shown = pairs.sum(axis=0) > 0
    shown = [name for name, has in zip(names, is_shown, strict=True) if has]
    rows = _ranked(shown, fooled[:, is_shown], pairs[:, is_shown]) if shown else []
    unknown = "rank rate low high design_effect strength strength_low strength_high".split()
    others = [name for name in names if name not in shown]
    return rows + [{"name": name, "pairs": 0, **dict.fromkeys(unknown)} for name in others]


def _ranked(names: list[str], fooled: np.ndarray, pairs: np.ndarray) -> list[dict[str, Any]]:
    """Systems that have pairs, best first."""
    worth = strengths(fooled.sum(axis=0), pairs.sum(axis=0))
    order = ranks(fooled, pairs)
    rows = []
    for system, name in enumerate(names):
        found = clustered_rate(fooled[:, system], pairs[:, system])
        rows.append(
            {
                "name": name,
                "rank": order[system],
                "rate": found.rate,
                "low": found.low,
                "high": found.high,
                "pairs": found.pairs,
                "design_effect": _finite(found.design_effect),
                "strength": float(worth[system]),
                "strength_low": _logit(found.low),
                "strength_high": _logit(found.high),
            }
        )
    return sorted(rows, key=lambda row: (row["rank"], -row["rate"]))


def _logit(rate: float) -> float | None:
    return float(np.log(rate / (1.0 - rate))) if 0.0 < rate < 1.0 else None


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
