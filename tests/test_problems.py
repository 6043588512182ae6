from __future__ import annotations

import concurrent.futures
import datetime
import http
import json
import logging
import threading
import xml.etree.ElementTree as ET

import flask
import pytest
import werkzeug.exceptions
from flask import abort
from flask import Blueprint
from flask import Flask
from flask import request
from flask import Response
from flask import session
from flask.json.provider import DefaultJSONProvider
from flask.json.provider import JSONProvider
from markupsafe import Markup
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.debug import DebuggedApplication
from werkzeug.exceptions import BadRequestKeyError
from werkzeug.exceptions import Gone
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import InternalServerError
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import NotFound
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.exceptions import TooManyRequests
from werkzeug.exceptions import Unauthorized
from werkzeug.test import Client

from flask_responsekit import Problem
from flask_responsekit import ResponseKit

JSON = "application/json"
XML = "application/xml"
HTML = "text/html"
PROBLEM_JSON = "application/problem+json"
PROBLEM_XML = "application/problem+xml; charset=utf-8"
PAGE = "text/html; charset=utf-8"
STATIC = {"type": "about:blank", "title": "Internal Server Error", "status": 500}
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
IMAGE = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
AXIOS = "application/json, text/plain, */*"
JQUERY = "application/json, text/javascript, */*; q=0.01"
FORMS = [
    pytest.param(JSON, PROBLEM_JSON, id="json"),
    pytest.param(XML, PROBLEM_XML, id="xml"),
    pytest.param(HTML, PAGE, id="html"),
]


class BrokeError(Exception):
    pass


def make_app(view=None, *, setup=None, kit=True, cls=Flask, **config):
    """An app with one view, that lets no exception through."""
    app = cls("example")
    app.config.update(config)
    if kit:
        app.kit = ResponseKit(app)
    if view is not None:
        app.add_url_rule("/", "view", view)
    if setup is not None:
        setup(app)
    return app


def send(app, accept=None, *, method="GET", path="/"):
    headers = {} if accept is None else {"Accept": accept}
    return app.test_client().open(path, method=method, headers=headers)


def raising(make):
    def view():
        raise make()

    return view


def fail(*args):
    raise BrokeError("secret")


def get_all(response, *, without=()):
    """All that the client gets."""
    headers = sorted((k, v) for k, v in response.headers if k not in without)
    return response.status, headers, response.data


def read(response):
    """The document of a problem in JSON or XML."""
    if response.mimetype == PROBLEM_JSON:
        return json.loads(response.data)
    assert response.content_type == PROBLEM_XML
    root = ET.fromstring(response.data)
    members = {child.tag.rpartition("}")[2]: child.text for child in root}
    return {**members, "status": int(members["status"])}


# The errors of Werkzeug.

BASIC = WWWAuthenticate("basic", {"realm": "a"})
DIGEST = WWWAuthenticate("digest", {"realm": "b", "nonce": "c"})
SOON = datetime.datetime(2030, 1, 2, 3, 4, 5)

ERRORS = {
    cls.__name__: cls
    for cls in vars(werkzeug.exceptions).values()
    if isinstance(cls, type)
    and issubclass(cls, HTTPException)
    and cls.code is not None
    and not cls.__name__.startswith("_")
}
ERRORS |= {
    "key": lambda: BadRequestKeyError("secret"),
    "realms": lambda: Unauthorized(www_authenticate=[BASIC, DIGEST]),
    "methods": lambda: MethodNotAllowed(["GET", "PUT"]),
    "seconds": lambda: TooManyRequests(retry_after=30),
    "date": lambda: ServiceUnavailable(retry_after=SOON),
    "range": lambda: RequestedRangeNotSatisfiable(1000),
    "description": lambda: NotFound("No such user."),
    "cause": lambda: InternalServerError("secret", original_exception=fail),
}


def make_errors_app(kit=True, **config):
    """An app with a view for each of the errors."""
    app = make_app(kit=kit, **config)
    for name, make in ERRORS.items():
        app.add_url_rule(f"/{name}", name, raising(make))
    return app


ERRORS_APPS = {
    mode: make_errors_app(RESPONSEKIT_PROBLEMS=mode)
    for mode in ("negotiate", "always", "off")
}
ERRORS_APPS["flask"] = make_errors_app(kit=False)


def test_all_errors_of_werkzeug_are_tried():
    assert {"BadRequestKeyError", "ClientDisconnected", "SecurityError"} <= set(ERRORS)
    tried = {ERRORS[name].code for name in ERRORS if isinstance(ERRORS[name], type)}
    assert tried == set(werkzeug.exceptions.default_exceptions)


#: By mode and ``Accept``; ``None`` for what Flask sends.
ANSWERS = {
    ("negotiate", JSON): PROBLEM_JSON,
    ("negotiate", XML): PROBLEM_XML,
    ("negotiate", HTML): None,
    ("negotiate", "*/*"): None,
    ("negotiate", None): None,
    ("always", JSON): PROBLEM_JSON,
    ("always", XML): PROBLEM_XML,
    ("always", HTML): PROBLEM_JSON,
    ("always", "*/*"): PROBLEM_JSON,
    ("always", None): PROBLEM_JSON,
    **{("off", accept): None for accept in (JSON, XML, HTML, "*/*", None)},
}


def list_answers(name, *, is_flasks):
    """The answers to an error, with mode and ``Accept``."""
    for (mode, accept), content_type in ANSWERS.items():
        if (content_type is None) is is_flasks:
            response = send(ERRORS_APPS[mode], accept, path=f"/{name}")
            yield mode, accept, response


@pytest.mark.parametrize("name", ERRORS)
def test_error_is_a_problem_for_those_who_prefer_one(name):
    error = ERRORS[name]()
    document = {"type": "about:blank", "title": error.name, "status": error.code}
    if error.code != 500:
        document["detail"] = error.description
    own = [pair for pair in error.get_headers() if pair[0] != "Content-Type"]
    for mode, accept, response in list_answers(name, is_flasks=False):
        assert response.content_type == ANSWERS[mode, accept]
        assert (response.status_code, read(response)) == (error.code, document)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers.getlist("Vary") == ["Accept"]
        assert "secret" not in response.text
        for header, _ in own:
            texts = [text for found, text in own if found == header]
            assert response.headers.getlist(header) == texts


@pytest.mark.parametrize("name", ERRORS)
def test_error_is_as_without_the_kit_for_others(name):
    for mode, accept, response in list_answers(name, is_flasks=True):
        expected = get_all(send(ERRORS_APPS["flask"], accept, path=f"/{name}"))
        assert get_all(response, without=["Vary"]) == expected, mode
        vary = [] if mode == "off" else ["Accept"]
        assert response.headers.getlist("Vary") == vary


@pytest.mark.parametrize(
    ("path", "status"), [pytest.param("/missing", 404), pytest.param("/", 405)]
)
def test_error_of_the_routing_is_a_problem(path, status):
    response = send(make_app(lambda: "ok"), JSON, method="DELETE", path=path)
    assert (response.status_code, response.content_type) == (status, PROBLEM_JSON)
    assert read(response)["status"] == status
    allowed = {"GET", "HEAD", "OPTIONS"} if status == 405 else set()
    assert set(response.allow) == allowed


# A problem.


class OutOfStock(Problem):
    code = 409
    type = "https://example.com/out-of-stock"
    title = "Out of stock"
    description = "None left."


STOCK = {
    "type": "https://example.com/out-of-stock",
    "title": "Out of stock",
    "status": 409,
    "detail": "None left.",
}


def make_problem(**extensions):
    return Problem(
        STOCK["status"],
        title=STOCK["title"],
        detail=STOCK["detail"],
        type=STOCK["type"],
        headers=[("Retry-After", "3"), ("Link", "</a>"), ("Link", "</b>")],
        **extensions,
    )


def as_mapped(app):
    app.kit.add_problem(BrokeError, lambda error: make_problem())
    app.add_url_rule("/", "view", fail)


def as_handlers_value(app):
    app.register_error_handler(BrokeError, lambda error: make_problem())
    app.add_url_rule("/", "view", fail)


