from __future__ import annotations

import copy
import datetime
import decimal
import enum
import http
import json
import pickle
import re
import uuid

import jsonschema
import pytest
from flask import abort
from flask import Flask
from flask import jsonify
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import InternalServerError
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import NotFound
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.http import HTTP_STATUS_CODES

from flask_responsekit import Problem
from flask_responsekit import ResponseKit
from flask_responsekit.problem import amend
from flask_responsekit.problem import to_document

JSON = "application/problem+json"
HTML = "text/html; charset=utf-8"
RESERVED = ("type", "title", "status", "detail", "instance")

# RFC 3986, appendix A, apart from what an IP literal consists of.
_PCHAR = r"(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_AUTHORITY = (
    r"(?:(?:[\w.~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?"
    r"(?:\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?"
)
_NET_PATH = rf"//{_AUTHORITY}(?:/{_PCHAR}*)*"
_ABSOLUTE = rf"/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?"
_URI = rf"[A-Za-z][A-Za-z0-9+.-]*:(?:{_NET_PATH}|{_ABSOLUTE}|{_PCHAR}+(?:/{_PCHAR}*)*)?"
_NO_COLON = r"(?:[\w.~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})+"
_RELATIVE = rf"(?:{_NET_PATH}|{_ABSOLUTE}|{_NO_COLON}(?:/{_PCHAR}*)*)?"
_REST = rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?"
URI_REFERENCE = re.compile(rf"(?:{_URI}|{_RELATIVE}){_REST}", re.ASCII)

# RFC 9457, appendix A.
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "An RFC 7807 problem object",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 100, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
    },
}
FORMATS = jsonschema.FormatChecker(())


@FORMATS.checks("uri-reference")
def is_uri_reference(value):
    return not isinstance(value, str) or URI_REFERENCE.fullmatch(value) is not None


def check_schema(document):
    jsonschema.Draft202012Validator(SCHEMA, format_checker=FORMATS).validate(document)


def make_app(view, **config):
    app = Flask("example", static_folder=None)
    app.config.update(config)
    app.kit = ResponseKit(app)
    app.add_url_rule("/", "view", view)
    return app


def get(app, accept="application/json"):
    return app.test_client().get("/", headers={"Accept": accept})


class OutOfStock(Problem):
    """Says everything as attributes of the class."""

    code = 409
    type = "https://example.com/out-of-stock"
    title = "Out of stock"
    description = "There is none left."


class TooMany(Problem):
    """Takes other arguments than a problem does."""

    code = 422

    def __init__(self, item, /, *, left):
        self.item = item
        super().__init__(detail=f"{left} {item} left.", item=item, left=left)


# What it is made of.


def test_problem_has_what_was_given():
    problem = Problem(
        409,
        title="Out of stock",
        detail="No chairs left.",
        type="https://example.com/out-of-stock",
        instance="/orders/5",
        headers={"Retry-After": "5"},
        left=0,
    )
    assert isinstance(problem, HTTPException)
    assert (problem.status, problem.code) == (409, 409)
    assert (problem.title, problem.name) == ("Out of stock", "Out of stock")
    assert (problem.detail, problem.description) == ("No chairs left.",) * 2
    assert problem.type == "https://example.com/out-of-stock"
    assert problem.instance == "/orders/5"
    assert problem.headers == Headers({"Retry-After": "5"})
    assert problem.extensions == {"left": 0}
    assert str(problem) == "409 Out of stock: No chairs left."
    assert list(to_document(problem).items()) == [
        ("type", "https://example.com/out-of-stock"),
        ("title", "Out of stock"),
        ("status", 409),
        ("detail", "No chairs left."),
        ("instance", "/orders/5"),
        ("left", 0),
    ]


def test_status_is_enough():
    problem = Problem(404)
    assert (problem.title, problem.name) == (None, "Not Found")
    assert (problem.detail, problem.instance) == (None, None)
    assert problem.type == "about:blank"
    assert (list(problem.headers), problem.extensions) == ([], {})
    assert to_document(problem) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
    }


