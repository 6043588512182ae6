from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import decimal
import enum
import gc
import json
import threading
import time
import uuid

import pytest
from flask import abort
from flask import Blueprint
from flask import current_app
from flask import Flask
from flask import g
from flask import got_request_exception
from flask import request
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from flask_responsekit import ConverterNotFoundError
from flask_responsekit import EventStream
from flask_responsekit import ResponseKit
from flask_responsekit import ServerSentEvent
from flask_responsekit.converters import BUILT_IN
from flask_responsekit.event_stream import write_events
from flask_responsekit.plain import Plain

EVENTS = "text/event-stream; charset=utf-8"
HTML = "text/html; charset=utf-8"
PROBLEM = "application/problem+json"
PING = b": ping\n\n"
THREAD = "flask_responsekit.source"
#: How long a test waits for what has to come, in seconds.
LIMIT = 30
#: Stands for an event for which a source waits until it is told to go on.
WAIT = object()


class Source:
    """Gives events one by one, raises those that are errors, and notes what happens."""

    def __init__(self, *events):
        self.events = events
        self.asked = 0
        self.notes = []
        self.go = threading.Event()
        self.async_go = asyncio.Event()
        self.closed = threading.Event()

    def note(self, what):
        user = g.get("user") if current_app else None
        path = request.path if request else None
        self.notes.append((what, path, user, threading.current_thread().name))

    def ask(self, event):
        self.asked += 1
        self.note("asked")
        if isinstance(event, BaseException):
            raise event
        return event

    def close(self):
        self.note("closed")
        self.closed.set()

    def read(self):
        try:
            for event in self.events:
                if self.ask(event) is WAIT:
                    assert self.go.wait(LIMIT)
                else:
                    yield event
        finally:
            self.close()

    async def aread(self):
        try:
            for event in self.events:
                if self.ask(event) is WAIT:
                    await asyncio.wait_for(self.async_go.wait(), LIMIT)
                else:
                    yield event
        finally:
            self.close()

    def release(self):
        self.go.set()
        self.async_go.set()


def read_in_thread(source, **options):
    return EventStream(source.read(), **options)


def read_in_place(source, **options):
    return EventStream(source.read(), **{**options, "ping": None})


def read_async(source, **options):
    return EventStream(source.aread(), **options)


in_thread = pytest.param(read_in_thread, id="in-a-thread")
in_place = pytest.param(read_in_place, id="in-place")
with_loop = pytest.param(read_async, id="async")
each_way = pytest.mark.parametrize("read", [in_thread, in_place, with_loop])
each_pinged = pytest.mark.parametrize("read", [in_thread, with_loop])


def make_app(view, *, produces=None, setup=None, **config):
    """An app with one view, which notes in ``app.notes`` when a request is over."""
    app = Flask("example", static_folder=None)
    for key, value in config.items():
        app.config[f"RESPONSEKIT_{key.upper()}"] = value
    app.kit = ResponseKit(app)
    app.notes = []
    app.teardown_request(lambda error: app.notes.append("over"))

    @app.before_request
    def log_in():
        g.user = "Ada"

    if setup is not None:
        setup(app)
    if produces is not None:
        view = app.kit.view(produces=produces)(view)
    app.add_url_rule("/", "view", view)
    return app


def send(app, accept=None):
    """Send a request, and take the whole answer."""
    headers = {} if accept is None else {"Accept": accept}
    return app.test_client().get("/", headers=headers, buffered=True)


@contextlib.contextmanager
def listen(app):
    """Send a request, and give the answer with its chunks as they come."""
    with app.test_client().get("/") as response:
        yield response, iter(response.response)


def skip_pings(chunks):
    """The next event, after as many pings as a busy machine takes for it."""
    return next(chunk for chunk in chunks if chunk != PING)


def list_threads():
    return [one for one in threading.enumerate() if one.name == THREAD]


def await_threads():
    """Wait for the threads of all sources to end."""
    limit = time.monotonic() + LIMIT
    while list_threads():
        assert time.monotonic() < limit
        time.sleep(0.001)


# What is sent


def test_events_are_sent_under_their_type():
    response = send(make_app(lambda: EventStream(["a", "b"])))
    assert response.status_code == 200
    assert response.headers.getlist("Content-Type") == [EVENTS]
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Length" not in response.headers
    assert response.data == b"data: a\n\ndata: b\n\n"