WAYS = [
    pytest.param(lambda app: app.before_request(make_problem), id="early"),
    pytest.param(as_handlers_value, id="handler"),
    pytest.param(as_mapped, id="mapped"),
    *(
        pytest.param(lambda app, v=view: app.add_url_rule("/", "view", v), id=name)
        for name, view in {
            "raised": raising(make_problem),
            "returned": make_problem,
            "aborted": lambda: abort(make_problem()),
            "tuple": lambda: (make_problem(), {}),
            "class": lambda: OutOfStock(headers=make_problem().headers),
            "class-raised": raising(lambda: OutOfStock(headers=make_problem().headers)),
        }.items()
    ),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("accept", "content_type"), FORMS)
def test_problem_is_answered_whatever_way_it_goes(way, accept, content_type):
    response = send(make_app(setup=way), accept)
    assert (response.status_code, response.content_type) == (409, content_type)
    if accept == HTML:
        for text in (STOCK["title"], STOCK["detail"], STOCK["type"]):
            assert text in response.text
    else:
        assert read(response) == STOCK
    assert response.headers["Retry-After"] == "3"
    assert response.headers.getlist("Link") == ["</a>", "</b>"]
    assert response.headers["Vary"] == "Accept"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Cache-Control" not in response.headers


def test_problem_without_the_kit_is_a_page():
    response = send(make_app(raising(make_problem), kit=False), JSON)
    assert (response.status_code, response.content_type) == (409, PAGE)
    assert response.headers["Retry-After"] == "3"
    off = make_app(raising(make_problem), RESPONSEKIT_PROBLEMS="off")
    assert get_all(send(off, JSON)) == get_all(response)


@pytest.mark.parametrize("how", ["raise", "abort"])
def test_problem_meets_the_handlers_of_its_class(how):
    view = raising(make_problem) if how == "raise" else lambda: abort(make_problem())
    for key in (HTTPException, Problem):
        app = make_app(view)
        app.register_error_handler(key, lambda error: (f"own {error.title}", 418))
        response = send(app, JSON)
        assert (response.status_code, response.text) == (418, "own Out of stock")


@pytest.mark.parametrize(
    "status",
    [400, "400", "400 Bad Request", http.HTTPStatus.BAD_REQUEST],
)
@pytest.mark.parametrize(
    "error", [pytest.param(make_problem, id="problem"), pytest.param(Gone, id="http")]
)
@pytest.mark.parametrize("accept", [JSON, XML])
def test_status_of_an_error_beside_holds_in_the_document(error, status, accept):
    response = send(make_app(lambda: (error(), status)), accept)
    assert response.status_code == read(response)["status"] == 400
    title = "Out of stock" if error is make_problem else "Bad Request"
    assert read(response)["title"] == title


def test_status_beside_holds_on_the_page_of_a_problem():
    response = send(make_app(lambda: (make_problem(), 400)), HTML)
    assert response.status_code == 400
    assert "<title>400 Out of stock</title>" in response.text


@pytest.mark.parametrize("status", [None, 200, 201, "204 No Content", 302, 700])
@pytest.mark.parametrize(("accept", "content_type"), FORMS)
def test_other_status_beside_a_problem_does_not_hold(status, accept, content_type):
    response = send(make_app(lambda: (make_problem(), status, {"X-A": "b"})), accept)
    assert (response.status_code, response.content_type) == (409, content_type)
    assert response.headers["X-A"] == "b"


@pytest.mark.parametrize("status", ["nonsense", 1.5, 7])
def test_impossible_status_beside_a_problem_is_a_500(status, caplog):
    response = send(make_app(lambda: (make_problem(), status)), JSON)
    assert response.status_code == 500
    assert read(response) == STATIC
    assert len(caplog.records) == 1


OF_SUCCESS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "max-age=60",
    "Content-Disposition": "attachment; filename=a.csv",
    "Content-Encoding": "gzip",
    "Content-Language": "en",
    "Content-Location": "/a",
    "Content-Range": "bytes 0-1/2",
    "Content-Type": "text/csv",
    "ETag": '"a"',
    "Expires": "Thu, 01 Jan 2032 00:00:00 GMT",
    "Last-Modified": "Thu, 01 Jan 2015 00:00:00 GMT",
    "Location": "/a",
}


@pytest.mark.parametrize("status", [None, 200, 201])
@pytest.mark.parametrize(("accept", "content_type"), FORMS)
def test_headers_of_a_success_do_not_reach_a_problem(status, accept, content_type):
    beside = {**OF_SUCCESS, "X-Own": "a", "Vary": "Cookie"}
    response = send(make_app(lambda: (make_problem(), status, beside)), accept)
    assert (response.status_code, response.content_type) == (409, content_type)
    left = set(OF_SUCCESS) & set(response.headers.keys())
    assert left == {"Content-Type"}
    assert response.headers["X-Own"] == "a"
    assert response.headers["Vary"] == "Cookie, Accept"
    assert int(response.headers["Content-Length"]) == len(response.data)


@pytest.mark.parametrize(("accept", "content_type"), FORMS[:2])
def test_headers_of_a_success_do_not_reach_what_is_sent_as_a_problem(
    accept, content_type
):
    response = send(make_app(lambda: (NotFound(), OF_SUCCESS)), accept)
    assert (response.status_code, response.content_type) == (404, content_type)
    assert set(OF_SUCCESS) & set(response.headers.keys()) == {"Content-Type"}


def test_name_of_a_file_does_not_keep_its_header():
    beside = {"Content-Disposition": "attachment; filename=no-store.csv"}
    response = send(make_app(lambda: (make_problem(), beside)), JSON)
    assert "Content-Disposition" not in response.headers


def test_headers_beside_a_status_of_an_error_are_meant_for_it():
    beside = {"Cache-Control": "max-age=60", "Content-Language": "en"}
    response = send(make_app(lambda: (make_problem(), 410, beside)), JSON)
    for name, text in beside.items():
        assert response.headers[name] == text


@pytest.mark.parametrize("text", ["no-store", "private, no-store", "No-Store"])
def test_no_store_beside_a_problem_is_kept(text):
    view = make_app(lambda: (make_problem(), {"Cache-Control": text}))
    assert send(view, JSON).headers["Cache-Control"] == text


@pytest.mark.parametrize(
    ("named", "content_type"),
    [
        pytest.param(PROBLEM_JSON, PROBLEM_JSON, id="json"),
        pytest.param("application/problem+xml", "application/problem+xml", id="xml"),
        pytest.param(PAGE, PAGE, id="html"),
    ],
)
@pytest.mark.parametrize("accept", [JSON, XML, HTML, None])
@pytest.mark.parametrize("renderers", [["json"], ["json", "csv"]])
def test_content_type_beside_an_error_with_its_status_pins_the_form(
    named, content_type, accept, renderers
):
    app = make_app(
        lambda: (make_problem(), 409, {"Content-Type": named}),
        RESPONSEKIT_RENDERERS=renderers,
    )
    response = send(app, accept)
    assert response.content_type == content_type
    first = {PROBLEM_JSON: b"{", PAGE: b"<!doctype html>"}.get(named, b"<?xml")
    assert response.data.startswith(first)


def test_status_and_headers_beside_an_error_are_as_without_the_kit_if_off():
    for beside in [(200,), (201, {"ETag": '"a"'}), (404, {"Content-Type": "a/b"})]:
        answers = [
            get_all(send(make_app(lambda b=beside: (Gone(), *b), **options), JSON))
            for options in ({"kit": False}, {"RESPONSEKIT_PROBLEMS": "off"})
        ]
        assert answers[0] == answers[1]


# What the client accepts.