@pytest.mark.parametrize(
    ("status", "title"),
    [(400, "Bad Request"), (499, "Unknown Error"), (599, "Unknown Error")],
)
def test_title_is_the_phrase_of_the_status(status, title):
    assert to_document(Problem(status))["title"] == title
    assert to_document(Problem(status, title="", detail=""))["title"] == title
    assert "detail" not in to_document(Problem(status, detail=""))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        pytest.param({}, TypeError, ["status", "Give", "'code'"], id="no-status"),
        pytest.param({"status": "404"}, TypeError, ["status='404'"], id="text"),
        pytest.param({"status": 404.0}, TypeError, ["status=404.0"], id="float"),
        pytest.param({"status": True}, TypeError, ["status=True"], id="bool"),
        pytest.param({"status": 200}, ValueError, ["status=200", "599"], id="200"),
        pytest.param({"status": 399}, ValueError, ["status=399", "400"], id="399"),
        pytest.param({"status": 600}, ValueError, ["status=600", "599"], id="600"),
        pytest.param({"status": -404}, ValueError, ["status=-404"], id="negative"),
        pytest.param({"title": 5}, TypeError, ["title=5", "str"], id="title"),
        pytest.param({"detail": b"x"}, TypeError, ["detail=b'x'", "str"], id="detail"),
        pytest.param({"type": 5}, TypeError, ["type=5", "str"], id="type"),
        pytest.param({"type": "a b"}, ValueError, ["type='a b'", "URI"], id="no-uri"),
        pytest.param({"instance": 5}, TypeError, ["instance=5", "str"], id="instance"),
        pytest.param({"instance": ""}, ValueError, ["instance=''", "URI"], id="''"),
        pytest.param({"headers": 5}, TypeError, ["headers=5"], id="headers"),
        pytest.param({"headers": {1: "a"}}, TypeError, ["headers={1: 'a'}"], id="name"),
        pytest.param(
            {"headers": {"a\nb": "c"}}, ValueError, [r"'a\nb'", "Give"], id="two-lines"
        ),
        pytest.param(
            {"headers": {"a": "\0"}}, ValueError, ["'a'", "control", "Give"], id="nul"
        ),
        pytest.param(
            {"headers": {"a": "\u20ac"}}, ValueError, ["headers=", "Give"], id="latin-1"
        ),
        pytest.param({"headers": "abc"}, ValueError, ["headers='abc'"], id="no-pairs"),
        pytest.param(
            {"headers": {"A": "b\nC: d"}},
            ValueError,
            [r"headers={'A': 'b\nC: d'}", "newline"],
            id="header-with-newline",
        ),
        pytest.param(
            {"headers": {"content-type": "text/plain"}},
            ValueError,
            ["headers={'content-type'", "Content-Type"],
            id="content-type",
        ),
        pytest.param(
            {"headers": [("Content-Length", "5")]},
            ValueError,
            ["headers=[('Content-Length'", "Content-Length"],
            id="content-length",
        ),
    ],
)
def test_wrong_argument_is_named_with_its_value_and_what_to_do(arguments, error, words):
    complete = arguments if arguments.keys() <= {"status"} else {"status": 404}
    with pytest.raises(error) as caught:
        Problem(**{**complete, **arguments})
    for word in words:
        assert word in str(caught.value)
    assert re.search(r"\b(Give|Leave)\b", str(caught.value))


@pytest.mark.parametrize(
    ("attribute", "value", "error"),
    [
        pytest.param("code", "404", TypeError, id="code"),
        pytest.param("code", 200, ValueError, id="code-of-success"),
        pytest.param("type", "a b", ValueError, id="type"),
        pytest.param("title", 5, TypeError, id="title"),
        pytest.param("description", 5, TypeError, id="description"),
    ],
)
def test_attribute_of_class_is_checked_as_an_argument_is(attribute, value, error):
    cls = type("Wrong", (Problem,), {"code": 404, attribute: value})
    name = {"code": "status", "description": "detail"}.get(attribute, attribute)
    with pytest.raises(error, match=f"{name}={value!r}"):
        cls()