@pytest.mark.parametrize("accept", [None, "text/event-stream", "text/csv", "a/b"])
def test_events_are_not_negotiated(accept):
    app = make_app(lambda: EventStream(["a"]), renderers=["json", "csv", "ndjson"])
    response = send(app, accept)
    assert (response.status_code, response.content_type) == (200, EVENTS)
    assert "Vary" not in response.headers


def test_status_and_headers_beside_it_hold():
    headers = {"Cache-Control": "no-store", "X-Feed": "1"}
    response = send(make_app(lambda: (EventStream(["a"]), 203, headers)))
    assert (response.status_code, response.content_type) == (203, EVENTS)
    assert response.headers.getlist("Cache-Control") == ["no-store"]
    assert response.headers["X-Feed"] == "1"
    assert response.headers["X-Accel-Buffering"] == "no"


def test_stream_is_not_gathered_for_an_etag():
    source = Source("a", "b")
    with listen(make_app(lambda: EventStream(source.read()), etag=True)) as (
        response,
        _,
    ):
        assert "ETag" not in response.headers
        assert source.asked == 1


class Color(str, enum.Enum):
    RED = "r"


class Level(enum.IntEnum):
    HIGH = 3


@dataclasses.dataclass
class User:
    name: str
    born: datetime.datetime


class Slug(str):
    """Text that a converter takes."""


class Path(str):
    """Text that a converter makes other text of."""


BORN = datetime.datetime(1815, 12, 10)
BORN_JSON = b'"Sun, 10 Dec 1815 00:00:00 GMT"'


@pytest.mark.parametrize(
    ("data", "written"),
    [
        pytest.param("a", b"a", id="text"),
        pytest.param("", b"", id="empty-text"),
        pytest.param('"a"', b'"a"', id="text-that-is-JSON"),
        pytest.param("é", "é".encode(), id="utf-8"),
        pytest.param(Color.RED, b"r", id="text-enum"),
        pytest.param(Markup("<b>&amp;</b>"), b"<b>&amp;</b>", id="Markup"),
        pytest.param(Path("a"), b"a\ndata: a", id="converter-of-text-gives-text"),
        pytest.param(Slug("a"), b'{"slug":"a"}', id="converter-of-text-gives-data"),
        pytest.param(1j, b'"1j"', id="converter-of-data-gives-text"),
        pytest.param([1j], b'["1j"]', id="converter-inside"),
        pytest.param(Level.HIGH, b"3", id="number-enum"),
        pytest.param(0, b"0", id="zero"),
        pytest.param(True, b"true", id="bool"),
        pytest.param(["é\n"], rb'["\u00e9\n"]', id="text-inside-is-JSON"),
        pytest.param((1, None), b"[1,null]", id="tuple"),
        pytest.param({1: {"b", "a"}}, b'{"1":["a","b"]}', id="dict"),
        pytest.param(BORN, BORN_JSON, id="datetime"),
        pytest.param(
            uuid.UUID(int=1), b'"%s"' % str(uuid.UUID(int=1)).encode(), id="uuid"
        ),
        pytest.param(decimal.Decimal("1.50"), b'"1.50"', id="decimal"),
        pytest.param(
            User("Ada", BORN), b'{"name":"Ada","born":%s}' % BORN_JSON, id="dataclass"
        ),
    ],
)
def test_text_is_sent_as_it_is_and_the_rest_as_the_json_of_the_app(data, written):
    def setup(app):
        app.kit.add_converter(complex, str)
        app.kit.add_converter(Slug, lambda slug: {"slug": str(slug)})
        app.kit.add_converter(Path, lambda path: f"{str(path)}\r\n{str(path)}")

    events = [data, ServerSentEvent(data, id=1)]
    app = make_app(lambda: EventStream(events), setup=setup)
    expected = b"data: %s\n\nid: 1\ndata: %s\n\n" % (written, written)
    assert send(app).data == expected
    if not isinstance(data, str):
        with app.app_context():
            assert json.loads(written) == json.loads(app.json.dumps(data))


def test_none_is_null_but_in_an_event_no_data():
    events = [None, ServerSentEvent(None, comment="a"), ServerSentEvent([None])]
    response = send(make_app(lambda: EventStream(events)))
    assert response.data == b"data: null\n\n: a\n\ndata: [null]\n\n"