@pytest.mark.parametrize(
    ("accept", "error", "problem"),
    [
        pytest.param(None, PAGE, PROBLEM_JSON, id="missing"),
        pytest.param("", PAGE, PROBLEM_JSON, id="empty"),
        pytest.param("*/*", PAGE, PROBLEM_JSON, id="curl-fetch"),
        pytest.param(CHROME, PAGE, PAGE, id="chrome"),
        pytest.param(FIREFOX, PAGE, PAGE, id="firefox"),
        pytest.param(IMAGE, PAGE, PROBLEM_JSON, id="image-tag"),
        pytest.param(AXIOS, PROBLEM_JSON, PROBLEM_JSON, id="axios"),
        pytest.param(JQUERY, PROBLEM_JSON, PROBLEM_JSON, id="jquery"),
        pytest.param(PROBLEM_JSON, PROBLEM_JSON, PROBLEM_JSON, id="problem-json"),
        pytest.param("text/xml", PROBLEM_XML, PROBLEM_XML, id="text-xml"),
        pytest.param(
            "application/problem+xml", PROBLEM_XML, PROBLEM_XML, id="problem-xml"
        ),
        pytest.param("application/json; charset=utf-8", *[PROBLEM_JSON] * 2, id="utf8"),
        pytest.param("application/*", PROBLEM_JSON, PROBLEM_JSON, id="application"),
        pytest.param("text/*", PAGE, PAGE, id="text"),
        pytest.param("application/hal+json", *[PROBLEM_JSON] * 2, id="json-suffix"),
        pytest.param("application/atom+xml", *[PROBLEM_XML] * 2, id="xml-suffix"),
        pytest.param(
            "application/vnd.a+json;v=2, a/b", *[PROBLEM_JSON] * 2, id="parameters"
        ),
        pytest.param(
            "application/a+json, text/html;q=0.1", *[PROBLEM_JSON] * 2, id="listed"
        ),
        pytest.param("application/json;v=2", *[PROBLEM_JSON] * 2, id="version"),
        pytest.param(
            "application/a+xml, application/b+json;q=.5", *[PROBLEM_XML] * 2, id="both"
        ),
        pytest.param("application/xhtml+xml", PAGE, PROBLEM_JSON, id="xhtml"),
        pytest.param(f"{PROBLEM_JSON};q=0, a/b", PAGE, PAGE, id="refused-json"),
        pytest.param("text/html;q=0, a/b", *[PROBLEM_JSON] * 2, id="refused-html"),
        pytest.param("text/csv", PAGE, PROBLEM_JSON, id="other"),
        pytest.param("text/event-stream", *[PROBLEM_JSON] * 2, id="event-source"),
        pytest.param("application/x-ndjson", *[PROBLEM_JSON] * 2, id="ndjson"),
        pytest.param("application/jsonl", *[PROBLEM_JSON] * 2, id="jsonl"),
        pytest.param("image/png, nonsense", PAGE, PROBLEM_JSON, id="nonsense"),
        pytest.param("text/html;q=0, */*", *[PROBLEM_JSON] * 2, id="no-html"),
        pytest.param(f"{PROBLEM_JSON};q=0, */*", PAGE, PAGE, id="no-json"),
        pytest.param("application/a+json;q=0", PAGE, PROBLEM_JSON, id="no-suffix"),
        pytest.param("*/*;q=0", PAGE, PROBLEM_JSON, id="nothing"),
        pytest.param(
            "text/html;q=0.1, application/json;q=0.2", *[PROBLEM_JSON] * 2, id="weights"
        ),
        pytest.param(
            "application/xml, application/json;q=0.8", *[PROBLEM_XML] * 2, id="more-xml"
        ),
    ],
)
def test_form_follows_accept(accept, error, problem):
    for make, content_type in ((NotFound, error), (make_problem, problem)):
        response = send(make_app(raising(make)), accept)
        assert response.content_type == content_type
        assert response.status_code == make().code
        assert response.data
        assert response.headers["Vary"] == "Accept"


@pytest.mark.parametrize("produces", ["text/csv", "text/event-stream", "image/png"])
@pytest.mark.parametrize("accept", [None, "*/*", JSON, XML, HTML, "declared"])
def test_what_a_view_produces_does_not_limit_its_errors(produces, accept):
    accept = produces if accept == "declared" else accept
    is_acceptable = accept in (None, "*/*", produces)
    # Who waits for events is no browser that shows a page.
    forms = {JSON: PROBLEM_JSON, XML: PROBLEM_XML, "text/event-stream": PROBLEM_JSON}
    content_type = forms.get(accept, PAGE)
    for make in (NotFound, make_problem, BrokeError):

        def view(make=make):
            raise make()

        app = make_app()
        app.add_url_rule("/", "view", app.kit.view(produces=produces)(view))
        response = send(app, accept)
        expected = {NotFound: 404, make_problem: 409, BrokeError: 500}[make]
        assert response.status_code == (expected if is_acceptable else 406)
        is_lenient = is_acceptable and make is make_problem
        assert response.content_type == (PROBLEM_JSON if is_lenient else content_type)
        assert response.data


@pytest.mark.parametrize("accept", ["image/png", "text/csv", HTML])
@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        pytest.param("/", "GET", 406, id="view"),
        pytest.param("/missing", "GET", 404, id="missing"),
        pytest.param("/", "PUT", 405, id="method"),
    ],
)
def test_refusing_what_is_not_acceptable_stops_at_errors(accept, path, method, status):
    app = make_app(raising(make_problem), RESPONSEKIT_NOT_ACCEPTABLE="406")
    response = send(app, accept, path=path, method=method)
    assert (response.status_code, response.content_type) == (status, PAGE)
    assert response.headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    ("name", "accept", "content_type", "is_negotiated", "is_known"),
    [
        pytest.param("json", HTML, PROBLEM_JSON, False, True, id="json"),
        pytest.param("xml", HTML, PROBLEM_XML, False, True, id="xml"),
        pytest.param("html", JSON, PAGE, False, False, id="html"),
        pytest.param("csv", JSON, PROBLEM_JSON, True, False, id="other"),
        pytest.param("no <b>", XML, PROBLEM_XML, True, False, id="unknown"),
        pytest.param("", XML, PROBLEM_XML, True, True, id="empty"),
    ],
)
def test_format_parameter_chooses_the_form(
    name, accept, content_type, is_negotiated, is_known
):
    app = make_app(
        raising(make_problem),
        RESPONSEKIT_FORMAT_PARAMETER="format",
        RESPONSEKIT_RENDERERS=["json", "xml"],
    )
    # The view is not called for what it cannot give.
    for path, status in (("/missing", 404), ("/", 409 if is_known else 406)):
        response = send(app, accept, path=f"{path}?format={name}")
        assert (response.status_code, response.content_type) == (status, content_type)
        assert ("Vary" in response.headers) is is_negotiated


def test_format_parameter_gives_no_html_if_there_is_none():
    app = make_app(RESPONSEKIT_FORMAT_PARAMETER="f", RESPONSEKIT_PROBLEMS="always")
    assert send(app, XML, path="/missing?f=html").content_type == PROBLEM_XML


# Descriptions that nobody has checked.


class Odd:
    def __str__(self):
        return "<script>odd</script>"


class Broken:
    def __str__(self):
        raise BrokeError("secret")

    __repr__ = __str__


HOSTILE = {
    "script": "</p><script>alert(1)</script>&amp;\"'",
    "cdata": "]]><script>&unknown;<!--",
    "control": "".join(map(chr, range(32))) + "\x7f\x85\ufffe\uffff",
    "lines": "a\nb\r\nc\u2028d",
    "long": "<" * 1_000_000,
    "object": Odd(),
    "bytes": b"<script>",
    "list": ["<script>"],
    "number": 5,
    "empty": "",
}
UNWRITABLE = {"broken": Broken(), "broken-inside": [Broken()]}


@pytest.mark.parametrize("mode", ["negotiate", "always"])
@pytest.mark.parametrize("accept", [JSON, XML])
@pytest.mark.parametrize("name", [*HOSTILE, "surrogate", "markup"])
def test_description_stays_text_in_a_document(name, accept, mode):
    others = {"surrogate": "a\ud800b", "markup": Markup("<script>alert(1)</script>")}
    description = (HOSTILE | others)[name]
    app = make_app(raising(lambda: NotFound(description)), RESPONSEKIT_PROBLEMS=mode)
    response = send(app, accept)
    assert response.status_code == 404
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    detail = read(response).get("detail", "")
    if accept == JSON:
        assert detail == str(description)
    else:
        assert b"<script" not in response.data
        assert [*filter(str.isalnum, detail)] == [
            *filter(str.isalnum, str(description))
        ]


@pytest.mark.parametrize("mode", ["negotiate", "off"])
@pytest.mark.parametrize("name", HOSTILE)
def test_description_on_the_page_is_as_without_the_kit(name, mode):
    view = raising(lambda: NotFound(HOSTILE[name]))
    response = send(make_app(view, RESPONSEKIT_PROBLEMS=mode), HTML)
    expected = get_all(send(make_app(view, kit=False), HTML))
    assert get_all(response, without=["Vary"]) == expected
    assert b"<script" not in response.data