def test_arguments_but_the_status_have_names():
    with pytest.raises(TypeError):
        Problem(404, "Not here")
    with pytest.raises(TypeError):
        Problem(404, status=404)


@pytest.mark.parametrize(
    "status",
    [404, http.HTTPStatus.NOT_FOUND, type("Code", (int,), {})(404)],
    ids=["int", "HTTPStatus", "subclass"],
)
def test_status_is_a_number_whatever_it_was_made_of(status):
    for problem in (
        Problem(status),
        type("Missing", (Problem,), {"code": status})(),
        type("Missing", (NotFound,), {"code": status})(),
        amend(Problem(410), status=status),
        amend(NotFound(), status=status),
    ):
        assert problem.code == 404
        assert type(to_document(problem)["status"]) is int


@pytest.mark.parametrize(
    "name",
    ["self", "cls", "code", "name", "args", "response", "extensions"]
    + ["", "a b", "größe", "Status", "\ud800"],
    ids=ascii,
)
def test_extension_can_have_any_other_name(name):
    problem = Problem(404, **{name: 1})
    assert (problem.code, problem.detail) == (404, None)
    assert to_document(problem)[name] == 1


def test_detail_under_the_name_that_werkzeug_has_for_it_is_refused():
    with pytest.raises(TypeError, match=r"description=.*Give detail="):
        Problem(404, description="No.")


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("status", "'code'"),
        ("detail", "'description'"),
        ("instance", "__init__"),
        ("headers", "__init__"),
        ("extensions", "__init__"),
    ],
)
def test_attribute_of_a_class_that_would_not_be_sent_is_refused(name, instead):
    with pytest.raises(TypeError, match=rf"Wrong\.{name} would not be.*{instead}"):
        type("Wrong", (Problem,), {"code": 404, name: "x"})
    # A property is the class's own way to say it.
    type("Right", (Problem,), {"code": 404, name: property(lambda self: None)})


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem(404), "404 Not Found"),
        (Problem(409, title="Sold out", detail="No."), "409 Sold out: No."),
    ],
)
def test_problem_is_readable_in_a_traceback(problem, text):
    assert str(problem) == text


# URI references.

# RFC 3986, sections 1.1.2 and 5.4, and some more.
REFERENCES = [
    *("about:blank", "ftp://ftp.is.co.za/rfc/rfc1808.txt", "tel:+1-816-555-1212"),
    *("http://[2001:db8::7]/c=GB?objectClass?one", "mailto:John.Doe@example.com"),
    *("telnet://192.0.2.16:80/", "urn:oasis:names:specification:docbook:dtd:xml:4.1.2"),
    *("//g", "?y", "g?y#s", ";x", "../../g", "#s", "g;x=1/../y", "/", ".", "./a:b"),
    *("a%20b", "tag:a@b.c,2024:x", "https://a.example:8080/b?c=d&e=(f)#g", "file:///"),
]


@pytest.mark.parametrize("value", REFERENCES)
def test_uri_reference_is_taken_as_it_is(value):
    document = to_document(Problem(404, type=value, instance=value))
    assert (document["type"], document["instance"]) == (value, value)
    check_schema(document)


@pytest.mark.parametrize(
    "value",
    ["", " ", "a b", "a\n", "größe", "\ud800", "<a>", '"', "a\\b", "^", "`", "{a}", "|"]
    + ["%", "%g0", "a%2", ":", "1a:b", "a#b#c", "[a]", "http://a:b/", "http://["],
    ids=ascii,
)
def test_what_is_no_uri_reference_is_refused(value):
    for name in ("type", "instance"):
        said = re.escape(f"{name}={value!r} ")
        with pytest.raises(ValueError, match=f"^{said}"):
            Problem(404, **{name: value})


@given(st.text("aZ09:/?#@%2F!$-._~+ é\n", min_size=1))
@example("//a:b")
@example("a@b:c")
def test_uri_reference_is_what_the_grammar_says(text):
    try:
        Problem(404, type=text)
    except ValueError:
        assert not is_uri_reference(text)
    else:
        assert is_uri_reference(text)


