"""One event of a stream of server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import re
import typing as t

#: What ends a line in a stream of events, and nothing else does: not all that
#: :meth:`str.splitlines` takes for a line end.
_LINE_END: t.Final = "\r\n|\r|\n"


@dataclasses.dataclass(frozen=True)
class ServerSentEvent:
    r"""An event for :class:`EventStream`, with more than its data.

    >>> event = ServerSentEvent("two\nlines", event="note", id="7")
    >>> event.write(str)
    b'event: note\nid: 7\ndata: two\ndata: lines\n\n'

    :raises TypeError: if a field is not what it should be.
    :raises ValueError: if ``event`` or ``id`` has a line break, ``id`` has NUL, or
        ``retry`` is negative.
    """

    #: Text is sent as it is, anything else as its JSON. Without data, with ``None``,
    #: the client is told the other fields, and no listener is called.
    data: object
    #: For which listeners it is; ``None`` for those of ``message``.
    event: str | None = None
    #: What the client sends as ``Last-Event-ID`` when it comes back.
    id: str | int | None = None
    #: After which time the client is to come back, in milliseconds.
    retry: int | None = None
    #: Text that clients ignore.
    comment: str | None = None

    def __post_init__(self) -> None:
        _check_text("event", self.event, "\r\n")
        if not isinstance(self.id, int) or isinstance(self.id, bool):
            _check_text("id", self.id, "\r\n\0")
        _check_text("comment", self.comment, "")
        check_retry(self.retry)

    def write(self, to_text: cabc.Callable[[t.Any], str]) -> bytes:
        """Write the event as a block of lines in UTF-8.

        :param to_text: makes text of the data.
        """
        lines = []
        if self.comment is not None:
            lines += [f": {line}" for line in re.split(_LINE_END, self.comment)]
        if self.event is not None:
            lines.append(f"event: {_write(self.event)}")
        if self.id is not None:
            lines.append(f"id: {_write(self.id)}")
        if self.retry is not None:
            lines.append(f"retry: {_write(self.retry)}")
        if self.data is not None:
            # With the blank, which a client takes off: the data may begin with one.
            lines += [
                f"data: {line}" for line in re.split(_LINE_END, to_text(self.data))
            ]
        return "\n".join([*lines, "\n"]).encode()


def _write(value: str | int) -> str:
    """Write what was checked, such as the value of an enum: not what a class of its own
    calls itself.
    """
    if isinstance(value, str):
        return str.__str__(value)
    return str(int.__int__(value))


def _check_text(field: str, value: object, refused: str) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise TypeError(f"{field}={value!r} is not text.")
    if not {*refused}.isdisjoint(str.__str__(value)):
        raise ValueError(
            f"{field}={value!r} has a line break, or NUL, which would end it. Take it"
            " out; it may be that somebody wants to forge an event."
        )


def check_retry(retry: object) -> None:
    """Refuse what is no time to come back after."""
    if retry is None:
        return
    if not isinstance(retry, int) or isinstance(retry, bool):
        raise TypeError(f"retry={retry!r} is not a whole number of milliseconds.")
    if retry < 0:
        raise ValueError(f"retry={retry} is negative.")
