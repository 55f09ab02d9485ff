"""A film from file to file, part by part."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import polychrome
from polychrome.errors import InputError
from polychrome.files import remove_leftovers, replacing
from polychrome.hints.types import Hints
from polychrome.inference.colorizer import Colorizer
from polychrome.video.coloring import Colored, Settings, colored
from polychrome.video.encoding import codec_of, write_part
from polychrome.video.film import Film
from polychrome.video.hinted.shots import by_frame, digest
from polychrome.video.joining import fitting, join_parts
from polychrome.video.parts import Parts
from polychrome.video.steady import State

# Frames of a part: it ends with a shot, if it has so many; longer shots are divided where x264
# would begin anew at the latest.
LEAST, MOST = 24, 240


def colorize_film(
    film: Film,
    output: Path,
    colorizer: Colorizer,
    settings: Settings = Settings(),  # noqa: B008 (a tuple never changes)
    *,
    hints: Hints = (),
    disclosed: bool = True,
    progress: Callable[[int], object] = lambda frames: None,
) -> None:
    """Colorize a film; go on where a run with the same arguments was stopped.

    Finished parts lie in OUTPUT.parts, until the output is there: whole, or not at all. After an
    error of the film nothing is left.

    Args:
        film: see `polychrome.video.film.probe`.
        output: file to write; its suffix names the container.
        settings: how.
        hints: colors on frames, with their times, in pixels of the upright film; each travels
            through its shot.
        disclosed: whether the metadata says that color was added.
        progress: called with the number of frames that were finished since the last call, at first
            with that of earlier runs.

    Raises:
        InputError: the film is damaged, or the output cannot be written, or another run is making
            it; a hint without a time, or at another one or place than the film has.
    """
    film = fitting(film, output)
    own = by_frame(film, hints)
    with Parts(output, _job(film, output, colorizer, settings, hints)) as parts:
        try:
            _finish(film, parts, colorizer, settings, own, progress)
            name = colorizer.card["name"] if disclosed else None
            said = None if name is None else f"Colors made by a network (polychrome, {name})"
            remove_leftovers(output.parent)
            with replacing(output) as temporary:
                join_parts(film, parts.finished, temporary, said)
        except InputError:
            parts.remove()
            raise
        parts.remove()


def _finish(
    film: Film,
    parts: Parts,
    colorizer: Colorizer,
    settings: Settings,
    hints: Mapping[int, Hints],
    progress: Callable[[int], object],
) -> None:
    """Make the parts that are left."""
    progress(sum(part.written.frames for part in parts.finished))
    last = parts.finished[-1] if parts.finished else None
    after, state = (None, None) if last is None else (last.written.last, last.state)
    folder = parts.next_path().parent if hints else None
    with colored(film, colorizer, settings, after, state, hints, folder) as chunks:
        for first in chunks:
            part = _Part(first, chunks, progress)
            with replacing(parts.next_path()) as temporary:
                written = write_part(temporary, part.frames(), film)
            parts.add(written, part.state)
    if not parts.finished:
        raise InputError(f"{film.path}: has no frame that can be decoded")


class _Part:
    """Chunks up to the end of a part.

    Attributes:
        state: of the last one, once all frames were taken.
    """

    def __init__(
        self, first: Colored, others: Iterator[Colored], progress: Callable[[int], object]
    ):
        self._chunk, self._others, self._progress = first, others, progress
        self.state: State | None = None

    def frames(self) -> Iterator[object]:
        """All frames of the part."""
        count = 0
        chunk: Colored | None = self._chunk
        while chunk is not None:
            self.state = chunk.state
            for frame in chunk.frames:
                yield frame
                self._progress(1)
            count += len(chunk.frames)
            if count >= MOST or (chunk.state is None and count >= LEAST):
                return
            chunk = next(self._others, None)


def _job(
    film: Film, output: Path, colorizer: Colorizer, settings: Settings, hints: Hints
) -> dict[str, object]:
    """What decides over the bytes of the parts."""
    status = film.path.stat()
    card = colorizer.card
    return {
        "version": polychrome.__version__,
        "source": film.path.name,
        "bytes": status.st_size,
        "modified": status.st_mtime_ns,
        "first": film.first,
        "end": film.end,
        "suffix": output.suffix,
        "model": [card["name"], card.get("sha256")],
        "settings": settings._asdict(),
        "hints": digest(hints) if hints else None,
        "codec": codec_of(film),
    }
