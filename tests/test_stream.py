from __future__ import annotations

import asyncio
import collections
import contextlib
import csv
import dataclasses
import inspect
import io
import json
import re
import sqlite3
import sys
import types
from urllib.parse import unquote

import flask
import pytest
from flask import abort
from flask import Blueprint
from flask import Flask
from flask import jsonify
from flask import render_template_string
from flask import request
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from flask_responsekit import EventStream
from flask_responsekit import Problem
from flask_responsekit import ResponseKit
from flask_responsekit import ServerSentEvent
from flask_responsekit import Stream
from flask_responsekit import to_plain

JSON = "application/json"
CSV = "text/csv; charset=utf-8"
NDJSON = "application/x-ndjson"
PROBLEM = "application/problem+json"
NOSNIFF = ("X-Content-Type-Options", "nosniff")
ALL = ("json", "csv", "ndjson")

ROWS = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bo"}]
AS_JSON = b'[{"id":1,"name":"Ada"},{"id":2,"name":"Bo"}]'
AS_CSV = b"id,name\r\n1,Ada\r\n2,Bo\r\n"
AS_NDJSON = b'{"id":1,"name":"Ada"}\n{"id":2,"name":"Bo"}\n'
BODIES = {JSON: AS_JSON, CSV: AS_CSV, NDJSON: AS_NDJSON}


@dataclasses.dataclass
class User:
    id: int
    name: str


class Report:
    """What a converter takes that returns a stream."""


class Rows:
    """An iterable that notes when it is closed."""

    is_closed = False

    def __iter__(self):
        return iter(ROWS)

    def close(self):
        self.is_closed = True


class LinesRenderer:
    """A renderer that writes rows."""

    mimetype = "text/x-lines"

    def render(self, value):
        return b"".join(self.render_rows([value], lambda row: row))

    def render_rows(self, batches, to_plain):
        for batch in batches:
            yield b"".join(b"%r\n" % to_plain(row) for row in batch)


class WholeRenderer:
    """A renderer that does not."""

    mimetype = "text/x-whole"

    def render(self, value):
        return b"whole"


def generate():
    yield from ROWS


async def generate_async():
    for row in ROWS:
        yield row


def refuse():
    """Rows that cannot be had."""
    raise Problem(409, title="Too early", code=7)
    yield


def make_app(view, *, renderers=ALL, setup=None, **config):
    app = Flask("example", static_folder=None)
    app.config.update(config)
    app.kit = ResponseKit(app, renderers=renderers)
    if setup is not None:
        setup(app)
    app.add_url_rule("/", view_func=view, endpoint="view", methods=["GET", "POST"])
    return app


def send(view, accept=None, *, method="GET", url="/", **options):
    headers = {} if accept is None else {"Accept": accept}
    client = make_app(view, **options).test_client()
    return client.open(url, method=method, headers=headers, buffered=True)


# What is made.


@pytest.mark.parametrize("make", [Stream, EventStream])
@pytest.mark.parametrize(
    ("value", "advice"),
    [
        pytest.param("text", "Text is one item.", id="text"),
        pytest.param(b"bytes", "Bytes are one item.", id="bytes"),
        pytest.param(bytearray(b"bytes"), "Bytes are one item.", id="bytearray"),
        pytest.param({"id": 1}, "A mapping is one item. Give", id="dict"),
        pytest.param(collections.ChainMap(), "A mapping is one item.", id="mapping"),
        pytest.param(generate, "Call it, and give what it returns.", id="function"),
        pytest.param(generate_async, "Call it, and give", id="async-function"),
        pytest.param(User, "Call it, and give what it returns.", id="class"),
        pytest.param(None, "Give a list, a generator, or an async", id="none"),
        pytest.param(7, "Give a list, a generator, or an async", id="number"),
        pytest.param(Stream([]), "Give a list, a generator, or", id="stream"),
    ],
)
def test_what_has_no_rows_is_refused_with_an_advice(make, value, advice):
    what = "rows" if make is Stream else "events"
    start = (
        f"What is of the type {type(value).__qualname__} cannot be iterated for {what}."
    )
    with pytest.raises(TypeError, match=re.escape(f"{start} {advice}")):
        make(value)


@pytest.mark.parametrize("make", [Stream, EventStream])
def test_frame_is_refused_since_it_gives_its_columns(make, monkeypatch):
    frames = types.ModuleType("polars")
    monkeypatch.setitem(sys.modules, "polars", frames)
    frames.DataFrame = type("DataFrame", (list,), {})
    with pytest.raises(TypeError, match="DataFrame cannot .* gives its columns"):
        make(frames.DataFrame())
    make([])


