"""Server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import collections.abc as cabc
import functools
import threading
import typing as t

from flask import request
from werkzeug.datastructures import Headers

from .renderers.json_rows import add_advice
from .renderers.json_rows import write_line
from .server_sent_event import check_retry
from .server_sent_event import ServerSentEvent
from .source import open_source
from .source import QUIET
from .stream import Streamed

if t.TYPE_CHECKING:
    from .renderers.protocol import ToPlain
    from .source import Source

#: For how long an error may take the place of the stream, in seconds.
_PATIENCE = 1.0
_PING: t.Final = b": ping\n\n"


class EventStream(Streamed):
    """Server-sent events, as the ``EventSource`` of a browser reads them.

    .. code-block:: python

        @app.get("/prices")
        @kit.view
        def show_prices() -> EventStream:
            return EventStream(watch_prices(after=EventStream.last_event_id()))

    Each event is sent as soon as it is there. An error before the first one is
    answered as any other, unless that takes longer than a second, or than ``ping``. A
    later one is logged and breaks the connection; an ``EventSource`` comes back.

    :param events: :class:`ServerSentEvent` objects, or their data: text is sent as it
        is, anything else as its JSON. A generator, or an async one. It is closed at
        the end, and when the client leaves.
    :param ping: after how many seconds without an event a comment is sent, so that
        nothing between the two takes the connection for dead, and it is noticed when
        the client has left. Events that are not async are read in a thread for that,
        with the current request. ``None``: no comments, and no thread.
    :param retry: after which time the client is to come back, in milliseconds.
    :raises TypeError: if an argument is not what it should be.
    :raises ValueError: if a number is negative, or ``ping`` is 0.
    """

    def __init__(
        self,
        events: cabc.Iterable[object] | cabc.AsyncIterable[object],
        *,
        ping: float | None = 15,
        retry: int | None = None,
    ) -> None:
        super().__init__(events, "events")
        _check_ping(ping)
        check_retry(retry)
        # The second is what nginx needs to be told.
        self.headers = Headers({"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        #: The time without an event after which a comment is sent, in seconds.
        self.ping = ping
        #: The time after which the client comes back, in milliseconds.
        self.retry = retry

    def _make_source(self) -> Source:
        if self.ping is not None and isinstance(self.iterable, cabc.Iterable):
            # Not at the top, since most apps send no events.
            from .threaded_source import ThreadedSource

            return ThreadedSource(self.iterable)
        # One at a time: events that come at once are sent at once, too.
        return open_source(self.iterable, ahead=1)

    @staticmethod
    def last_event_id() -> str | None:
        """The ``id`` of the last event that the client of the current request has got
        before it lost the connection; ``None`` if it has none.
        """
        found = request.headers.get("Last-Event-ID")
        try:
            # WSGI gives bytes as Latin-1, and browsers send UTF-8.
            return found and found.encode("latin-1").decode()
        except UnicodeError:
            return found


def _check_ping(ping: object) -> None:
    if ping is None:
        return
    if not isinstance(ping, (int, float)) or isinstance(ping, bool):
        raise TypeError(f"ping={ping!r} is not a number of seconds.")
    if not 0 < ping <= threading.TIMEOUT_MAX:
        raise ValueError(
            f"ping={ping!r} is not positive, or more than can be waited. Give None for"
            " no pings."
        )


def write_events(
    stream: EventStream, to_plain: ToPlain
) -> cabc.Generator[bytes, None, None]:
    """Write the events of a stream, one by one."""
    to_text = functools.partial(_write_data, to_plain)
    prefix = b""
    if stream.retry is not None:
        prefix = ServerSentEvent(None, retry=stream.retry).write(to_text)
    timeout = None if stream.ping is None else min(stream.ping, _PATIENCE)
    source = stream.open()
    try:
        while True:
            try:
                event = source.read(timeout)
            except StopIteration:
                break
            timeout = stream.ping
            if event is QUIET:
                written = _PING
            elif isinstance(event, ServerSentEvent):
                written = event.write(to_text)
            else:
                # Text already: None is "null" here, and not an event without data.
                written = ServerSentEvent(to_text(event)).write(str)
            yield prefix + written
            prefix = b""
        if prefix:
            yield prefix
    finally:
        source.close()


def _write_data(to_plain: ToPlain, data: object) -> str:
    """Write the data of an event: text as it is, anything else as its JSON."""
    plain = to_plain(data)
    if isinstance(data, str) and isinstance(plain, str):
        return plain
    try:
        return write_line(plain)
    except ValueError as error:
        message = f"The data of an event cannot be written as JSON ({error})."
        raise ValueError(add_advice(message, error)) from error
