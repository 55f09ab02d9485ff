"""Memory of long films: one of ten minutes beside one of a single minute.

    python -m benchmarks.long_film [--minutes N] [--json FILE]
    python -m benchmarks.long_film --json FILE --page FILE.md

`polychrome colorize` with the default model on gray films of 128 x 128 pixels with sound, as a
process of its own: its largest memory, and whether all frames and all sound are there. With --page
nothing is measured: the figures of the JSON file go between the lines of a page that mark their
place.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import av

from benchmarks.measuring.command import parse_recorded, status_of
from benchmarks.measuring.moving_pictures import RATE
from benchmarks.video_speed import of_the_command
from experiments.report.markdown import table
from experiments.report.readme_block import publish
from polychrome.files import read_json

BEGIN, END = "<!-- long-film:begin -->", "<!-- long-film:end -->"
HEIGHT = 128


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_film")
    parser.add_argument("--minutes", type=float, default=10.0, metavar="N", help="of the long one")
    options = parse_recorded(parser, arguments)
    if options.page is not None:
        return publish(lambda: markdown(read_json(options.json)), options.page, BEGIN, END)

    def measured() -> dict[str, object]:
        lengths = sorted({1.0, options.minutes})
        with tempfile.TemporaryDirectory() as temporary:
            return {"films": [measure(Path(temporary), minutes) for minutes in lengths]}

    versions = {name: version(name) for name in ("onnxruntime", "av")}
    return status_of(measured, options.json, **versions)


def measure(folder: Path, minutes: float) -> dict[str, Any]:
    """Colorize a film of so many minutes, and compare what is in it and in its output.

    Raises:
        ArithmeticError: frames or sound are missing.
    """
    found = of_the_command(folder, HEIGHT, round(minutes * 60 * RATE))
    source, target = (content(folder / f"{HEIGHT}.{end}") for end in ("mp4", "out.mp4"))
    if source != target:
        raise ArithmeticError(f"frames and packets of sound: {source} became {target}")
    return found | {"minutes": minutes, "sound_packets": target[1]}


def content(path: Path) -> tuple[int, int]:
    """How many frames a film has, and packets of sound."""
    counts = {"video": 0, "audio": 0}
    with av.open(str(path)) as film:
        for packet in film.demux():
            if packet.size:
                counts[packet.stream.type] += 1
    return counts["video"], counts["audio"]


def markdown(record: Mapping[str, Any]) -> str:
    """The figures of a JSON file as a table and a sentence."""
    environment = record["environment"]
    rows = [
        [
            f"{found['minutes']:g} min",
            f"{found['frames']:,}",
            f"{found['seconds'] / 60:.1f}",
            f"{found['processor_seconds'] / 60:.1f}",
            f"{found['peak_memory_mib']:,.0f}",
        ]
        for found in record["films"]
    ]
    headings = ["film", "frames", "minutes", "of the processor", "largest memory (MiB)"]
    said = (
        f"{record['films'][0]['size']} pixels, 25 frames a second, with sound; all frames and all "
        f"sound are in the output. On {environment['cores']} cores of an "
        f"{environment['processor']}, load average {environment['load_average']:.1f} before."
    )
    return "\n\n".join([table(headings, rows, right=range(1, 5)), said])


if __name__ == "__main__":
    sys.exit(main())