def test_coroutine_is_refused_without_a_warning_that_nobody_awaited_it():
    async def load():
        return ROWS

    with pytest.raises(TypeError, match="type coroutine .* Await it."):
        Stream(load())


def test_future_is_refused():
    class Result:
        def __await__(self):
            yield

    with pytest.raises(TypeError, match="Result cannot .* Await it."):
        Stream(Result())


def test_function_that_has_items_is_no_function():
    class Items:
        def __call__(self):
            raise AssertionError("called")

        def __iter__(self):
            return iter(())

    Stream(Items())


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        pytest.param({"chunk_size": 0}, ValueError, "chunk_size=0 is not", id="zero"),
        pytest.param({"chunk_size": -1}, ValueError, "chunk_size=-1 is", id="negative"),
        pytest.param({"chunk_size": True}, TypeError, "chunk_size=True", id="bool"),
        pytest.param({"chunk_size": "9"}, TypeError, "chunk_size='9'", id="text"),
        pytest.param({"chunk_size": 1.5}, TypeError, "chunk_size=1.5", id="float"),
        pytest.param({"chunk_size": None}, TypeError, "chunk_size=None", id="no-size"),
        pytest.param({"mimetype": "csv"}, ValueError, "'csv' is not a", id="name"),
        pytest.param({"mimetype": ""}, ValueError, "'' is not a media", id="empty"),
        pytest.param({"mimetype": "text/*"}, ValueError, "'text/\\*' is", id="range"),
        pytest.param({"mimetype": 5}, TypeError, "5 is not a media type", id="number"),
        pytest.param(
            {"mimetype": "text/csv\r\nX: 1"}, ValueError, "not a media", id="injection"
        ),
        pytest.param(
            {"headers": {"Content-Type": "csv"}}, ValueError, "'csv' is", id="header"
        ),
        pytest.param({"headers": {"X": "1\r\nY: 2"}}, ValueError, "line", id="newline"),
        pytest.param({"headers": 5}, TypeError, "iterable", id="no-headers"),
        pytest.param({"filename": b"a"}, TypeError, "filename=b'a' is", id="bytes"),
        pytest.param({"filename": 5}, TypeError, "filename=5 is not text", id="int"),
    ],
)
def test_wrong_options_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        Stream([], **options)


def test_stream_says_what_was_told():
    stream = Stream(ROWS, mimetype="text/csv", chunk_size=9, headers={"X": "1"})
    assert stream.iterable is ROWS
    assert (stream.mimetype, stream.chunk_size) == ("text/csv", 9)
    assert [*stream.headers] == [("X", "1")]
    assert repr(Stream([7])) == "<Stream of [7]>"


def test_verb_of_the_kit_takes_what_the_class_takes():
    verb = inspect.signature(ResponseKit().stream)
    assert verb.replace(return_annotation=None) == inspect.signature(Stream).replace(
        return_annotation=None
    )
    options = {"mimetype": "text/csv", "chunk_size": 9, "filename": "a"}
    stream = ResponseKit().stream(ROWS, headers={"X": "1"}, **options)
    assert vars(stream) == vars(Stream(ROWS, headers={"X": "1"}, **options))


def test_headers_of_the_caller_stay_as_they_are():
    headers = Headers({"X": "1"})
    Stream([], headers=headers, filename="a").headers["X"] = "2"
    assert [*headers] == [("X", "1")]


# File names.


def parse_disposition(value):
    """Read ``Content-Disposition`` strictly by RFC 6266: the two names."""
    found = re.fullmatch(
        r"attachment; filename=(?:\"((?:[^\"\\]|\\.)*)\"|([!#$%&'*+.^_`|~\w-]+))"
        r"(?:; filename\*=UTF-8''([!#$&+.^_`|~%A-Za-z0-9-]*))?",
        value,
        re.ASCII,
    )
    quoted, token, extended = found.groups()
    name = token if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return name, extended if extended is None else unquote(extended, errors="strict")


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        pytest.param("orders.csv", ("orders.csv", None), id="plain"),
        pytest.param("my orders.csv", ("my orders.csv", None), id="blank"),
        pytest.param("", ("", None), id="empty"),
        pytest.param('a"; x="\\.csv', ('a"; x="\\.csv', None), id="quotes"),
        pytest.param("a\r\nX: 1\0\x7f\x85", ("a__X: 1___", None), id="controls"),
        pytest.param("\ud800.csv", ("_.csv", None), id="lone-surrogate"),
        pytest.param("é.csv", ("e.csv", "é.csv"), id="accent"),
        pytest.param("日本.csv", (".csv", "日本.csv"), id="no-ascii"),
        pytest.param("\U0001f4c8\ud800.csv", ("_.csv", "\U0001f4c8_.csv"), id="emoji"),
        pytest.param("\u202egpj.csv", ("gpj.csv", "\u202egpj.csv"), id="right-to-left"),
        pytest.param("＂\u2028.csv", ('".csv', "＂\u2028.csv"), id="wide-quote"),
        pytest.param("x" * 99_999, ("x" * 99_999, None), id="long"),
    ],
)
def test_any_name_is_sent(filename, expected):
    response = send(lambda: Stream(ROWS, filename=filename))
    assert response.status_code == 200
    assert parse_disposition(response.headers["Content-Disposition"]) == expected


