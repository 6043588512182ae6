"""Streams of rows, with the kit and without it: how quick, and in how much memory.

A request is what a server does: call the app, iterate the body, close it.
"""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import csv
import dataclasses
import datetime
import functools
import io
import itertools
import operator
import pathlib
import re
import statistics
import time
import typing as t

from flask import Flask
from flask import json
from timing import compare
from timing import Contender
from werkzeug.test import create_environ

from flask_responsekit import ResponseKit
from flask_responsekit import Stream

#: Gives the rows of a request.
ListRows: t.TypeAlias = cabc.Callable[[], t.Any]
#: Makes of rows what can be written.
OpenRows: t.TypeAlias = cabc.Callable[[cabc.Iterator[t.Any]], cabc.Iterator[t.Any]]

MIMETYPES: t.Final = {
    "ndjson": "application/x-ndjson",
    "json": "application/json",
    "csv": "text/csv",
}
#: How many rows make a stream that is at full speed.
SHORT: t.Final = 10_000
#: How long a source waits when it has given its first row, in seconds.
_WAIT = 0.2
_PLACED = datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc)


@dataclasses.dataclass
class Order:
    id: int
    customer: str
    email: str
    total: float
    is_paid: bool


@dataclasses.dataclass
class NotedOrder(Order):
    note: str | None


@dataclasses.dataclass
class DatedOrder(Order):
    placed: datetime.datetime


def _make_cells(n: int, name: str = "Customer") -> tuple[int, str, str, float, bool]:
    return n, f"{name} {n}", f"c{n}@example.org", n / 7, n % 2 == 0


#: What makes a row of a number.
KINDS: t.Final[dict[str, cabc.Callable[[int], Order]]] = {
    "flat": lambda n: Order(*_make_cells(n)),
    "with None": lambda n: NotedOrder(*_make_cells(n), "Urgent" if n % 2 else None),
    "datetime": lambda n: DatedOrder(
        *_make_cells(n), _PLACED + datetime.timedelta(minutes=n)
    ),
    # JSON escapes the letter, and CSV quotes the comma.
    "quoted": lambda n: Order(*_make_cells(n, "Brontë,")),
}


