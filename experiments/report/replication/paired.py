"""The difference of two runs of one bake-off, whose records have the value of every image."""

import numpy as np

from experiments.grading.bootstrap import interval, resamplings
from experiments.report.kept_runs import KeptRun, Measured, as_measured


def paired_difference(one: KeptRun | None, two: KeptRun | None, key: str) -> Measured | None:
    """How far one run's mean is above another's, with a 95 % interval over the same images.

    Of several seeds, the mean over them is an image's value.

    Args:
        one, two: the runs; None where a side of a claim is of no run.
        key: of a metric that is a mean over images.

    Returns:
        None if they are not of one bake-off, or it has no such values.
    """
    if one is None or two is None or one.bakeoff is None or one.bakeoff != two.bakeoff:
        return None
    values = [_per_image(run, key) for run in (one, two)]
    if values[0] is None or values[1] is None:
        return None
    apart = values[0] - values[1]
    return as_measured(interval(apart, resamplings(len(apart), 0)))


def _per_image(run: KeptRun, key: str) -> np.ndarray | None:
    assert run.bakeoff is not None
    found = []
    for path in sorted((run.bakeoff / "grades" / run.recipe).glob("seed-*.npz")):
        with np.load(path) as arrays:
            if f"per_image/{key}" in arrays.files:
                # Kept in half precision, in which sums overflow.
                found.append(arrays[f"per_image/{key}"].astype(np.float32))
    return np.mean(found, axis=0) if found else None
