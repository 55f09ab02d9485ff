"""Training runs by the command in a process of their own: whole, or ended after an epoch.

    python tests/repeated_runs.py FOLDER [--interrupt | --resume] NAME [NAME ...] [OPTION ...]

Options of experiments.run, such as --batch-size, are handed on. The last of those interrupted is
killed. Nothing is graded.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

# The root, whose packages tests/polychrome and the like must not shadow.
sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from experiments.recipes import RECIPES  # noqa: E402
from experiments.run import main  # noqa: E402
from polychrome.training.callbacks import Checkpoints  # noqa: E402

EPOCHS = 2


def interrupt_after(epoch: int, network: str, *, kill: bool = False) -> None:
    """End the next training run of `network` when the weights of `epoch` (from 1) are written."""
    write = Checkpoints.on_epoch_end

    def write_and_end(self, index, logs=None):
        write(self, index, logs)
        if index + 1 == epoch and self.folder.name == network:
            Checkpoints.on_epoch_end = write
            signal.raise_signal(signal.SIGKILL if kill else signal.SIGINT)

    Checkpoints.on_epoch_end = write_and_end


def run(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--interrupt", action="store_true")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("names", nargs="+", metavar="NAME")
    given, options = parser.parse_known_args(arguments)
    begin = ["--deterministic", "--epochs", str(EPOCHS), *options]
    for name in given.names:
        last = RECIPES[name].networks[-1].name
        kill = given.interrupt and name == given.names[-1]
        interrupt_after(1 if given.interrupt else EPOCHS, last, kill=kill)
        place = ["--out", str(given.folder / name), "--saved-models", str(given.folder / "models")]
        how = ["--resume"] if given.resume else begin
        status = main([name, *place, *how])
        if status != 130:
            sys.exit(f"{name} should have been interrupted, but ended with {status}")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # A program that is started in the background of a shell script would not get SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run(sys.argv[1:])