@settings(deadline=None)
@given(filename=st.text(alphabet=st.characters(exclude_categories=())))
def test_no_name_raises_or_splits_the_header(filename):
    headers = Stream([], filename=filename).headers
    (name, extended) = parse_disposition(headers["Content-Disposition"])
    sent = name if extended is None else extended
    assert len(sent) == len(filename)
    assert all(
        one == other or (one == "_" and not other.isprintable())
        for one, other in zip(sent, filename, strict=True)
    )


def test_name_takes_the_place_of_another_disposition():
    stream = Stream([], headers={"content-disposition": "inline"}, filename="a")
    assert [*stream.headers] == [("Content-Disposition", "attachment; filename=a")]


# Where rows come from.


@pytest.fixture
def connection():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        yield connection


def select(connection):
    return connection.execute("SELECT 1 AS id, 'Ada' AS name UNION SELECT 2, 'Bo'")


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(generate, id="generator"),
        pytest.param(generate_async, id="async-generator"),
        pytest.param(lambda: ROWS, id="list"),
        pytest.param(lambda: (*ROWS,), id="tuple"),
        pytest.param(lambda: iter(ROWS), id="iterator"),
        pytest.param(lambda: map(dict, ROWS), id="map"),
        pytest.param(lambda: collections.deque(ROWS), id="deque"),
        pytest.param(lambda: dict(enumerate(ROWS)).values(), id="view"),
        pytest.param(lambda: [User(1, "Ada"), User(2, "Bo")], id="dataclasses"),
        pytest.param(lambda: [ROWS[0], User(2, "Bo")], id="dict-and-dataclass"),
        pytest.param(lambda: map(types.MappingProxyType, ROWS), id="mappings"),
    ],
)
@pytest.mark.parametrize("mimetype", BODIES)
def test_rows_of_any_kind_are_sent(make, mimetype):
    response = send(lambda: Stream(make()), mimetype)
    assert (response.content_type, response.data) == (mimetype, BODIES[mimetype])


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param(JSON, b'[[1,"Ada"],[2,"Bo"]]', id="json"),
        pytest.param(NDJSON, b'[1,"Ada"]\n[2,"Bo"]\n', id="ndjson"),
        pytest.param("text/csv", b"1,Ada\r\n2,Bo\r\n", id="csv"),
    ],
)
def test_tuples_of_a_cursor_are_rows_without_names(connection, accept, expected):
    assert send(lambda: Stream(select(connection)), accept).data == expected


@pytest.mark.parametrize("mimetype", BODIES)
def test_named_rows_of_a_cursor_need_a_converter(connection, mimetype):
    def setup(app):
        app.kit.add_converter(sqlite3.Row, dict)

    connection.row_factory = sqlite3.Row
    response = send(lambda: Stream(select(connection)), mimetype, setup=setup)
    assert response.data == BODIES[mimetype]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param(JSON, b"[]", id="json"),
        pytest.param(NDJSON, b"", id="ndjson"),
        pytest.param("text/csv", b"", id="csv"),
    ],
)
@pytest.mark.parametrize("make", [list, lambda: (row for row in ())])
def test_no_rows_are_an_answer(make, accept, expected):
    response = send(lambda: Stream(make()), accept)
    assert (response.status_code, response.data) == (200, expected)


