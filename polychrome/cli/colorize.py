"""`polychrome colorize`: photographs, folders of them, and patterns."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polychrome.cli import films, parsing
from polychrome.cli.names import counted, listed, printable
from polychrome.cli.parsing import UsageError
from polychrome.cli.tensorflow_logs import import_keras_quietly
from polychrome.errors import InputError

if TYPE_CHECKING:  # They take longer to import than --help should.
    from polychrome.cli.outputs import Naming
    from polychrome.inference.colorizer import Colorizer

# Names on the command line to those of `polychrome.photographs.saving`.
FORMATS = {
    "png": "png",
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "tiff": "tiff",
    "tif": "tiff",
    "webp": "webp",
}
LOSSY = ("jpeg", "webp")


def add_commands(subparsers: Any) -> None:
    """Add `colorize` to the subparsers of `polychrome`."""
    parser = subparsers.add_parser(
        "colorize",
        help="colorize photographs, folders of them, and films",
        description="Colorize photographs and films. Each output is NAME.color.EXT, beside its "
        "input or, with -o, in OUT, where folders keep their structure. Finished outputs are "
        "skipped, so that the same command goes on after an interruption; no input is ever "
        "replaced.",
    )
    add = parser.add_argument
    add(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="file, folder (with its subfolders, for pictures) or pattern, as 'scans/**/*.tif'",
    )
    add("-o", "--output", metavar="OUT", help="folder of the outputs, or file for a single one")
    add("--model", metavar="NAME|PATH", help="preset, or folder of one (photo)")
    add(
        "--vivid",
        type=parsing.fraction,
        default=0.0,
        metavar="V",
        help="0 to 1, from faithful to vivid (0)",
    )
    add(
        "--saturation",
        type=parsing.factor,
        default=1.0,
        metavar="X",
        help="factor of the colors' strength (1)",
    )
    add(
        "--hint",
        type=parsing.hint,
        action="append",
        default=[],
        metavar="X,Y,#RRGGBB",
        help="a color at a pixel of the upright picture; may be given again",
    )
    add(
        "--hints",
        metavar="FILE|FOLDER",
        help="strokes on a transparent picture of the same size, or JSON; or a folder with such "
        "files, NAME.png or NAME.json",
    )
    add(
        "--hint-time",
        type=parsing.time,
        metavar="T",
        help="of a film: the frame that the hints are on, from which they travel through its shot",
    )
    add(
        "--ask",
        type=parsing.count,
        metavar="N",
        help="write NAME.ask.png and NAME.ask.json instead: N places to give hints at, with likely "
        "colors",
    )
    add(
        "--upsampling",
        choices=("guided", "bilinear"),
        default="guided",
        help="how colors come up to full size: along edges (guided), or plainly (bilinear)",
    )
    add(
        "--format",
        choices=tuple(FORMATS),
        metavar="png|jpg|tiff|webp",
        help="of the outputs (each input's own, and png where that cannot be written)",
    )
    add("--quality", type=parsing.percent, metavar="Q", help="of JPEG and WebP, 1 to 100 (95)")
    add(
        "--suffix",
        type=parsing.suffix,
        default=".color",
        metavar="S",
        help="end of the outputs' names (.color)",
    )
    add(
        "--page",
        type=parsing.page,
        metavar="N|all",
        help="of files with several pages or frames; each becomes NAME.pageN.color.EXT",
    )
    add(
        "--compare",
        action="store_true",
        help="also write NAME.compare.EXT, with the gray picture at the left",
    )
    add("--overwrite", action="store_true", help="make finished outputs again")
    add(
        "--no-disclosure",
        action="store_true",
        help="leave out of the outputs' metadata that color was added",
    )
    add(
        "--max-pixels",
        type=parsing.pixels,
        default=200e6,
        metavar="N",
        help="refuse larger pictures unread (200e6)",
    )
    add("--start", type=parsing.time, metavar="T", help="of films: seconds, or 1:02:03.5")
    add("--end", type=parsing.time, metavar="T", help="of films: where to stop")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and print its summary to standard error.

    Returns:
        The exit status: 0, or 1 if a picture failed, or 130 if interrupted.

    Raises:
        InputError: nothing can be done at all.
    """
    from polychrome.cli.batch import Batch
    from polychrome.cli.hints import check_given, given
    from polychrome.cli.inputs import find_inputs
    from polychrome.cli.outputs import plan
    from polychrome.cli.picture import Settings
    from polychrome.cli.summary import Summary
    from polychrome.inference.loading import folder_of, load
    from polychrome.photographs.opening import pages_of
    from polychrome.photographs.saving import FORMATS as WRITTEN
    from polychrome.presets.card import ONNX_FILE

    def pages(path: Path) -> Sequence[int | None]:
        if options.page is None:
            return [None]
        count = pages_of(path)
        if options.page != "all" and options.page > count:
            raise InputError(f"has {counted(count, 'page')}, no page {options.page}")
        if count == 1:
            return [None]
        return range(1, count + 1) if options.page == "all" else [options.page]

    naming = _naming(options, WRITTEN)
    model = folder_of(options.model)
    colorizer = load(model)
    _check_dial(options, colorizer)
    _check_asking(options, colorizer)
    hints = given(options.hint, options.hints)
    found = find_inputs(options.inputs, options.suffix, None if naming.is_file else naming.out)
    found, moving = films.apart(found)
    films.check_options(options, found, moving)
    if moving and not found.inputs and not found.failures:
        return films.colorize_films(options, moving, colorizer, hinted=True)
    planned = plan(found.inputs, naming, pages, options.overwrite)
    if not found.inputs and not found.failures:
        left = []
        if found.outputs:
            left.append(f"{counted(found.outputs, 'output')} of earlier runs left out")
        if found.films:
            left.append(
                f"{counted(found.films, 'film')} left out: folders are searched for pictures; "
                "name films themselves"
            )
        reasons = f" ({'; '.join(left)})" if left else ""
        raise InputError(f"{listed(options.inputs)}: no pictures found{reasons}")
    if options.quality and planned.tasks and not any(t.format in LOSSY for t in planned.tasks):
        raise UsageError("--quality: is for JPEG and WebP, and no output is one; leave it out")
    check_given(hints, planned.tasks)
    settings = Settings(
        vivid=options.vivid,
        saturation=options.saturation,
        upsampling=options.upsampling,
        quality=options.quality or 95,
        disclosed=not options.no_disclosure,
        max_pixels=options.max_pixels,
        hints=hints,
        ask=options.ask or 0,
    )
    summary = Summary(
        failures=[*found.failures, *planned.failures],
        finished=planned.finished,
        outputs=found.outputs + planned.outputs,
        doubtful=planned.doubtful,
        asked=bool(options.ask),
    )
    if planned.tasks and not (model / ONNX_FILE).is_file():
        import_keras_quietly()
    batch = Batch(planned.tasks, colorizer, settings)
    try:
        batch.run(summary.add)
    except KeyboardInterrupt:
        summary.show(len(planned.tasks))
        raise
    summary.show(len(planned.tasks))
    hinted = not found.inputs
    status = films.colorize_films(options, moving, colorizer, hinted=hinted) if moving else 0
    return 1 if summary.failures else status