plain_data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(plain_data.filter(lambda data: not isinstance(data, str)))
def test_data_arrives_as_json_that_says_the_same(data):
    stream = EventStream([data, ServerSentEvent([data])], ping=None)
    first, second = write_events(stream, Plain(BUILT_IN, text_keys=True))
    for written, expected in ((first, data), (second, [data])):
        assert written.startswith(b"data: ")
        assert written.endswith(b"\n\n")
        line = written[6:-2]
        assert line.isascii() and b"\n" not in line and b"\r" not in line
        assert json.loads(line) == expected


def test_converters_of_the_scope_hold_inside():
    app = make_app(str)
    blueprint = Blueprint("v2", "example", url_prefix="/v2")
    blueprint.add_url_rule("/", "feed", lambda: EventStream([1j]))
    app.add_url_rule("/feed", "feed", lambda: EventStream([1j]))
    app.kit.add_converter(complex, str)
    app.kit.scope(blueprint).add_converter(complex, lambda value: [value.imag])
    app.register_blueprint(blueprint)
    assert app.test_client().get("/v2/").data == b"data: [1.0]\n\n"
    assert app.test_client().get("/feed").data == b'data: "1j"\n\n'


NESTED = EventStream(["never read"])


@pytest.mark.parametrize(
    ("data", "error_type", "message"),
    [
        pytest.param(float("nan"), ValueError, "not JSON compliant", id="NaN"),
        pytest.param([float("inf")], ValueError, "not JSON compliant", id="infinity"),
        pytest.param(
            b"a",
            ConverterNotFoundError,
            "type bytes .* Register one: kit.add_converter",
            id="bytes",
        ),
        pytest.param(
            {"a": object()}, ConverterNotFoundError, "type object ", id="unknown"
        ),
        pytest.param(
            NESTED, TypeError, "EventStream .* cannot stand inside", id="stream"
        ),
        pytest.param([NESTED], TypeError, "cannot stand inside", id="stream-inside"),
        pytest.param("\ud800", ValueError, "surrogate", id="half-a-character"),
    ],
)
@pytest.mark.parametrize("make", [lambda data: data, ServerSentEvent])
def test_what_cannot_be_written_is_an_error(make, data, error_type, message):
    source = Source(make(data), "never asked for")
    app = make_app(lambda: EventStream(source.read()))
    app.testing = True
    with pytest.raises(error_type, match=message):
        send(app)
    assert source.closed.is_set()
    assert source.asked == 1


def test_stream_inside_other_data_is_refused():
    source = Source("a")
    app = make_app(lambda: {"events": EventStream(source.read())})
    app.testing = True
    with pytest.raises(TypeError, match="cannot stand inside other data. .*'events'"):
        send(app)
    assert source.asked == 0


# When it is sent


@each_way
def test_no_event_is_asked_for_before_the_last_one_was_sent(read):
    source = Source("a", "b", "c")
    with listen(make_app(lambda: read(source))) as (_, chunks):
        assert source.asked == 1
        assert (next(chunks), source.asked) == (b"data: a\n\n", 1)
        assert (next(chunks), source.asked) == (b"data: b\n\n", 2)
        assert (next(chunks), source.asked) == (b"data: c\n\n", 3)
        assert not source.closed.is_set()
        assert [*chunks] == []
        assert source.closed.is_set()
        assert list_threads() == []


@each_way
@pytest.mark.parametrize("retry", [None, 0, 2500])
def test_time_to_come_back_after_is_sent_first(read, retry):
    prefix = b"" if retry is None else b"retry: %d\n\n" % retry
    app = make_app(lambda: read(Source("a", "b"), retry=retry))
    chunks = [*send(app).iter_encoded()]
    assert chunks == [prefix + b"data: a\n\n", b"data: b\n\n"]


@each_way
def test_time_to_come_back_after_is_sent_as_a_number(read):
    class Delay(int, enum.Enum):
        SHORT = 5

    app = make_app(lambda: read(Source("a"), retry=Delay.SHORT))
    assert send(app).data == b"retry: 5\n\ndata: a\n\n"


@each_way
@pytest.mark.parametrize("retry", [None, 5])
def test_no_events_are_a_stream_as_well(read, retry):
    source = Source()
    response = send(make_app(lambda: read(source, retry=retry)))
    assert (response.status_code, response.content_type) == (200, EVENTS)
    assert response.data == (b"" if retry is None else b"retry: 5\n\n")
    assert source.closed.is_set()