@pytest.mark.parametrize("accept", [JSON, NDJSON, "text/csv"])
def test_converters_apply_to_rows_and_to_what_stands_in_them(accept):
    def setup(app):
        app.kit.add_converter(User, lambda user: {"id": user.id})
        app.kit.add_converter(complex, lambda number: [number.real, number.imag])

    def show():
        return Stream([User(1, "secret"), {"id": 1j}])

    body = send(show, accept, setup=setup).data
    assert b"secret" not in body
    if accept == "text/csv":
        assert [*csv.reader(io.StringIO(body.decode()))][1:] == [["1"], ["[0.0,1.0]"]]
    else:
        assert b'{"id":1}' in body
        assert b'{"id":[0.0,1.0]}' in body


# Negotiation.


@pytest.mark.parametrize(
    ("renderers", "accept", "expected", "vary"),
    [
        pytest.param(["json"], None, JSON, None, id="one"),
        pytest.param(["json"], "text/csv", JSON, None, id="one-of-another-type"),
        pytest.param(["csv"], JSON, CSV, None, id="csv-only"),
        pytest.param(["yaml", "xml"], None, JSON, None, id="none-writes-rows"),
        pytest.param(["yaml", "xml"], "application/xml", JSON, None, id="none-asked"),
        pytest.param(["xml", "csv"], "application/xml", CSV, None, id="one-of-two"),
        pytest.param(["yaml", "csv", "json"], None, CSV, "Accept", id="server-order"),
        pytest.param(ALL, None, JSON, "Accept", id="no-accept"),
        pytest.param(ALL, "*/*", JSON, "Accept", id="anything"),
        pytest.param(ALL, "text/csv", CSV, "Accept", id="csv"),
        pytest.param(ALL, "text/*", CSV, "Accept", id="text"),
        pytest.param(ALL, NDJSON, NDJSON, "Accept", id="ndjson"),
        pytest.param(ALL, "application/jsonl", NDJSON, "Accept", id="jsonl"),
        pytest.param(
            ALL, "text/csv;q=0.5, application/json;q=.4", CSV, "Accept", id="q"
        ),
        pytest.param(ALL, "application/json;q=0, */*", CSV, "Accept", id="not-json"),
        pytest.param(ALL, "image/png", JSON, "Accept", id="fallback"),
    ],
)
def test_client_chooses_among_renderers_that_write_rows(
    renderers, accept, expected, vary
):
    response = send(lambda: Stream(generate()), accept, renderers=renderers)
    assert (response.content_type, response.data) == (expected, BODIES[expected])
    assert response.headers.get("Vary") == vary
    assert NOSNIFF in [*response.headers]
    assert "Content-Length" not in response.headers


def test_renderer_of_the_app_is_offered_if_it_writes_rows():
    renderers = [WholeRenderer(), "json", LinesRenderer()]
    for accept, expected in [
        ("text/x-lines", b"%r\n%r\n" % (*ROWS,)),
        ("text/x-whole", AS_JSON),
    ]:
        assert send(lambda: Stream(ROWS), accept, renderers=renderers).data == expected


def test_renderer_that_does_not_take_streams_is_not_offered():
    class Picky(LinesRenderer):
        def can_render(self, cls):
            return not issubclass(cls, Stream)

    response = send(lambda: Stream(ROWS), "text/x-lines", renderers=["json", Picky()])
    assert response.content_type == JSON


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request_that_accepts_nothing_of_it_is_refused(method):
    # What the view returns is known too late to refuse a POST.
    rows = Rows()
    response = send(
        lambda: Stream(rows),
        "application/yaml",
        renderers=["yaml", "json"],
        method=method,
        RESPONSEKIT_NOT_ACCEPTABLE="406",
    )
    assert response.status_code == (406 if method == "GET" else 200)
    assert response.headers["Vary"] == "Accept"
    response.close()
    assert rows.is_closed


@pytest.mark.parametrize(
    ("query", "status", "expected"),
    [
        pytest.param("?format=csv", 200, CSV, id="csv"),
        pytest.param("?format=ndjson", 200, NDJSON, id="ndjson"),
        pytest.param("?format=", 200, JSON, id="empty"),
        pytest.param("?format=png", 406, PROBLEM, id="unknown"),
    ],
)
def test_format_parameter_beats_accept(query, status, expected):
    response = send(
        lambda: Stream(ROWS),
        JSON,
        url=f"/{query}",
        RESPONSEKIT_FORMAT_PARAMETER="format",
    )
    assert (response.status_code, response.content_type) == (status, expected)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"mimetype": "text/csv"}, CSV, id="mimetype"),
        pytest.param({"mimetype": "TEXT/csv"}, CSV, id="case"),
        pytest.param(
            {"headers": {"Content-Type": "text/csv"}}, "text/csv", id="header"
        ),
        pytest.param(
            {"headers": [("content-type", "text/csv; header=present")]},
            "text/csv; header=present",
            id="parameters",
        ),
        pytest.param(
            {"headers": {"Content-Type": "text/csv;x=1"}, "mimetype": "text/csv"},
            "text/csv;x=1",
            id="both",
        ),
    ],
)
@pytest.mark.parametrize("renderers", [ALL, ["json"], ["yaml"]])
def test_pinned_type_is_sent_whatever_is_enabled_or_accepted(
    options, expected, renderers
):
    response = send(
        lambda: Stream(generate(), **options), "application/json", renderers=renderers
    )
    assert (response.content_type, response.data) == (expected, AS_CSV)
    assert "Vary" not in response.headers


