"""The recipes of examples/validation.py, with names that a client may choose."""

from __future__ import annotations

import importlib.util
import pathlib
import re
import typing as t
import urllib.parse

import marshmallow
import pydantic
import pytest
from flask import Flask
from flask import request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from flask_responsekit import ResponseKit

PATH = pathlib.Path(__file__).parent.parent / "examples" / "validation.py"

#: The fragment of a URI (RFC 3986, section 3.5).
FRAGMENT = re.compile(r"#([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*")

#: What a client may call a field.
HOSTILE_NAMES = [
    pytest.param("a/b", id="slash"),
    pytest.param("m~n", id="tilde"),
    pytest.param("~1", id="looks-escaped"),
    pytest.param("/", id="only-a-slash"),
    pytest.param("", id="empty"),
    pytest.param(" ", id="space"),
    pytest.param("50%", id="percent"),
    pytest.param("%2F", id="looks-percent-encoded"),
    pytest.param("#/items/0", id="looks-like-a-pointer"),
    pytest.param("a?b&c=d", id="query"),
    pytest.param('"\\^|{}[]<script>', id="not-in-a-uri"),
    pytest.param("prix_été_\U0001f4b6", id="not-ascii"),
    pytest.param("\x00\n\x7f", id="control"),
    pytest.param("0", id="digit"),
    pytest.param("__class__", id="dunder"),
]


class Line(pydantic.BaseModel):
    counts: dict[str, int]


class PydanticOrder(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    lines: list[Line]

    @pydantic.model_validator(mode="after")
    def check_lines(self) -> PydanticOrder:
        if not self.lines:
            raise ValueError("no lines")
        return self


class LineSchema(marshmallow.Schema):
    count = marshmallow.fields.Integer(required=True)
    parts = marshmallow.fields.List(marshmallow.fields.Nested(lambda: LineSchema()))


class OrderSchema(marshmallow.Schema):
    lines = marshmallow.fields.List(marshmallow.fields.Nested(LineSchema))

    @marshmallow.validates_schema
    def check_lines(self, data, **kwargs):
        if not data.get("lines"):
            raise marshmallow.ValidationError("no lines")


@pytest.fixture(scope="module")
def recipes():
    spec = importlib.util.spec_from_file_location("example_validation", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def client(recipes):
    app = Flask(__name__)
    kit = ResponseKit(app)
    kit.add_problem(pydantic.ValidationError, recipes.explain_pydantic)
    kit.add_problem(marshmallow.ValidationError, recipes.explain_marshmallow)

    @app.post("/pydantic")
    def check_by_pydantic():
        return PydanticOrder.model_validate(request.get_json()).model_dump()

    @app.post("/marshmallow")
    def check_by_marshmallow():
        return OrderSchema().load(request.get_json())

    return app.test_client()


def post(client, path, data, accept="application/json"):
    return client.post(path, json=data, headers=Headers({"Accept": accept}))


def follow(pointer, document):
    """Find what a pointer points to, as RFC 6901 says in sections 4 and 6."""
    assert FRAGMENT.fullmatch(pointer)
    first, *tokens = urllib.parse.unquote(pointer[1:], errors="strict").split("/")
    assert first == ""
    for token in tokens:
        name = token.replace("~1", "/").replace("~0", "~")
        document = document[int(name) if isinstance(document, list) else name]
    return document


@pytest.mark.parametrize(
    ("path", "data", "pointers"),
    [
        pytest.param(
            "/pydantic",
            {"lines": [{"counts": {}}, {}, {"counts": {"a": 1, "b": "x"}}]},
            ["#/lines/1/counts", "#/lines/2/counts/b"],
            id="pydantic-nested",
        ),
        pytest.param("/pydantic", 5, ["#"], id="pydantic-whole-document"),
        pytest.param("/pydantic", {"lines": []}, ["#"], id="pydantic-whole-model"),
        pytest.param(
            "/marshmallow",
            {"lines": [{"count": 1, "parts": [{"count": 2}, {"count": "x"}]}, {}]},
            ["#/lines/0/parts/1/count", "#/lines/1/count"],
            id="marshmallow-nested",
        ),
        pytest.param(
            "/marshmallow",
            {"lines": [{"count": 1}, 5]},
            ["#/lines/1"],
            id="marshmallow-nested-object",
        ),
        pytest.param("/marshmallow", [], ["#"], id="marshmallow-whole-document"),
        pytest.param("/marshmallow", {}, ["#"], id="marshmallow-whole-schema"),
    ],
)
def test_each_error_is_told_with_its_place(client, path, data, pointers):
    response = post(client, path, data)
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == 422
    errors = response.json["errors"]
    assert [error["pointer"] for error in errors] == pointers
    assert all(set(error) == {"pointer", "detail"} for error in errors)
    assert all(error["detail"] for error in errors)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize(
    ("path", "make"),
    [
        pytest.param(
            "/pydantic", lambda name: {"lines": [{"counts": {name: "x"}}]}, id="key"
        ),
        pytest.param(
            "/pydantic", lambda name: {"lines": [{"counts": {}}], name: "x"}, id="extra"
        ),
        pytest.param(
            "/marshmallow",
            lambda name: {"lines": [{"count": 1}, {"count": 1, name: "x"}]},
            id="unknown",
        ),
    ],
)
def test_pointer_leads_to_what_is_wrong_whatever_its_name(client, path, make, name):
    data = make(name)
    response = post(client, path, data)
    assert response.status_code == 422
    (error,) = response.json["errors"]
    assert follow(error["pointer"], data) == "x"


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        pytest.param("application/json", "application/problem+json", id="json"),
        pytest.param("application/xml", "application/problem+xml", id="xml"),
        pytest.param("text/html", "text/html", id="html"),
    ],
)
@pytest.mark.parametrize("path", ["/pydantic", "/marshmallow"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("\ud800", id="half-of-a-surrogate-pair"),
        pytest.param("\ufffe\x00", id="not-in-xml"),
    ],
)
def test_name_that_cannot_be_written_is_a_422_in_each_format(
    client, accept, mimetype, path, name
):
    line = {"count": 1, name: 1, "counts": {name: "x"}}
    response = post(client, path, {"lines": [line]}, accept)
    assert response.status_code == 422
    assert response.mimetype == mimetype
    assert "#/lines/0" in response.text