@each_pinged
def test_quiet_source_is_pinged(read):
    source = Source(WAIT, "a", WAIT, "b")
    app = make_app(lambda: read(source, ping=0.02, retry=5))
    with listen(app) as (response, chunks):
        assert response.status_code == 200
        assert next(chunks) == b"retry: 5\n\n" + PING
        assert [next(chunks), next(chunks)] == [PING, PING]
        assert source.asked == 1
        source.release()
        assert skip_pings(chunks) == b"data: a\n\n"
        assert skip_pings(chunks) == b"data: b\n\n"
        assert {*chunks} <= {PING}
        assert source.closed.is_set()
    assert app.notes == ["over"]
    assert list_threads() == []


@each_pinged
def test_pings_come_between_events_as_well(read):
    source = Source("a", WAIT, "b")
    with listen(make_app(lambda: read(source, ping=0.02))) as (_, chunks):
        assert skip_pings(chunks) == b"data: a\n\n"
        assert [next(chunks), next(chunks)] == [PING, PING]
        source.release()
        assert skip_pings(chunks) == b"data: b\n\n"


def test_first_ping_waits_as_long_as_an_error_is_waited_for_and_others_longer():
    source = Source(WAIT, "a")
    # Later than another first ping would be.
    timer = threading.Timer(1.1, source.release)
    app = make_app(lambda: read_in_thread(source, ping=2 * LIMIT))
    with listen(app) as (_, chunks):
        assert next(chunks) == PING
        timer.start()
        assert next(chunks) == b"data: a\n\n"
    timer.join()


# Where it is read


def test_pinged_source_is_read_in_one_thread_with_the_request():
    source = Source("a", "b")
    assert send(make_app(lambda: read_in_thread(source))).status_code == 200
    *asked, closed = source.notes
    assert asked == [("asked", "/", "Ada", THREAD)] * 2
    assert closed[:3] == ("closed", "/", "Ada")


@pytest.mark.parametrize("read", [in_place, with_loop])
def test_other_sources_need_no_thread(read):
    source = Source("a", "b")
    response = send(make_app(lambda: read(source)))
    assert list_threads() == []
    assert response.data == b"data: a\n\ndata: b\n\n"
    here = ("/", "Ada", threading.current_thread().name)
    assert source.notes == [("asked", *here)] * 2 + [("closed", *here)]


@each_way
def test_request_is_over_after_the_source_is_closed(read):
    source = Source("a")
    source.close = lambda: app.notes.append("closed")
    app = make_app(lambda: read(source))
    assert send(app).data == b"data: a\n\n"
    assert app.notes == ["closed", "over"]


@each_way
def test_head_closes_the_source(read):
    source = Source("a", "b")
    app = make_app(lambda: read(source))
    response = app.test_client().head("/", buffered=True)
    assert (response.status_code, response.content_type) == (200, EVENTS)
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.data == b""
    assert source.asked == 1
    assert source.closed.is_set()
    assert app.notes == ["over"]
    assert list_threads() == []


@pytest.mark.parametrize("produces", [None, "text/event-stream"])
@pytest.mark.parametrize("is_async", [False, True], ids=["view", "async-view"])
@each_way
def test_all_views_return_all_sources(read, is_async, produces):
    source = Source("a", WAIT, "b")
    source.go.set()

    def view():
        return read(source, ping=0.02)

    async def async_view():
        return view()

    app = make_app(async_view if is_async else view, produces=produces)
    with listen(app) as (_, chunks):
        assert skip_pings(chunks) == b"data: a\n\n"
        assert source.asked == 1
        source.release()
        assert skip_pings(chunks) == b"data: b\n\n"
        assert {*chunks} <= {PING}
    assert {note[:3] for note in source.notes} == {
        ("asked", "/", "Ada"),
        ("closed", "/", "Ada"),
    }
    assert app.notes == ["over"]


@each_way
def test_stream_is_read_where_a_loop_runs(read):
    source = Source("a", "b")
    app = make_app(str)

    async def respond():
        with app.test_request_context():
            return app.kit.response(read(source)).data

    assert asyncio.run(respond()) == b"data: a\n\ndata: b\n\n"
    assert source.closed.is_set()


@each_way
def test_response_is_made_outside_of_a_request(read):
    source = Source("a", [1])
    app = make_app(str)
    with app.app_context():
        response = app.kit.response(read(source, retry=1), 203, {"X-Feed": "1"})
        assert source.asked == 1
    assert (response.status_code, response.content_type) == (203, EVENTS)
    assert response.headers["X-Feed"] == "1"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.data == b"retry: 1\n\ndata: a\n\ndata: [1]\n\n"
    assert source.closed.is_set()


