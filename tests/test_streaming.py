from __future__ import annotations

import asyncio
import contextlib
import csv
import gc
import io
import itertools
import json
import threading
import weakref

import flask
import pytest
from flask import Flask
from flask import g
from flask import got_request_exception
from flask import request
from flask import Response
from flask import session
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from werkzeug.test import Client
from werkzeug.test import create_environ

from flask_responsekit import CSVRenderer
from flask_responsekit import EventStream
from flask_responsekit import JSONRenderer
from flask_responsekit import ResponseKit
from flask_responsekit import Stream
from flask_responsekit.renderers.ndjson import NDJSONRenderer
from flask_responsekit.renderers.protocol import as_it_is
from flask_responsekit.streaming import StreamBody
from flask_responsekit.streaming import write_rows

PROBLEM = "application/problem+json"
RENDERERS = {
    "json": JSONRenderer(),
    "csv": CSVRenderer(formulas="raw"),
    "ndjson": NDJSONRenderer(),
}


class Clock:
    """Stands for the module ``time``: goes on only when it is told to."""

    now = 1000.0

    def monotonic(self):
        return self.now


@contextlib.contextmanager
def stop_clock():
    with pytest.MonkeyPatch.context() as monkeypatch:
        clock = Clock()
        monkeypatch.setattr("flask_responsekit.streaming.time", clock)
        yield clock


@pytest.fixture
def clock():
    with stop_clock() as clock:
        yield clock


def note_closing(log):
    log.append(f"closed in {request.path}" if request else "closed")


class Rows:
    """An iterator of rows that notes when it is closed, and may fail then."""

    def __init__(self, log, rows, error=None):
        self.log = log
        self.rows = iter(rows)
        self.error = error

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.rows)

    def close(self):
        note_closing(self.log)
        if self.error is not None:
            raise self.error


class Counter:
    """Counts what is read of rows."""

    def __init__(self, rows):
        self.rows = rows
        self.count = 0

    def __iter__(self):
        for row in self.rows:
            self.count += 1
            yield row


class Renderer:
    """Writes numbers as lines of text, in ways that differ."""

    name = "numbers"
    mimetype = "text/x-numbers"

    def render(self, value):
        raise NotImplementedError


class HeadedRenderer(Renderer):
    """Writes a header before it takes the first batch, and an end."""

    def render_rows(self, batches, to_plain):
        yield b"numbers\n"
        for batch in batches:
            yield b"".join(b"%d\n" % to_plain(row) for row in batch)
        yield b"end\n"


class RowwiseRenderer(Renderer):
    """Gives several pieces of each batch."""

    def render_rows(self, batches, to_plain):
        for batch in batches:
            for row in batch:
                yield b"%d" % to_plain(row)
                yield b"\n"


class LateRenderer(Renderer):
    """Gives nothing for some batches, and all it has kept later."""

    def render_rows(self, batches, to_plain):
        kept = []
        for number, batch in enumerate(batches):
            kept += [b"%d\n" % to_plain(row) for row in batch]
            if number % 3 == 2:
                yield b"".join(kept)
                kept.clear()
        yield b"".join(kept)


class ListRenderer(Renderer):
    """Returns a list, of which all is written before anything is sent."""

    def render_rows(self, batches, to_plain):
        return [b"%d\n" % to_plain(row) for batch in batches for row in batch]


class TextRenderer(Renderer):
    """Gives text in place of bytes."""

    def render_rows(self, batches, to_plain):
        for batch in batches:
            yield "".join(map(str, batch))


def write(rows, renderer="ndjson", *, to_plain=as_it_is, **options):
    if isinstance(renderer, str):
        renderer = RENDERERS[renderer]
    return write_rows(Stream(rows, **options), renderer, to_plain)


