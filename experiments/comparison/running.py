"""Work through the entries of a bake-off, each in a process of its own.

So memory is given back after each system, and one that fails or is killed costs itself only.
"""

import contextlib
import datetime
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from experiments.comparison.progress import (
    FAILURES,
    NOW,
    TIMES,
    failure_of,
    is_done,
    locked,
)
from experiments.comparison.settings import YARDSTICKS, Entry, Settings, read_settings
from experiments.process.quiet import import_tensorflow
from polychrome.command import INTERRUPTED, say, status_of
from polychrome.errors import InputError
from polychrome.files import write_json

# Option of the command by which it starts itself for one entry.
ONLY = "--only"
# Signals that stop a bake-off as Ctrl-C does; Windows has no SIGHUP, of a terminal that is closed.
_STOPPING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def run_entries(settings: Settings, out: Path, after: Callable[[], None], lock: IO[str]) -> None:
    """Train and grade all that is not done.

    Args:
        settings: of the bake-off.
        out: its folder.
        after: called after each finished entry.
        lock: of the folder, which is held until this returns (`locked`).

    Raises:
        InputError: entries failed; finished ones are kept.
        KeyboardInterrupt: likewise, by Ctrl-C or a signal; finished epochs are kept too.
    """
    failed, worked = [], False
    with _stopped_by_signals():
        for entry in settings.entries:
            if is_done(out, entry):
                print(f"done already    {entry}")
                continue
            print(f"now             {entry}", flush=True)
            write_json(out / NOW, str(entry))
            # A child that is killed leaves no reason; one of an earlier attempt would seem its own.
            _failure_file(out, entry).unlink(missing_ok=True)
            try:
                status = _in_child(entry, out, lock)
            finally:
                (out / NOW).unlink(missing_ok=True)
            if status == INTERRUPTED:
                # What fails because its terminal was closed was stopped, too.
                _failure_file(out, entry).unlink(missing_ok=True)
                raise KeyboardInterrupt
            if status and not is_done(out, entry):
                _note(out, entry, status)
                failed.append(entry)
                if entry == YARDSTICKS:  # what all rows share is wrong
                    break
                continue
            worked = True
            _report(after)
        if not worked and not failed:
            after()
    if failed:
        reasons = "; ".join(f"{entry} ({failure_of(out, entry)})" for entry in failed)
        raise InputError(
            f"{len(failed)} of {len(settings.entries)} failed: {reasons}; going on tries them "
            "again, --drop takes systems out"
        )


def drop(names: Sequence[str], out: Path) -> tuple[Settings, list[Entry]]:
    """Take systems or seeds that are not done out of a bake-off, and why they failed.

    What is done of them stays, and so do finished epochs: a system that is named again goes on.

    Args:
        names: each NAME or NAME:SEED.
        out: the bake-off's folder.

    Returns:
        The settings of now, and what was taken out.

    Raises:
        InputError: there is no such system or seed, or it is done; or another process works in the
            folder. Nothing is taken out then.
    """
    dropped: list[Entry] = []
    with locked(out):
        settings = read_settings(out)
        for name in names:
            undone = [each for each in settings.named([name]) if not is_done(out, each)]
            if not undone:
                raise InputError(f"{name}: is done, and stays; --drop takes out what is not")
            dropped += undone
        settings = settings.without(dropped)
        settings.write(out)
        for entry in dropped:
            _failure_file(out, entry).unlink(missing_ok=True)
    return settings, dropped


def work_on(name: str, out: Path) -> int:
    """Do one entry in this process; return its exit status.

    Args:
        name: of the entry, as `str` gives it.
        out: the bake-off's folder.
    """

    def attempt(settings: Settings, entry: Entry) -> None:
        # Imported late: TensorFlow takes seconds, and the process that waits needs none.
        import_tensorflow()
        from experiments.comparison.grading import work
        from experiments.process.clock import Clock

        work(settings, entry, out, Clock(out / TIMES / entry.place.with_suffix(".json")))

    def noted() -> None:
        settings = read_settings(out)
        entry = next((each for each in settings.entries if str(each) == name), None)
        if entry is None:
            known = "; ".join(map(str, settings.entries))
            raise InputError(f"{ONLY} {name}: no work in {out} is named so; there is: {known}")
        try:
            attempt(settings, entry)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            said = str(error).strip().splitlines() or [type(error).__name__]
            if not isinstance(error, InputError):
                traceback.print_exc()
                said = [f"{type(error).__name__}: {said[-1]}"]
            write_json(_failure_file(out, entry), {"error": said[0], "time": _now()})
            raise InputError(f"{entry}: {said[0]}") from error

    return status_of(noted)


def _report(after: Callable[[], None]) -> None:
    """A page that can't be written is no reason to stop: it can be made again later."""
    try:
        after()
    except (InputError, OSError) as error:
        say(f"no report: {error}")


def _in_child(entry: Entry, out: Path, lock: IO[str]) -> int:
    command = [sys.executable, "-m", "experiments.bakeoff", "--out", str(out), ONLY, str(entry)]
    # It holds the lock as long as it lives, also if this process is killed.
    inherited = [lock.fileno()] if os.name == "posix" else []
    # In a session of its own: Ctrl-C should reach it once, from here. See `end_with_parent`.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, start_new_session=True, pass_fds=inherited
    ) as child:
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.send_signal(signal.SIGINT)
            child.wait()
            return INTERRUPTED


def end_with_parent() -> None:
    """From now on end this process, the child of `run_entries`, as soon as its parent is gone.

    Otherwise nobody could stop it, and nobody would do the rest. The parent may be killed, so that
    it can't say anything; but its end of the pipe that is standard input here, into which it writes
    nothing, is closed then. What an end at any moment costs is the epoch in progress.
    """

    def wait() -> None:
        os.read(0, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt in the block at the first of `_STOPPING`, unless it is ignored.

    SIGHUP is under nohup, and SIGINT in the background of a script. That one stays without effect
    here, but by a function, which is not inherited: it is how a child is told to stop.
    """

    def stop(number: int, frame: object) -> None:
        # A terminal that is closed may send several, and the child needs time to stop.
        for each in set(earlier).intersection(_STOPPING):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    earlier = {number: signal.getsignal(number) for number in _STOPPING}
    earlier = {number: was for number, was in earlier.items() if was != signal.SIG_IGN}
    for number in earlier:
        signal.signal(number, stop)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        earlier[signal.SIGINT] = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _note(out: Path, entry: Entry, status: int) -> None:
    """Leave a reason for a child that could not leave one itself."""
    path = _failure_file(out, entry)
    if not path.exists():
        said = f"the process ended with status {status}"
        if status < 0:
            said = f"the process was killed by signal {-status}; out of memory?"
        write_json(path, {"error": said, "time": _now()})


def _failure_file(out: Path, entry: Entry) -> Path:
    return out / FAILURES / entry.place.with_suffix(".json")


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
