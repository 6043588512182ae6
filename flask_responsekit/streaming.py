"""Bodies that are made while they are sent."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import itertools
import time
import typing as t

from flask import current_app
from flask import has_request_context
from flask import stream_with_context

from .current_request import log_failure
from .source import MOST_DELAY
from .source import QUIET
from .stream import MOST_ROWS

if t.TYPE_CHECKING:
    from flask import Flask

    from .renderers.protocol import RowRenderer
    from .renderers.protocol import ToPlain
    from .source import Source
    from .stream import Stream


class StreamBody:
    """Chunks of bytes that are made one by one, with the current request, which lasts
    until the last of them, or until the body is closed.

    The first chunk is made here, so what goes wrong up to there is raised here. What
    goes wrong later is logged, and raised to the server, which breaks the connection.

    :param chunks: a generator that closes what it reads from.
    """

    def __init__(self, chunks: cabc.Generator[bytes, None, None]) -> None:
        self._chunks = chunks
        self._app = current_app._get_current_object()  # type: ignore[attr-defined]
        self._first = next(chunks, b"")
        self._steps: cabc.Generator[bytes, None, None] | None = None

    def __iter__(self) -> cabc.Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self.begin())

    def close(self) -> None:
        """Close what the chunks are made of, and let the request go."""
        # Closed in the context of the request, and more than once without harm.
        self.begin().close()

    def begin(self) -> cabc.Generator[bytes, None, None]:
        """Hold the request from here on.

        Not before: what runs in the event loop of an async view has context variables
        of its own. And not when the first chunk is sent: by then, Flask has let the
        request go, and a connection to a database with it.

        :return: the chunks.
        """
        if self._steps is None:
            # It does not hold this object, so that one that is forgotten is closed.
            steps = _run(self._app, self._first, self._chunks)
            if has_request_context():
                wrapped = stream_with_context(steps)
                # It says that it is an iterator, but it can be closed as well.
                steps = t.cast("cabc.Generator[bytes, None, None]", wrapped)
            self._steps = steps
            next(steps)
        return self._steps


def _run(
    app: Flask, first: bytes, chunks: cabc.Generator[bytes, None, None]
) -> cabc.Generator[bytes, None, None]:
    try:
        with contextlib.closing(chunks):
            # Nothing is sent of this: from here on there is something to close.
            yield b""
            if first:
                yield first
            yield from chunks
    except Exception as error:
        log_failure(app, error, "a stream was sent")
        raise


def write_rows(
    stream: Stream, renderer: RowRenderer, to_plain: ToPlain
) -> cabc.Generator[bytes, None, None]:
    """Write the rows of a stream, gathered into chunks."""
    with contextlib.ExitStack() as stack:
        source = stream.open()
        stack.callback(source.close)
        gatherer = _Gatherer(source, stack.close, stream.chunk_size)
        yield from gatherer.gather(renderer, to_plain)


class _Gatherer:
    """Gathers rows into batches to be written, and what is written into chunks.

    :param close: closes the source.
    """

    def __init__(
        self, source: Source, close: cabc.Callable[[], None], chunk_size: int
    ) -> None:
        self._source = source
        self._close = close
        self._chunk_size = chunk_size
        #: When what there is goes out, however little; in seconds of the clock.
        self._deadline = 0.0
        #: Whether a row was read, before which nothing goes out.
        self._has_read = False
        #: How many rows are read before they are written, and how many may be.
        self._limit = 1
        self._most = 1
        #: How many bytes were written of the last of them, and how many wait to go out.
        self._written = 0
        self._waiting = 0

    def _get_batches(self) -> cabc.Iterator[list[t.Any]]:
        """Read rows, no more at a time than fill a chunk."""
        # What is iterated anew for each batch may begin anew.
        rows = itertools.chain(self._source)
        is_over = False
        while not is_over:
            batch: list[t.Any] = []
            try:
                is_over = self._fill(batch, rows)
            except Exception:
                # What is whole goes out before the connection breaks.
                if batch:
                    yield batch
                raise
            self._has_read = self._has_read or bool(batch)
            self._written = 0
            yield batch
            self._adjust(len(batch))
        # Before the end is written: an array that ends is all there is.
        self._close()

    def _fill(self, batch: list[t.Any], rows: cabc.Iterator[t.Any]) -> bool:
        """Read rows, until there are enough, or they are due to go out.

        :return: whether these are the last ones.
        """
        # Each row comes by here, so nothing is looked up twice.
        append = batch.append
        clock = time.monotonic
        deadline = self._deadline
        for row in itertools.islice(rows, self._limit):
            if row is QUIET:
                return False
            append(row)
            if clock() >= deadline:
                return False
        return len(batch) < self._limit

    def gather(self, renderer: RowRenderer, to_plain: ToPlain) -> cabc.Iterator[bytes]:
        """Let a renderer write the rows, and join what it gives until that fills a
        chunk, or waits for too long.

        :raises TypeError: if it gives something else than bytes.
        """
        gathered: list[bytes] = []
        has_written = False
        try:
            for piece in renderer.render_rows(self._get_batches(), to_plain):
                if not isinstance(piece, bytes):
                    raise _make_piece_error(renderer, piece)
                gathered.append(piece)
                self._written += len(piece)
                self._waiting += len(piece)
                has_written = self._has_read
                if has_written and self._is_due():
                    self._waiting = 0
                    yield b"".join(gathered)
                    gathered.clear()
                    # As of now: it may have taken its time to be sent.
                    self._deadline = time.monotonic() + MOST_DELAY
        except Exception:
            # Unless it takes the place of the first row.
            if self._waiting and has_written:
                yield b"".join(gathered)
            raise
        if self._waiting:
            yield b"".join(gathered)

    def _is_due(self) -> bool:
        """Whether what waits fills a chunk, or has waited for long enough."""
        if self._waiting >= self._chunk_size:
            return True
        return self._waiting > 0 and time.monotonic() >= self._deadline

    def _adjust(self, rows: int) -> None:
        """Read as many rows as fill a chunk, if they are as long as the last; but not
        many more than before, since they may be longer.
        """
        if rows and self._written:
            room = self._chunk_size - self._waiting
            self._most = min(max(self._most, 2 * rows), MOST_ROWS)
            fitting = -(-room * rows // self._written)
            self._limit = max(1, min(fitting, self._most))


def _make_piece_error(renderer: RowRenderer, piece: object) -> TypeError:
    return TypeError(
        f"The renderer {renderer!r} gave a {type(piece).__qualname__} as what it wrote"
        " of rows. It has to give bytes."
    )