def parse(name, body):
    """Read the rows of a body, as far as they are whole."""
    if name == "csv":
        return [*csv.DictReader(io.StringIO(body.decode(), newline=""))]
    if name == "json":
        body = body.removesuffix(b"]").removeprefix(b"[")
        return json.loads(b"[" + body + b"]")
    return [json.loads(line) for line in body.splitlines()]


# Chunks.


def make_rows(count, length=20):
    return [{"id": "1", "text": "x" * length} for _ in range(count)]


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
NAMED_ROWS = st.lists(
    st.lists(SCALARS | NUMBERS, min_size=3, max_size=3).map(
        lambda cells: dict(zip("abc", cells, strict=True))
    ),
    max_size=30,
)
ANY_ROWS = st.lists(
    st.recursive(
        SCALARS | NUMBERS,
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=5,
    ),
    max_size=30,
)
SIZES = st.integers(min_value=1, max_value=200)


def tick(clock, rows, delays):
    """Give each row after some time."""
    for row, delay in zip(rows, delays, strict=False):
        clock.now += delay
        yield row


DELAYS = st.lists(st.sampled_from([0.0, 0.04, 0.2]), min_size=30, max_size=30)


@settings(deadline=None)
@given(rows=ANY_ROWS, chunk_size=SIZES, delays=DELAYS)
def test_chunks_together_are_what_a_list_is_written_as(rows, chunk_size, delays):
    with stop_clock() as clock:
        read = tick(clock, rows, delays)
        lines = [*write(read, chunk_size=chunk_size)]
        read = tick(clock, rows, delays)
        items = [*write(read, "json", chunk_size=chunk_size)]
    body = b"".join(items)
    assert body.startswith(b"[") and body.endswith(b"]")
    # Compared as text, where 1 is not 1.0.
    written = json.dumps(rows)
    assert json.dumps(json.loads(body)) == written
    assert json.dumps(parse("ndjson", b"".join(lines))) == written
    assert b"" not in [*lines, *items]


@settings(deadline=None)
@given(rows=NAMED_ROWS, chunk_size=SIZES, delays=DELAYS)
def test_chunks_of_csv_together_are_what_a_list_is_written_as(rows, chunk_size, delays):
    with stop_clock() as clock:
        read = tick(clock, rows, delays)
        chunks = [*write(read, "csv", chunk_size=chunk_size)]
    assert b"".join(chunks) == RENDERERS["csv"].render(rows)
    assert b"" not in chunks


@settings(deadline=None, max_examples=50)
@given(
    name=st.sampled_from([*RENDERERS]),
    count=st.integers(min_value=0, max_value=2000),
    length=st.integers(min_value=0, max_value=500),
    chunk_size=st.integers(min_value=1, max_value=5000),
)
def test_chunks_are_of_about_the_size_that_was_told(name, count, length, chunk_size):
    with stop_clock():
        rows = make_rows(count, length)
        sizes = [*map(len, write(rows, name, chunk_size=chunk_size))]
    one = len(b'{"id":"1","text":""},') + length
    # The first row goes out at once, and the last chunk has what remains.
    assert all(size >= chunk_size for size in sizes[1:-1])
    assert all(size < chunk_size + one for size in sizes[1:])


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"text": "x" * 1000}, id="one-column"),
        pytest.param({"id": "1", "text": "x" * 1000}, id="two-columns"),
        pytest.param({"id": "1", "text": 'x"\n' * 250}, id="quotes"),
    ],
)
def test_no_more_rows_are_read_than_fill_a_chunk(clock, name, row):
    counter = Counter([row] * 2000)
    sent = 0
    for chunk in write(counter, name, chunk_size=10_000):
        sent += len(chunk)
        # A row takes 1,000 bytes, or a bit more.
        assert counter.count * 1000 <= sent + 11_000
    assert counter.count == 2000


@pytest.mark.parametrize("renderer", [HeadedRenderer(), RowwiseRenderer()])
def test_renderers_of_others_do_not_have_more_rows_read(clock, renderer):
    counter = Counter([10**999] * 2000)
    sent = 0
    for chunk in write(counter, renderer, chunk_size=10_000):
        sent += len(chunk)
        assert counter.count * 1000 <= sent + 11_000