@pytest.mark.parametrize(
    "text",
    [
        *(
            pytest.param(text, id=name)
            for name, text in HOSTILE.items()
            if isinstance(text, str)
        ),
        pytest.param("a\ud800b", id="surrogate"),
        pytest.param(Markup("<script>alert(1)</script>"), id="markup"),
    ],
)
@pytest.mark.parametrize(("accept", "content_type"), FORMS)
def test_text_of_a_problem_stays_text(text, accept, content_type):
    view = raising(
        lambda: Problem(409, title=text, detail=text, a=text, b=[{text: text}])
    )
    response = send(make_app(view), accept)
    assert (response.status_code, response.content_type) == (409, content_type)
    if accept == JSON:
        document = read(response)
        assert document["title"] == (text or "Conflict")
        assert document["a"] == text
        assert document["b"] == [{text: text}]
    else:
        response.data.decode()
        assert b"<script" not in response.data


@pytest.mark.parametrize("mode", ["negotiate", "always"])
@pytest.mark.parametrize("accept", [JSON, XML, HTML, None])
@pytest.mark.parametrize("name", UNWRITABLE)
def test_description_that_cannot_be_written_ends_in_the_static_problem(
    name, accept, mode, caplog
):
    view = raising(lambda: NotFound(UNWRITABLE[name]))
    response = send(make_app(view, RESPONSEKIT_PROBLEMS=mode), accept)
    assert (response.status_code, response.content_type) == (500, PROBLEM_JSON)
    assert read(response) == STATIC
    (record,) = caplog.records
    assert isinstance(record.exc_info[1], BrokeError)


class BrokenNotFound(NotFound):
    __str__ = Broken.__str__
    __repr__ = Broken.__str__


class BrokenError(Exception):
    __str__ = Broken.__str__
    __repr__ = Broken.__str__


@pytest.mark.parametrize(("accept", "content_type"), FORMS)
@pytest.mark.parametrize(
    ("cls", "status"),
    [
        pytest.param(BrokenNotFound, 404, id="http"),
        pytest.param(BrokenError, 500, id="other"),
    ],
)
def test_exception_whose_text_is_broken_is_answered(cls, status, accept, content_type):
    response = send(make_app(raising(cls)), accept)
    assert (response.status_code, response.content_type) == (status, content_type)
    assert "secret" not in response.text


# An exception that nobody handles.


@pytest.mark.parametrize("mode", ["negotiate", "always"])
@pytest.mark.parametrize("accept", [JSON, XML])
def test_500_says_nothing_and_is_logged_and_signalled_once(accept, mode, caplog):
    app = make_app(fail, RESPONSEKIT_PROBLEMS=mode)
    signalled = []

    def note(sender, exception, **kwargs):
        signalled.append(exception)

    with flask.got_request_exception.connected_to(note, app):
        response = send(app, accept)
    assert response.status_code == 500
    assert read(response) == STATIC
    (record,) = caplog.records
    assert (record.name, record.levelname) == (app.logger.name, "ERROR")
    assert record.getMessage() == "Exception on / [GET]"
    assert [record.exc_info[1]] == signalled
    assert isinstance(signalled[0], BrokeError)


@pytest.mark.parametrize("mode", ["negotiate", "off"])
def test_page_of_a_500_is_as_without_the_kit(mode):
    response = send(make_app(fail, RESPONSEKIT_PROBLEMS=mode), HTML)
    expected = get_all(send(make_app(fail, kit=False), HTML))
    assert get_all(response, without=["Vary"]) == expected


def test_http_error_is_not_logged(caplog):
    caplog.set_level(logging.INFO)
    for make in (NotFound, make_problem):
        send(make_app(raising(make)), JSON)
    assert caplog.records == []


def test_handler_of_500_sees_the_cause():
    app = make_app(fail)
    app.register_error_handler(
        500, lambda error: Problem(503, detail=type(error.original_exception).__name__)
    )
    response = send(app, JSON)
    assert read(response)["detail"] == "BrokeError"
    assert response.status_code == 503


# An error while an error is answered.


def add_failing_handler(key):
    def setup(app):
        app.register_error_handler(key, lambda error: 1 / 0)

    return setup


@pytest.mark.parametrize(("accept", "content_type"), FORMS)
@pytest.mark.parametrize("key", [404, NotFound, HTTPException])
def test_handler_that_fails_is_a_500(key, accept, content_type, caplog):
    # One for all HTTP errors is asked again, for the 500.
    is_static = key is HTTPException
    response = send(make_app(setup=add_failing_handler(key)), accept, path="/missing")
    assert response.status_code == 500
    assert response.content_type == (PROBLEM_JSON if is_static else content_type)
    assert "division" not in response.text
    assert len(caplog.records) == (2 if is_static else 1)
    assert all(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(("accept", "content_type"), FORMS)
def test_handler_of_an_exception_that_fails_is_a_500(accept, content_type, caplog):
    response = send(make_app(fail, setup=add_failing_handler(BrokeError)), accept)
    assert (response.status_code, response.content_type) == (500, content_type)
    (record,) = caplog.records
    assert isinstance(record.exc_info[1], ZeroDivisionError)


@pytest.mark.parametrize("accept", [JSON, XML, HTML, None])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda error: 1 / 0, id="fails"),
        pytest.param(lambda error: abort(404, "secret"), id="aborts"),
        pytest.param(lambda error: None, id="none"),
        pytest.param(lambda error: object(), id="unknown"),
    ],
)
def test_handler_of_500_that_fails_ends_in_the_static_problem(answer, accept, caplog):
    app = make_app(fail)
    app.register_error_handler(500, answer)
    response = send(app, accept)
    assert (response.status_code, response.content_type) == (500, PROBLEM_JSON)
    assert read(response) == STATIC
    cause, failure = caplog.records
    assert isinstance(cause.exc_info[1], BrokeError)
    assert failure.exc_info


def raise_gone(value):
    raise Gone("nothing <b> there")


EXTENSIONS = {
    "raised": raising(lambda: Problem(409, at={"x": [1j]})),
    "returned": lambda: Problem(409, at={"x": [1j]}),
    "beside": lambda: (Problem(409, at={"x": [1j]}), 400),
}


@pytest.mark.parametrize("way", EXTENSIONS)
@pytest.mark.parametrize(("accept", "content_type"), FORMS)
def test_converter_that_fails_inside_a_problem_is_a_500(
    way, accept, content_type, caplog
):
    app = make_app(EXTENSIONS[way])
    app.kit.add_converter(complex, fail)
    response = send(app, accept)
    # A raised one is answered already, so there is no second time.
    expected = PROBLEM_JSON if way == "raised" else content_type
    assert (response.status_code, response.content_type) == (500, expected)
    assert "secret" not in response.text
    (record,) = caplog.records
    assert isinstance(record.exc_info[1], BrokeError)


@pytest.mark.parametrize("way", ["raised", "returned"])
@pytest.mark.parametrize(("accept", "content_type"), FORMS)
@pytest.mark.parametrize("converter", [raise_gone, lambda value: Gone("<b> there")])
def test_http_error_of_a_converter_inside_a_problem_is_as_any_other_error(
    converter, way, accept, content_type
):
    app = make_app(EXTENSIONS[way])
    app.kit.add_converter(complex, converter)
    response = send(app, accept)
    # A raised one is answered already, so there is no second time.
    expected = (500, PROBLEM_JSON) if way == "raised" else (410, content_type)
    assert (response.status_code, response.content_type) == expected
    assert ("<b>" in response.text) is (accept == JSON and way == "returned")


@pytest.mark.parametrize("accept", [JSON, XML])
def test_http_error_of_a_converter_has_one_status_whatever_is_said_beside(accept):
    app = make_app(EXTENSIONS["beside"])
    app.kit.add_converter(complex, raise_gone)
    response = send(app, accept)
    assert response.status_code == read(response)["status"]


@pytest.mark.parametrize(("accept", "content_type"), FORMS)
def test_http_error_of_the_converter_of_http_errors_is_answered(accept, content_type):
    for converter, status in (
        (raise_gone, 410),
        (lambda error: Gone("a"), 410),
        (lambda error: error, 404),
    ):
        app = make_app()
        app.kit.add_converter(HTTPException, converter)
        response = send(app, accept, path="/missing")
        assert (response.status_code, response.content_type) == (status, content_type)