# When the client leaves


@each_way
def test_idle_source_is_closed_when_the_client_leaves(read):
    source = Source("a", "b")
    app = make_app(lambda: read(source))
    with listen(app) as (_, chunks):
        assert next(chunks) == b"data: a\n\n"
        assert not source.closed.is_set()
        assert app.notes == []
    assert source.closed.is_set()
    assert source.notes[-1][:3] == ("closed", "/", "Ada")
    assert source.asked == 1
    assert app.notes == ["over"]
    assert list_threads() == []


def test_source_that_is_read_is_closed_when_its_event_comes():
    source = Source("a", WAIT, "b", "c")
    app = make_app(lambda: read_in_thread(source, ping=0.02))
    with listen(app) as (_, chunks):
        assert skip_pings(chunks) == b"data: a\n\n"
        assert next(chunks) == PING
    assert app.notes == ["over"]
    assert not source.closed.is_set()
    source.release()
    assert source.closed.wait(LIMIT)
    await_threads()
    assert source.asked == 3
    assert source.notes[-1] == ("closed", "/", "Ada", THREAD)


def test_async_source_that_is_awaited_is_closed_at_once():
    source = Source("a", WAIT, "b")
    app = make_app(lambda: read_async(source, ping=0.02))
    with listen(app) as (_, chunks):
        assert skip_pings(chunks) == b"data: a\n\n"
        assert next(chunks) == PING
    assert source.closed.is_set()
    assert source.asked == 2
    assert source.notes[-1][:3] == ("closed", "/", "Ada")
    assert app.notes == ["over"]


@each_way
def test_stream_that_nobody_takes_is_closed(read):
    source = Source("a", "b")
    app = make_app(str)
    with app.app_context():
        response = app.kit.response(read(source))
        del response
        gc.collect()
    assert source.closed.wait(LIMIT)
    await_threads()


# Errors


@each_way
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        pytest.param(None, HTML, id="missing"),
        pytest.param("text/event-stream", PROBLEM, id="events"),
        pytest.param("text/html", HTML, id="html"),
        pytest.param("application/json", PROBLEM, id="json"),
    ],
)
def test_abort_before_the_first_event_is_negotiated(read, accept, content_type, caplog):
    class Refusing(Source):
        def ask(self, event):
            abort(409, "Come later.")

    source = Refusing("a")
    app = make_app(lambda: (read(source, retry=5), 203, {"Cache-Control": "public"}))
    response = send(app, accept)
    assert (response.status_code, response.content_type) == (409, content_type)
    assert response.headers["Vary"] == "Accept"
    assert "Cache-Control" not in response.headers
    assert "X-Accel-Buffering" not in response.headers
    assert "Come later." in response.text
    assert source.closed.is_set()
    assert app.notes == ["over"]
    assert caplog.records == []
    assert list_threads() == []


@each_way
def test_error_before_the_first_event_is_one_of_the_app(read, caplog):
    def setup(app):
        app.register_error_handler(OSError, lambda error: (f"failed: {error}", 502))

    source = Source(OSError("gone"))
    response = send(make_app(lambda: read(source), setup=setup))
    assert (response.status_code, response.text) == (502, "failed: gone")
    assert "X-Accel-Buffering" not in response.headers
    assert source.closed.is_set()
    assert caplog.records == []


@each_way
def test_unhandled_error_before_the_first_event_is_a_500(read, caplog):
    error = OSError("secret")
    response = send(make_app(lambda: read(Source(error))), "text/event-stream")
    assert (response.status_code, response.content_type) == (500, PROBLEM)
    assert "secret" not in response.text
    assert [record.exc_info[1] for record in caplog.records] == [error]


@each_way
@pytest.mark.parametrize(
    "error",
    [
        pytest.param(OSError("gone"), id="error"),
        pytest.param(ServerSentEvent(b"bytes"), id="cannot-be-written"),
    ],
)
def test_later_error_is_logged_once_and_breaks_the_connection(read, error, caplog):
    source = Source("a", error, "b")
    app = make_app(lambda: read(source))
    told = []

    def note(sender, exception):
        told.append(exception)

    with got_request_exception.connected_to(note, app), listen(app) as (_, chunks):
        assert next(chunks) == b"data: a\n\n"
        with pytest.raises((OSError, TypeError)) as info:
            next(chunks)
        assert source.closed.is_set()
    (record,) = caplog.records
    assert record.name == app.logger.name
    assert record.getMessage() == "Exception while a stream was sent on / [GET]"
    assert record.exc_info[1] is info.value
    assert told == [info.value]
    assert source.asked == 2
    assert app.notes == ["over"]
    assert list_threads() == []