def test_first_row_goes_out_at_once_and_small_rows_together(clock):
    counter = Counter([1, 2, 3, 4])
    chunks = write(counter, chunk_size=100)
    assert counter.count == 0
    assert (next(chunks), counter.count) == (b"1\n", 1)
    assert [*chunks] == [b"2\n3\n4\n"]


def test_rows_of_the_size_of_a_chunk_go_out_one_by_one(clock):
    assert [*write([1, 2, 3], chunk_size=1)] == [b"1\n", b"2\n", b"3\n"]


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        pytest.param(0.0, [b"1\n", b"2\n3\n4\n5\n6\n"], id="at-once"),
        pytest.param(0.04, [b"1\n", b"2\n3\n4\n", b"5\n6\n"], id="soon"),
        pytest.param(0.2, [b"1\n", b"2\n", b"3\n", b"4\n", b"5\n", b"6\n"], id="late"),
    ],
)
def test_row_that_comes_late_goes_out_at_once(clock, delay, expected):
    assert [*write(tick(clock, [1, 2, 3, 4, 5, 6], [delay] * 6))] == expected


@pytest.mark.parametrize("name", RENDERERS)
def test_late_row_is_not_kept_back_until_the_next(clock, name):
    counter = Counter(make_rows(3))
    body = b""
    for chunk in write(tick(clock, counter, [1.0] * 3), name):
        body += chunk
        assert len(parse(name, body)) == counter.count


def test_time_that_the_client_takes_is_not_that_of_the_rows(clock):
    chunks = []
    for chunk in write(range(10, 99), chunk_size=30):
        clock.now += 100
        chunks.append(chunk)
    assert {len(chunk) for chunk in chunks[1:-1]} == {30}


@pytest.mark.parametrize("name", RENDERERS)
def test_rows_of_a_quiet_async_source_go_out_though_nothing_comes(name):
    is_due = threading.Event()

    async def read():
        for row in make_rows(3):
            yield row
        while not is_due.is_set():
            await asyncio.sleep(0.001)
        for row in make_rows(2):
            yield row

    chunks = write(read(), name)
    found = b""
    while len(parse(name, found)) < 3:
        found += next(chunks)
    assert not is_due.is_set()
    is_due.set()
    body = b"".join([found, *chunks])
    assert parse(name, body) == make_rows(5)


# Renderers of others.


@pytest.mark.parametrize(
    ("renderer", "expected"),
    [
        pytest.param(HeadedRenderer(), b"numbers\n%send\n", id="headed"),
        pytest.param(RowwiseRenderer(), b"%s", id="rowwise"),
        pytest.param(LateRenderer(), b"%s", id="late"),
        pytest.param(ListRenderer(), b"%s", id="list"),
    ],
)
def test_renderers_may_write_as_they_like(renderer, expected):
    for count, chunk_size in itertools.product([0, 1, 2, 500], [1, 10, 65536]):
        chunks = [*write(range(count), renderer, chunk_size=chunk_size)]
        lines = b"".join(b"%d\n" % number for number in range(count))
        assert b"".join(chunks) == expected % lines
        assert b"" not in chunks


def test_header_goes_out_with_the_first_row(clock):
    chunks = write([1, 2], HeadedRenderer())
    assert [*chunks] == [b"numbers\n1\n", b"2\nend\n"]


def test_what_is_no_bytes_is_refused():
    with pytest.raises(TypeError, match="gave a str .* It has to give bytes."):
        next(write([1], TextRenderer()))


def test_renderer_and_source_are_closed_when_the_client_leaves():
    log = []

    class Closing(Renderer):
        def render_rows(self, batches, to_plain):
            try:
                for batch in batches:
                    yield b"%d\n" % len(batch)
            finally:
                log.append("renderer")

    chunks = write(Rows(log, range(9)), Closing(), chunk_size=1)
    next(chunks)
    chunks.close()
    assert sorted(log) == ["closed", "renderer"]