# Subclasses.


def test_class_may_say_it_all():
    assert to_document(OutOfStock()) == {
        "type": "https://example.com/out-of-stock",
        "title": "Out of stock",
        "status": 409,
        "detail": "There is none left.",
    }


def test_arguments_come_before_attributes_of_the_class():
    problem = OutOfStock(410, title="Gone", detail="No.", type="/gone", instance="/5")
    assert to_document(problem) == {
        "type": "/gone",
        "title": "Gone",
        "status": 410,
        "detail": "No.",
        "instance": "/5",
    }
    assert to_document(OutOfStock())["title"] == "Out of stock"


def test_subclass_may_take_other_arguments():
    problem = TooMany("chairs", left=5)
    assert problem.item == "chairs"
    assert to_document(problem) == {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES[422],
        "status": 422,
        "detail": "5 chairs left.",
        "item": "chairs",
        "left": 5,
    }


@pytest.mark.parametrize("other", [NotFound, MethodNotAllowed, ServiceUnavailable])
def test_problem_may_be_another_http_error_too(other):
    cls = type("Missing", (Problem, other), {"title": "Missing"})
    expected = {**to_document(other()), "title": "Missing"}
    assert to_document(cls()) == expected
    problem = cls(detail="Not here.", user=5)
    assert to_document(problem) == {**expected, "detail": "Not here.", "user": 5}
    assert [name for name, _ in problem.get_headers()] == ["Content-Type"]


# Documents.


@pytest.mark.parametrize(
    ("error", "title", "status", "detail"),
    [
        pytest.param(NotFound(), "Not Found", 404, NotFound.description, id="404"),
        pytest.param(NotFound("No."), "Not Found", 404, "No.", id="description"),
        pytest.param(NotFound(""), "Not Found", 404, None, id="empty"),
        pytest.param(NotFound(5), "Not Found", 404, "5", id="no-text"),
        pytest.param(
            ServiceUnavailable("Soon."), "Service Unavailable", 503, "Soon.", id="503"
        ),
        pytest.param(
            InternalServerError("secret", original_exception=KeyError("secret")),
            "Internal Server Error",
            500,
            None,
            id="500",
        ),
        pytest.param(Problem(500), "Internal Server Error", 500, None, id="own-500"),
        pytest.param(
            Problem(500, detail="Public."),
            "Internal Server Error",
            500,
            "Public.",
            id="own-500-with-detail",
        ),
    ],
)
def test_document_of_an_http_error(error, title, status, detail):
    expected = {"type": "about:blank", "title": title, "status": status}
    if detail is not None:
        expected["detail"] = detail
    assert to_document(error) == expected


def test_error_without_a_status_is_one_of_the_server():
    document = to_document(HTTPException("secret"))
    assert document["status"] == 500
    assert "detail" not in document


def test_what_the_rfc_defines_has_the_last_word():
    problem = Problem(404, title="a", detail="b", type="/c", instance="/d", e="e")
    before = to_document(problem)
    for name in RESERVED:
        problem.extensions[name] = "changed"
    assert list(to_document(problem).items()) == list(before.items())


def test_document_is_not_the_extensions_themselves():
    problem = Problem(404, left=0)
    to_document(problem).update(left=1, more=2)
    assert to_document(problem) == to_document(Problem(404, left=0))


