"""Steps of a pipeline at work at the same time, each in a thread."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
_END = object()


@contextlib.contextmanager
def ahead(items: Iterable[T], most: int) -> Iterator[Iterator[T]]:
    """Make items in a thread, so many ahead of who takes them.

    When the block ends, be it before the last item, the thread has ended, and `items` is closed
    if it is a generator. What making an item raises is raised to who takes it.
    """
    made: queue.Queue[Any] = queue.Queue(most)
    stopped = threading.Event()

    def put(value: Any) -> bool:
        while not stopped.is_set():
            with contextlib.suppress(queue.Full):
                made.put(value, timeout=0.1)
                return True
        return False

    def make() -> None:
        end: tuple[object, BaseException | None] = (_END, None)
        try:
            for item in items:
                if not put((item, None)):
                    break
        except BaseException as error:
            end = (_END, error)
        finally:
            close: Callable[[], None] | None = getattr(items, "close", None)
            if close is not None:
                close()
        put(end)

    def taken() -> Iterator[T]:
        while True:
            item, error = made.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item

    thread = threading.Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        stopped.set()
        thread.join()