@pytest.mark.parametrize(
    ("convert", "status"),
    [
        pytest.param(lambda error: abort(flask.redirect("/a")), 302, id="redirect"),
        pytest.param(lambda error: abort(Response("own", 402)), 402, id="response"),
    ],
)
def test_response_that_a_converter_of_http_errors_aborts_with_is_sent(convert, status):
    app = make_app()
    app.kit.add_converter(HTTPException, convert)
    assert send(app, JSON, path="/missing").status_code == status


ACME = "application/vnd.acme+json"


def say_own(error):
    return json.dumps({"own": error.code})


@pytest.mark.parametrize(
    ("mimetype", "expected"),
    [
        pytest.param(ACME, [ACME], id="another-type"),
        pytest.param(
            PROBLEM_JSON, dict.fromkeys([JSON, PROBLEM_JSON, ACME], "own"), id="json"
        ),
        pytest.param("text/html", dict.fromkeys([HTML, "text/*"], "own"), id="html"),
    ],
)
@pytest.mark.parametrize("error", [NotFound, lambda: Problem(404)])
def test_own_form_leaves_the_others_as_they_are(mimetype, expected, error):
    for accept in (None, HTML, "text/*", JSON, PROBLEM_JSON, XML, ACME):
        own, plain = make_app(raising(error)), make_app(raising(error))
        own.kit.add_converter(HTTPException, say_own, mimetype=mimetype)
        response, usual = send(own, accept), send(plain, accept)
        assert response.status_code == 404
        if accept in expected or (accept is None and usual.mimetype == mimetype):
            assert (response.mimetype, response.text) == (mimetype, '{"own": 404}')
        else:
            assert get_all(response) == get_all(usual)


@pytest.mark.parametrize("mimetype", [ACME, PROBLEM_JSON, "text/html"])
@pytest.mark.parametrize("accept", [None, HTML, JSON, ACME])
def test_what_is_beside_a_problem_means_the_same_with_an_own_form(mimetype, accept):
    def make(*beside):
        app = make_app(lambda: (Problem(404), *beside))
        app.kit.add_converter(HTTPException, say_own, mimetype=mimetype)
        return send(app, accept)

    response = make(410)
    assert response.status_code == 410
    assert b"410" in response.data
    headers = {"Content-Type": "text/csv", "ETag": '"a"', "X-A": "1"}
    response = make(200, headers)
    assert response.status_code == 404
    assert response.mimetype != "text/csv"
    assert ("ETag" in response.headers, response.headers["X-A"]) == (False, "1")


@pytest.mark.parametrize("accept", [HTML, XML, JSON, None])
def test_own_name_of_a_format_beside_an_error_names_the_form(accept):
    headers = {"Content-Type": "application/vnd.acme.error+json"}
    for error in (Problem(404), NotFound()):
        app = make_app(lambda error=error: (error, 404, headers))
        response = send(app, accept)
        assert response.mimetype == "application/vnd.acme.error+json"
        assert json.loads(response.data)["status"] == 404


class UsersAlone:
    mimetype = "application/x-user"

    def can_render(self, cls):
        return False

    def render(self, value):
        return b"user"


def test_converter_of_http_errors_is_asked_where_no_renderer_takes_them():
    app = make_app(RESPONSEKIT_RENDERERS=[UsersAlone()])
    app.kit.add_converter(HTTPException, lambda error: f"own {error.code}")
    response = send(app, JSON, path="/missing")
    assert (response.status_code, response.text) == (404, "own 404")


@pytest.mark.parametrize(
    ("mimetype", "accept"),
    [
        (PROBLEM_JSON, JSON),
        ("application/problem+xml", XML),
        ("application/problem+xml", "text/xml"),
    ],
)
@pytest.mark.parametrize("error", [NotFound, lambda: Problem(404)])
def test_own_form_answers_for_its_format(mimetype, accept, error):
    app = make_app(raising(error))
    app.kit.add_converter(HTTPException, lambda error: b"own", mimetype=mimetype)
    response = send(app, accept)
    assert (response.mimetype, response.data) == (mimetype, b"own")
    app = make_app(raising(error))
    app.kit.add_converter(HTTPException, lambda error: b"own", mimetype=mimetype)
    app.kit.add_converter(HTTPException, lambda error: b"other", mimetype=accept)
    response = send(app, accept)
    assert (response.mimetype, response.data) == (accept, b"other")


def test_converter_inside_a_problem_applies_in_all_forms():
    app = make_app(raising(lambda: Problem(409, at=[1j], by={"z": 2j})))
    app.kit.add_converter(complex, lambda value: {"imag": int(value.imag)})
    assert read(send(app, JSON))["at"] == [{"imag": 1}]
    assert b"<at><i><imag>1</imag></i></at>" in send(app, XML).data
    assert b"<dt>imag</dt>\n<dd>2</dd>" in send(app, HTML).data


def test_extension_of_an_unknown_type_is_a_500(caplog):
    response = send(make_app(raising(lambda: Problem(409, at=object()))), JSON)
    assert read(response) == STATIC
    assert "object" in caplog.text


class FailingProvider(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        raise BrokeError("secret")


class OpaqueFailingProvider(JSONProvider):
    def dumps(self, obj, **kwargs):
        raise BrokeError("secret")

    def loads(self, s, **kwargs):
        raise BrokeError("secret")


@pytest.mark.parametrize("provider", [FailingProvider, OpaqueFailingProvider])
@pytest.mark.parametrize(
    "make",
    [NotFound, make_problem, BrokeError],
    ids=["http", "problem", "exception"],
)
def test_json_provider_that_fails_ends_in_the_static_problem(provider, make, caplog):
    app = make_app(raising(make))
    app.json = provider(app)
    response = send(app, JSON)
    assert (response.status_code, response.content_type) == (500, PROBLEM_JSON)
    assert read(response) == STATIC
    assert all(record.exc_info for record in caplog.records)
    assert isinstance(caplog.records[-1].exc_info[1], BrokeError)


def break_by_converter(app):
    app.kit.add_converter(HTTPException, fail)


def break_by_handler(app):
    app.register_error_handler(404, lambda error: Problem(409, at=object()))


def break_by_failing_handler(app):
    app.register_error_handler(404, fail)


@pytest.mark.parametrize(
    "setup", [break_by_converter, break_by_handler, break_by_failing_handler]
)
@pytest.mark.parametrize("key", ["TESTING", "DEBUG", "PROPAGATE_EXCEPTIONS"])
def test_failure_propagates_where_flask_propagates(setup, key):
    app = make_app(setup=setup, **{key: True})
    with pytest.raises((BrokeError, TypeError)):
        send(app, JSON, path="/missing")


@pytest.mark.parametrize("key", ["TESTING", "DEBUG", "PROPAGATE_EXCEPTIONS"])
@pytest.mark.parametrize("accept", [JSON, XML, HTML])
def test_exception_propagates_where_flask_propagates(key, accept):
    app = make_app(fail, **{key: True})
    with pytest.raises(BrokeError):
        send(app, accept)
    # What is answered is answered all the same.
    assert send(app, accept, path="/missing").status_code == 404


@pytest.mark.parametrize("accept", [JSON, XML, HTML, "*/*"])
def test_debugger_gets_the_exception(accept):
    app = make_app(fail, DEBUG=True)
    client = Client(DebuggedApplication(app, evalex=False))
    response = client.get("/", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (500, "text/html")
    assert "BrokeError: secret" in response.text


def test_static_problem_is_a_response_as_any_other():
    app = make_app(setup=break_by_converter)
    response = send(app, HTML, path="/missing")
    head = send(app, HTML, path="/missing", method="HEAD")
    assert head.data == b""
    assert get_all(head)[:2] == get_all(response)[:2]
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "ETag" not in response.headers


# What the app says itself.


class XMLResponse(Response):
    default_mimetype = "application/xml"


class TextResponse(Response):
    default_mimetype = "text/plain"


def test_response_classes_do_not_change_the_type_of_an_error():
    for cls in (XMLResponse, TextResponse):
        for make in (NotFound, make_problem, BrokeError):
            app = Flask("example")
            app.response_class = cls
            kit = ResponseKit(app)
            blueprint = Blueprint("scoped", "example")
            kit.scope(blueprint, response_class=cls)
            view = raising(make)
            blueprint.add_url_rule("/scope", "view", view)
            app.register_blueprint(blueprint)
            app.add_url_rule("/app", "app", view)
            app.add_url_rule("/view", "view", kit.view(response_class=cls)(view))
            seen = []

            @app.after_request
            def note(response, seen=seen):
                seen.append(type(response))
                return response

            for path in ("/app", "/scope", "/view"):
                assert send(app, JSON, path=path).content_type == PROBLEM_JSON
                assert send(app, XML, path=path).content_type == PROBLEM_XML
                assert send(app, HTML, path=path).content_type == PAGE
            assert all(issubclass(found, cls) for found in seen)


class OwnMakeResponse(Flask):
    def make_response(self, rv):
        if isinstance(rv, HTTPException):
            rv = {"own": rv.code}, rv.code
        return super().make_response(rv)


class Stamping(Flask):
    def make_response(self, rv):
        response = super().make_response(rv)
        response.headers["X-Stamp"] = "own"
        return response


class OwnHandling(Flask):
    def handle_http_exception(self, e):
        return {"own": e.code}, e.code


class PassingOn(Flask):
    def handle_http_exception(self, e):
        return super().handle_http_exception(e)


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(raising(NotFound), id="raised"),
        pytest.param(lambda: abort(404), id="aborted"),
        pytest.param(NotFound, id="returned"),
    ],
)
@pytest.mark.parametrize("accept", [JSON, HTML])
def test_own_make_response_of_the_app_sees_http_errors(view, accept):
    response = send(make_app(view, cls=OwnMakeResponse), accept)
    assert (response.status_code, response.json) == (404, {"own": 404})