@pytest.mark.parametrize(
    ("mimetype", "expected"),
    [
        pytest.param("application/jsonl", AS_NDJSON, id="alias"),
        pytest.param("application/vnd.orders+json", AS_JSON, id="suffix"),
        pytest.param("text/x-lines", b"%r\n%r\n" % (*ROWS,), id="of-the-app"),
    ],
)
def test_pinned_type_is_sent_as_it_is_called(mimetype, expected):
    def show():
        return Stream(ROWS, mimetype=mimetype)

    response = send(show, renderers=["json", LinesRenderer()])
    assert (response.mimetype, response.data) == (mimetype, expected)


@pytest.mark.parametrize("mimetype", ["image/png", "application/yaml", "text/x-whole"])
def test_type_in_which_nothing_writes_rows_is_an_error(mimetype):
    rows = Rows()
    app = make_app(
        lambda: Stream(rows, mimetype=mimetype),
        renderers=["yaml", WholeRenderer()],
        TESTING=True,
    )
    with pytest.raises(TypeError, match=f"as '{mimetype}'. Choose another media type"):
        app.test_client().get("/")
    assert rows.is_closed


# Scopes and views.


def test_scope_has_renderers_of_its_own():
    def setup(app):
        blueprint = Blueprint("exports", "example", url_prefix="/exports")
        app.kit.scope(blueprint, renderers=["csv", LinesRenderer()])
        blueprint.add_url_rule("/", view_func=lambda: Stream(ROWS), endpoint="rows")
        app.register_blueprint(blueprint)

    app = make_app(lambda: Stream(ROWS), renderers=["json"], setup=setup)
    client = app.test_client()
    assert client.get("/", buffered=True).content_type == JSON
    for accept, expected in [(None, CSV), ("text/x-lines", "text/x-lines")]:
        headers = {"Accept": accept} if accept else {}
        response = client.get("/exports/", headers=headers, buffered=True)
        assert response.content_type.startswith(expected)


def make_view(app, rows=ROWS, *, produces=("text/csv", NDJSON), ran=None):
    @app.kit.view(produces=produces)
    def show():
        (ran if ran is not None else []).append(True)
        return app.kit.stream(rows)

    app.add_url_rule("/declared", view_func=show, endpoint="declared")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [(None, CSV), ("application/*", NDJSON), ("text/csv;q=0.1, */*;q=0", CSV)],
)
def test_view_declares_what_rows_are_written_as(accept, expected):
    response = send(dict, accept, url="/declared", renderers=["json"], setup=make_view)
    assert (response.content_type, response.data) == (expected, BODIES[expected])
    assert response.headers["Vary"] == "Accept"


def test_view_that_produces_nothing_acceptable_does_not_run():
    ran = []
    response = send(
        dict, JSON, url="/declared", setup=lambda app: make_view(app, ran=ran)
    )
    assert (response.status_code, response.headers["Vary"]) == (406, "Accept")
    assert ran == []


def test_view_that_declares_what_cannot_be_written_in_rows_is_told():
    def setup(app):
        make_view(app, produces=("application/yaml",))

    app = make_app(dict, setup=setup, TESTING=True)
    with pytest.raises(TypeError, match="nothing writes a Stream as one of these"):
        app.test_client().get("/declared")


def test_typed_view_may_return_a_stream_and_a_status():
    def setup(app):
        @app.get("/typed")
        @app.kit.view
        def show():
            return app.kit.stream(generate()), 202, {"X-Count": "2"}

    response = send(dict, url="/typed", setup=setup)
    assert (response.status_code, response.data) == (202, AS_JSON)
    assert response.headers["X-Count"] == "2"


# What is said beside a stream.