@each_pinged
def test_error_after_a_ping_breaks_the_connection(read, caplog):
    source = Source(WAIT, OSError("gone"))
    with listen(make_app(lambda: read(source, ping=0.02))) as (response, chunks):
        assert (response.status_code, next(chunks)) == (200, PING)
        source.release()
        with pytest.raises(OSError, match="gone"):
            skip_pings(chunks)
    assert len(caplog.records) == 1
    assert source.closed.is_set()


# The last event that a client has


@pytest.mark.parametrize(
    ("sent", "last_event_id"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(b"7", "7", id="ascii"),
        pytest.param("é✓".encode(), "é✓", id="utf-8"),
        pytest.param(b"", "", id="empty"),
        pytest.param(b"a\xffb", "a\xffb", id="invalid"),
    ],
)
def test_last_event_id_is_what_the_client_has_sent(sent, last_event_id):
    # As a server gives bytes to an app (PEP 3333).
    environ = {} if sent is None else {"HTTP_LAST_EVENT_ID": sent.decode("latin-1")}
    with Flask("example").test_request_context(environ_overrides=environ):
        assert EventStream.last_event_id() == last_event_id


@each_way
def test_last_event_id_is_known_while_it_is_read(read):
    source = Source("a")
    source.ask = lambda event: found.append(EventStream.last_event_id())
    found = []
    client = make_app(lambda: read(source)).test_client()
    client.get("/", headers={"Last-Event-ID": "7"}, buffered=True)
    assert found == ["7"]


def test_last_event_id_is_that_of_a_request():
    with pytest.raises(RuntimeError, match="outside of request context"):
        EventStream.last_event_id()


# Beside other representations


@pytest.mark.parametrize(
    ("produces", "accept", "status"),
    [
        pytest.param("text/event-stream", None, 200, id="anything"),
        pytest.param("text/event-stream", "text/event-stream", 200, id="events"),
        pytest.param("text/event-stream", "application/json", 406, id="other"),
        pytest.param(
            ("application/json", "text/event-stream"), "text/*", 200, id="second"
        ),
        pytest.param(
            ("application/json", "text/event-stream"), "text/csv", 406, id="neither"
        ),
    ],
)
def test_declared_stream_is_refused_before_the_view_runs(produces, accept, status):
    source = Source("a")
    ran = []
    app = make_app(
        lambda: ran.append(1) or EventStream(source.read()), produces=produces
    )
    response = send(app, accept)
    assert response.status_code == status
    assert response.headers["Vary"] == "Accept"
    assert len(ran) == source.asked == (status == 200)
    if status == 200:
        assert (response.content_type, response.data) == (EVENTS, b"data: a\n\n")


class Feed:
    """What converters make a stream of."""


def test_converter_returns_a_stream():
    def setup(app):
        app.kit.add_converter(
            Feed,
            lambda feed: (EventStream(["a"], retry=1), {"Cache-Control": "public"}),
        )

    response = send(make_app(Feed, setup=setup, renderers=["json"]), "text/csv")
    assert (response.status_code, response.content_type) == (200, EVENTS)
    assert response.headers["Cache-Control"] == "public"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "Vary" not in response.headers
    assert response.data == b"retry: 1\n\ndata: a\n\n"


@pytest.mark.parametrize(
    ("accept", "content_type", "body"),
    [
        pytest.param(None, "application/json", b'{"feed":1}\n', id="missing"),
        pytest.param("text/event-stream", EVENTS, b"data: a\n\n", id="events"),
        pytest.param(
            "application/json", "application/json", b'{"feed":1}\n', id="json"
        ),
        pytest.param(
            "application/json;q=0.1, text/*", EVENTS, b"data: a\n\n", id="weights"
        ),
    ],
)
def test_stream_is_one_of_several_representations(accept, content_type, body):
    def setup(app):
        app.kit.add_converter(Feed, lambda feed: {"feed": 1})
        app.kit.add_converter(
            Feed, lambda feed: EventStream(["a"]), mimetype="text/event-stream"
        )

    response = send(make_app(Feed, setup=setup), accept)
    assert (response.content_type, response.data) == (content_type, body)
    assert response.headers["Vary"] == "Accept"