def compare_writers(
    name: str, kind: str, number: int, seconds: float
) -> list[list[list[float]]]:
    """Time four apps that send rows: one by the idiom, one by the idiom but with rows
    opened in the quickest way, one with the kit, and another with it, which shows what
    is noise.

    :param name: that of the format.
    :param number: how many rows those with the kit send in a request. The others send
        a fifth, for which they take about as long.
    :return: the blocks of a comparison, in seconds per row.
    :raises RuntimeError: if an app does not send the rows.
    """
    numbers = (number // 5, number // 5, number, number)
    lists = [_cycle(kind, length) for length in numbers]
    idiom, quickest = _OPENERS[name]

    def make() -> list[Contender]:
        apps = [
            _make_idiom(name, lists[0], idiom),
            _make_idiom(name, lists[1], quickest),
            _make_kit(name, lists[2]),
            _make_kit(name, lists[3]),
        ]
        for app, list_rows in zip(apps, lists, strict=True):
            expected = [_show_cells(vars(row).values()) for row in list_rows()]
            if _read(name, app) != expected:
                raise RuntimeError(f"Not all apps send the rows {kind!r} as {name}.")
        return [_make_request(app) for app in apps]

    return [
        [[*map(operator.truediv, row, numbers)] for row in block]
        for block in compare(make, seconds).blocks
    ]


def _cycle(kind: str, number: int) -> ListRows:
    """Give the same few rows over and over again: to make them is not measured."""
    rows = [*map(KINDS[kind], range(1000))]
    return lambda: itertools.islice(itertools.cycle(rows), number)


def _make_kit(name: str, list_rows: ListRows) -> Flask:
    app = Flask(__name__)
    ResponseKit(app, renderers=[name])
    app.add_url_rule("/", "view", lambda: Stream(list_rows()))
    return app


def _make_idiom(name: str, list_rows: ListRows, open_rows: OpenRows) -> Flask:
    app = Flask(__name__)
    write, headers = _IDIOMS[name], {"Content-Type": MIMETYPES[name]}
    app.add_url_rule("/", "view", lambda: (write(open_rows(list_rows())), headers))
    return app


def _write_ndjson(rows: cabc.Iterable[t.Any]) -> cabc.Iterator[str]:
    for row in rows:
        yield json.dumps(row) + "\n"


def _write_json(rows: cabc.Iterable[t.Any]) -> cabc.Iterator[str]:
    opening = "["
    for row in rows:
        yield opening + json.dumps(row)
        opening = ","
    yield "]"


def _write_csv(rows: cabc.Iterable[t.Any]) -> cabc.Iterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow(row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _get_attributes(rows: cabc.Iterator[t.Any]) -> cabc.Iterator[t.Any]:
    first = next(rows)
    return map(operator.attrgetter(*vars(first)), itertools.chain([first], rows))


_IDIOMS: t.Final = {"ndjson": _write_ndjson, "json": _write_json, "csv": _write_csv}
#: What makes of rows what the idiom writes: as one finds it, and in the quickest way.
_OPENERS: t.Final[dict[str, tuple[OpenRows, OpenRows]]] = {
    # Flask's JSON takes dataclasses as they are.
    "ndjson": (iter, functools.partial(map, vars)),
    "json": (iter, functools.partial(map, vars)),
    "csv": (functools.partial(map, dataclasses.astuple), _get_attributes),
}


def _read(name: str, app: Flask) -> list[list[str]]:
    text = app.test_client().get("/").text
    if name == "csv":
        # The kit alone writes a header.
        records = csv.reader(io.StringIO(text, newline=""))
        return [_show_cells(record) for record in records if record[0] != "id"]
    lines = json.loads(text) if name == "json" else map(json.loads, text.splitlines())
    return [_show_cells(line.values()) for line in lines]


def _show_cells(cells: cabc.Iterable[object]) -> list[str]:
    """Those that all apps write alike, but for the case."""
    return [str(cell).lower() for cell in itertools.islice(cells, 5)]


def _make_request(app: Flask) -> Contender:
    environ = create_environ()
    application = app.wsgi_app

    def request() -> None:
        body = application(environ.copy(), _start_response)
        try:
            for _ in body:
                pass
        finally:
            body.close()  # type: ignore[attr-defined]

    return request


def _start_response(*args: object) -> t.Any:
    """Take the status and headers, as a server does."""


def measure_short(name: str) -> float:
    """How many microseconds a row takes in a short stream."""
    return 1e6 * statistics.median(_time_rows(name, SHORT) for _ in range(20))


def measure_long(name: str, number: int) -> float:
    """How long a row takes in a long stream, in units of what one takes in short
    streams right before and after.
    """
    before = measure_short(name)
    took = 1e6 * _time_rows(name, number)
    return took / statistics.mean((before, measure_short(name)))


def _time_rows(name: str, number: int) -> float:
    # The first request of an app takes longer.
    lists = iter((_cycle("flat", 1), _cycle("flat", number)))
    request = _make_request(_make_kit(name, lambda: next(lists)()))
    request()
    start = time.thread_time()
    request()
    return (time.thread_time() - start) / number


def measure_memory(name: str, number: int) -> tuple[float, float]:
    """Send rows that are made while they are sent.

    :return: the most memory that this process ever had, in megabytes: when the stream
        was at full speed, and at its end.
    """
    peaks = []

    def rows() -> cabc.Iterator[Order]:
        yield from map(KINDS["flat"], range(SHORT))
        peaks.append(_find_peak())
        yield from map(KINDS["flat"], range(SHORT, number))

    _make_request(_make_kit(name, rows))()
    return peaks[0], _find_peak()


def _find_peak() -> float:
    """The most memory that this process ever had, in megabytes.

    getrusage() would not do: on Linux it tells what the parent had, if that was more.
    """
    status = pathlib.Path("/proc/self/status").read_text()
    (size,) = re.findall(r"VmHWM:\s*(\d+) kB", status)
    return int(size) / 1024


def measure_first_chunk(name: str, is_async: bool) -> float:
    """How many milliseconds pass from the first row of a source, which waits before the
    second, to the first bytes.
    """
    row = KINDS["flat"](1)
    given = 0.0

    def give() -> cabc.Iterator[Order]:
        nonlocal given
        given = time.perf_counter()
        yield row
        time.sleep(_WAIT)
        yield row

    async def give_async() -> cabc.AsyncIterator[Order]:
        nonlocal given
        given = time.perf_counter()
        yield row
        await asyncio.sleep(_WAIT)
        yield row

    app = _make_kit(name, give_async if is_async else give)
    body = app.wsgi_app(create_environ(), _start_response)
    try:
        next(filter(None, body))
        return 1e3 * (time.perf_counter() - given)
    finally:
        body.close()  # type: ignore[attr-defined]