# Errors.


def fail_after(rows):
    yield from rows
    raise LookupError("secret")


async def fail_after_async(rows):
    for row in rows:
        yield row
    raise LookupError("secret")


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize("fail", [fail_after, fail_after_async])
@pytest.mark.parametrize("count", [1, 2, 300])
def test_what_is_whole_goes_out_before_an_error(name, fail, count):
    rows = make_rows(count)
    body = b""
    with pytest.raises(LookupError, match="secret"):
        for chunk in write(fail(rows), name):
            body += chunk
    assert parse(name, body) == rows
    assert not body.endswith(b"]")


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize("place", [1, 2, 100])
def test_rows_before_one_that_cannot_be_written_go_out(name, place):
    rows = make_rows(200)
    rows[place] = {"id": "1", "text": float("nan")}
    body = b""
    with pytest.raises(ValueError, match="Out of range|nan"):
        for chunk in write(rows, name):
            body += chunk
    assert parse(name, body) == rows[:place]
    assert not body.endswith(b"]")


@pytest.mark.parametrize(
    "renderer", [HeadedRenderer(), RowwiseRenderer(), *RENDERERS.values()]
)
@pytest.mark.parametrize("fail", [fail_after, fail_after_async])
def test_nothing_goes_out_before_an_error_of_the_first_row(renderer, fail):
    with pytest.raises(LookupError, match="secret"):
        next(write(fail([]), renderer))


@pytest.mark.parametrize(
    "renderer", [HeadedRenderer(), RowwiseRenderer(), *RENDERERS.values()]
)
def test_nothing_goes_out_before_a_first_row_that_cannot_be_written(renderer):
    chunks = write([{"a": float("nan")}, {"a": 1}], renderer)
    with pytest.raises((TypeError, ValueError)):
        next(chunks)


# In a request.


class App:
    """An app with one view, and a log of what happens in which order."""

    def __init__(self, make_rows, *, view="sync", setup=None, **config):
        self.log = []
        self.errors = []
        self.app = app = Flask("example")
        app.config.update({"SECRET_KEY": "secret", **config})
        self.kit = kit = ResponseKit(app, renderers=["ndjson", HeadedRenderer()])
        app.teardown_request(lambda error: self.log.append("teardown_request"))
        app.teardown_appcontext(lambda error: self.log.append("teardown_appcontext"))
        got_request_exception.connect(self.note, app)

        def show():
            return kit.stream(make_rows(self.log), chunk_size=1)

        async def show_async():
            await asyncio.sleep(0)
            return show()

        views = {
            "sync": show,
            "typed": kit.view(show),
            "async": show_async,
            "async-typed": kit.view(show_async),
        }
        app.add_url_rule("/rows", view_func=views[view], endpoint="rows")
        if setup is not None:
            setup(app)

    def note(self, sender, exception, **kwargs):
        self.errors.append(exception)

    def start(self, method="GET"):
        """Call the app as a server does.

        :return: the status, and the body.
        """
        started = []
        environ = create_environ("/rows", method=method)
        body = self.app.wsgi_app(environ, lambda *args: started.append(args))
        bodies.add(body)
        return started[0][0], body


def read_sync(log):
    try:
        yield from range(3)
    finally:
        note_closing(log)


async def read_async(log):
    try:
        for number in range(3):
            await asyncio.sleep(0)
            yield number
    finally:
        await asyncio.sleep(0)
        note_closing(log)


def read_closable(log):
    return Rows(log, range(3))


ENDED = ["closed in /rows", "teardown_request", "teardown_appcontext"]
SOURCES = [read_sync, read_async, read_closable]
VIEWS = ["sync", "typed", "async", "async-typed"]


