"""The films among the inputs of `polychrome colorize`."""

import argparse
import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from polychrome.cli.film_hints import check_hints_of_films, hints_of_film
from polychrome.cli.inputs import SUFFIXES, Failure, Found, Input
from polychrome.cli.names import printable
from polychrome.cli.parsing import UsageError
from polychrome.command import reason_of
from polychrome.errors import InputError
from polychrome.video.containers import FORMATS, container_of, suffixes_of

if TYPE_CHECKING:
    from polychrome.inference.colorizer import Colorizer
    from polychrome.video.film import Film

# Options of the command that are about pictures alone, and those about films alone.
_OF_PICTURES = ("ask", "compare", "format", "page", "quality")
_OF_FILMS = ("start", "end", "hint_time")
# Settings that errors of lower layers name, to options.
_OPTIONS = {"start": "--start", "end": "--end"}
# Suffixes of films that are not written, and of sound.
_NOT_WRITTEN = frozenset(
    ".avi .ts .mts .m2ts .mpg .mpeg .vob .wmv .asf .flv .f4v .3gp .3g2 .ogv .ogg .mxf .dv .rm "
    ".mk3d .mka .mp3 .m4a .wav .aac .flac .opus .h264 .h265 .hevc .ivf .y4m".split()
)


def apart(found: Found) -> tuple[Found, list[Input]]:
    """The pictures, and the films, known by their content.

    Of folders all is taken for pictures: albums have many films, most of them in color.
    """
    films = [
        each
        for each in found.inputs
        if (each.named or each.path.suffix.lower() in FORMATS) and container_of(each.path)
    ]
    return found._replace(inputs=[each for each in found.inputs if each not in films]), films


def check_options(options: argparse.Namespace, found: Found, films: Sequence[Input]) -> None:
    """Refuse options that nothing here takes.

    Raises:
        UsageError: one is for pictures, and there are none, or for films.
    """
    for name in _OF_FILMS:
        if not films and getattr(options, name) is not None:
            option = name.replace("_", "-")
            reason = "no input is one; leave it out"
            if found.films:
                reason = "none is named: folders are searched for pictures"
            raise UsageError(f"--{option}: is for films, and {reason}")
    for name in _OF_PICTURES:
        if films and not found.inputs and getattr(options, name, None):
            raise UsageError(f"--{name}: is for pictures, not for films; leave it out")
    if None not in (options.start, options.end) and options.end <= options.start:
        raise UsageError("--end: should be after --start")
    if films and options.ask:
        raise UsageError("--ask: is for pictures; leave the films out, which it would colorize")
    if films:
        _check_output(options.output)
        check_hints_of_films(options, len(films), bool(found.inputs))


def _check_output(out: str | None) -> None:
    """Refuse the name of a file that no film can have; it would become a folder.

    Raises:
        UsageError: it has the suffix of a picture, or of films that are not written.
    """
    if out is None or os.path.isdir(out) or out.endswith(("/", os.sep)):
        return
    suffix = Path(out).suffix.lower()
    if suffix in SUFFIXES or suffix in _NOT_WRITTEN:
        raise UsageError(
            f"-o {printable(out)}: no film is written as {suffix}, should end in one of "
            f"{', '.join(FORMATS)}, or name a folder"
        )


def colorize_films(
    options: argparse.Namespace, films: Iterable[Input], colorizer: "Colorizer", *, hinted: bool
) -> int:
    """Colorize films one after the other, and print a summary to standard error.

    Args:
        hinted: whether the hints among the options are for the only film.

    Returns:
        The exit status: 0, or 1 if one failed.

    Raises:
        KeyboardInterrupt: Ctrl-C. Finished parts stay for the next run.
        UsageError: `--output` names one film, but there are several.
    """
    from polychrome.cli.outputs import Task
    from polychrome.cli.picture import Outcome
    from polychrome.cli.summary import Summary

    planned = _plan(options, films)
    tasks = planned.tasks
    summary = Summary(
        planned.failures, planned.finished, planned.left_out, planned.doubtful, noun="film"
    )
    try:
        for source, output in tasks:
            task = Task(source, None, output, None, "film")
            try:
                film = _colorize(options, source, output, colorizer, hinted)
                summary.add(Outcome(task, None, film.colored, film.left_out))
            except (InputError, OSError, MemoryError) as error:
                summary.add(Outcome(task, reason_of(error, _OPTIONS)))
    finally:
        summary.show(len(tasks))
    return 1 if summary.failures else 0


