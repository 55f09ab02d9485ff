"""What one participant is shown: which pairs, in which order, and on which side the real one is."""

from typing import NamedTuple

import numpy as np

from polychrome.errors import InputError

SIDES = ("left", "right")


class Pair(NamedTuple):
    """A photograph in its real colors beside the same one from a system.

    Attributes:
        photograph, system: numbers in the database.
        real_side: "left" or "right".
    """

    photograph: int
    system: int
    real_side: str


def pairs_for(
    participant: int,
    photographs: list[int],
    systems: list[int],
    check: int,
    *,
    pairs: int,
    checks: int,
    seed: int,
) -> list[Pair]:
    """Draw a participant's pairs.

    No photograph comes twice: the picture that does would be the real one.

    Args:
        participant: number of the participant, 1 or more.
        photographs, systems: their numbers.
        check: number of the obviously wrong system.
        pairs: pairs of each system.
        checks: pairs of the obviously wrong one.
        seed: of the study, 0 or more. The same seed and participant give the same pairs.

    Raises:
        InputError: there are fewer photographs than pairs.
    """
    shown = [system for system in systems for _ in range(pairs)] + [check] * checks
    check_photographs(len(photographs), len(systems), pairs, checks)
    rng = np.random.default_rng([seed, participant])
    chosen = rng.permutation(photographs)[: len(shown)]
    order = rng.permutation(shown)
    sides = rng.integers(2, size=len(shown))
    return [
        Pair(int(photograph), int(system), SIDES[side])
        for photograph, system, side in zip(chosen, order, sides, strict=True)
    ]


def check_photographs(photographs: int, systems: int, pairs: int, checks: int) -> None:
    """Refuse fewer photographs than one participant sees pairs.

    Raises:
        InputError: that is the case.
    """
    needed = systems * pairs + checks
    if photographs < needed:
        raise InputError(
            f"{photographs} colored photographs for {needed} pairs ({systems} systems x {pairs} "
            f"and {checks} checks), should be {needed} or more, as nobody sees one twice; "
            "take more photographs, fewer systems or fewer pairs"
        )
