"""What items are read from, and closed when no more are wanted."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import typing as t

#: For how long what was read may wait to be sent, in seconds.
MOST_DELAY: t.Final = 0.1
#: Stands for an item where none came in time.
QUIET: t.Final = object()


class Source(t.Protocol):
    """Iterates items, and closes what they come from.

    An iteration may give :data:`QUIET`, if for a while nothing came, to let what was
    read before be sent.
    """

    def __iter__(self) -> cabc.Iterator[t.Any]: ...

    def read(self, timeout: float | None) -> t.Any:
        """Read one item.

        :param timeout: how long to wait, in seconds; ``None`` to wait for ever.
        :return: the item, or :data:`QUIET`.
        :raises StopIteration: at the end.
        """
        ...

    def close(self) -> None:
        """Close what the items come from."""
        ...


class PlainSource:
    """Reads an iterable where it is. It waits as long as the iterable does.

    >>> source = PlainSource([1, 2])
    >>> source.read(None), [*source]
    (1, [2])
    """

    def __init__(self, iterable: cabc.Iterable[t.Any]) -> None:
        self._iterable = iterable
        self._iterator = iter(iterable)

    def __iter__(self) -> cabc.Iterator[t.Any]:
        return self._iterator

    def read(self, timeout: float | None) -> t.Any:
        return next(self._iterator)

    def close(self) -> None:
        close_both(self._iterator, self._iterable)


def close_both(iterator: object, iterable: object) -> None:
    """Close an iterator, and then what it iterates, as far as they can be."""
    with contextlib.ExitStack() as stack:
        for close in find_closers("close", iterator, iterable):
            stack.callback(close)


def find_closers(
    method: str, iterator: object, iterable: object
) -> list[cabc.Callable[[], t.Any]]:
    """Find the methods that close something, the last to be called first."""
    closable = [iterator] if iterator is iterable else [iterable, iterator]
    methods = [getattr(one, method, None) for one in closable]
    return [close for close in methods if callable(close)]


def close_unread(iterable: object) -> None:
    """Close an iterable of which nothing was read."""
    if isinstance(iterable, cabc.Iterable):
        close_both(iterable, iterable)
    else:
        open_source(iterable, ahead=1).close()


def open_source(iterable: t.Any, *, ahead: int) -> Source:
    """Read an iterable, be it async or not. What is both is read without a loop.

    :param ahead: up to how many items of an async one are read before they are asked
        for.
    """
    if isinstance(iterable, cabc.Iterable):
        return PlainSource(iterable)
    # Not at the top: asyncio takes long to import, and most apps need none.
    from .async_source import AsyncSource

    return AsyncSource(iterable, ahead=ahead)
