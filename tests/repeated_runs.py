"""Training runs by the command in a process of their own: whole, interrupted, or gone on with.

    python tests/repeated_runs.py FOLDER [--interrupt | --copy OTHER | --resume] NAME [NAME ...]
        [OPTION ...]

Options of experiments.run, such as --batch-size, are handed on. --interrupt kills a run after the
first epoch of its last network, and so takes one name only. --copy leaves in OTHER what such an end
would leave, and goes on. Nothing is graded, and with --copy and --resume no pictures are made.
FOLDER/NAME.json has the digest of each network's initial weights.
"""

import argparse
import dataclasses
import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

# The root, whose packages tests/polychrome and the like must not shadow.
sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from experiments.recipes import RECIPES  # noqa: E402
from experiments.report.figures.epoch_pictures import EpochPictures  # noqa: E402
from experiments.run import main  # noqa: E402
from experiments.stages.epoch_grades import EpochGrades  # noqa: E402
from experiments.stages.initial_weights import InitialWeights  # noqa: E402
from polychrome.files import read_json, write_json  # noqa: E402
from polychrome.training.callbacks import Checkpoints  # noqa: E402

EPOCHS = 2


def after(epoch: int, network: str, work: Callable[[Path], None]) -> None:
    """Do something with the run's folder when the weights of `epoch` (from 1) are written."""
    write = Checkpoints.on_epoch_end

    def write_and_work(self, index, logs=None):
        write(self, index, logs)
        if index + 1 == epoch and self.folder.name == network:
            work(self.folder.parents[1])

    Checkpoints.on_epoch_end = write_and_work


def note_initial_weights(path: Path) -> None:
    """Write digests of the networks' weights as their recipe builds them, whatever is loaded."""
    build = InitialWeights.build

    def build_and_note(self):
        def noted(size: int):
            built, digest = network.build(size), hashlib.sha256()
            for weight in built.get_weights():
                digest.update(weight.tobytes())
            known = read_json(path) if path.exists() else {}
            write_json(path, known | {network.name: digest.hexdigest()})
            return built

        network = self.network
        self.network = dataclasses.replace(network, build=noted)
        return build(self)

    InitialWeights.build = build_and_note


def run(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--interrupt", action="store_true")
    parser.add_argument("--copy", type=Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("names", nargs="+", metavar="NAME")
    given, options = parser.parse_known_args(arguments)
    if given.copy or given.resume:
        for callback in (EpochPictures, EpochGrades):
            callback.on_epoch_end = lambda self, epoch, logs=None: None
    write, build = Checkpoints.on_epoch_end, InitialWeights.build
    for name in given.names:
        Checkpoints.on_epoch_end, InitialWeights.build = write, build
        last = RECIPES[name].networks[-1].name
        if given.interrupt:
            after(1, last, lambda folder: signal.raise_signal(signal.SIGKILL))
        if given.copy:
            after(1, last, lambda folder: shutil.copytree(folder, given.copy / folder.name))
        after(EPOCHS, last, lambda folder: signal.raise_signal(signal.SIGINT))
        place = given.folder / name
        note_initial_weights(given.folder / f"{name}.json")
        how = ["--resume"] if given.resume else ["--deterministic", "--epochs", str(EPOCHS)]
        given_places = ["--out", str(place), "--saved-models", str(given.folder / "models")]
        status = main([name, *given_places, *how, *([] if given.resume else options)])
        if status != 130:
            sys.exit(f"{name} should have been interrupted, but ended with {status}")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # A program that is started in the background of a shell script would not get SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run(sys.argv[1:])