@pytest.mark.parametrize("accept", [JSON, HTML])
def test_own_handling_of_http_errors_wins(accept):
    for cls in (OwnMakeResponse, OwnHandling):
        app = make_app(raising(make_problem), cls=cls)
        assert send(app, accept).json == {"own": 409}
        assert send(app, accept, path="/missing").json == {"own": 404}


@pytest.mark.parametrize("cls", [Stamping, PassingOn])
@pytest.mark.parametrize(("accept", "content_type"), FORMS)
def test_own_methods_that_pass_errors_on_change_nothing(cls, accept, content_type):
    for view, status in (
        (raising(NotFound), 404),
        (raising(make_problem), 409),
        (make_problem, 409),
        (lambda: (make_problem(), 410, {"X-A": "b"}), 410),
        (fail, 500),
    ):
        response = send(make_app(view, cls=cls), accept)
        assert (response.status_code, response.content_type) == (status, content_type)
        if accept != HTML:
            assert read(response)["status"] == status
        assert ("X-Stamp" in response.headers) is (cls is Stamping)


def rewrite(error):
    """Flask's own recipe for errors in JSON."""
    response = error.get_response()
    response.data = json.dumps({"code": error.code, "name": error.name})
    response.content_type = "application/json"
    return response


@pytest.mark.parametrize("mode", ["negotiate", "always"])
@pytest.mark.parametrize("accept", [JSON, XML, HTML, None])
@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(rewrite, id="recipe"),
        pytest.param(lambda error: error.get_response(), id="response"),
        pytest.param(lambda error: {"own": 1}, id="data"),
        pytest.param(lambda error: ({"own": 1}, error.code), id="data-and-status"),
        pytest.param(lambda error: ("<b>own</b>", 404), id="text"),
    ],
)
@pytest.mark.parametrize("key", [404, HTTPException])
def test_value_of_the_apps_handler_is_as_without_the_kit(handler, key, accept, mode):
    answers = []
    for kit in (False, True):
        app = make_app(kit=kit, RESPONSEKIT_PROBLEMS=mode)
        app.register_error_handler(key, handler)
        answers.append(send(app, accept, path="/missing"))
    without = ["X-Content-Type-Options"]
    assert get_all(answers[1], without=without) == get_all(answers[0])


@pytest.mark.parametrize(("accept", "content_type"), FORMS)
@pytest.mark.parametrize(
    ("handler", "status"),
    [
        pytest.param(lambda error: error, 404, id="itself"),
        pytest.param(lambda error: (error, 404), 404, id="itself-and-status"),
        pytest.param(lambda error: Gone(), 410, id="other"),
        pytest.param(lambda error: make_problem(), 409, id="problem"),
        pytest.param(lambda error: (make_problem(), 400), 400, id="problem-and-status"),
    ],
)
@pytest.mark.parametrize("key", [404, HTTPException, Exception])
def test_error_that_the_apps_handler_returns_is_negotiated(
    handler, status, key, accept, content_type
):
    app = make_app()
    app.register_error_handler(key, handler)
    response = send(app, accept, path="/missing")
    assert (response.status_code, response.content_type) == (status, content_type)
    if accept != HTML:
        assert read(response)["status"] == status


# Exceptions with a form of their own.


class OwnJSON(HTTPException):
    code = 422
    description = "described"

    def get_body(self, environ=None, scope=None):
        return json.dumps({"own": self.code})

    def get_headers(self, environ=None, scope=None):
        return [("Content-Type", "application/json"), ("X-Own", "a")]


class OwnText(HTTPException):
    code = 422
    description = "described"

    def get_response(self, environ=None, scope=None):
        return Response("own", 422, {"X-Own": "a"}, mimetype="text/plain")

    def get_headers(self, environ=None, scope=None):
        return [("Content-Type", "text/plain"), ("X-Own", "a")]


class OwnPage(HTTPException):
    code = 422
    description = "described"

    def get_body(self, environ=None, scope=None):
        return "<h1>own</h1>"

    def get_headers(self, environ=None, scope=None):
        return [*super().get_headers(environ, scope), ("X-Own", "a")]


class OwnFailing(NotFound):
    def get_body(self, environ=None, scope=None):
        raise BrokeError("secret")


@pytest.mark.parametrize("cls", [OwnJSON, OwnText, OwnPage])
@pytest.mark.parametrize("mode", ["negotiate", "always", "off"])
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [*FORMS, pytest.param("*/*", PAGE, id="any")],
)
def test_form_of_an_exceptions_own_is_left_alone(cls, mode, accept, content_type):
    response = send(make_app(raising(cls), RESPONSEKIT_PROBLEMS=mode), accept)
    assert response.status_code == 422
    assert response.headers["X-Own"] == "a"
    is_page = cls is OwnPage and accept not in (JSON, XML)
    if mode == "always":
        expected = PROBLEM_JSON if content_type == PAGE else content_type
        assert response.content_type == expected
        assert read(response)["detail"] == "described"
    elif mode == "off" or is_page or cls is not OwnPage:
        own = get_all(send(make_app(raising(cls), kit=False), accept))
        assert get_all(response, without=["Vary"]) == own
    else:
        assert response.content_type == content_type
        assert read(response)["detail"] == "described"


@pytest.mark.parametrize("accept", [JSON, XML, HTML])
def test_form_of_an_exceptions_own_that_fails_is_a_500(accept, caplog):
    response = send(make_app(raising(OwnFailing)), accept)
    assert read(response) == STATIC
    assert isinstance(caplog.records[0].exc_info[1], BrokeError)


# What is no error.


def make_error(code, response=None):
    error = HTTPException("described", response)
    error.code = code
    return error


@pytest.mark.parametrize("mode", ["negotiate", "always", "off"])
@pytest.mark.parametrize("accept", [JSON, XML, HTML, None])
@pytest.mark.parametrize(
    "view",
    [
        *(
            pytest.param(raising(lambda c=code: make_error(c)), id=f"code-{code}")
            for code in (None, 200, 304, 302, 399, 600, 999)
        ),
        pytest.param(lambda: abort(flask.redirect("/a")), id="redirect"),
        pytest.param(lambda: abort(Response("own", 402)), id="response"),
        pytest.param(lambda: abort(Response("<b>", 500)), id="failure"),
        pytest.param(
            raising(lambda: NotFound(response=Response("own", 410))), id="carried"
        ),
        pytest.param(
            raising(lambda: make_error(404, Response("own", 200))), id="success"
        ),
    ],
)
def test_what_is_no_error_is_as_without_the_kit(view, accept, mode):
    response = send(make_app(view, RESPONSEKIT_PROBLEMS=mode), accept)
    assert get_all(response) == get_all(send(make_app(view, kit=False), accept))


