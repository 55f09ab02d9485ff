"""Compare runs: their curves in one figure, and the same photographs colorized by each.

    python -m experiments.compare curves RUN RUN --out curves.png
    python -m experiments.compare pictures RUN RUN --out pictures.png

Figures 4 and 5 of the Padova report. `curves` needs only the runs' records; `pictures` also needs
their weights and the data set that the first run was graded on.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.command_line.numbers import positive
from experiments.process.quiet import import_tensorflow
from polychrome.command import status_of
from polychrome.errors import InputError
from polychrome.files import read_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parsed = _parser().parse_args(arguments)
    draw = _curves if parsed.command == "curves" else _pictures

    def work() -> None:
        draw(parsed)
        print(parsed.out)

    return status_of(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m experiments.compare", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("curves", "loss and chroma PSNR by epoch, one color a network"),
        ("pictures", "test images gray, by each run, and true"),
    ):
        command = commands.add_parser(name, help=text)
        add = command.add_argument
        add("runs", metavar="RUN", nargs="+", type=Path, help="folder of a run, or of a kept one")
        add("--out", type=Path, metavar="FILE", required=True, help="PNG file to write")
    add("--images", type=positive, default=6, metavar="N", help="how many (6)")
    add("--data-dir", type=Path, metavar="PATH", help="of the data set (as the first run had it)")
    return parser


def _curves(parsed: argparse.Namespace) -> None:
    # Imported late: Matplotlib takes a second, --help should not.
    from experiments.report.figures.drawing import draw_curves
    from experiments.training import read_history

    histories = {}
    for label, run in _labeled(parsed.runs).items():
        networks = [network["name"] for network in read_json(run / "recipe.json")["networks"]]
        for name in networks:
            legend = f"{label}, {name}" if len(networks) > 1 else label
            histories[legend] = read_history(run / "networks" / name / "history.csv")
    draw_curves(histories, parsed.out)


def _pictures(parsed: argparse.Namespace) -> None:
    # Imported late: TensorFlow takes seconds, --help should not.
    import_tensorflow()
    from experiments.grading.protocol import colorize_examples
    from experiments.report.figures.drawing import draw_grid
    from experiments.stages.reload import load_colorizer
    from tf_data.sources.source import open_source
    from tf_data.store import load_store

    systems = {label: load_colorizer(run) for label, run in _labeled(parsed.runs).items()}
    first = read_json(parsed.runs[0] / "recipe.json")
    data_dir = parsed.data_dir or first["options"].get("data_dir")
    source = open_source(first["source"], data_dir and Path(data_dir), download=False)
    split, size = source.splits[first["graded_split"]].with_gray(), first["image_size"]
    fit = first.get("resize", "crop")
    label = first["graded_split"]
    store = load_store(split, size, label=label, limit=parsed.images, fit=fit)
    draw_grid(colorize_examples(systems, store.examples(parsed.images)), parsed.out)


def _labeled(runs: Sequence[Path]) -> dict[str, Path]:
    """Runs by label: the system, with the folder if several runs share a system."""
    titles = {}
    for run in runs:
        record = read_json(run / "recipe.json")
        if not isinstance(record, dict) or not {"title", "networks"} <= record.keys():
            raise InputError(f"{run / 'recipe.json'}: is not the record of a run")
        titles[run] = record["title"]
    return {
        f"{title} ({run.name})" if list(titles.values()).count(title) > 1 else title: run
        for run, title in titles.items()
    }


if __name__ == "__main__":
    sys.exit(main())