@pytest.mark.parametrize(
    ("result", "status", "header"),
    [
        pytest.param((201,), 201, "own", id="status"),
        pytest.param(("202 Later",), 202, "own", id="status-line"),
        pytest.param(({"X": "beside"},), 200, "beside", id="headers"),
        pytest.param((203, [("X", "beside")]), 203, "beside", id="both"),
    ],
)
def test_tuple_may_have_a_status_and_headers(result, status, header):
    response = send(lambda: (Stream(ROWS, headers={"X": "own"}), *result), "text/csv")
    assert (response.status_code, response.data) == (status, AS_CSV)
    assert response.headers.getlist("X") == [header]
    assert response.headers["Vary"] == "Accept"


def test_content_type_beside_a_stream_chooses_what_is_enabled():
    def show():
        return Stream(ROWS), 200, {"Content-Type": "text/csv; header=present"}

    response = send(show, JSON)
    assert response.content_type == "text/csv; header=present"
    assert response.data == AS_CSV


@pytest.mark.parametrize("status", [object(), "teapot"])
def test_rows_are_closed_if_what_is_beside_them_is_wrong(status):
    rows = Rows()
    response = send(lambda: (Stream(rows), status))
    assert response.status_code == 500
    assert rows.is_closed


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_headers_are_those_of_the_stream(method):
    def show():
        headers = [("X-Many", "1"), ("X-Many", "2"), ("Vary", "Cookie")]
        return Stream(ROWS, headers=headers, filename="é.csv")

    response = send(show, "text/csv", method=method)
    assert response.headers.getlist("X-Many") == ["1", "2"]
    assert response.headers["Vary"] == "Cookie, Accept"
    assert response.headers["Content-Disposition"].endswith("%C3%A9.csv")
    assert response.content_type == CSV
    assert response.data == (AS_CSV if method == "GET" else b"")


# Errors before anything is sent.


def fail(status):
    """Rows of which there is none."""
    if status != 500:
        abort(status)
    raise LookupError("secret")
    yield


async def fail_async(status):
    next(fail(status))
    yield


class Failing:
    """An iterable without an iterator."""

    def __init__(self, status):
        self.status = status
        self.is_closed = False

    def __iter__(self):
        next(fail(self.status))

    def close(self):
        self.is_closed = True


@pytest.mark.parametrize("make", [fail, fail_async, Failing])
@pytest.mark.parametrize("status", [404, 500])
@pytest.mark.parametrize("options", [{}, {"mimetype": "text/csv"}])
def test_error_of_the_first_row_is_answered_as_any_other(make, status, options):
    def show():
        headers = {"X-Count": "7", "Cache-Control": "max-age=9"}
        return Stream(make(status), filename="a.csv", headers=headers, **options), 201

    response = send(show, JSON)
    assert (response.status_code, response.content_type) == (status, PROBLEM)
    assert response.json["status"] == status
    assert b"secret" not in response.data
    present = {"X-Count", "Cache-Control", "Content-Disposition"}
    assert present.isdisjoint(response.headers.keys())


def test_iterable_that_fails_at_its_beginning_is_closed():
    rows = Failing(500)
    assert send(lambda: Stream(rows)).status_code == 500
    assert rows.is_closed


@pytest.mark.parametrize("mimetype", BODIES)
@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"id": 1, "value": object()}, id="no-converter"),
        pytest.param({"id": 1, "value": float("nan")}, id="nan"),
        pytest.param({"id": 1, "value": [float("inf")]}, id="nested-infinity"),
        pytest.param(object(), id="row-without-converter"),
    ],
)
def test_first_row_that_cannot_be_written_is_an_error_response(mimetype, row):
    response = send(lambda: Stream([row, *ROWS], filename="a.csv"), mimetype)
    assert response.status_code == 500
    assert "Content-Disposition" not in response.headers


def test_problem_of_the_first_row_keeps_its_members():
    response = send(lambda: Stream(refuse()), JSON)
    assert response.status_code == 409
    assert response.json["title"] == "Too early"
    assert response.json["code"] == 7


def test_error_handler_of_the_app_answers_an_error_of_the_first_row():
    def setup(app):
        app.register_error_handler(LookupError, lambda error: ("handled", 418))

    response = send(lambda: Stream(fail(500)), setup=setup)
    assert (response.status_code, response.data) == (418, b"handled")


# In other places than the end of a view.


def test_error_handler_may_return_a_stream():
    def setup(app):
        app.register_error_handler(404, lambda error: (app.kit.stream(generate()), 404))

    app = make_app(dict, setup=setup)
    response = app.test_client().get("/none", headers={"Accept": "text/csv"})
    assert (response.status_code, response.data) == (404, AS_CSV)