# Copies.


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda problem: pickle.loads(pickle.dumps(problem))],
    ids=["copy", "deepcopy", "pickle"],
)
@pytest.mark.parametrize(
    "problem",
    [
        Problem(404, detail="a", instance="/b", headers={"A": "b"}, c=[{"d": 5}]),
        OutOfStock(410, left=0),
        TooMany("chairs", left=5),
        amend(TooMany("chairs", left=5), status=400),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_copy_says_the_same(duplicate, problem):
    copied = duplicate(problem)
    assert copied is not problem
    assert type(copied) is type(problem)
    assert vars(copied) == vars(problem)
    assert to_document(copied) == to_document(problem)
    assert copied.get_headers() == problem.get_headers()
    assert (str(copied), copied.args) == (str(problem), problem.args)


def test_deep_copy_shares_nothing():
    problem = Problem(404, headers={"A": "b"}, items=[1])
    copied = copy.deepcopy(problem)
    copied.extensions["items"].append(2)
    copied.headers["A"] = "c"
    assert problem.extensions == {"items": [1]}
    assert problem.headers["A"] == "b"


@pytest.mark.parametrize(
    "error",
    [
        Problem(404, detail="a", headers={"A": "b"}, c=5),
        Problem(404, title="Missing"),
        OutOfStock(left=0),
        TooMany("chairs", left=5),
        MethodNotAllowed(["GET"], "No."),
    ],
    ids=["plain", "title", "class", "own-arguments", "no-problem"],
)
def test_other_status_changes_that_and_nothing_else(error):
    error.args = ("of", "its own")
    before, shown = dict(vars(error)), to_document(error)
    other = amend(error, status=400)
    assert type(other) is type(error)
    assert other.code == 400
    phrase = {} if getattr(error, "title", None) else {"title": "Bad Request"}
    assert to_document(other) == {**shown, "status": 400, **phrase}
    assert vars(other) == {**before, "code": 400}
    assert (other.args, other.get_headers()) == (error.args, error.get_headers())
    assert (vars(error), to_document(error)) == (before, shown)


# Without a kit.


def test_problem_makes_a_page_by_itself():
    headers = [("Set-Cookie", "a=b"), ("Set-Cookie", "c=d")]
    problem = Problem(409, title="<Out>", detail="<b>", headers=headers, left=0)
    response = problem.get_response()
    assert (response.status_code, response.content_type) == (409, HTML)
    assert response.headers.getlist("Set-Cookie") == ["a=b", "c=d"]
    body = response.get_data(as_text=True)
    assert "<h1>&lt;Out&gt;</h1>" in body
    assert "&lt;b&gt;" in body


def raise_problem(problem):
    raise problem


@pytest.mark.parametrize("answer", [raise_problem, lambda problem: problem])
def test_app_without_a_kit_sends_that_page(answer):
    app = Flask("example")
    app.add_url_rule("/", "view", lambda: answer(OutOfStock(headers={"A": "b"})))
    response = get(app)
    assert (response.status_code, response.content_type) == (409, HTML)
    assert response.headers["A"] == "b"
    assert "<h1>Out of stock</h1>\n<p>There is none left.</p>" in response.text


# With a kit.


@pytest.mark.parametrize("answer", [raise_problem, lambda problem: problem, abort])
def test_problem_is_raised_returned_or_aborted_with(answer):
    app = make_app(lambda: answer(OutOfStock(headers={"Retry-After": "5"}, left=0)))
    for accept in ("application/json", "*/*", ""):
        response = get(app, accept)
        assert (response.status_code, response.content_type) == (409, JSON)
        assert response.json == to_document(OutOfStock(left=0))
        assert response.headers["Retry-After"] == "5"


class Color(enum.Enum):
    RED = "red"


class Money:
    amount = 5


DEEP = {"a": [{"b": [[], {}, [None]]}, "c"]}
PROBLEMS = [
    pytest.param(lambda: Problem(404), id="status"),
    pytest.param(lambda: Problem(599, title="", detail=""), id="empty"),
    pytest.param(lambda: OutOfStock(instance="#5"), id="class"),
    pytest.param(lambda: TooMany("<chairs>", left=[]), id="own-arguments"),
    pytest.param(lambda: Problem(400, type="../a?b#c", instance="//d"), id="uris"),
    pytest.param(lambda: Problem(400, detail="größe 💥 \0\r\n\ud800"), id="hostile"),
    pytest.param(lambda: Problem(400, a=1, b=None, c=True, d=1.5, e=DEEP), id="data"),
    pytest.param(lambda: Problem(400, **{"": 1, "a:b": 2, "größe": 3}), id="names"),
    pytest.param(lambda: Problem(400, detail="<script>" * 131_072), id="1MB"),
]


@pytest.mark.parametrize("make", PROBLEMS)
def test_json_is_valid_and_says_it_all(make):
    response = get(make_app(make))
    problem = make()
    assert (response.status_code, response.content_type) == (problem.status, JSON)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Vary"] == "Accept"
    check_schema(response.json)
    assert response.json == to_document(problem)


def make_converted():
    return Problem(
        404,
        day=datetime.time(12, 30),
        price=decimal.Decimal("1.50"),
        id=uuid.UUID(int=5),
        color=Color.RED,
        money=[Money(), {"in": Money()}],
        cause=OutOfStock(),
        keys={5: 6},
    )


CONVERTED = {
    **to_document(Problem(404)),
    "day": "12:30:00",
    "price": "1.50",
    "id": "00000000-0000-0000-0000-000000000005",
    "color": "red",
    "money": [5, {"in": 5}],
    "cause": to_document(OutOfStock()),
    "keys": {"5": 6},
}


def test_extension_is_of_any_type_that_has_a_converter():
    app = make_app(make_converted)
    app.kit.add_converter(Money, lambda money: money.amount)
    assert get(app).json == CONVERTED
    with app.app_context():
        assert app.kit.to_plain(make_converted()) == CONVERTED


def test_converter_of_the_class_of_a_status_does_not_change_it():
    app = make_app(lambda: (Problem(404), http.HTTPStatus.GONE))
    app.kit.add_converter(enum.Enum, lambda member: member.name)
    response = get(app)
    check_schema(response.json)
    assert (response.status_code, response.json["status"]) == (410, 410)


def test_status_beside_a_problem_holds_in_the_document():
    problem = Problem(409, left=0)
    response = get(make_app(lambda: (problem, 400)))
    assert response.status_code == 400
    assert response.json == to_document(Problem(400, left=0))
    assert problem.status == 409


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        pytest.param(lambda: jsonify(error=OutOfStock()), "error", id="jsonify"),
        pytest.param(lambda: {"error": OutOfStock()}, "error", id="dict"),
        pytest.param(lambda: [OutOfStock()], 0, id="list"),
    ],
)
def test_problem_inside_data_is_its_document(view, expected):
    response = get(make_app(view))
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.json[expected] == to_document(OutOfStock())