def test_error_of_a_chosen_stream_varies():
    def setup(app):
        app.kit.add_converter(Feed, lambda feed: {"feed": 1})
        app.kit.add_converter(
            Feed, lambda feed: EventStream(source.read()), mimetype="text/event-stream"
        )

    source = Source(OSError("gone"))
    response = send(make_app(Feed, setup=setup), "text/event-stream")
    assert (response.status_code, response.content_type) == (500, PROBLEM)
    assert response.headers["Vary"] == "Accept"
    assert source.closed.is_set()


def test_converter_of_the_user_takes_streams():
    def setup(app):
        app.kit.add_converter(EventStream, lambda stream: {"ping": stream.ping})

    source = Source("a")
    app = make_app(lambda: EventStream(source.read(), ping=3), setup=setup)
    response = send(app)
    assert (response.content_type, response.json) == ("application/json", {"ping": 3})
    assert "X-Accel-Buffering" not in response.headers
    assert source.asked == 0


def test_subclass_is_a_stream_of_events():
    class Prices(EventStream):
        def __init__(self):
            super().__init__([1.5], ping=None)
            self.headers["X-Feed"] = "prices"

    response = send(make_app(Prices))
    assert (response.content_type, response.data) == (EVENTS, b"data: 1.5\n\n")
    assert response.headers["X-Feed"] == "prices"


# What is refused


async def make_coroutine():
    """Forgets to yield."""


@pytest.mark.parametrize(
    ("events", "message"),
    [
        pytest.param("ab", "type str cannot be iterated for events", id="text"),
        pytest.param(b"ab", "type bytes cannot be iterated for events", id="bytes"),
        pytest.param({"a": 1}, "type dict .* Give a list", id="mapping"),
        pytest.param(1, "type int .* Give a list", id="number"),
        pytest.param(None, "type NoneType .* Give a list", id="None"),
        pytest.param(
            ServerSentEvent("a"), "ServerSentEvent .* Give a list", id="event"
        ),
        pytest.param(NESTED, "type EventStream cannot be iterated", id="stream"),
        pytest.param(Source.read, "type function .* Call it", id="function"),
        pytest.param(make_coroutine, "type function .* Call it", id="async-function"),
    ],
)
def test_what_has_no_events_is_refused(events, message):
    with pytest.raises(TypeError, match=message):
        EventStream(events)


def test_coroutine_is_refused():
    # One that is not closed would warn that it was never awaited.
    with pytest.raises(TypeError, match="type coroutine .* Await it"):
        EventStream(make_coroutine())


@pytest.mark.parametrize(
    ("options", "error_type", "message"),
    [
        pytest.param({"ping": "15"}, TypeError, "ping='15' is not a number", id="text"),
        pytest.param({"ping": True}, TypeError, "ping=True is not a number", id="bool"),
        pytest.param({"ping": 0}, ValueError, "ping=0 is not positive", id="zero"),
        pytest.param({"ping": -1.5}, ValueError, "ping=-1.5 is not", id="negative"),
        pytest.param({"ping": float("nan")}, ValueError, "ping=nan is not", id="NaN"),
        pytest.param({"ping": float("inf")}, ValueError, "Give None", id="infinite"),
        pytest.param({"ping": 1e10}, ValueError, "Give None", id="more-than-can-wait"),
        pytest.param({"ping": 10**400}, ValueError, "Give None", id="no-float"),
        pytest.param({"retry": "5"}, TypeError, "retry='5' is not a", id="retry-text"),
        pytest.param({"retry": 1.5}, TypeError, "retry=1.5 is not a", id="retry-float"),
        pytest.param({"retry": True}, TypeError, "retry=True is not", id="retry-bool"),
        pytest.param({"retry": -1}, ValueError, "retry=-1 is negative", id="retry-neg"),
    ],
)
def test_wrong_option_is_refused(options, error_type, message):
    with pytest.raises(error_type, match=message):
        EventStream([], **options)


def test_stream_says_what_it_is_of():
    stream = EventStream(["a"], retry=3)
    assert repr(stream) == "<EventStream of ['a']>"
    assert (stream.iterable, stream.ping, stream.retry) == (["a"], 15, 3)
    assert EventStream([], ping=0.5).ping == 0.5