def _colorize(
    options: argparse.Namespace, source: Path, output: Path, colorizer: "Colorizer", hinted: bool
) -> "Film":
    from polychrome.cli.picture import check_folder
    from polychrome.video.coloring import Settings
    from polychrome.video.colorize import colorize_film
    from polychrome.video.film import probe
    from polychrome.video.joining import fitting

    check_folder(output)
    film = probe(source, options.start, options.end)
    known = suffixes_of(film.container)
    if output.suffix.lower() not in known:
        raise InputError(
            f"its output {printable(output)} cannot be written, should end in {' or '.join(known)}"
        )
    film = fitting(film, output)
    settings = Settings(options.vivid, options.saturation, options.upsampling)
    hints = hints_of_film(options, film.upright) if hinted else ()
    name = printable(source.name)
    with Bar(film.frames, name) as bar:
        colorize_film(
            film,
            output,
            colorizer,
            settings,
            hints=hints,
            disclosed=not options.no_disclosure,
            progress=bar.update,
        )
    return film


class Bar:
    """A progress bar over the frames of a film, where standard error is a terminal.

    Args:
        frames: in all.
        name: of the film, printable.
    """

    def __init__(self, frames: int, name: str):
        self._frames, self._name = frames, name
        self._bar: Any = None

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, frames: int) -> None:
        """Count frames; those of the first call were made by earlier runs, and say no speed."""
        from tqdm import tqdm

        if self._bar is not None:
            self._bar.update(frames)
            return
        self._bar = tqdm(
            initial=frames,
            total=self._frames,
            unit="frame",
            disable=None,
            leave=False,
            desc=self._name,
        )


class _Plan(NamedTuple):
    """What is to be done.

    Attributes:
        tasks: films with their outputs.
        failures: those refused.
        finished, left_out: how many have their outputs already, and are outputs themselves.
        doubtful: those of the finished whose outputs another film beside them would have too.
    """

    tasks: list[tuple[Path, Path]]
    failures: list[Failure]
    finished: int
    left_out: int
    doubtful: list[Path]


def _plan(options: argparse.Namespace, films: Iterable[Input]) -> _Plan:
    """What is to be done with films.

    Raises:
        UsageError: see `colorize_films`.
    """
    from polychrome.video.parts import remove_parts

    out = None if options.output is None else Path(options.output)
    first = {os.path.realpath(each.path): each for each in films}
    is_file = out is not None and out.suffix.lower() in FORMATS and not out.is_dir()
    if is_file and len(first) > 1:
        raise UsageError(
            f"-o {printable(options.output)}: names one film, but there are {len(first)}; name a "
            "folder"
        )
    outputs = {
        place: out if is_file and out is not None else _output(each, out, options.suffix)
        for place, each in first.items()
    }
    owners: dict[str, list[str]] = {}
    for place, output in outputs.items():
        owners.setdefault(os.path.realpath(output), []).append(place)
    tasks, failures, doubtful, finished, left_out = [], [], [], 0, 0
    for place, each in first.items():
        output = outputs[place]
        mine = os.path.realpath(output)
        if options.suffix and place in owners and place not in owners[place]:
            left_out += 1  # A shell's `*` also finds what an earlier run wrote.
        elif mine in first and (mine == place or not options.suffix):
            reason = "is an input too, which is never replaced; use another --suffix or folder"
            failures.append(Failure(each.path, f"its output {printable(output)} {reason}"))
        elif len(owners[mine]) > 1:
            reason = "would be that of another film too; colorize them into different folders"
            failures.append(Failure(each.path, f"its output {printable(output)} {reason}"))
        elif output.exists() and not options.overwrite:
            finished += 1
            if not is_file and _has_rival(each, out, options.suffix, output):
                doubtful.append(each.path)
            remove_parts(output)  # A run may have been killed before it did that.
        else:
            tasks.append((each.path, output))
    return _Plan(tasks, failures, finished, left_out, doubtful)


def _has_rival(each: Input, out: Path | None, suffix: str, output: Path) -> bool:
    """Whether another film beside one, given or not, would have its output."""
    with contextlib.suppress(OSError):
        for path in each.path.parent.iterdir():
            if path.stem == each.path.stem and path not in (each.path, output):
                other = Input(path, each.place.with_name(path.name))
                if container_of(path) and _output(other, out, suffix) == output:
                    return True
    return False


def _output(each: Input, out: Path | None, suffix: str) -> Path:
    known = suffixes_of(container_of(each.path) or "matroska")
    ending = each.path.suffix if each.path.suffix.lower() in known else known[0]
    place = each.path if out is None else out / each.place
    return place.with_name(f"{each.path.stem}{suffix}{ending}")
