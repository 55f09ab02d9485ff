"""Ctrl-C that is not lost."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

import keras


class StopOnInterrupt(keras.callbacks.Callback):
    """Stops a training run at the next batch after Ctrl-C, if nothing stopped it before.

    Python raises `KeyboardInterrupt` wherever it happens to be, and only prints what is raised in a
    destructor or in a callback of the garbage collector, such as JAX has; training would go on.

    A context manager around `fit`; it has no effect outside the main thread, or where signals are
    ignored or handled outside of Python.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pressed = False
        self._handler: Any = None

    def __enter__(self) -> "StopOnInterrupt":
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            if callable(handler):
                self._handler = handler
                signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
            self._handler = None

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.pressed = True
        self._handler(number, frame)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._stop()

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._stop()

    def _stop(self) -> None:
        if self.pressed:
            raise KeyboardInterrupt
