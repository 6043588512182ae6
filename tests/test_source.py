from __future__ import annotations

import sqlite3

import pytest

from flask_responsekit.async_source import AsyncSource
from flask_responsekit.source import close_both
from flask_responsekit.source import close_unread
from flask_responsekit.source import open_source
from flask_responsekit.source import PlainSource


class Closable:
    """Notes in a log when it is closed, and may fail then."""

    def __init__(self, log, name, error=None):
        self.log = log
        self.name = name
        self.error = error

    def close(self):
        self.log.append(self.name)
        if self.error is not None:
            raise self.error


class Rows(Closable):
    """An iterator that can be closed."""

    count = 2

    def __iter__(self):
        return self

    def __next__(self):
        if not self.count:
            raise StopIteration
        self.count -= 1
        return self.count


class Table(Closable):
    """An iterable that can be closed, with an iterator that can be, too."""

    def __iter__(self):
        return Rows(self.log, "iterator")


class Both:
    """What can be read with and without an event loop."""

    def __iter__(self):
        return iter([1])

    async def __aiter__(self):
        yield 2


def generate(log):
    try:
        yield 1
        yield 0
    finally:
        log.append("iterator")


def select():
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.execute("CREATE TABLE t (id)")
    connection.executemany("INSERT INTO t VALUES (?)", [(1,), (2,), (3,)])
    return connection, connection.execute("SELECT id FROM t ORDER BY id")


@pytest.mark.parametrize(
    ("make", "closed"),
    [
        pytest.param(lambda log: [1, 0], [], id="list"),
        pytest.param(lambda log: (1, 0), [], id="tuple"),
        pytest.param(lambda log: iter([1, 0]), [], id="iterator"),
        pytest.param(generate, ["iterator"], id="generator"),
        pytest.param(lambda log: Rows(log, "rows"), ["rows"], id="closable"),
        pytest.param(
            lambda log: Table(log, "table"), ["iterator", "table"], id="closable-pair"
        ),
    ],
)
def test_plain_source_is_read_to_its_end_and_each_part_closed_once(make, closed):
    log = []
    source = PlainSource(make(log))
    assert source.read(None) == 1
    assert [*source] == [0]
    with pytest.raises(StopIteration):
        source.read(None)
    source.close()
    assert log == closed


def test_plain_source_does_not_wait_less_than_its_iterable():
    assert PlainSource(iter([1])).read(0.0) == 1


def test_plain_source_passes_errors_on():
    def fail():
        yield 1
        raise LookupError("gone")

    source = PlainSource(fail())
    assert source.read(None) == 1
    with pytest.raises(LookupError, match="gone"):
        source.read(None)
    source.close()


def test_cursor_is_closed():
    connection, cursor = select()
    source = PlainSource(cursor)
    assert [tuple(source.read(None)), tuple(source.read(None))] == [(1,), (2,)]
    source.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed cursor"):
        cursor.fetchone()
    connection.close()


@pytest.mark.parametrize(
    ("iterator_error", "table_error", "expected"),
    [
        pytest.param(OSError("a"), None, "a", id="iterator"),
        pytest.param(None, OSError("b"), "b", id="iterable"),
        pytest.param(OSError("a"), OSError("b"), "b", id="both"),
    ],
)
def test_iterable_is_closed_though_its_iterator_fails(
    iterator_error, table_error, expected
):
    log = []
    iterator = Closable(log, "iterator", iterator_error)
    table = Closable(log, "table", table_error)
    with pytest.raises(OSError, match=expected):
        close_both(iterator, table)
    assert log == ["iterator", "table"]


def test_close_that_cannot_be_called_is_none():
    class Shop:
        close = "18:00"

    close_both(iter([]), Shop())


def test_source_without_loop_is_preferred():
    source = open_source(Both(), ahead=1)
    assert isinstance(source, PlainSource)
    assert [*source] == [1]


def test_source_with_loop_is_opened_for_what_is_async():
    async def generate():
        yield 1

    source = open_source(generate(), ahead=1)
    assert isinstance(source, AsyncSource)
    assert [*source] == [1]
    source.close()


def test_what_is_not_read_is_closed():
    log = []

    class Cursor:
        def __aiter__(self):
            return self

        async def __anext__(self):
            raise AssertionError

        async def aclose(self):
            log.append("async")

    class Table:
        def __iter__(self):
            raise LookupError

        def close(self):
            log.append("table")

    close_unread(Cursor())
    close_unread(Table())
    close_unread([1])
    assert log == ["async", "table"]
