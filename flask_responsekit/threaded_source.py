"""Iterables that are read in a thread, so that nobody has to wait for them."""

from __future__ import annotations

import collections.abc as cabc
import contextvars
import queue
import threading
import typing as t

from .source import close_both
from .source import QUIET


class ThreadedSource:
    """Reads an iterable in a thread, with the context variables of the one that made
    it, such as the current request. Nothing is read before it is asked for.
    """

    def __init__(self, iterable: cabc.Iterable[t.Any]) -> None:
        self._iterable = iterable
        self._iterator = iter(iterable)
        self._wanted: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[tuple[t.Any, BaseException | None]]
        self._outcomes = queue.SimpleQueue()
        self._is_reading = False
        self._is_left = False
        self._lock = threading.Lock()
        # A daemon: a source for which nothing comes must not keep a server from
        # stopping.
        self._thread = threading.Thread(
            target=contextvars.copy_context().run,
            args=(self._run,),
            name="flask_responsekit.source",
            daemon=True,
        )
        self._thread.start()

    def __iter__(self) -> cabc.Iterator[t.Any]:
        return iter(lambda: self.read(None), QUIET)

    def read(self, timeout: float | None) -> t.Any:
        if not self._is_reading:
            self._is_reading = True
            self._wanted.put(True)
        try:
            item, error = self._outcomes.get(timeout=timeout)
        except queue.Empty:
            return QUIET
        self._is_reading = False
        if error is None:
            return item
        try:
            raise error
        finally:
            # Its traceback holds this frame.
            del error

    def _run(self) -> None:
        while self._wanted.get():
            outcome: tuple[t.Any, BaseException | None]
            try:
                outcome = next(self._iterator), None
            except BaseException as error:
                outcome = None, error
            with self._lock:
                self._outcomes.put(outcome)
                is_left = self._is_left
            if is_left:
                # Only now: what is being read cannot be closed.
                close_both(self._iterator, self._iterable)
            # It is not held while the next one is waited for.
            del outcome

    def close(self) -> None:
        """Close the source: now, or when the item has come that is being read."""
        with self._lock:
            is_busy = self._is_reading and self._outcomes.empty()
            self._is_left = is_busy
            self._wanted.put(False)
        if not is_busy:
            self._thread.join()
            close_both(self._iterator, self._iterable)
