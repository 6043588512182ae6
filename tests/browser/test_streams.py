"""What a page makes of streams: read by a headless Chromium, from a real server."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import json
import shutil
import threading
import time

import pytest
from flask import abort
from flask import Flask
from flask import request
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from werkzeug.serving import make_server
from werkzeug.serving import WSGIRequestHandler
from werkzeug.wsgi import ClosingIterator

from flask_responsekit import EventStream
from flask_responsekit import Problem
from flask_responsekit import ResponseKit
from flask_responsekit import ServerSentEvent
from flask_responsekit import Stream

#: For how long anything is waited for, in seconds.
LIMIT = 30
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    # A page that was left would be kept for a while, and its connections with it.
    "--disable-features=BackForwardCache",
)
#: Longer than any test, in milliseconds.
NEVER = 600_000

#: Notes the events of all types there are here, until one of the type "end".
LISTEN = """
const events = [];
const source = new EventSource("/events");
for (const type of ["message", "note", "größer als", " blank"])
    source.addEventListener(type, (event) => {
        events.push([event.type, event.data, event.lastEventId]);
    });
let isOver = false;
source.addEventListener("end", () => { source.close(); isOver = true; });
"""
#: Shows each line that comes as an item, and in the end how it ended.
SHOW_ROWS = """
const show = (tag, text) => {
    const element = document.createElement(tag);
    element.textContent = text;
    document.body.append(element);
};
const read = async () => {
    const response = await fetch("/rows", {headers: {Accept: "application/jsonl"}});
    show("h1", response.headers.get("Content-Type"));
    reader = response.body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
        const {value, done} = await reader.read();
        if (done) return rest;
        const lines = (rest + decoder.decode(value, {stream: true})).split("\\n");
        rest = lines.pop();
        lines.forEach((line) => show("li", JSON.parse(line).text));
    }
};
let reader;
read().then((rest) => show("p", "end" + rest), (error) => show("p", error.name));
"""


class QuietHandler(WSGIRequestHandler):
    def log_request(self, code="-", size="-"):
        pass


@dataclasses.dataclass
class Row:
    text: str


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromedriver")
    assert path, "There is no chromedriver. Run: apt-get install chromium-driver"
    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options, Service(path))
    yield driver
    driver.quit()


@pytest.fixture
def open_page(browser):
    """Serve an app, and open a page of it that runs a script.

    What it returns gives the value of an expression in that page.
    """
    servers = []

    def open_page(app, script):
        page = f'<!doctype html><meta charset="utf-8"><body><script>{script}</script>'
        app.add_url_rule("/", "show_page", lambda: page)
        server = make_server(
            "127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler
        )
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        browser.get(f"http://127.0.0.1:{server.port}/")
        return lambda expression: browser.execute_script(f"return {expression}")

    yield open_page
    browser.get("about:blank")
    for server in servers:
        server.shutdown()


def make_app():
    app = Flask("example", static_folder=None)
    ResponseKit(app, renderers=["json", "ndjson"])
    return app


def wait_for(expected, get):
    """Wait until what is got is what is expected."""
    deadline = time.monotonic() + LIMIT
    while (found := get()) != expected and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found == expected


def texts(tag):
    """An expression for the texts of all elements of a kind."""
    return f'[...document.querySelectorAll("{tag}")].map((one) => one.textContent)'


def message(data, id=""):
    return ["message", data, id]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(["one"], [message("one")], id="text"),
        pytest.param(["a", "b", "c"], [message(one) for one in "abc"], id="several"),
        pytest.param(["a\n\nb\n"], [message("a\n\nb\n")], id="lines"),
        pytest.param(["a\r\nb\rc"], [message("a\nb\nc")], id="other line ends"),
        pytest.param(["\n"], [message("\n")], id="line end alone"),
        pytest.param([""], [message("")], id="no text"),
        pytest.param(["  a "], [message("  a ")], id="blanks"),
        pytest.param(["\ta", " ", ":a"], [*map(message, ["\ta", " ", ":a"])], id="odd"),
        pytest.param(["Žižek 日本 😀"], [message("Žižek 日本 😀")], id="unicode"),
        pytest.param(
            ["a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\x1eh"],
            [message("a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\x1eh")],
            id="what only Python takes for line ends",
        ),
        pytest.param(["\ufeffa\0b"], [message("\ufeffa\0b")], id="BOM and NUL"),
        pytest.param(
            ["a\n\nevent: note\rid: 7\r\ndata: b"],
            [message("a\n\nevent: note\nid: 7\ndata: b")],
            id="forgery",
        ),
        pytest.param(["x" * 300_000], [message("x" * 300_000)], id="long"),
        pytest.param(
            [ServerSentEvent("a", event="note"), "b"],
            [["note", "a", ""], message("b")],
            id="event",
        ),
        pytest.param(
            [ServerSentEvent("a", event="größer als")],
            [["größer als", "a", ""]],
            id="event in Unicode",
        ),
        pytest.param(
            [ServerSentEvent("a", event=" blank")],
            [[" blank", "a", ""]],
            id="event with a blank",
        ),
        pytest.param([ServerSentEvent("a", event="")], [message("a")], id="no event"),
        pytest.param(
            [ServerSentEvent("a", event="other"), "b"],
            [message("b")],
            id="event without a listener",
        ),
        pytest.param(
            [ServerSentEvent("a", id="é 1"), "b", ServerSentEvent("c", id=2)],
            [message("a", "é 1"), message("b", "é 1"), message("c", "2")],
            id="id",
        ),
        pytest.param(
            [ServerSentEvent("a", id=1), ServerSentEvent("b", id="")],
            [message("a", "1"), message("b")],
            id="id taken back",
        ),
        pytest.param(
            [ServerSentEvent(None, id=7, event="note"), "a"],
            [message("a", "7")],
            id="id without data",
        ),
        pytest.param(
            [ServerSentEvent("a", comment="b\ndata: c\r\rdata: d"), "e"],
            [message("a"), message("e")],
            id="comment",
        ),
        pytest.param(
            [ServerSentEvent(None, comment="a"), "b"],
            [message("b")],
            id="comment without data",
        ),
    ],
)
def test_page_gets_events_as_they_were(open_page, events, expected):
    app = make_app()
    end = ServerSentEvent("", event="end")
    app.add_url_rule("/events", "watch", lambda: EventStream([*events, end]))
    evaluate = open_page(app, LISTEN)
    wait_for(True, lambda: evaluate("isOver"))
    assert evaluate("events") == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param({"a": [1, "\u2028\n"]}, {"a": [1, "\u2028\n"]}, id="dict"),
        pytest.param([], [], id="empty list"),
        pytest.param(None, None, id="null"),
        pytest.param(1.5, 1.5, id="number"),
        pytest.param(Row("é"), {"text": "é"}, id="dataclass"),
        pytest.param(ServerSentEvent([Row("é")]), [{"text": "é"}], id="in an event"),
    ],
)
def test_page_gets_other_data_as_json(open_page, data, expected):
    app = make_app()
    end = ServerSentEvent("", event="end")
    app.add_url_rule("/events", "watch", lambda: EventStream([data, end]))
    evaluate = open_page(app, LISTEN)
    wait_for(True, lambda: evaluate("isOver"))
    assert evaluate("events.map(([type, data]) => JSON.parse(data))") == [expected]


def wait_in_thread(signal):
    assert signal.wait(LIMIT)
    yield "a"
    yield ServerSentEvent("", event="end")


async def wait_in_loop(signal):
    assert await asyncio.to_thread(signal.wait, LIMIT)
    yield "a"
    yield ServerSentEvent("", event="end")


@pytest.mark.parametrize("wait", [wait_in_thread, wait_in_loop])
def test_pings_call_no_listener(open_page, wait):
    app = make_app()
    signal = threading.Event()
    chunks = []
    application = app.wsgi_app

    def note_chunks(environ, start_response):
        body = application(environ, start_response)
        noted = (chunks.append(chunk) or chunk for chunk in body)
        return ClosingIterator(noted, [body.close])

    app.wsgi_app = note_chunks
    app.add_url_rule(
        "/events", "watch", lambda: EventStream(wait(signal), ping=0.01, retry=NEVER)
    )
    evaluate = open_page(app, LISTEN)
    wait_for(True, lambda: sum(b": ping" in chunk for chunk in [*chunks]) > 2)
    signal.set()
    wait_for(True, lambda: evaluate("isOver"))
    assert evaluate("events") == [message("a")]


@pytest.mark.parametrize(
    "ids",
    [
        pytest.param([f"{n}" for n in range(9)], id="ASCII"),
        pytest.param([f"é 日本 😀 {n}" for n in range(9)], id="Unicode"),
    ],
)
@pytest.mark.parametrize("is_broken", [False, True], ids=["ended", "broken"])
def test_page_goes_on_after_last_event_it_got(open_page, ids, is_broken):
    app = make_app()
    asked = []

    def read(rest):
        yield from (ServerSentEvent(id, id=id) for id in rest[:3])
        if is_broken:
            raise OSError("The database is gone.")

    @app.get("/events")
    def watch():
        last = EventStream.last_event_id()
        asked.append(last)
        rest = ids[ids.index(last) + 1 :] if last else ids
        # After a 204, an EventSource does not come back.
        return EventStream(read(rest), retry=10) if rest else ("", 204)

    evaluate = open_page(app, LISTEN)
    wait_for(2, lambda: evaluate("source.readyState"))
    assert evaluate("events") == [message(id, id) for id in ids]
    assert asked == [None, ids[2], ids[5], ids[8]]


@pytest.mark.parametrize(
    "make_stream",
    [
        pytest.param(lambda retry: EventStream(["a"], retry=retry), id="stream"),
        pytest.param(lambda retry: EventStream([], retry=retry), id="empty stream"),
        pytest.param(
            lambda retry: EventStream([ServerSentEvent("a", retry=retry)]), id="event"
        ),
        pytest.param(
            lambda retry: EventStream([ServerSentEvent(None, retry=retry)]),
            id="event without data",
        ),
        pytest.param(
            lambda retry: EventStream([ServerSentEvent("a", retry=retry)], retry=5000),
            id="event after stream",
        ),
    ],
)
def test_page_comes_back_when_it_was_told_to(open_page, make_stream):
    app = make_app()
    visits = collections.Counter()

    @app.get("/events")
    def watch():
        retry = request.args.get("retry", type=int)
        visits[retry] += 1
        return make_stream(retry)

    # The patient one has lost its connection before the eager one has made any.
    script = f"""
        const patient = new EventSource("/events?retry={NEVER}");
        patient.onerror = () => {{
            patient.onerror = null;
            const eager = new EventSource("/events?retry=10");
        }};
    """
    open_page(app, script)
    wait_for(True, lambda: visits[10] > 3)
    assert visits[NEVER] == 1


def read_rows(signals):
    for number, signal in enumerate(signals):
        yield Row(f"{number} é")
        assert signal.wait(LIMIT)


async def read_rows_in_loop(signals):
    for number, signal in enumerate(signals):
        yield Row(f"{number} é")
        assert await asyncio.to_thread(signal.wait, LIMIT)


@pytest.mark.parametrize(
    ("read", "options"),
    [
        pytest.param(read_rows, {"chunk_size": 1}, id="generator"),
        pytest.param(read_rows_in_loop, {}, id="async generator"),
    ],
)
def test_page_shows_rows_as_they_come(open_page, read, options):
    app = make_app()
    signals = [threading.Event() for _ in range(3)]
    app.add_url_rule("/rows", "rows", lambda: Stream(read(signals), **options))
    evaluate = open_page(app, SHOW_ROWS)
    for number, signal in enumerate(signals):
        expected = [f"{n} é" for n in range(number + 1)]
        wait_for(expected, lambda: evaluate(texts("li")))
        assert evaluate(texts("p")) == []
        signal.set()
    wait_for(["end"], lambda: evaluate(texts("p")))
    assert evaluate(texts("li")) == ["0 é", "1 é", "2 é"]
    assert evaluate(texts("h1")) == ["application/x-ndjson"]


def test_page_shows_first_row_while_the_others_are_awaited(open_page):
    app = make_app()
    signal = threading.Event()

    def read():
        yield Row("first")
        assert signal.wait(LIMIT)
        yield from (Row(f"{number}") for number in range(1000))

    app.add_url_rule("/rows", "rows", lambda: Stream(read()))
    evaluate = open_page(app, SHOW_ROWS)
    wait_for(["first"], lambda: evaluate(texts("li")))
    signal.set()
    wait_for(["end"], lambda: evaluate(texts("p")))
    assert evaluate(texts("li")) == ["first", *map(str, range(1000))]


@pytest.mark.parametrize("is_async", [False, True], ids=["generator", "async"])
def test_page_notices_that_rows_broke_off(open_page, is_async):
    app = make_app()
    signal = threading.Event()

    def read():
        yield Row("first")
        assert signal.wait(LIMIT)
        raise OSError("The database is gone.")

    async def read_in_loop():
        yield Row("first")
        assert await asyncio.to_thread(signal.wait, LIMIT)
        raise OSError("The database is gone.")

    rows = read_in_loop if is_async else read
    app.add_url_rule("/rows", "rows", lambda: Stream(rows()))
    evaluate = open_page(app, SHOW_ROWS)
    # A browser may drop what it has not handed over when the connection breaks.
    wait_for(["first"], lambda: evaluate(texts("li")))
    assert evaluate(texts("p")) == []
    signal.set()
    wait_for(["TypeError"], lambda: evaluate(texts("p")))
    assert evaluate(texts("li")) == ["first"]


def test_page_cannot_take_a_broken_array_for_a_whole_one(open_page):
    app = make_app()

    def read():
        yield from (Row(f"{number}") for number in range(1000))
        raise OSError("The database is gone.")

    app.add_url_rule("/rows", "rows", lambda: Stream(read()))
    script = """
        let outcome, status;
        fetch("/rows").then((response) => {
            status = response.status;
            return response.json();
        }).then(() => { outcome = "whole"; }, (error) => { outcome = error.name; });
    """
    evaluate = open_page(app, script)
    wait_for(True, lambda: evaluate("outcome !== undefined"))
    # The name is that of a network error: with bad JSON it would be a SyntaxError.
    assert (evaluate("outcome"), evaluate("status")) == ("TypeError", 200)


def fail_with_abort():
    abort(404, "There is no such feed: é.")


def fail_with_problem():
    raise Problem(404, detail="There is no such feed: é.")


def fail_in_source(fail):
    def read():
        fail()
        yield "a"

    return EventStream(read())


def fail_in_async_source(fail):
    async def read():
        fail()
        yield "a"

    return EventStream(read())


def fail_in_view(fail):
    fail()


@pytest.mark.parametrize("fail", [fail_with_abort, fail_with_problem])
@pytest.mark.parametrize("watch", [fail_in_view, fail_in_source, fail_in_async_source])
def test_page_can_read_why_there_are_no_events(open_page, watch, fail):
    app = make_app()
    app.add_url_rule("/events", "watch", lambda: watch(fail))
    script = """
        const states = [];
        let answer;
        const source = new EventSource("/events");
        source.onopen = source.onmessage = () => states.push("open");
        source.onerror = async () => {
            states.push(source.readyState);
            const headers = {Accept: "text/event-stream"};
            const response = await fetch("/events", {headers});
            const type = response.headers.get("Content-Type");
            answer = [response.status, type, await response.text()];
        };
    """
    evaluate = open_page(app, script)
    wait_for(True, lambda: evaluate("answer !== undefined"))
    assert evaluate("states") == [2]
    status, content_type, body = evaluate("answer")
    assert (status, content_type) == (404, "application/problem+json")
    problem = json.loads(body)
    assert (problem["status"], problem["detail"]) == (404, "There is no such feed: é.")


def read_on(closed):
    try:
        for number in range(NEVER):
            yield Row(f"{number}")
            time.sleep(0.01)
    finally:
        closed.set()


async def read_on_in_loop(closed):
    try:
        yield Row("0")
        await asyncio.sleep(NEVER)
    finally:
        closed.set()


@pytest.mark.parametrize("read", [read_on, read_on_in_loop], ids=["busy", "quiet"])
@pytest.mark.parametrize(
    "leave",
    [
        pytest.param("source.close()", id="closed"),
        pytest.param('location.href = "about:blank"', id="left"),
    ],
)
def test_events_are_closed_when_the_page_wants_no_more(open_page, read, leave):
    app = make_app()
    closed = threading.Event()
    # Held here, so that it is not closed because nobody has it any more.
    events = read(closed)
    # Short, since only when something is sent is it noticed that nobody is there.
    app.add_url_rule("/events", "watch", lambda: EventStream(events, ping=0.05))
    evaluate = open_page(app, LISTEN)
    wait_for(True, lambda: evaluate("events.length > 0"))
    assert not closed.is_set()
    evaluate(leave)
    assert closed.wait(LIMIT)


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param("reader.cancel()", id="closed"),
        pytest.param('location.href = "about:blank"', id="left"),
    ],
)
def test_rows_are_closed_when_the_page_wants_no_more(open_page, leave):
    app = make_app()
    closed = threading.Event()
    # Held here, so that it is not closed because nobody has it any more.
    rows = read_on(closed)
    app.add_url_rule("/rows", "rows", lambda: Stream(rows, chunk_size=1))
    evaluate = open_page(app, SHOW_ROWS)
    wait_for(True, lambda: evaluate(f"{texts('li')}.length > 0"))
    assert not closed.is_set()
    evaluate(leave)
    assert closed.wait(LIMIT)