@pytest.fixture(scope="module", autouse=True)
def quick_collection():
    """Have the garbage collector look at what these tests make, and no more."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


#: Those that a test may have failed to close.
bodies = weakref.WeakSet()


@pytest.fixture(autouse=True)
def nothing_left():
    yield
    has_context = flask.has_request_context() or flask.has_app_context()
    for body in [*bodies]:
        with contextlib.suppress(Exception):
            body.close()
    gc.collect()
    assert not has_context


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("read", SOURCES)
def test_request_lasts_until_the_body_is_closed(read, view):
    for count in range(5):
        app = App(read, view=view)
        _, body = app.start()
        chunks = iter(body)
        found = [next(chunks, None) for _ in range(count)]
        assert found == [b"0\n", b"1\n", b"2\n", None][:count]
        # At the end all is let go, even before it is closed.
        assert ("teardown_request" in app.log) is (count == 4)
        body.close()
        assert app.log == ENDED
        assert not flask.has_request_context()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("read", SOURCES)
def test_source_is_closed_if_no_body_is_sent(read, view):
    app = App(read, view=view)
    status, body = app.start("HEAD")
    assert (status, [*body]) == ("200 OK", [])
    body.close()
    assert app.log == ENDED


@pytest.mark.parametrize("view", ["sync", "async-typed"])
@pytest.mark.parametrize("read", SOURCES)
def test_source_is_closed_if_the_server_forgets_to(read, view):
    app = App(read, view=view)
    _, body = app.start()
    next(iter(body))
    del body
    gc.collect()
    assert app.log == ENDED


def test_body_may_be_closed_twice():
    app = App(read_closable)
    _, body = app.start()
    body.close()
    body.close()
    assert app.log == ENDED


@pytest.mark.parametrize("view", VIEWS)
def test_source_is_closed_in_the_request_if_the_first_row_fails(view):
    def read(log):
        return Rows(log, fail_after([]))

    app = App(read, view=view)
    status, body = app.start()
    assert status == "500 INTERNAL SERVER ERROR"
    body.close()
    assert app.log == ENDED
    assert len(app.errors) == 1


@pytest.mark.parametrize(
    ("view", "config"),
    [*zip(VIEWS, [{}] * 4, strict=True), ("sync", {"TESTING": True})]
    + [("sync", {"DEBUG": True})],
)
def test_later_error_breaks_the_connection_and_is_logged_once(view, config, caplog):
    def read(log):
        return Rows(log, fail_after([1, 2]))

    app = App(read, view=view, **config)
    status, body = app.start()
    chunks = iter(body)
    assert (status, next(chunks), next(chunks)) == ("200 OK", b"1\n", b"2\n")
    with pytest.raises(LookupError, match="secret") as caught:
        next(chunks)
    body.close()
    assert app.log == ENDED
    assert app.errors == [caught.value]
    (record,) = caplog.records
    assert record.name == "example"
    assert record.getMessage() == "Exception while a stream was sent on /rows [GET]"
    assert record.exc_info[1] is caught.value


def test_error_handlers_are_not_asked_for_what_comes_too_late():
    handled = []

    def setup(app):
        app.register_error_handler(Exception, handled.append)

    app = App(lambda log: fail_after([1]), setup=setup)
    _, body = app.start()
    with pytest.raises(LookupError):
        b"".join(body)
    body.close()
    assert handled == []


@pytest.mark.parametrize(
    ("method", "count"), [("HEAD", 0), ("GET", 0), ("GET", 1), ("GET", 2), ("GET", 9)]
)
def test_error_of_closing_is_logged_once(method, count, caplog):
    error = LookupError("secret")
    app = App(lambda log: Rows(log, range(3), error))
    _, body = app.start(method)
    with pytest.raises(LookupError), contextlib.closing(body) as chunks:
        for _ in range(count):
            next(iter(chunks), None)
    assert app.log == ENDED
    assert app.errors == [error]
    assert [record.exc_info[1] for record in caplog.records] == [error]


def test_error_of_the_first_row_of_a_renderer_with_a_header_is_answered():
    app = App(lambda log: Rows(log, fail_after([])))
    accept = f"text/x-numbers, {PROBLEM}"
    response = Client(app.app).get("/rows", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (500, PROBLEM)
    assert app.log == ENDED


# What is done after the view.


def replace(response):
    return Response("other")


def set_data(response):
    response.set_data("other")
    return response


def read_data(response):
    response.headers["X-Length"] = str(len(response.get_data()))
    return response


def fail(response):
    if response.status_code == 200:
        raise LookupError("gone")
    return response


@pytest.mark.parametrize("view", ["sync", "async-typed"])
@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        pytest.param(replace, b"other", id="other-response"),
        pytest.param(set_data, b"other", id="other-body"),
        pytest.param(read_data, b"0\n1\n2\n", id="whole-body"),
        pytest.param(fail, None, id="error"),
    ],
)
def test_request_is_let_go_though_the_stream_is_not_sent(
    hook, expected, view, monkeypatch
):
    app = App(read_sync, view=view, setup=lambda app: app.after_request(hook))
    # A record of the error would hold all that was there.
    monkeypatch.setattr(app.app.logger, "disabled", True)
    status, body = app.start()
    found = b"".join(body)
    body.close()
    has_context, log = flask.has_request_context(), [*app.log]
    # The source may be closed when nobody has it any more.
    app.errors.clear()
    gc.collect()
    assert not has_context
    assert [one for one in log if "closed" not in one] == ENDED[1:]
    assert len([one for one in app.log if "closed" in one]) == 1
    assert status.startswith("500" if expected is None else "200")
    assert expected is None or found == expected


def test_source_of_a_response_that_is_not_returned_is_closed():
    log = []
    app = App(read_sync)

    @app.app.get("/other")
    def show():
        app.kit.response(Stream(read_sync(log)))
        return "other"

    assert app.app.test_client().get("/other").data == b"other"
    gc.collect()
    assert log == ["closed in /other"]
    assert app.log == ENDED[1:]


# What the rows see.


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("is_async", [False, True])
def test_rows_see_the_request_and_what_belongs_to_it(view, is_async):
    def look():
        g.count = g.get("count", 0) + 1
        return {"path": request.path, "count": g.count, "user": session.get("user")}

    def read(log):
        try:
            for _ in range(3):
                yield look()
        finally:
            log.append(look()["count"])

    async def read_later(log):
        for row in read(log):
            await asyncio.sleep(0)
            yield row

    app = App(read_later if is_async else read, view=view)
    client = app.app.test_client()
    with client.session_transaction() as stored:
        stored["user"] = "ada"
    app.log.clear()
    response = client.get("/rows", buffered=True)
    assert [*map(json.loads, response.data.splitlines())] == [
        {"path": "/rows", "count": count, "user": "ada"} for count in (1, 2, 3)
    ]
    assert app.log == [4, "teardown_request", "teardown_appcontext"]


def test_client_that_keeps_the_request_lets_it_go_at_its_end():
    app = App(read_sync)
    with app.app.test_client() as client:
        response = client.get("/rows")
        assert request.path == "/rows"
        assert response.data == b"0\n1\n2\n"
        assert app.log[0] == "closed in /rows"
    assert app.log == ENDED


def test_body_made_outside_of_a_request_needs_none():
    log = []
    app = App(read_sync)
    with app.app.app_context():
        response = app.kit.response(Stream(Rows(log, range(3)), chunk_size=1))
        assert next(response.iter_encoded()) == b"0\n"
        response.close()
    assert log == ["closed"]


def test_error_outside_of_a_request_is_logged_without_one(caplog):
    app = App(read_sync)
    with app.app.app_context():
        response = app.kit.response(Stream(fail_after([1])))
        with pytest.raises(LookupError):
            response.get_data()
    (record,) = caplog.records
    assert record.getMessage() == "Exception while a stream was sent"


def test_chunks_of_many_threads_do_not_mix():
    def read(log):
        yield request.args["name"]
        barrier.wait(30)
        yield request.args["name"]

    def get(name):
        client = app.app.test_client()
        found[name] = client.get(f"/rows?name={name}", buffered=True).data

    barrier = threading.Barrier(4)
    found = {}
    app = App(read)
    threads = [threading.Thread(target=get, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {name: f'"{name}"\n"{name}"\n'.encode() for name in "abcd"}


@pytest.mark.parametrize("fails", [False, True])
def test_stream_is_closed_when_an_error_takes_its_place(fails):
    log = []

    def read():
        try:
            yield 1
        finally:
            log.append(flask.request.path)
            if fails:
                raise LookupError("while it is closed")

    app = Flask(__name__)
    kit = ResponseKit(app)
    held = []

    @app.get("/")
    def view():
        # As a traceback would, in a debugger.
        held.append(kit.response(kit.stream(read())))
        return held[0]

    @app.after_request
    def fail(response):
        raise RuntimeError("after the request")

    response = app.test_client().get("/")
    assert response.status_code == 500
    assert log == ["/"]
    assert not flask.has_request_context()


class Restarting:
    """An iterator that begins anew when it is iterated, as few do."""

    def __iter__(self):
        self.numbers = iter(range(1, 4))
        return self

    def __next__(self):
        return next(self.numbers)


@pytest.mark.parametrize("chunk_size", [1, 1000])
def test_iterable_is_iterated_once(chunk_size):
    chunks = write(Restarting(), "json", chunk_size=chunk_size)
    assert b"".join(chunks) == b"[1,2,3]"


@pytest.mark.parametrize("count", [0, 2])
def test_error_of_closing_comes_before_the_end_of_an_array(count):
    class Rows(list):
        closed = 0

        def close(self):
            self.closed += 1
            raise LookupError("while it is closed")

    rows = Rows(range(count))
    chunks = []
    with pytest.raises(LookupError, match="while it is closed"):
        chunks.extend(write(rows, "json"))
    assert b"]" not in b"".join(chunks)
    assert rows.closed == 1


def test_source_is_closed_if_no_response_can_be_made_of_it():
    log = []

    def read():
        try:
            yield 1
        finally:
            log.append(flask.request.path)

    class Failing(Response):
        def __init__(self, response=None, *args, **kwargs):
            if isinstance(response, StreamBody):
                raise LookupError("no response")
            super().__init__(response, *args, **kwargs)

    app = Flask(__name__)
    app.response_class = Failing
    kit = ResponseKit(app)
    held = []

    @app.errorhandler(LookupError)
    def handle(error):
        held.append(error)
        return "handled"

    app.add_url_rule("/", "view", lambda: kit.stream(read()))
    assert app.test_client().get("/").text == "handled"
    assert log == ["/"]
    assert held


@pytest.mark.parametrize("is_read", [True, False])
@pytest.mark.parametrize("kind", ["rows", "async-rows", "events", "async-events"])
def test_stream_leaves_nothing_to_the_garbage_collector(kind, is_read):
    def read():
        yield 1
        yield 2
        raise LookupError("later")

    async def read_async():
        for number in read():
            yield number

    app = Flask(__name__)
    # What was logged is kept by pytest.
    app.logger.disabled = True
    kit = ResponseKit(app)
    references = []

    @app.get("/")
    def view():
        source = read_async() if kind.startswith("async") else read()
        stream = EventStream(source) if kind.endswith("events") else kit.stream(source)
        references.append(weakref.ref(stream))
        return stream

    gc.collect()
    gc.disable()
    try:
        with app.test_client().get("/") as response, contextlib.suppress(LookupError):
            if is_read:
                response.get_data()
        del response
        assert references[0]() is None
    finally:
        gc.enable()