def _naming(options: argparse.Namespace, written: Mapping[str, Sequence[str]]) -> "Naming":
    """How the outputs are named.

    Raises:
        UsageError: options that contradict each other.
    """
    from polychrome.cli.inputs import ASK, COMPARE
    from polychrome.cli.outputs import Naming, format_of, names_a_file

    if options.compare and options.suffix == COMPARE:
        raise UsageError(f"--suffix {COMPARE}: is the end of the names that --compare makes")
    made = FORMATS.get(options.format)
    if options.quality and made and made not in LOSSY:
        raise UsageError(f"--quality: is for JPEG and WebP, not for --format {options.format}")
    is_file = False
    if options.output is not None:
        if not options.output:
            raise UsageError("-o: is empty, should name a folder")
        is_file = names_a_file(options.output, options.inputs, written)
        suffix = Path(options.output).suffix
        if is_file and made and format_of(suffix, written) != made:
            raise UsageError(
                f"-o {printable(options.output)}: its suffix is not of --format {options.format}"
            )
        if is_file and options.page == "all":
            raise UsageError("--page all: makes several pictures; name a folder with -o")
        if is_file and options.ask and suffix.lower() != ".png":
            raise UsageError(f"-o {printable(options.output)}: with --ask it should end in .png")
    return Naming(
        written,
        None if options.output is None else Path(options.output),
        is_file,
        "png" if options.ask else made,
        ASK if options.ask else options.suffix,
        options.compare,
    )


def _check_asking(options: argparse.Namespace, colorizer: "Colorizer") -> None:
    """Raise a `UsageError` if --ask does not go with the model or with other options."""
    if not options.ask:
        return
    others = {
        "--hint": options.hint,
        "--hints": options.hints,
        "--compare": options.compare,
        "--format": options.format,
        "--quality": options.quality,
    }
    if left := [name for name, value in others.items() if value]:
        raise UsageError(f"--ask: writes questions, not colors; leave out {listed(left)}")
    if "spread" not in colorizer.card["outputs"]:
        raise UsageError(f"--ask: {_lacks(colorizer, 'spread', 'predicts no spread')}")


def _lacks(colorizer: "Colorizer", output: str, lacks: str) -> str:
    """That a model lacks an output, and which models have it."""
    from polychrome.inference.runtimes import kept_back
    from polychrome.presets import by_name
    from polychrome.presets.card import CARD, read_description

    cards = [read_description(folder / CARD) for folder in by_name().values()]
    able = [card["name"] for card in cards if output in card["outputs"]]
    others = f"{listed(able)} {'has' if len(able) == 1 else 'have'} one"
    here = f"{colorizer.card['name']} {lacks}; {others if able else 'no model has one'}"
    # Of a SavedModel, others of its name may have it, which would sound like a contradiction.
    return kept_back(colorizer.card, output) or here


def _check_dial(options: argparse.Namespace, colorizer: "Colorizer") -> None:
    """Raise a `UsageError` if a vivid setting is wanted of a model without one."""
    if not options.vivid or "vivid_ab" in colorizer.card["outputs"]:
        return
    raise UsageError(f"--vivid: {_lacks(colorizer, 'vivid_ab', 'has no such dial')}")
