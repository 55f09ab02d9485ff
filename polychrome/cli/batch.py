"""Many pictures: all cores busy, bounded memory, and a clean stop."""

import concurrent.futures
import contextlib
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from polychrome.cli.outputs import Task
from polychrome.cli.picture import Outcome, Settings, colorize_file
from polychrome.command import reason_of
from polychrome.errors import InputError
from polychrome.files import remove_leftovers
from polychrome.inference.colorizer import Colorizer
from polychrome.photographs.decoding.libjpeg import Libjpeg
from polychrome.photographs.opening import size_of
from polychrome.video.containers import CONTAINERS

# Pixels of the pictures in memory at a time; a larger one is alone. Each takes some 40 bytes a
# pixel while it is colorized.
PIXELS = 100e6


# Settings that errors of lower layers name, to options.
_OPTIONS = {"page": "--page", "max_pixels": "--max-pixels", "format": "--format"}


class Stopped(Exception):
    """The run was interrupted."""


class Room:
    """Memory for pictures of so many pixels, given in the order of asking.

    Args:
        pixels: in all; what is larger gets all of it.
    """

    def __init__(self, pixels: float):
        self._pixels, self._taken = pixels, 0.0
        # Who waits keeps others from asking; small pictures would overtake a large one for ever.
        self._asking, self._changed = threading.Lock(), threading.Condition()

    @contextlib.contextmanager
    def of(self, pixels: float) -> Iterator[None]:
        """Wait for room, and hold it during the block."""
        pixels = min(pixels, self._pixels)
        with self._asking, self._changed:
            self._changed.wait_for(lambda: self._taken + pixels <= self._pixels)
            self._taken += pixels
        try:
            yield
        finally:
            with self._changed:
                self._taken -= pixels
                self._changed.notify_all()


class Batch:
    """Tasks, worked on by as many threads as there are cores.

    What takes time (codecs, ONNX Runtime, OpenCV and NumPy on large arrays) lets other threads run.

    Args:
        tasks: with different outputs.
        colorizer, settings: for all of them.
    """

    def __init__(self, tasks: Sequence[Task], colorizer: Colorizer, settings: Settings):
        self._tasks, self._colorizer, self._settings = tasks, colorizer, settings
        self._room, self._ready, self._stop = Room(PIXELS), threading.Event(), threading.Event()
        self._libjpeg = Libjpeg()
        # Beside the work: its process takes a moment to start.
        self._asking = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="libjpeg")

    def run(self, done: Callable[[Outcome], None]) -> None:
        """Work through all tasks, with a progress bar where standard error is a terminal.

        Args:
            done: gets each outcome, in the order of completion, in this thread.

        Raises:
            KeyboardInterrupt: Ctrl-C. Pictures whose files are being written are finished; of the
                others nothing is left.
            InputError: the model cannot be loaded.
        """
        if not self._tasks:
            return
        for folder in {path.parent for task in self._tasks for path in _files(task)}:
            remove_leftovers(folder)
        # Pillow warns of damaged metadata, which costs no picture. Filters are of the process, so
        # they are set here, around all threads.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._run(done)

    def _run(self, done: Callable[[Outcome], None]) -> None:
        workers = min(len(self._tasks), _cores())
        pool = concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="picture")
        left: set[concurrent.futures.Future[Outcome]] = set()
        try:
            left |= {pool.submit(self._work, task) for task in self._tasks}
            with tqdm(total=len(left), unit="picture", disable=None, leave=False) as bar:
                # Meanwhile the first ones are decoded.
                self._colorizer.predict(np.zeros((1, 8, 8, 1), np.float32))
                self._ready.set()
                for future in concurrent.futures.as_completed(set(left)):
                    done(future.result())
                    left.remove(future)
                    bar.update()
        finally:
            self._stop.set()
            self._ready.set()
            pool.shutdown(cancel_futures=True)
            self._libjpeg.close()
            self._asking.shutdown(cancel_futures=True)
            for future in left:
                if not future.cancelled() and not future.exception():
                    done(future.result())

    def _work(self, task: Task) -> Outcome:
        try:
            with self._room.of(_pixels_of(task)):
                self._check()
                doubt = self._asking.submit(self._libjpeg.complaint, task.source)
                made = colorize_file(task, self._colorizer, self._settings, self._check_ready)
                return made._replace(doubt=doubt.result())
        except (InputError, OSError, MemoryError) as error:
            return Outcome(task, failure=_reason(error))
        except Stopped:
            raise
        except Exception as error:  # A bug of ours; it should not cost the other pictures.
            return Outcome(task, failure=f"unexpected {type(error).__name__}: {error}")

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def _check_ready(self) -> None:
        self._ready.wait()
        self._check()


def _files(task: Task) -> list[Path]:
    return [path for path in (task.output, task.compare) if path is not None]


def _pixels_of(task: Task) -> float:
    """Pixels of a picture, from its header; 0 if it cannot be read, which it will tell again."""
    try:
        width, height = size_of(task.source, page=task.page)
    except InputError:
        return 0
    return width * height


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _reason(error: InputError | OSError | MemoryError) -> str:
    if isinstance(error, InputError) and "content" in error.settings:
        # Those who read pictures know of no films; the command does.
        return f"{error}; or a film: {CONTAINERS}"
    return reason_of(error, _OPTIONS)