@pytest.mark.parametrize("mode", ["negotiate", "always", "off"])
@pytest.mark.parametrize("accept", [JSON, XML, HTML, None])
def test_redirect_of_the_routing_is_as_without_the_kit(accept, mode):
    answers = []
    for kit in (True, False):
        app = make_app(kit=kit, RESPONSEKIT_PROBLEMS=mode)
        app.add_url_rule("/slash/", "slash", lambda: "slash")
        answers.append(get_all(send(app, accept, path="/slash?a=b")))
    assert answers[0] == answers[1]
    assert answers[0][0] == "308 PERMANENT REDIRECT"


def test_response_that_a_problem_carries_is_sent():
    problem = make_problem()
    problem.response = Response("own", 402)
    response = send(make_app(raising(lambda: problem)), JSON)
    assert (response.status_code, response.text) == (402, "own")


# Around the body.


@pytest.mark.parametrize(
    "make", [NotFound, make_problem, BrokeError], ids=["http", "problem", "exception"]
)
@pytest.mark.parametrize("accept", [JSON, XML, HTML, None])
def test_head_is_as_get_without_the_body(make, accept):
    app = make_app(raising(make))
    head, get = (send(app, accept, method=method) for method in ("HEAD", "GET"))
    assert head.data == b"" != get.data
    assert get_all(head)[:2] == get_all(get)[:2]
    assert int(head.headers["Content-Length"]) == len(get.data)


@pytest.mark.parametrize("accept", [JSON, XML, HTML])
def test_error_has_no_etag_and_no_conditional_answer(accept):
    app = make_app(RESPONSEKIT_ETAG=True)
    for index, make in enumerate((NotFound, make_problem, BrokeError)):
        view = app.kit.view(etag=True)(raising(make))
        app.add_url_rule(f"/{index}", f"{index}", view)
    headers = {"Accept": accept, "If-None-Match": "*"}
    for index, status in enumerate((404, 409, 500)):
        response = app.test_client().get(f"/{index}", headers=headers)
        assert response.status_code == status
        assert "ETag" not in response.headers


@pytest.mark.parametrize("accept", [JSON, XML, HTML])
@pytest.mark.parametrize(
    "view",
    [
        pytest.param(raising(NotFound), id="http"),
        pytest.param(raising(make_problem), id="problem"),
        pytest.param(make_problem, id="returned"),
        pytest.param(fail, id="exception"),
        pytest.param(raising(lambda: NotFound(Broken())), id="static"),
    ],
)
def test_hooks_run_once_and_the_session_is_kept(view, accept):
    app = make_app(view)
    app.secret_key = "key"
    ran = []

    @app.before_request
    def begin():
        session["user"] = 1
        flask.after_this_request(lambda response: ran.append("this") or response)

    @app.after_request
    def end(response):
        ran.append("every")
        response.headers["X-Seen"] = response.status
        return response

    app.teardown_request(lambda error: ran.append("teardown"))
    response = send(app, accept)
    assert ran == ["this", "every", "teardown"]
    assert response.headers["X-Seen"] == response.status
    assert response.headers["Set-Cookie"].startswith("session=")
    assert "Cookie" in response.headers["Vary"]
    if response.status_code != 500:
        assert "Accept" in response.headers["Vary"]


def test_function_after_the_request_may_change_a_problem():
    app = make_app(raising(make_problem))

    @app.after_request
    def change(response):
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Cookie"
        response.set_data(response.get_data() + b" ")
        return response

    response = send(app, JSON)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Vary"] == "Cookie, Accept"
    assert read(response) == STOCK


def test_function_after_the_request_that_fails_is_a_500():
    app = make_app(raising(make_problem))
    app.after_request(lambda response: 1 / 0)
    assert read(send(app, JSON)) == STATIC


# Objects that requests share.

SHARED = make_problem(items=[1])


def test_shared_problem_answers_requests_at_the_same_time():
    meeting = threading.Barrier(8, timeout=30)

    def view():
        status = request.args["status"]
        meeting.wait()
        return SHARED, int(status), {"X-Status": status, "Link": f"<{status}>"}

    app = make_app(view)
    before = dict(vars(SHARED)), [*SHARED.headers]

    def ask(status):
        accept = XML if status % 2 else JSON
        return send(app, accept, path=f"/?status={status}")

    statuses = [*range(400, 432)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(ask, statuses)]
    for status, response in zip(statuses, answers, strict=True):
        assert response.status_code == read(response)["status"] == status
        assert response.headers["X-Status"] == str(status)
        assert response.headers.getlist("Link") == [f"<{status}>"]
    assert (dict(vars(SHARED)), [*SHARED.headers]) == before


def test_shared_problem_is_the_same_after_it_was_raised():
    before = dict(vars(SHARED)), [*SHARED.headers], SHARED.extensions.copy()
    app = make_app(raising(lambda: SHARED))
    answers = [get_all(send(app, accept)) for accept in (JSON, XML, HTML) * 2]
    assert answers[:3] == answers[3:]
    assert (dict(vars(SHARED)), [*SHARED.headers], SHARED.extensions) == before


def test_requests_know_nothing_of_each_other():
    app = make_app(fail)
    app.add_url_rule("/ok", "ok", lambda: {"a": 1})
    app.add_url_rule("/returned", "returned", lambda: (SHARED, 400, {"X-A": "b"}))
    app.add_url_rule("/plain", "plain", lambda: SHARED)
    client = app.test_client()

    def ask(path, accept):
        return get_all(client.get(path, headers={"Accept": accept}))

    paths = ("/", "/ok", "/missing", "/returned", "/plain")
    requests = [(path, accept) for path in paths for accept in (JSON, XML, HTML)]
    first = {one: ask(*one) for one in requests}
    again = {one: ask(*one) for one in reversed(requests)}
    assert again == first
    assert first["/plain", JSON][0] == "409 CONFLICT"


# Response classes and methods of the app's own.


class Created(Response):
    default_status = 201


class Missing(Response):
    default_status = "404 NOT FOUND"


@pytest.mark.parametrize("cls", [Created, Missing])
@pytest.mark.parametrize("place", ["app", "scope", "view"])
@pytest.mark.parametrize("accept", [JSON, XML, HTML])
def test_default_status_of_a_response_class_is_not_that_of_an_error(cls, place, accept):
    app = Flask("example")
    if place == "app":
        app.response_class = cls
    kit = ResponseKit(app)
    api = Blueprint("api", __name__, url_prefix="/api")
    kit.scope(api, response_class=cls if place == "scope" else None)
    options = {"response_class": cls} if place == "view" else {}
    api.add_url_rule("/", "view", kit.view(**options)(lambda: Problem(410)))
    api.add_url_rule("/abort", "abort", lambda: abort(410))
    app.register_blueprint(api)
    assert send(app, accept, path="/api/").status_code == 410
    assert send(app, accept, path="/api/abort").status_code == 410
    assert send(app, accept, path="/api/none").status_code == 404


def test_default_status_is_not_that_of_an_error_that_a_converter_writes():
    app = make_app(raising(Gone))
    app.response_class = Created
    app.kit.add_converter(HTTPException, lambda error: "own")
    response = send(app)
    assert (response.status_code, response.text) == (410, "own")


def test_status_of_the_json_provider_is_not_that_of_an_error():
    class Provider(DefaultJSONProvider):
        def response(self, *args, **kwargs):
            response = super().response(*args, **kwargs)
            response.status_code = 203
            return response

    app = make_app(raising(Gone))
    app.json = Provider(app)
    assert send(app, JSON).status_code == 410


class AppWithMethod(Flask):
    def make_response(self, rv):
        return super().make_response(rv)


@pytest.mark.parametrize("app_class", [Flask, AppWithMethod])
def test_problem_that_a_view_makes_a_response_of_keeps_its_status(app_class):
    app = app_class("example")
    kit = ResponseKit(app)
    headers = {"Content-Disposition": "attachment", "ETag": '"a"', "X-A": "1"}
    for path, view in {
        "/view": kit.view(lambda: (Problem(409), 200, headers)),
        "/response": lambda: kit.response(Problem(409), 400),
        "/view-400": kit.view(lambda: (Problem(409), 400)),
    }.items():
        app.add_url_rule(path, path, view)
    response = send(app, JSON, path="/view")
    assert (response.status_code, read(response)["status"]) == (409, 409)
    assert response.headers["X-A"] == "1"
    assert not {"ETag", "Content-Disposition"} & {*response.headers.keys()}
    for path in ("/response", "/view-400"):
        response = send(app, JSON, path=path)
        assert (response.status_code, read(response)["status"]) == (400, 400)


