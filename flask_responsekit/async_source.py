"""Async iterables, read from code that is not async."""

from __future__ import annotations

import asyncio
import collections
import collections.abc as cabc
import concurrent.futures
import contextlib
import contextvars
import importlib
import inspect
import sys
import time
import typing as t

from .source import find_closers
from .source import MOST_DELAY
from .source import QUIET

T = t.TypeVar("T")


class AsyncSource:
    """Reads an async iterable in an event loop of its own, which runs only while an
    item is waited for.

    :param ahead: up to how many items are read before they are asked for, in the end:
        to start and stop a loop for each item takes long.
    """

    def __init__(self, iterable: cabc.AsyncIterable[t.Any], *, ahead: int) -> None:
        self._iterable = iterable
        self._iterator = aiter(iterable)
        self._most_ahead = ahead
        #: The first one is not kept back, whatever the iterable does until the next.
        self._ahead = 1
        self._items: collections.deque[t.Any] = collections.deque()
        self._loop = asyncio.new_event_loop()
        self._reading: asyncio.Task[None] | None = None
        self._arrived = asyncio.Event()
        self._wanted = asyncio.Event()
        #: When what was read is to be used, though more may come without waiting.
        self._deadline = 0.0
        self._is_closing = False
        self._executor: concurrent.futures.Executor | None = None

    def __iter__(self) -> cabc.Iterator[t.Any]:
        items = self._items
        timeout: float | None = MOST_DELAY
        while True:
            while items:
                timeout = MOST_DELAY
                yield items.popleft()
            try:
                item = self.read(timeout)
            except StopIteration:
                return
            # Once is enough: what was read before is sent by then.
            timeout = None if item is QUIET else MOST_DELAY
            yield item

    def read(self, timeout: float | None) -> t.Any:
        if not self._items and not (self._reading and self._reading.done()):
            self._run(self._wait(timeout))
        if self._items:
            return self._items.popleft()
        if self._reading is None or not self._reading.done():
            return QUIET
        try:
            self._reading.result()
        except asyncio.CancelledError as error:
            raise RuntimeError(
                f"{self._iterable!r} was cancelled while it was read."
            ) from error
        raise StopIteration

    async def _wait(self, timeout: float | None) -> None:
        self._deadline = time.monotonic() + MOST_DELAY
        self._arrived.clear()
        self._wanted.set()
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read())
        arrival = asyncio.ensure_future(self._arrived.wait())
        await asyncio.wait(
            (self._reading, arrival),
            timeout=timeout,
            return_when=asyncio.FIRST_COMPLETED,
        )
        arrival.cancel()
        self._ahead = min(2 * self._ahead, self._most_ahead)

    async def _read(self) -> None:
        async for item in self._iterator:
            self._items.append(item)
            self._arrived.set()
            is_enough = len(self._items) >= self._ahead or self._is_closing
            if is_enough or time.monotonic() > self._deadline:
                await self._pause()

    async def _pause(self) -> None:
        """Wait until more is wanted.

        :raises asyncio.CancelledError: if nothing is, any more.
        """
        if self._is_closing:
            # The iterable has gone on though it was cancelled.
            raise asyncio.CancelledError
        self._wanted.clear()
        await self._wanted.wait()

    def close(self) -> None:
        if self._loop.is_closed():
            return
        try:
            self._run(self._finish())
        finally:
            self._loop.close()
            # The traceback of its error holds this object.
            self._reading = None
            if self._executor is not None:
                self._executor.shutdown()

    async def _finish(self) -> None:
        self._is_closing = True
        async with contextlib.AsyncExitStack() as stack:
            # What is said last is done first.
            stack.push_async_callback(self._loop.shutdown_default_executor)
            stack.push_async_callback(self._loop.shutdown_asyncgens)
            stack.push_async_callback(_cancel_tasks)
            # Cursors of databases have a method 'close' that is awaited.
            for method in ("close", "aclose"):
                for close in find_closers(method, self._iterator, self._iterable):
                    stack.push_async_callback(_await, close)
            if self._reading is not None:
                stack.push_async_callback(_cancel, self._reading)

    def _run(self, coroutine: cabc.Coroutine[t.Any, t.Any, T]) -> T:
        run = self._loop.run_until_complete
        if self._executor is None:
            self._executor = _find_executor()
        if self._executor is None:
            return run(coroutine)
        context = contextvars.copy_context()
        return self._executor.submit(context.run, run, coroutine).result()


def _find_executor() -> concurrent.futures.Executor | None:
    """What a loop runs in; ``None`` if that is the current thread. No two loops run in
    one thread.
    """
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched("threading"):
        # Greenlets share a thread, and what is called a thread is a greenlet, too.
        gevent: t.Any = importlib.import_module("gevent.threadpool")
        executor: concurrent.futures.Executor = gevent.ThreadPoolExecutor(1)
        return executor
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return None
    return concurrent.futures.ThreadPoolExecutor(1)


async def _await(close: cabc.Callable[[], t.Any]) -> None:
    result = close()
    if inspect.isawaitable(result):
        await result


async def _cancel(task: asyncio.Task[t.Any]) -> None:
    """Have a task give up what it waits for.

    :raises Exception: if it fails with that.
    """
    is_late = not task.cancel()
    await asyncio.wait({task})
    error = None if task.cancelled() else task.exception()
    if error is not None and not is_late:
        raise error


async def _cancel_tasks() -> None:
    """Have all other tasks give up, as :func:`asyncio.run` does in the end."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
