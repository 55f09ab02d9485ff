"""Published PyTorch weights as Keras weights.

    python -m polychrome.checkpoints convert FILE.pth [--out FILE.weights.h5]

converts the files listed in `polychrome.weights.published`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from polychrome.command import status_of
from polychrome.errors import InputError
from polychrome.files import replacing
from polychrome.weights.published import SUFFIX, Release, load


def convert(path: Path, out: Path | None = None) -> tuple[Release, Path]:
    """Convert a PyTorch file to Keras weights, written atomically.

    Args:
        path: a `.pth` file.
        out: ends in `.weights.h5`; None puts it next to `path`.

    Returns:
        The recognized release and the file written.

    Raises:
        InputError: see `load`; `path` is already converted; or `out` has another suffix or cannot
            be written.
    """
    path = Path(path)
    out = path.with_suffix(SUFFIX) if out is None else Path(out)
    if not out.name.endswith(SUFFIX):
        raise InputError(f"{out}: its name has to end in {SUFFIX}")
    if path.name.endswith(SUFFIX):
        raise InputError(f"{path}: holds Keras weights already; it should be a .pth file")
    release, network = load(path)
    with replacing(out) as temporary:
        network.save_weights(temporary)
    return release, out


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = argparse.ArgumentParser(
        prog="python -m polychrome.checkpoints", description="Published PyTorch weights for Keras."
    )
    commands = parser.add_subparsers(required=True, metavar="convert")
    command = commands.add_parser("convert", help="write a PyTorch file's weights as Keras weights")
    command.add_argument("file", metavar="FILE.pth", type=Path)
    command.add_argument("--out", metavar=f"FILE{SUFFIX}", type=Path, help="default: beside FILE")
    options = parser.parse_args(arguments)

    def work() -> None:
        release, out = convert(options.file, options.out)
        print(f"{release.name}: {out}")

    return status_of(work)
