"""Power laws of losses by the number of training images, and what they foretell.

Validation losses of neural networks fall about as `c + a n^-b` (Hestness et al. 2017, "Deep
learning scaling is predictable, empirically").
"""

import dataclasses

import numpy as np

# Exponents that are tried. The lowest is nearly a straight line over the logarithm of n.
_EXPONENTS = np.geomspace(0.05, 2.0, 200)


@dataclasses.dataclass(frozen=True)
class PowerLaw:
    """`c + a n^-b` with `a` above 0: a loss that falls."""

    a: float
    b: float
    c: float

    def __call__(self, n: np.ndarray | float) -> np.ndarray:
        return self.c + self.a * np.asarray(n, np.float64) ** -self.b

    def reaches(self, value: float) -> float:
        """The n at which it falls to a value; infinite if that is below `c`."""
        return ((value - self.c) / self.a) ** (-1.0 / self.b) if value > self.c else np.inf


def fit(n: np.ndarray, values: np.ndarray) -> PowerLaw | None:
    """The power law with the least squared error; None if no falling one fits.

    Args:
        n: numbers above 0, `[m]`; four or more for a fit that means anything.
        values: `[m]`.
    """
    (found,) = _fits(n, np.asarray(values)[None])
    return found


def resampled(n: np.ndarray, values: np.ndarray, count: int, seed: int = 0) -> list[PowerLaw]:
    """Fits to the values of a fit plus its residuals, drawn anew: a bootstrap.

    Residuals are divided by `sqrt(1 - 3 / m)`, because three parameters were fitted to them. Draws
    that no falling power law fits are left out.

    Args:
        n, values: as for `fit`, more than three.
        count: of resamplings.
        seed: of the draws.
    """
    law = fit(n, values)
    if law is None:
        return []
    residuals = (values - law(n)) / np.sqrt(1.0 - 3.0 / len(n))
    drawn = np.random.default_rng(seed).choice(residuals, (count, len(n)))
    return [found for found in _fits(n, law(n) + drawn) if found is not None]


def _fits(n: np.ndarray, values: np.ndarray) -> list[PowerLaw | None]:
    """Fits to each row of values `[k, m]`: by linear regression at every exponent, the best one."""
    powers = np.asarray(n, np.float64) ** -_EXPONENTS[:, None]
    x, y = (each - each.mean(axis=1, keepdims=True) for each in (powers, values))
    squares = np.sum(x * x, axis=1)[:, None]
    slopes = x @ y.T / squares  # [exponents, k]
    explained = np.where(slopes > 0, slopes**2 * squares, 0.0)
    found: list[PowerLaw | None] = []
    for column, best in enumerate(np.argmax(explained, axis=0)):
        a, b = float(slopes[best, column]), float(_EXPONENTS[best])
        c = float(values[column].mean() - a * powers[best].mean())
        found.append(PowerLaw(a, b, c) if a > 0 else None)
    return found
