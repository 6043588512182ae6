from __future__ import annotations

import datetime
import inspect
import io
import pathlib
import typing as t
import warnings

import flask
import pytest
import werkzeug
from flask import abort
from flask import Flask
from flask import jsonify
from flask import make_response
from flask import redirect
from flask import request
from flask import Response
from flask import send_file
from flask import session
from flask import stream_with_context
from itsdangerous import TimestampSigner
from markupsafe import Markup
from werkzeug.datastructures import Headers
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Conflict
from werkzeug.http import http_date

from flask_responsekit import ResponseKit

HERE = pathlib.Path(__file__).parent
MODIFIED = datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)
REPEATED = [("X-A", "1"), ("X-A", "2"), ("X-B", "3")]
PARTITIONED = "partitioned" in inspect.signature(Response.set_cookie).parameters
HTML_MARK = "<!doctype html><p>a"


@pytest.fixture(autouse=True)
def clock_of_sessions(monkeypatch):
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_600_000_000)


class OwnResponse(Response):
    default_mimetype = "text/x-own"


class OwnError(Exception):
    pass


def wsgi_application(environ, start_response):
    start_response("202 ACCEPTED", [("Content-Type", "text/x-wsgi"), ("X-A", "1")])
    return [environ["PATH_INFO"].encode()]


class Unrelated(t.NamedTuple):
    field: int = 1


def nothing(app):
    pass


def use_own_class(app):
    app.response_class = OwnResponse


def install(app):
    ResponseKit(app)


def install_with_converters(app):
    kit = ResponseKit(app)
    kit.add_converter(Unrelated, lambda value: {"field": value.field})
    kit.add_converter(OwnError, str)


def answer(app, requests):
    """All that a client sees, but for nosniff, the time, and that errors vary."""
    client = app.test_client()
    for options in requests:
        with client.open(**{"path": "/", **options}) as response:
            ignored = {*IGNORED, "Vary"} if response.status_code >= 400 else IGNORED
            headers = [row for row in response.headers if row[0] not in ignored]
            yield response.status, headers, response.data


IGNORED = {"X-Content-Type-Options", "Date"}


def compare(add, requests, prepare=nothing):
    """Expect the same answers without and with a kit."""
    answers = []
    for kit in (nothing, install, install_with_converters):
        app = Flask(__name__, root_path=str(HERE))
        app.secret_key = "k"
        prepare(app)
        kit(app)
        add(app)
        answers.append(list(answer(app, requests)))
    assert answers[1] == answers[0]
    assert answers[2] == answers[0]
    return answers[0]


# Views.


def generator():
    yield "a"
    yield "b"


def closing():
    response = Response(generator())
    response.call_on_close(lambda: None)
    return response


def with_context():
    def generate():
        yield request.path
        yield request.args.get("a", "none")

    return stream_with_context(generate())


def with_cookies():
    response = make_response("a")
    response.set_cookie("plain", "1")
    response.set_cookie("other", "ü; ,", httponly=True, samesite="Lax", path="/p")
    response.delete_cookie("gone")
    if PARTITIONED:
        response.set_cookie("parts", "1", secure=True, partitioned=True)
    return response


def with_etag():
    response = make_response("a")
    response.set_etag("tag")
    response.last_modified = MODIFIED
    return response.make_conditional(request)


def with_range():
    response = make_response("abcdefghij")
    return response.make_conditional(request, accept_ranges=True, complete_length=10)


def with_headers_changed():
    response = jsonify(a=1)
    response.status_code = 418
    response.headers.add("X-A", "1")
    response.content_language.add("de")
    response.cache_control.no_store = True
    return response


def with_vary():
    response = make_response(({"a": 1}, {"Vary": "Cookie"}))
    response.vary.add("Origin")
    return response


def with_session():
    session["seen"] = session.get("seen", 0) + 1
    return str(session["seen"])


def with_flash():
    if request.method == "POST":
        flask.flash("first", "category")
        flask.flash(Markup("<b>second</b>"))
        return redirect("/")
    return f"flashed {flask.get_flashed_messages(with_categories=True)}"


def send_path():
    return send_file(HERE / "test_doctests.py", last_modified=MODIFIED)


def send_bytes():
    file = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    return send_file(file, "image/png", as_attachment=True, download_name="ü.png")