@pytest.mark.parametrize("path", ["/pydantic", "/marshmallow"])
def test_what_was_sent_is_not_sent_back(client, path):
    data = {"lines": [{"count": "swordfish", "counts": {"a": "swordfish"}}]}
    response = post(client, path, data)
    assert response.status_code == 422
    assert "swordfish" not in response.text


@pytest.mark.parametrize(
    ("messages", "errors"),
    [
        pytest.param("wrong", [("#", "wrong")], id="text"),
        pytest.param(["one", "two"], [("#", "one"), ("#", "two")], id="list"),
        pytest.param({"a": "wrong"}, [("#/a", "wrong")], id="text-of-a-field"),
        pytest.param(
            {"a": {"_schema": ["whole"], "b": ["part"]}},
            [("#/a", "whole"), ("#/a/b", "part")],
            id="object-and-field",
        ),
        pytest.param(
            {"a": ["one", {"b": ["two"]}]},
            [("#/a", "one"), ("#/a/b", "two")],
            id="dict-in-a-list",
        ),
        pytest.param({"a": [404]}, [("#/a", "404")], id="not-a-text"),
    ],
)
def test_marshmallow_messages_of_any_form_are_told(recipes, messages, errors):
    error = marshmallow.ValidationError(messages)
    told = recipes.explain_marshmallow(error).extensions["errors"]
    assert [(one["pointer"], one["detail"]) for one in told] == errors


def test_pointers_are_those_of_the_rfc(recipes):
    # RFC 6901, section 6.
    pointers = {
        (): "#",
        ("foo",): "#/foo",
        ("foo", 0): "#/foo/0",
        ("",): "#/",
        ("a/b",): "#/a~1b",
        ("c%d",): "#/c%25d",
        ("e^f",): "#/e%5Ef",
        ("g|h",): "#/g%7Ch",
        ("i\\j",): "#/i%5Cj",
        ('k"l',): "#/k%22l",
        (" ",): "#/%20",
        ("m~n",): "#/m~0n",
    }
    assert {path: recipes.make_pointer(path) for path in pointers} == pointers


@given(path=st.lists(st.text(), max_size=5))
def test_pointer_says_the_path(recipes, path):
    document: t.Any = "found"
    for name in reversed(path):
        document = {name: document}
    assert follow(recipes.make_pointer(path), document) == "found"


@pytest.mark.parametrize("path", ["/orders", "/v1/orders"])
def test_example_takes_what_is_valid(recipes, path):
    order = {"items": [{"name": "stool", "price": 14.5}]}
    response = post(recipes.app.test_client(), path, order)
    assert response.status == "201 CREATED"
    assert response.json == order
