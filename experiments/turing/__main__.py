"""The study with people: which of two pictures has the real colors.

    python -m experiments.turing prepare study --photographs DIR --preset photo --baseline gray
    python -m experiments.turing serve study --contact "NAME, ADDRESS"
    python -m experiments.turing summary study --out results
    python -m experiments.turing forget study LINK

`simulate` makes a study that synthetic participants of known ability answered, and `coverage`
checks the statistics on many of these. docs/turing.md has the rest.
"""

import argparse
import contextlib
import os
import secrets
import string
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.command_line.numbers import number, positive, whole
from experiments.turing.systems import BASELINES
from polychrome.command import status_of
from polychrome.errors import InputError
from polychrome.files import read_json, write_json

_count = whole(0, 2**62, "a whole number, 0 or more")
_port = whole(0, 65535, "a port, 0 to 65535")
_seconds = number(0.1, 600.0, "seconds, 0.1 to 600")
_deviation = number(0.0, 3.0, "a number, 0 to 3")
_share = number(0.0, 1.0, "a share, 0 to 1")
COVERAGE_BEGIN, COVERAGE_END = "<!-- coverage:begin -->", "<!-- coverage:end -->"
GRID_BEGIN, GRID_END = "<!-- coverage-grid:begin -->", "<!-- coverage-grid:end -->"

