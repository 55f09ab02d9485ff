"""The lines at the end of a run."""

import collections
from collections.abc import Iterable, Sequence
from pathlib import Path

from polychrome.cli.inputs import ASK, Failure
from polychrome.cli.names import counted, listed, printable
from polychrome.cli.picture import Outcome
from polychrome.command import say


class Summary:
    """Counts what happened to each input.

    Args:
        failures: those known before the run.
        finished: inputs whose outputs were there before.
        outputs: inputs that are outputs of earlier runs.
        doubtful: inputs whose outputs may have been made of others.
        noun: what an input is called.
        asked: whether questions are written, as a picture and as JSON, instead of colors.
    """

    def __init__(
        self,
        failures: Iterable[Failure],
        finished: int,
        outputs: int,
        doubtful: Sequence[Path] = (),
        noun: str = "picture",
        asked: bool = False,
    ):
        self.failures = list(failures)
        self._finished, self._outputs, self._doubtful = finished, outputs, doubtful
        self._noun, self._asked = noun, asked
        self._made: list[Outcome] = []
        self._done = 0

    def add(self, outcome: Outcome) -> None:
        """Count the outcome of a task."""
        self._done += 1
        if outcome.failure is None:
            self._made.append(outcome)
        else:
            self.failures.append(Failure(outcome.task.source, outcome.failure))

    def lines(self, left: int = 0) -> list[str]:
        """Details first, counts last.

        Args:
            left: tasks that an interruption kept from being done.
        """
        failed = sorted(_line(failure) for failure in self.failures)
        made = sorted(self._made, key=lambda outcome: (outcome.task.source, outcome.task.page or 0))
        lost: dict[str, list[Path]] = collections.defaultdict(list)
        for outcome in made:
            for loss in outcome.losses:
                lost[loss].append(outcome.task.source)
        recolored = [outcome.task.source for outcome in made if outcome.recolored]
        lines = []
        if recolored:
            lines.append(f"recolored, had color already: {listed(recolored)}")
        if self._doubtful:
            lines.append(
                f"skipped, but the output may be of another {self._noun} beside it: "
                f"{listed(self._doubtful)}"
            )
        lines += [f"not kept: {loss}: {listed(paths)}" for loss, paths in sorted(lost.items())]
        doubtful = [outcome for outcome in made if outcome.doubt]
        lines += [
            f"may be damaged ({outcome.doubt}): {printable(outcome.task.source)}"
            for outcome in doubtful
        ]
        lines += failed
        done = "wrote questions about" if self._asked else "colorized"
        counts = [f"{done} {counted(len(made), self._noun)}"]
        if len(made) == 1 and (output := made[0].task.output):
            counts[0] += f": {printable(output)}"
            if self._asked:
                counts[0] += f", and {printable(output.with_suffix('.json'))} for the answers"
        elif made and self._asked:
            counts[0] += f", each as {ASK}.png, and as {ASK}.json for the answers"
        if recolored:
            counts.append(f"{len(recolored):,} of them had color already")
        if doubtful:
            counts.append(f"{len(doubtful):,} of them may be damaged")
        if self._finished:
            counts.append(f"skipped {self._finished:,} finished before (--overwrite redoes them)")
        if self._outputs:
            counts.append(f"left out {counted(self._outputs, 'output')} of earlier runs")
        if failed:
            counts.append(f"{len(failed):,} failed")
        if left:
            counts.append(f"{left:,} left, which the same command goes on with")
        return [*lines, "; ".join(counts)]

    def show(self, tasks: int) -> None:
        """Print the summary of a run of so many tasks to standard error."""
        left = tasks - self._done
        say("\n".join(self.lines(left)))


def _line(failure: Failure) -> str:
    reason = failure.reason
    # Errors of reading begin with the file, quoted if it is unusual; others do not.
    for name in (str(failure.path), repr(str(failure.path))):
        reason = reason.removeprefix(f"{name}: ")
    return f"{printable(failure.path)}: {printable(reason)}"