POST = {"method": "POST"}
VIEWS = {
    "str": lambda: "text",
    "str-empty": lambda: "",
    "str-html": lambda: HTML_MARK,
    "str-unicode": lambda: "ü\U0001f600",
    "str-subclass": lambda: type("Own", (str,), {})("text"),
    "bytes": lambda: b"text",
    "bytes-empty": lambda: b"",
    "bytearray": lambda: bytearray(b"text"),
    "markup": lambda: Markup("<p>a</p>"),
    "rendered": lambda: flask.render_template_string("{{ a }}", a="<"),
    "rendered-stream": lambda: flask.stream_template_string("{{ a }}", a="<"),
    "generator": generator,
    "iterator": lambda: iter(["a", "b"]),
    "iterator-of-bytes": lambda: iter([b"a", b"b"]),
    "map": lambda: map(str, range(3)),
    "stream-with-context": with_context,
    "dict": lambda: {"b": 1, "a": [None, True, 1.5, "ü"]},
    "dict-empty": lambda: {},
    "dict-subclass": lambda: flask.request.args,
    "list": lambda: [1, {"a": ()}],
    "response": lambda: Response("a", 201, REPEATED),
    "response-typed": lambda: Response("{}", mimetype="application/json"),
    "response-of-bytes": lambda: Response(b"a", content_type="text/x-a; a=b"),
    "response-of-list": lambda: Response(["a", "b"]),
    "response-stream": closing,
    "response-empty": lambda: Response(),
    "response-subclass": lambda: OwnResponse("a"),
    "response-of-current-class": lambda: flask.current_app.response_class("a", 202),
    "response-foreign": lambda: werkzeug.Response("a", 202, REPEATED),
    "response-of-another-app": lambda: Flask("other").test_client().get("/"),
    "response-foreign-typed": lambda: werkzeug.Response("{}", mimetype="text/x-a"),
    "wsgi-application": lambda: wsgi_application,
    "wsgi-in-tuple": lambda: (wsgi_application, 203),
    "http-exception": lambda: Conflict("no"),
    "http-exception-in-tuple": lambda: (Conflict("no"), 410),
    "tuple-status": lambda: ("a", 201),
    "tuple-status-text": lambda: ("a", "201 MADE"),
    "tuple-status-number-text": lambda: ("a", "201"),
    "tuple-status-unknown": lambda: ("a", 299),
    "tuple-headers": lambda: ("a", {"X-A": "1"}),
    "tuple-headers-list": lambda: ("a", REPEATED),
    "tuple-headers-object": lambda: (b"a", Headers(REPEATED)),
    "tuple-headers-of-lists": lambda: ("a", {"X-A": ["1", "2"]}),
    "tuple-all": lambda: ("a", 201, {"X-A": "1"}),
    "tuple-all-list": lambda: (b"a", 201, REPEATED),
    "tuple-type": lambda: ("a", {"Content-Type": "text/x-a"}),
    "tuple-type-lower-case": lambda: (b"a", 201, {"content-type": "text/x-a"}),
    "tuple-length": lambda: ("abc", {"Content-Length": "3"}),
    "tuple-none": lambda: ("a", None, None),
    "tuple-none-headers": lambda: ("a", None, {"X-A": "1"}),
    "tuple-dict": lambda: ({"a": 1}, 201, {"X-A": "1"}),
    "tuple-dict-repeated": lambda: ({"a": 1}, 201, REPEATED),
    "tuple-list": lambda: ([1], 201, Headers(REPEATED)),
    "tuple-dict-type": lambda: ({"a": 1}, {"Content-Type": "application/x-a"}),
    "tuple-response": lambda: (Response("a", 200), 201, {"X-A": "1"}),
    "tuple-jsonify": lambda: (jsonify(1), "201 MADE", REPEATED),
    "tuple-subclass-response": lambda: (OwnResponse("a"), 201, REPEATED),
    "tuple-foreign": lambda: (werkzeug.Response("a"), 201, REPEATED),
    "tuple-generator": lambda: (generator(), 201, {"X-A": "1"}),
    "tuple-204": lambda: ("", 204),
    "tuple-of-one": lambda: ("a",),
    "tuple-of-four": lambda: ("a", 201, {}, None),
    "204-of-response": lambda: Response(status=204),
    "304-of-tuple": lambda: ("", 304),
    "none": lambda: None,
    "bool": lambda: True,
    "object": object,
    "nested-object": lambda: {"a": object()},
    "none-in-tuple": lambda: (None, 204),
    "jsonify": lambda: jsonify(1, [2]),
    "jsonify-nothing": lambda: jsonify(),
    "jsonify-types": lambda: jsonify(at=MODIFIED, html=Markup("<p>")),
    "make-response": lambda: make_response("a", 202, {"X-A": "1"}),
    "make-response-nothing": lambda: make_response(),
    "headers-changed": with_headers_changed,
    "vary": with_vary,
    "cookies": with_cookies,
    "redirect": lambda: redirect("/a?b=ü", 303),
    "redirect-in-tuple": lambda: (redirect("/a"), {"X-A": "1"}),
    "abort": lambda: abort(404, "<no>"),
    "abort-response": lambda: abort(Response("a", 402)),
    "abort-with-headers": lambda: abort(401, www_authenticate=WWWAuthenticate("a")),
    "error": lambda: 1 / 0,
    "send-path": send_path,
    "send-bytes": send_bytes,
    "send-from-directory": lambda: flask.send_from_directory(".", "test_doctests.py"),
    "send-missing": lambda: flask.send_from_directory(".", "missing"),
    "etag": with_etag,
    "range": with_range,
}


