"""Rows that are written as they are read."""

from __future__ import annotations

import collections.abc as cabc
import io
import typing as t
import unicodedata

from werkzeug.datastructures import Headers
from werkzeug.utils import send_file

from .negotiation import check_mimetype
from .registration import find_public_name
from .source import close_unread
from .source import open_source

if t.TYPE_CHECKING:
    from .source import Source
    from .typing import HeadersValue

#: How many rows are read at a time. More are hardly faster, and take memory.
MOST_ROWS: t.Final = 512
#: What can be iterated, but not for rows, and what to do with it.
_NO_ROWS: t.Final[dict[type, str]] = {
    str: "Text is one item. Give a list, or a generator.",
    bytes: "Bytes are one item. Give a list, or a generator.",
    memoryview: "Bytes are one item. Give a list, or a generator.",
    bytearray: "Bytes are one item. Give a list, or a generator.",
    cabc.Mapping: "A mapping is one item. Give a list of them, or a generator.",
}
#: What gives columns, and is sent by itself without being iterated; by public name.
_BY_COLUMNS: t.Final = (
    "pandas.DataFrame",
    "polars.DataFrame",
    "pyarrow.Table",
    "pyarrow.RecordBatch",
)


class Streamed:
    """What is read while it is sent.

    :param iterable: what it is read from.
    :param what: what the items are called.
    :raises TypeError: if it cannot be iterated, or hardly was meant to be.
    """

    #: The headers of the response.
    headers: Headers
    _is_open = False

    def __init__(
        self,
        iterable: cabc.Iterable[object] | cabc.AsyncIterable[object],
        what: str,
    ) -> None:
        _check_iterable(iterable, what)
        #: What the items are read from.
        self.iterable = iterable

    def open(self) -> Source:
        """Begin to read."""
        source = self._make_source()
        self._is_open = True
        return source

    def close(self) -> None:
        """Close what the items come from, if nothing was read of it. Otherwise, who
        reads it closes it.
        """
        if not self._is_open:
            close_unread(self.iterable)

    def _make_source(self) -> Source:
        return open_source(self.iterable, ahead=MOST_ROWS)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.iterable!r}>"


class Stream(Streamed):
    """Rows that a view returns before all of them are there: they are sent as they are
    read, whatever their number, in little memory.

    .. code-block:: python

        @app.get("/orders")
        @kit.view
        def export_orders() -> Stream:
            return kit.stream(db.session.scalars(select(Order)), filename="orders.csv")

    The client chooses among the enabled renderers that write rows one by one; there is
    a JSON array if none does. The first row is read, and written, before anything is
    sent, so an error up to there is answered as any other. A later one is logged and
    breaks the connection, so that nobody takes what has come for all there is.

    :param iterable: the rows, of any types that can stand in a list: a generator, a
        list, a cursor, or an async iterable. Its ``close``, or ``aclose``, is called
        at the end, and when the client leaves.
    :param mimetype: the media type, if there is nothing to choose.
    :param chunk_size: how many bytes are gathered before they are sent. A row that
        comes more than 0.1 seconds after what was sent last goes out at once.
    :param headers: headers of the response. An error before the first row does not
        have them.
    :param filename: what a browser is to save the rows as. Any text will do.
    :raises TypeError: if an argument is not what it should be.
    :raises ValueError: if a media type or the value of a header is malformed, the two
        contradict each other, or the size is not positive.
    """

    def __init__(
        self,
        iterable: cabc.Iterable[object] | cabc.AsyncIterable[object],
        *,
        mimetype: str | None = None,
        chunk_size: int = 65536,
        headers: HeadersValue | None = None,
        filename: str | None = None,
    ) -> None:
        super().__init__(iterable, "rows")
        if not isinstance(chunk_size, int) or isinstance(chunk_size, bool):
            raise TypeError(f"chunk_size={chunk_size!r} is not a number of bytes.")
        if chunk_size < 1:
            raise ValueError(f"chunk_size={chunk_size} is not positive.")
        #: The size of what is sent at a time, in bytes.
        self.chunk_size = chunk_size
        self.headers = _read_headers(headers)
        if filename is not None:
            self.headers["Content-Disposition"] = _name_attachment(filename)
        if "Content-Type" in self.headers:
            mimetype = _agree(mimetype, self.headers["Content-Type"])
        if mimetype is not None:
            check_mimetype(mimetype)
        #: The media type; ``None`` if the client chooses.
        self.mimetype = mimetype


def _check_iterable(iterable: object, what: str) -> None:
    for cls, advice in _NO_ROWS.items():
        if isinstance(iterable, cls):
            _refuse(iterable, what, advice)
    for name in _BY_COLUMNS:
        frame = find_public_name(name)
        if frame is not None and isinstance(iterable, frame):
            advice = "It gives its columns. Return it as it is, or a list of its rows."
            _refuse(iterable, what, advice)
    if isinstance(iterable, (cabc.Iterable, cabc.AsyncIterable)):
        return
    if isinstance(iterable, cabc.Awaitable):
        if isinstance(iterable, cabc.Coroutine):
            # It will not be awaited any more.
            iterable.close()
        _refuse(iterable, what, "Await it.")
    if callable(iterable):
        _refuse(iterable, what, "Call it, and give what it returns.")
    _refuse(iterable, what, "Give a list, a generator, or an async generator.")


def _refuse(iterable: object, what: str, advice: str) -> t.NoReturn:
    raise TypeError(
        f"What is of the type {type(iterable).__qualname__} cannot be iterated for"
        f" {what}. {advice}"
    )


def _read_headers(headers: HeadersValue | None) -> Headers:
    try:
        return Headers(headers)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"headers={headers!r} cannot be headers ({error}). Give a dict, or a list"
            " of pairs."
        ) from error


def _agree(mimetype: str | None, content_type: str) -> str:
    """The media type that an argument and a header say.

    :raises ValueError: if they contradict each other.
    """
    named = content_type.partition(";")[0].strip()
    if mimetype is not None and mimetype.partition(";")[0].lower() != named.lower():
        raise ValueError(
            f"mimetype={mimetype!r} contradicts the header 'Content-Type:"
            f" {content_type}'. Give one of them."
        )
    return mimetype or named


def _name_attachment(filename: str) -> str:
    """The header that has a browser save what is sent (RFC 6266, section 4.3)."""
    if not isinstance(filename, str):
        raise TypeError(f"filename={filename!r} is not text.")
    # A header takes no control characters, and a lone surrogate is no character.
    name = "".join(
        "_" if unicodedata.category(one) in ("Cc", "Cs") else one for one in filename
    )
    # Werkzeug writes it for files only.
    sent = send_file(
        io.BytesIO(),
        {},
        mimetype="text/plain",
        as_attachment=True,
        download_name=name,
        conditional=False,
    )
    return sent.headers["Content-Disposition"]