# Laws.

_NAMES = ("größe", "a:b", "1a", "a b", "{ns}a", "code", "name", "args", "extensions")
_HOSTILE = st.lists(
    st.sampled_from(["\0", "\r", "\n", "\x85", "\u2028", "\ud800", "\uffff", "💥", " "])
    | st.sampled_from(["<script>", "]]>", "-->", "&amp;", '"', "'", "\\", "%0a"])
    | st.text(st.characters(), max_size=5),
    max_size=5,
).map("".join)
_DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | _HOSTILE
    # Other numbers are none in JSON.
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_HOSTILE, inner, max_size=3)
    ),
    max_leaves=8,
)
_EXTENSIONS = st.dictionaries(
    st.sampled_from(_NAMES)
    | _HOSTILE.filter(lambda name: name not in (*RESERVED, "headers", "self")),
    _DATA,
    max_size=4,
)
GENERATED = st.builds(
    lambda extensions, **said: Problem(**said, **extensions),
    status=st.integers(400, 599),
    title=st.none() | _HOSTILE,
    detail=st.none() | _HOSTILE,
    type=st.none() | st.sampled_from(REFERENCES),
    instance=st.none() | st.sampled_from(REFERENCES),
    extensions=_EXTENSIONS,
)


def through_json(document):
    return json.loads(json.dumps(document))


@given(GENERATED)
def test_problem_survives_json(problem):
    document = through_json(to_document(problem))
    again = Problem(**document)
    assert again.status == problem.status
    assert through_json(to_document(again)) == document


_APP = make_app(lambda: _APP.problem)


@given(GENERATED)
def test_json_of_any_problem_is_valid(problem):
    _APP.problem = problem
    response = get(_APP)
    assert (response.status_code, response.content_type) == (problem.status, JSON)
    check_schema(response.json)
    assert response.json == through_json(to_document(problem))