def test_first_row_that_fails_in_an_error_handler_is_answered_once(caplog):
    def setup(app):
        app.register_error_handler(404, lambda error: (Stream(fail(500)), 404))

    app = make_app(dict, setup=setup)
    response = app.test_client().get("/none")
    assert (response.status_code, response.content_type) == (500, PROBLEM)
    assert len(caplog.records) == 1


def test_function_before_the_request_may_return_a_stream():
    def setup(app):
        app.before_request(lambda: app.kit.stream(generate(), headers={"X": "early"}))

    response = send(dict, "text/csv", setup=setup)
    assert (response.data, response.headers["X"]) == (AS_CSV, "early")


def test_response_is_made_of_a_stream_in_a_view():
    def show():
        response = flask.current_app.kit.response(Stream(generate()), 202, {"X": "1"})
        assert response.is_streamed
        return response

    response = send(show, "text/csv")
    assert (response.status_code, response.headers["X"]) == (202, "1")
    assert response.data == AS_CSV


def test_response_is_made_of_a_stream_outside_of_a_request():
    app = make_app(dict)
    with app.app_context():
        response = app.kit.response(app.kit.stream(generate()))
        assert (response.content_type, response.get_data()) == (JSON, AS_JSON)
    assert not flask.has_app_context()


# Converters.


def register(app, converter, **options):
    app.kit.add_converter(Report, converter, **options)


@pytest.mark.parametrize("accept", BODIES)
def test_converter_may_return_a_stream(accept):
    response = send(
        Report, accept, setup=lambda app: register(app, lambda _: Stream(generate()))
    )
    assert (response.content_type, response.data) == (accept, BODIES[accept])
    assert response.headers["Vary"] == "Accept"


def test_converter_may_return_a_stream_with_a_status_and_headers():
    def convert(report):
        stream = Stream(generate(), mimetype="text/csv", headers={"X": "own"})
        return stream, 203, {"X": "beside"}

    response = send(Report, setup=lambda app: register(app, convert))
    assert (response.status_code, response.content_type) == (203, CSV)
    assert response.headers.getlist("X") == ["beside"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param(None, b'{"a":"report"}\n', id="data"),
        pytest.param("text/csv", AS_CSV, id="csv"),
        pytest.param("application/x-ndjson", AS_NDJSON, id="ndjson"),
    ],
)
def test_representation_may_be_a_stream(accept, expected):
    def setup(app):
        register(app, lambda _: {"a": "report"})
        register(app, lambda _: Stream(generate()), mimetype="text/csv")
        register(app, lambda _: Stream(generate()), mimetype=NDJSON)

    response = send(Report, accept, renderers=["json"], setup=setup)
    assert response.data == expected
    assert response.mimetype == (accept or JSON)
    assert response.headers["Vary"] == "Accept"


def test_representation_in_which_nothing_writes_rows_is_an_error():
    def setup(app):
        register(app, lambda _: Stream(rows), mimetype="image/png")

    rows = Rows()
    app = make_app(Report, setup=setup, TESTING=True)
    with pytest.raises(TypeError, match="rows of a stream as 'image/png'"):
        app.test_client().get("/")
    assert rows.is_closed


def test_object_may_convert_itself_to_a_stream():
    def show():
        return type("Own", (), {"__response__": lambda self: Stream(generate())})()

    assert send(show, "text/csv").data == AS_CSV


@pytest.mark.parametrize("renderers", [["json"], ALL])
def test_converter_for_streams_is_asked(renderers):
    def setup(app):
        @app.kit.converter(Stream)
        def convert(stream):
            return {"rows": [*stream.iterable]}

    response = send(lambda: Stream(generate()), JSON, renderers=renderers, setup=setup)
    assert response.json == {"rows": ROWS}


def test_converter_for_streams_may_represent_them():
    def setup(app):
        app.kit.add_converter(Stream, lambda stream: "own", mimetype="text/plain")

    assert send(lambda: Stream(ROWS), "text/plain", setup=setup).data == b"own"
    assert send(lambda: Stream(ROWS), "text/csv", setup=setup).data == AS_CSV


@pytest.mark.parametrize("cls", [object, collections.abc.Iterable])
@pytest.mark.parametrize("renderers", [["csv"], ALL])
def test_converter_for_anything_does_not_take_streams(cls, renderers):
    def setup(app):
        app.kit.add_converter(cls, lambda value: "swallowed")

    def show():
        return Stream(generate())

    response = send(show, "text/csv", renderers=renderers, setup=setup)
    assert response.data == AS_CSV