if TYPE_CHECKING:
    from experiments.turing.simulation import Crowd
    from experiments.turing.study import Settings, Study


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parsed = _parser().parse_args(arguments)
    return status_of(lambda: parsed.run(parsed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.turing",
        description="Ask people which of two pictures has the real colors.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    prepare = commands.add_parser("prepare", help="make a study of photographs and systems")
    add = prepare.add_argument
    add("study", type=Path, metavar="STUDY", help="new folder")
    add("--photographs", type=Path, required=True, metavar="DIR", help="folder, with subfolders")
    add(
        "--preset",
        action="append",
        default=[],
        metavar="[NAME=]SOURCE[@DIAL]",
        help="colorizer as for polychrome.load, its dial 0 to 1 after the @, and the name it has "
        "in the study (that of its file or folder, with the dial); may be repeated",
    )
    add(
        "--folder",
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="finished pictures, named as the photographs; may be repeated",
    )
    add(
        "--baseline",
        action="append",
        default=[],
        choices=BASELINES,
        help="trivial baseline, or (quarter) an oracle; may be repeated",
    )
    add("--side", type=positive, default=480, metavar="N", help="longer side in pixels (480)")
    add("--limit", type=positive, metavar="N", help="photographs to draw (all)")
    add("--time-limit", type=_seconds, metavar="S", help="hide each pair after S seconds (never)")
    _add_contact(prepare, "shown to participants (none; serve takes it, too)")
    _add_settings(prepare)
    prepare.set_defaults(run=_prepare)

    serve = commands.add_parser("serve", help="serve a study to participants")
    add = serve.add_argument
    add("study", type=Path, metavar="STUDY", help="folder of the study")
    add("--host", default="127.0.0.1", metavar="NAME", help="address to listen at (127.0.0.1)")
    add("--port", type=_port, default=8000, metavar="N", help="port; 0 takes a free one (8000)")
    _add_contact(serve, "instead of the one that the study was prepared with")
    serve.set_defaults(run=_serve)

    summary = commands.add_parser("summary", help="print what a study found so far")
    add = summary.add_argument
    add("study", type=Path, metavar="STUDY", help="folder of the study")
    add("--json", action="store_true", help="print JSON")
    add("--out", type=Path, metavar="DIR", help="also write text, JSON, CSV and a page there")
    summary.set_defaults(run=_summary)

    forget = commands.add_parser("forget", help="delete a participant who takes consent back")
    add = forget.add_argument
    add("study", type=Path, metavar="STUDY", help="folder of the study")
    add("link", metavar="LINK", help="the participant's own, or its last part")
    forget.set_defaults(run=_forget)

    simulate = commands.add_parser("simulate", help="make a study of synthetic participants")
    simulate.add_argument("study", type=Path, metavar="STUDY", help="new folder")
    _add_crowd(simulate, participants=200)
    simulate.set_defaults(run=_simulate)

    coverage = commands.add_parser("coverage", help="check the statistics on simulated studies")
    coverage.add_argument("--studies", type=positive, default=1000, metavar="N", help="(1000)")
    coverage.add_argument("--json", type=Path, metavar="FILE", help="also write it there")
    _add_crowd(coverage, participants=50)
    coverage.set_defaults(run=_coverage)

    grid = commands.add_parser(
        "coverage-grid", help="the same for few and many people, low and high rates"
    )
    grid.add_argument("--studies", type=positive, default=1000, metavar="N", help="a cell (1000)")
    grid.add_argument("--seed", type=_count, default=0, metavar="N", help="of the answers (0)")
    grid.add_argument("--json", type=Path, metavar="FILE", help="also write it there")
    grid.set_defaults(run=_coverage_grid)

    checked = commands.add_parser("coverage-table", help="show what these two wrote, as Markdown")
    checked.add_argument("file", type=Path, metavar="FILE", help="of coverage or coverage-grid")
    checked.add_argument(
        "--readme",
        type=Path,
        metavar="FILE",
        help=f"also rewrite this file between {COVERAGE_BEGIN} and {COVERAGE_END}, or "
        f"{GRID_BEGIN} and {GRID_END}",
    )
    checked.set_defaults(run=_coverage_table)
    return parser


def _add_contact(parser: argparse.ArgumentParser, more: str) -> None:
    parser.add_argument(
        "--contact",
        type=str.strip,
        default="",
        metavar="TEXT",
        help=f"who answers questions and deletes answers, {more}",
    )


def _add_settings(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--pairs", type=positive, default=15, metavar="N", help="pairs of each system (15)")
    add("--checks", type=_count, default=5, metavar="N", help="attention checks (5)")
    add("--misses", type=_count, default=0, metavar="N", help="checks that one may miss (0)")
    add("--seed", type=_count, metavar="N", help="of order and sides (drawn; simulated: 0)")


def _add_crowd(parser: argparse.ArgumentParser, participants: int) -> None:
    add = parser.add_argument
    add(
        "--rate",
        action="append",
        required=True,
        metavar="NAME=RATE",
        help="a system and its true fooling rate; may be repeated",
    )
    add(
        "--participants",
        type=positive,
        default=participants,
        metavar="N",
        help=f"({participants})",
    )
    add(
        "--ability",
        type=_deviation,
        default=0.6,
        metavar="SD",
        help="spread of participants, in logits (0.6)",
    )
    add(
        "--difficulty",
        type=_deviation,
        default=0.5,
        metavar="SD",
        help="spread of photographs, in logits (0.5)",
    )
    add(
        "--inattentive",
        type=_share,
        default=0.1,
        metavar="SHARE",
        help="of participants who answer at random (0.1)",
    )
    _add_settings(parser)


def _prepare(parsed: argparse.Namespace) -> None:
    from experiments.turing import systems
    from experiments.turing.preparation import TOKEN_FILE, prepare, read_photographs

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # Some presets run in TensorFlow.
    if parsed.study.exists():  # before the photographs are read
        raise InputError(f"{parsed.study} exists; choose another folder for a new study")
    settings = _settings(parsed, secrets.randbits(62))
    # Before the photographs, so that a wrong option is told at once.
    chosen = [*map(systems.preset, parsed.preset), *map(systems.folder, parsed.folder)]
    systems.check_names([*(system.name for system in chosen), *parsed.baseline])
    photos = read_photographs(parsed.photographs, parsed.side, parsed.limit, settings.seed)
    chosen += [systems.baseline(name, photos) for name in parsed.baseline]
    prepare(parsed.study, photos, chosen, settings, _tell)
    names = ", ".join(system.name for system in chosen)
    print(f"{parsed.study}: {len(photos)} photographs, {names}; admin's token in {TOKEN_FILE}")
    if not settings.contact:
        print("serve it with --contact: participants need somebody to turn to")


def _serve(parsed: argparse.Namespace) -> None:
    try:
        from experiments.turing.server import serve
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed; pip install -e '.[study]' installs it"
        ) from error
    serve(
        parsed.study,
        parsed.host,
        parsed.port,
        lambda line: print(line, flush=True),
        parsed.contact,
    )


def _summary(parsed: argparse.Namespace) -> None:
    from experiments.turing import outputs
    from experiments.turing.summary import summary_of

    with _opened(parsed.study) as study:
        study.check_database()
        found = summary_of(study)
        print(outputs.as_json(found) if parsed.json else outputs.as_text(found), end="")
        if parsed.out is not None:
            for path in outputs.write_outputs(study, parsed.out):
                print(path, file=sys.stderr)


def _forget(parsed: argparse.Namespace) -> None:
    from urllib.parse import urlsplit

    from experiments.turing.study import UnknownParticipant

    with _opened(parsed.study) as study:
        try:
            # Without what people and mail programs put around a link.
            link = parsed.link.strip(string.whitespace + "<>()\"'.,;")
            token = urlsplit(link).path.rstrip("/").rpartition("/")[2]
            participant, answers = study.forget(token)
        except (UnknownParticipant, ValueError) as error:
            raise InputError(
                f"{parsed.link}: nobody in {parsed.study} has this link, should be one that the "
                "study gave, or its last part, with all 32 characters after /s/"
            ) from error
    print(f"participant {participant} and {answers} answers are deleted from {parsed.study}")


@contextlib.contextmanager
def _opened(folder: Path) -> "Iterator[Study]":
    """The study in a folder, closed afterward; errors of its database are told in one line."""
    from experiments.turing.database import telling_errors
    from experiments.turing.study import Study, database_of

    study = Study.open(folder)
    try:
        with telling_errors(database_of(folder)):
            yield study
    finally:
        study.close()


def _simulate(parsed: argparse.Namespace) -> None:
    from experiments.turing.database import telling_errors
    from experiments.turing.outputs import as_text
    from experiments.turing.simulation import simulate
    from experiments.turing.study import database_of
    from experiments.turing.summary import summary_of

    with telling_errors(database_of(parsed.study)):
        study = simulate(parsed.study, _rates(parsed), _crowd(parsed), _settings(parsed, 0))
        print(as_text(summary_of(study)), end="")
        study.close()


def _coverage(parsed: argparse.Namespace) -> None:
    import json

    from experiments.turing.simulation import coverage

    found = coverage(_rates(parsed), _crowd(parsed), _settings(parsed, 0), parsed.studies, _tell)
    print(json.dumps(found, indent=2))
    if parsed.json is not None:
        write_json(parsed.json, found)


def _coverage_grid(parsed: argparse.Namespace) -> None:
    from experiments.turing.coverage_grid import coverage_grid, grid_table

    found = coverage_grid(parsed.studies, parsed.seed)
    print(grid_table(found))
    if parsed.json is not None:
        write_json(parsed.json, found)


def _coverage_table(parsed: argparse.Namespace) -> None:
    from experiments.report.readme_block import rewrite
    from experiments.turing.coverage_grid import grid_table
    from experiments.turing.outputs import coverage_table

    found = read_json(parsed.file)
    try:
        is_grid = "cells" in found
        block = grid_table(found) if is_grid else coverage_table(found)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{parsed.file}: should be what coverage or coverage-grid wrote with --json ({error!r})"
        ) from error
    print(block)
    if parsed.readme is not None:
        marks = (GRID_BEGIN, GRID_END) if is_grid else (COVERAGE_BEGIN, COVERAGE_END)
        rewrite(parsed.readme, block, *marks)


def _settings(parsed: argparse.Namespace, seed: int) -> "Settings":
    from experiments.turing.study import Settings

    return Settings(
        seed=seed if parsed.seed is None else parsed.seed,
        pairs=parsed.pairs,
        checks=parsed.checks,
        misses=parsed.misses,
        time_limit=getattr(parsed, "time_limit", None),
        contact=getattr(parsed, "contact", ""),
    )


def _crowd(parsed: argparse.Namespace) -> "Crowd":
    from experiments.turing.simulation import Crowd

    return Crowd(parsed.participants, parsed.ability, parsed.difficulty, parsed.inattentive)


def _rates(parsed: argparse.Namespace) -> dict[str, float]:
    rates = {}
    for text in parsed.rate:
        name, _, number = text.rpartition("=")
        try:
            rates[name] = float(number)
        except ValueError:
            name = ""
        if not name:
            raise InputError(f"--rate {text}: should be NAME=RATE, such as photo=0.3")
    if len(rates) != len(parsed.rate):
        raise InputError("--rate: two systems have one name; give each a name of its own")
    return rates


def _tell(text: str) -> None:
    end = "" if sys.stderr.isatty() else "\n"
    number, _, total = text.split()[:3]
    if end == "" or number == total:
        print(
            f"\r{text}" if end == "" else text,
            end="\n" if number == total else end,
            file=sys.stderr,
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