def as_view(view):
    return lambda app: app.add_url_rule(
        "/", "index", view, methods=["GET", "POST"], strict_slashes=False
    )


@pytest.mark.parametrize("prepare", [nothing, use_own_class])
@pytest.mark.parametrize("name", VIEWS)
def test_view_answers_as_without_the_kit(name, prepare):
    compare(as_view(VIEWS[name]), [{}, {"method": "HEAD"}, POST], prepare)


def test_stream_is_read_and_closed_as_without_the_kit():
    logs = []

    def add(app):
        log = []
        logs.append(log)

        def generate():
            try:
                for part in "abc":
                    log.append(part)
                    yield part
            finally:
                log.append("end")

        def view():
            response = make_response(generate())
            response.call_on_close(lambda: log.append("closed"))
            return response

        as_view(view)(app)
        app.after_request(lambda response: log.append("sent") or response)

    compare(add, [{}, {"method": "HEAD"}])
    assert logs[0] == ["sent", "a", "b", "c", "end", "closed", "sent", "closed"]
    assert logs[1:] == [logs[0]] * 2


@pytest.mark.parametrize(
    ("name", "headers", "status"),
    [
        pytest.param("etag", {"If-None-Match": '"tag"'}, 304, id="same"),
        pytest.param("etag", {"If-None-Match": '"other"'}, 200, id="other"),
        pytest.param(
            "etag", {"If-Modified-Since": http_date(MODIFIED)}, 304, id="unmodified"
        ),
        pytest.param("send-path", {"Range": "bytes=2-5"}, 206, id="file-range"),
        pytest.param("send-path", {"Range": "bytes=9999999-"}, 416, id="no-range"),
        pytest.param(
            "send-path", {"If-Modified-Since": http_date(MODIFIED)}, 304, id="file"
        ),
        pytest.param("range", {"Range": "bytes=-3"}, 206, id="range"),
        pytest.param("send-bytes", {"Range": "bytes=0-2"}, 206, id="bytes-range"),
        pytest.param("str", {"Accept": "application/json;q=0"}, 200, id="accept"),
        pytest.param("abort", {"Accept": "text/csv"}, 404, id="accept-error"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions_are_answered_as_without_the_kit(name, headers, status, method):
    options = {"headers": headers, "method": method}
    ((text, _, _),) = compare(as_view(VIEWS[name]), [options])
    assert text.startswith(str(status))


# Apps.


def add_get_json(app):
    def view():
        return {"got": request.get_json(), "silent": request.get_json(silent=True)}

    as_view(view)(app)


def add_slash(app):
    app.add_url_rule("/a/", "slash", lambda: "a")
    app.add_url_rule("/", "index", lambda: "index")


def add_handlers(app):
    app.register_error_handler(404, lambda error: (f"<{error.name}>", 404))
    app.register_error_handler(405, lambda error: ({"is": error.code}, error.code))
    app.register_error_handler(409, lambda error: error)
    app.register_error_handler(OwnError, lambda error: jsonify(str(error)))
    app.register_error_handler(500, lambda error: (str(error.original_exception), 500))

    errors = {"409": Conflict("no"), "own": OwnError("own"), "key": KeyError("key")}

    def view():
        raise errors[request.args["error"]]

    app.add_url_rule("/", view_func=view)


def add_functions_after(app):
    def replace(response):
        response.headers["X-Length"] = len(response.get_data(as_text=True))
        response.set_data("replaced")
        return response

    app.after_request(replace)
    app.add_url_rule("/", "index", lambda: {"a": 1})


def add_new_response_after(app):
    app.after_request(lambda response: Response(f"new for {response.status}"))
    app.add_url_rule("/", "index", lambda: "a")


def add_after_this_request(app):
    def view():
        flask.after_this_request(lambda response: jsonify(response.status))
        return "a"

    app.add_url_rule("/", view_func=view)


def add_teardown(app):
    done = []
    app.teardown_request(lambda error: done.append(repr(error)))
    app.teardown_appcontext(lambda error: done.append("context"))

    def view():
        if done:
            return f"done {done}"
        raise OwnError("first")

    app.add_url_rule("/", view_func=view)


def add_before_request(app):
    app.before_request(lambda: request.args.get("a"))
    app.before_request(lambda: ("early", 299) if "b" in request.args else None)
    app.add_url_rule("/", "index", lambda: "index")


def add_json_options(app):
    app.json.sort_keys = False
    app.json.ensure_ascii = False
    app.json.compact = False
    app.json.mimetype = "application/x-own+json"
    app.add_url_rule("/", "index", lambda: {"b": "ü", "a": 1})


def add_upload(app):
    app.config["MAX_CONTENT_LENGTH"] = 4
    as_view(lambda: request.get_data())(app)


def add_form(app):
    as_view(lambda: {"form": request.form, "files": list(request.files)})(app)


APPS = [
    pytest.param(
        add_get_json,
        [
            {**POST, "json": {"a": [1]}},
            {**POST, "data": "{", "content_type": "application/json"},
            POST,
        ],
        id="get-json",
    ),
    pytest.param(add_slash, [{"path": "/a"}, {"path": "/a?b=1"}], id="slash"),
    pytest.param(add_slash, [POST, {"method": "OPTIONS"}], id="methods"),
    pytest.param(add_slash, [{"path": "/missing"}], id="missing"),
    pytest.param(add_slash, [{"path": "/static/missing"}], id="static-missing"),
    pytest.param(
        add_handlers,
        [
            {"path": "/missing"},
            POST,
            *({"query_string": {"error": error}} for error in ("409", "own", "key")),
            {},
        ],
        id="handlers",
    ),
    pytest.param(add_functions_after, [{}, POST], id="after-request"),
    pytest.param(add_new_response_after, [{}, POST], id="after-request-new"),
    pytest.param(add_after_this_request, [{}], id="after-this-request"),
    pytest.param(add_teardown, [{}, {}], id="teardown"),
    pytest.param(
        add_before_request,
        [{}, {"query_string": "a=1"}, {"query_string": "b=1"}],
        id="before-request",
    ),
    pytest.param(as_view(with_session), [{}, {}, {}], id="session"),
    pytest.param(as_view(with_flash), [POST, {}, {}], id="flash"),
    pytest.param(add_json_options, [{}], id="json-options"),
    pytest.param(add_upload, [{**POST, "data": "12345"}, POST], id="too-large"),
    pytest.param(add_form, [{**POST, "data": {"a": ["1", "2"], "b": "3"}}], id="form"),
]


@pytest.mark.parametrize(("add", "requests"), APPS)
def test_app_answers_as_without_the_kit(add, requests):
    compare(add, requests)


def test_cookie_beyond_its_size_warns_as_without_the_kit():
    def view():
        flask.current_app.config["MAX_COOKIE_SIZE"] = 50
        response = make_response("a")
        response.set_cookie("large", "x" * 60)
        return response

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compare(as_view(view), [{}])
    texts = [str(warning.message) for warning in caught]
    assert len(texts) == 3
    assert len(set(texts)) == 1