# Where a stream cannot stand.


@pytest.mark.parametrize("make", [Stream, EventStream])
@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda stream: [stream], id="list"),
        pytest.param(lambda stream: {"rows": stream}, id="dict"),
    ],
)
@pytest.mark.parametrize("name", ["json", "xml", "csv", "ndjson", "yaml", "text"])
def test_stream_cannot_stand_inside_other_data(make, wrap, name):
    app = make_app(lambda: wrap(make(ROWS)), renderers=[name], TESTING=True)
    with pytest.raises(TypeError, match=f"{make.__name__} .* cannot stand inside"):
        app.test_client().get("/")


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(jsonify, id="jsonify"),
        pytest.param(lambda stream: jsonify(rows=stream), id="jsonify-inside"),
        pytest.param(lambda stream: flask.json.dumps([stream]), id="dumps"),
        pytest.param(
            lambda stream: render_template_string("{{ rows|tojson }}", rows=stream),
            id="template",
        ),
        pytest.param(lambda stream: flask.current_app.kit.to_plain(stream), id="plain"),
        pytest.param(
            lambda stream: flask.current_app.kit.to_plain([stream]), id="plain-inside"
        ),
        pytest.param(lambda stream: {"rows": stream}, id="data"),
        pytest.param(lambda stream: Stream([stream]), id="row"),
        pytest.param(lambda stream: Stream([{"rows": stream}]), id="cell"),
    ],
)
@pytest.mark.parametrize("provider", [None, "msgspec"])
def test_stream_is_no_data(use, provider):
    app = make_app(lambda: use(Stream(ROWS)), TESTING=True, RESPONSEKIT_JSON=provider)
    with pytest.raises(TypeError, match="cannot stand inside other data. Give a list."):
        app.test_client().get("/")


def test_stream_is_no_plain_data_without_an_app():
    with pytest.raises(TypeError, match="cannot stand inside other data. Give a list."):
        to_plain([Stream(ROWS)], ResponseKit().converters)


def test_session_and_request_are_there_for_the_rows():
    def read():
        flask.session["count"] = 1
        yield {"path": request.path}
        yield {"count": flask.session["count"]}

    app = make_app(lambda: Stream(read(), chunk_size=1))
    app.secret_key = "secret"
    response = app.test_client().get("/")
    assert json.loads(response.data) == [{"path": "/"}, {"count": 1}]
    # It was set before the headers were sent.
    assert "session=" in response.headers["Set-Cookie"]


def test_async_rows_are_read_where_a_loop_runs():
    async def main():
        return send(lambda: Stream(generate_async()), "text/csv").data

    assert asyncio.run(main()) == AS_CSV


def test_media_type_and_header_must_not_contradict_each_other():
    with pytest.raises(ValueError, match="'application/json' contradicts .* text/csv"):
        Stream([], mimetype="application/json", headers={"Content-Type": "text/csv"})
    content_type = "Text/CSV; header=present"
    stream = Stream([], mimetype="text/csv", headers={"Content-Type": content_type})
    assert stream.headers["Content-Type"] == content_type


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        pytest.param(5, TypeError, id="number"),
        pytest.param("X: y", ValueError, id="text"),
        pytest.param({"X": "a\r\nb"}, ValueError, id="line-break"),
    ],
)
def test_what_cannot_be_headers_is_named(headers, error):
    with pytest.raises(error, match="headers=.* cannot be headers .* Give a dict"):
        Stream([], headers=headers)


async def count():
    yield 1


@pytest.mark.parametrize(
    "value", [count(), ServerSentEvent("a")], ids=["async", "event"]
)
def test_view_that_returns_what_only_a_stream_sends_is_told_so(value):
    app = Flask(__name__)
    app.testing = True
    ResponseKit(app)
    app.add_url_rule("/", "view", lambda: value)
    with pytest.raises(TypeError, match=r"Return kit.stream\(...\) .* EventStream"):
        app.test_client().get("/")


@pytest.mark.parametrize("beside", [False, True])
def test_accept_is_added_to_what_the_answer_varies_by(beside):
    app = Flask(__name__)
    kit = ResponseKit(app, renderers=["json", "ndjson"])
    headers = {"Vary": "Cookie"}

    @app.get("/")
    def view():
        if beside:
            return kit.stream([1]), headers
        return kit.stream([1], headers=headers)

    response = app.test_client().get("/", buffered=True)
    assert response.headers.getlist("Vary") == ["Cookie, Accept"]
