"""How much age does to photographs: strengths to train on and to grade at, and what they mean."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Degradation:
    """How often and how much a photograph is degraded in one way; 0 is not at all.

    Attributes:
        low, high: ends of the strengths of old photographs; all between are equally likely.
        chance: share of the old photographs that have it.
        graded: the strength that systems are graded at.
        in_words: a strength to what it is, as people say it.
    """

    low: float
    high: float
    chance: float
    graded: float
    in_words: Callable[[float], str]


# In the order in which they happen. The docstrings of the functions give sources of the strengths;
# the chances are ours.
DEGRADATIONS: dict[str, Degradation] = {
    # At 0.5 film is orthochromatic.
    "film": Degradation(0.2, 1.0, 0.5, 1.0, lambda it: f"film, {it:g} (1 sees blue alone)"),
    # Standard deviation.
    "blur": Degradation(0.4, 1.6, 0.3, 1.2, lambda it: f"blur of {it:g} pixels"),
    # log2 of the slope.
    "contrast": Degradation(-0.7, 0.9, 0.4, 0.8, lambda it: f"contrast, slope {2**it:.2f}"),
    # Standard deviation at middle gray.
    "grain": Degradation(0.01, 0.07, 0.4, 0.05, lambda it: f"grain, {100 * it:g} % of the range"),
    "fade": Degradation(0.05, 0.5, 0.4, 0.4, lambda it: f"fade, {100 * it:g} % of the range lost"),
    "scratches": Degradation(1, 6, 0.25, 5, lambda it: f"{it:g} scratches"),
    "dust": Degradation(3, 40, 0.25, 30, lambda it: f"{it:g} specks of dust"),
    "tone": Degradation(0.2, 1.2, 0.5, 1.0, lambda it: f"tone, {it:g} (1 is a strong sepia)"),
    # 100 minus the quality.
    "jpeg": Degradation(10, 75, 0.5, 70, lambda it: f"jpeg of quality {100 - it:g}"),
}
