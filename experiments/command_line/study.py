"""The frame of a command that studies one colorizer on the test images of a data set."""

import argparse
import contextlib
import shlex
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from experiments.command_line.hints import RUN_OPTIONS, option_hints
from experiments.command_line.numbers import image_side, positive
from experiments.process.quiet import import_tensorflow
from polychrome.command import status_of
from polychrome.errors import InputError
from polychrome.files import write_json

if TYPE_CHECKING:  # They import TensorFlow, which takes seconds; --help should not.
    import numpy as np

    import polychrome
    from tf_data.sources.split import Source, Split
    from tf_data.store import Store

# `InputError.settings` to the options that these commands share with experiments.run.
_OPTIONS = {name: RUN_OPTIONS[name] for name in ("source", "data_dir", "limit", "image_size")}
_OPTIONS |= {"set": "--set", "baselines": "--baselines"}  # of experiments.robustness


class Study(NamedTuple):
    """What is studied.

    Attributes:
        options: of the command.
        colorizer: the one that they name.
        source: the data set.
        image_size: side of the test images in pixels.
    """

    options: argparse.Namespace
    colorizer: "polychrome.Colorizer"
    source: "Source"
    image_size: int

    def test_images(self, split: "Split | None" = None) -> "Store":
        """The decoded test images.

        Args:
            split: those to take; None: all of the data set.

        Raises:
            InputError: they can't be read, or none has color.
        """
        from tf_data.store import load_store

        options, split = self.options, split or self.source.splits["test"]
        store = load_store(split, self.image_size, label="test", limit=options.limit)
        if store.gray == len(store):
            raise InputError(
                f"--data {options.data}: none of the {len(store)} test images has color"
            )
        return store

    def photographs(self) -> "np.ndarray":
        """Those of the test split or, with the option of `add_all`, of all: uint8 `[n, H, W, 3]`.

        Raises:
            InputError: see `test_images`.
        """
        import numpy as np

        splits = self.source.splits
        names = splits if self.options.all else ("test",)
        return np.concatenate([self.test_images(splits[name]).images for name in names])


# The figures as JSON values, and a table of them for the terminal.
Measure = Callable[[Study], tuple[Mapping[str, Any], str]]


def add_all(parser: argparse.ArgumentParser) -> None:
    """Add an option to a parser for `Study.photographs`."""
    parser.add_argument(
        "--all", action="store_true", help="photographs of all splits, for nothing is trained"
    )


def study_parser(
    name: str, description: str, image_size: int | None = None
) -> argparse.ArgumentParser:
    """The command line of `python -m experiments.NAME`, for a study to add options to.

    Args:
        name: of the command.
        description: one sentence.
        image_size: side of the test images in pixels, where none is given; None: the side at which
            the colorizer sees images.
    """
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{name}", description=description)
    add = parser.add_argument
    add("preset", metavar="PRESET", help="as for polychrome.load: a name, a preset, or a run")
    add("--data", default="sample", metavar="SOURCE", help="as --data of experiments.run")
    add("--data-dir", type=Path, metavar="PATH", help="zip or folder that holds the data")
    add("--limit", type=positive, metavar="N", help="at most N test images, evenly spread")
    usual = "the preset's" if image_size is None else image_size
    add(
        "--image-size",
        type=image_side,
        default=image_size,
        metavar="N",
        help=f"side in pixels ({usual})",
    )
    add("--out", type=Path, default=Path(name), metavar="DIR", help=f"folder ({name})")
    return parser


def run_study(
    name: str, parser: argparse.ArgumentParser, measure: Measure, arguments: Sequence[str] | None
) -> int:
    """Run the command: measure, write `NAME.json` into its folder, and print the table.

    Args:
        name, parser: see `study_parser`.
        measure: may write pictures into the folder, and raise `InputError` before that.
        arguments: None: of this process.

    Returns:
        The exit status: 0 (done), 1 (failed), or 130 (interrupted).
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    options = parser.parse_args(arguments)

    def work() -> None:
        _check_out(options.out)
        import_tensorflow()
        import polychrome
        from tf_data.sources.source import open_source

        colorizer = polychrome.load(options.preset)
        with option_hints(_OPTIONS):
            source = open_source(options.data, options.data_dir)
            size = options.image_size or colorizer.card["image_size"]
            figures, table = measure(Study(options, colorizer, source, size))
        record = {
            "command": shlex.join(["python", "-m", f"experiments.{name}", *arguments]),
            "name": colorizer.card["name"],
            "data": options.data,
            "image_size": size,
        }
        path = options.out / f"{name}.json"
        write_json(path, record | dict(figures))
        print(f"{table}\n{path}")

    return status_of(work)


def _check_out(folder: Path) -> None:
    """Refuse a folder that takes no new files, before anything is measured.

    It is made for that, and what was made is removed again: a study that fails leaves nothing.
    """
    made: list[Path] = []
    try:
        made = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError(
            f"--out {folder}: cannot be written ({error.strerror or error}); name a folder that "
            "can be"
        ) from error
    finally:
        for each in made:
            with contextlib.suppress(OSError):  # not made after all, or somebody else's by now
                each.rmdir()