@pytest.mark.parametrize("app_class", [Flask, AppWithMethod])
@pytest.mark.parametrize("mode", ["negotiate", "always"])
@pytest.mark.parametrize("accept", [None, JSON, XML, HTML])
@pytest.mark.parametrize(
    "named", ["text/html", "text/csv", PROBLEM_JSON, "application/problem+xml", "a"]
)
def test_type_of_a_problem_is_that_of_its_body(app_class, mode, accept, named):
    app = app_class("example")
    app.config["RESPONSEKIT_PROBLEMS"] = mode
    ResponseKit(app)
    script = "<script>alert(1)</script>"
    app.get("/")(lambda: (Problem(409, detail=script), 409, {"Content-Type": named}))
    response = send(app, accept)
    starts = {
        PROBLEM_JSON: b"{",
        "application/problem+xml": b"<?xml",
        "text/html": b"<!doctype html>",
    }
    assert response.data.startswith(starts[response.mimetype])
    assert response.status_code == 409
    if named in starts and (mode, named) != ("always", "text/html"):
        assert response.mimetype == named
    assert (script in response.text) is (response.mimetype == PROBLEM_JSON)


class LettingThrough(Flask):
    def handle_exception(self, e):
        raise e


def raise_original(error):
    raise error.original_exception


def raise_another(error):
    raise BrokeError("another")


@pytest.mark.parametrize("mode", ["negotiate", "always", "off"])
def test_exception_that_the_app_lets_through_goes_through(mode):
    for app_class, handler in [(LettingThrough, None), (Flask, raise_original)]:
        app = app_class("example")
        app.config["RESPONSEKIT_PROBLEMS"] = mode
        ResponseKit(app)
        app.get("/")(raising(lambda: BrokeError("first")))
        if handler is not None:
            app.register_error_handler(500, handler)
        with pytest.raises(BrokeError, match="first"):
            send(app, JSON)


def test_error_handler_that_fails_is_flasks_matter_if_off():
    app = make_app(raising(lambda: BrokeError("first")), RESPONSEKIT_PROBLEMS="off")
    app.register_error_handler(500, raise_another)
    with pytest.raises(BrokeError, match="another"):
        send(app, JSON)


class CodeOfTheInstance(HTTPException):
    @property
    def code(self):
        return 409


class OwnApplication(HTTPException):
    code = 409

    def __call__(self, environ, start_response):
        start_response("409 CONFLICT", [("Content-Type", "text/x-own")])
        return [b"own"]


@pytest.mark.parametrize("mode", ["negotiate", "always"])
def test_code_may_be_known_to_the_instance_alone(mode):
    app = make_app(raising(CodeOfTheInstance), RESPONSEKIT_PROBLEMS=mode)
    assert read(send(app, JSON))["status"] == 409


@pytest.mark.parametrize("mode", ["off", "negotiate"])
def test_error_that_is_an_application_of_its_own_is_run(mode):
    app = make_app(raising(OwnApplication), RESPONSEKIT_PROBLEMS=mode)
    response = send(app, HTML)
    assert (response.status_code, response.text) == (409, "own")


def test_error_without_a_code_is_a_500_where_the_app_has_a_form_of_it():
    app = make_app(raising(lambda: HTTPException("no code")))
    app.kit.add_converter(HTTPException, lambda error: "own", mimetype="text/html")
    response = send(app, JSON)
    assert (response.status_code, read(response)["status"]) == (500, 500)
    assert send(app, HTML).status_code == 500


def test_problem_that_adds_a_header_keeps_its_page():
    class WithHeader(Problem):
        def get_headers(self, environ=None, scope=None):
            return [*super().get_headers(environ, scope), ("X-A", "1")]

    response = send(make_app(raising(lambda: WithHeader(409, left=3))), HTML)
    assert response.headers["X-A"] == "1"
    assert "<dt>left</dt>" in response.text


def test_headers_of_a_problem_may_be_replaced():
    problem = Problem(409)
    problem.headers = {"X-A": "1"}
    assert send(make_app(lambda: problem), JSON).headers["X-A"] == "1"


# What is said of an error on its way.


def explain(error):
    return Problem(error.code, title="Explained")


def map_errors(app):
    app.kit.add_problem(HTTPException, explain)


def convert_errors(app):
    app.kit.add_converter(HTTPException, explain)


@pytest.mark.parametrize("setup", [map_errors, convert_errors])
@pytest.mark.parametrize("accept", [JSON, XML, HTML])
def test_problem_in_the_place_of_an_error_keeps_its_headers(setup, accept):
    def view():
        abort(401, www_authenticate=[WWWAuthenticate("a"), WWWAuthenticate("b")])

    app = make_app(view, setup=setup)
    response = send(app, accept)
    assert (response.status_code, b"Explained" in response.data) == (401, True)
    # Old releases of Werkzeug end each with a blank.
    named = [one.strip() for one in response.headers.getlist("WWW-Authenticate")]
    assert named == ["A", "B"]
    response = send(app, accept, method="POST")
    assert (response.status_code, b"Explained" in response.data) == (405, True)
    assert set(response.allow) == {"GET", "HEAD", "OPTIONS"}
    assert len(response.headers.getlist("Content-Type")) == 1


@pytest.mark.parametrize("setup", [map_errors, convert_errors])
def test_headers_of_an_error_are_not_those_of_another(setup):
    app = make_app(raising(lambda: TooManyRequests(retry_after=3)))
    kit = app.kit
    if setup is map_errors:
        kit.add_problem(HTTPException, lambda error: Problem(503))
    else:
        kit.add_converter(HTTPException, lambda error: Problem(503))
    response = send(app, JSON)
    assert (response.status_code, "Retry-After" in response.headers) == (503, False)


def test_own_header_of_a_problem_comes_first():
    shared = Problem(429, headers={"Retry-After": "9"})
    app = make_app(raising(lambda: TooManyRequests(retry_after=3)))
    app.kit.add_problem(TooManyRequests, lambda error: shared)
    for _ in range(2):
        assert send(app, JSON).headers.getlist("Retry-After") == ["9"]
    assert list(shared.headers) == [("Retry-After", "9")]


class Sold:
    pass


@pytest.mark.parametrize(
    ("beside", "status", "headers"),
    [
        pytest.param((410,), 410, {}, id="status"),
        pytest.param((410, {"Retry-After": "3"}), 410, {"Retry-After": "3"}, id="both"),
        pytest.param(({"X-A": "1"},), 404, {"X-A": "1"}, id="headers"),
        pytest.param((200, {"X-A": "1", "ETag": "a"}), 404, {"X-A": "1"}, id="success"),
    ],
)
@pytest.mark.parametrize("where", ["view", "handler", "nested"])
def test_what_a_converter_says_beside_a_problem_holds(beside, status, headers, where):
    def view():
        if where == "handler":
            raise BrokeError
        return [Sold()] if where == "nested" else Sold()

    app = make_app(view)
    app.register_error_handler(BrokeError, lambda error: (Sold(), 418))
    app.kit.add_converter(Sold, lambda value: (Problem(404), *beside))
    for accept in (JSON, XML):
        response = send(app, accept)
        assert (response.status_code, read(response)["status"]) == (status, status)
        for name in ("Retry-After", "X-A", "ETag"):
            assert response.headers.get(name) == headers.get(name)


def test_error_that_a_converter_returns_beside_a_status_is_itself():
    app = make_app(Sold)
    app.kit.add_converter(Sold, lambda value: (NotFound(), 410))
    assert send(app, JSON).status_code == 404


def test_status_beside_a_problem_means_the_same_if_off():
    for beside, status in [((410,), 410), ((200, {"ETag": '"a"'}), 409)]:
        app = make_app(lambda b=beside: (Problem(409), *b), RESPONSEKIT_PROBLEMS="off")
        response = send(app, JSON)
        assert response.status_code == status
        assert f"<title>{status} ".encode() in response.data
        assert "ETag" not in response.headers
