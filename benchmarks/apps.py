"""The apps that are compared, and what their views return."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import datetime
import functools
import typing as t
import uuid

from flask import Flask
from flask import jsonify
from flask import redirect
from flask import Response
from werkzeug.test import create_environ

from flask_responsekit import ResponseKit

View: t.TypeAlias = cabc.Callable[[], t.Any]

#: What Chrome sends when somebody follows a link.
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)
#: What is on offer where there is a choice.
RENDERERS = ("json", "xml", "csv", "yaml")

_HTML = "<!doctype html><title>Hello</title><h1>Hello</h1>"


@dataclasses.dataclass
class User:
    id: int
    name: str
    email: str


@dataclasses.dataclass
class Order:
    id: uuid.UUID
    customer: str
    placed: datetime.datetime
    total: float


_PLACED = datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc)
_ORDERS = [
    Order(uuid.UUID(int=n), f"Customer {n}", _PLACED + datetime.timedelta(n), n / 4)
    for n in range(1000)
]


@dataclasses.dataclass(frozen=True)
class Row:
    """One kind of value that a view returns."""

    name: str
    #: What a request is to cost with the kit, in units of bare Flask's.
    aim: float | None
    #: The view in all apps; none of them has one where there is none.
    view: View | None
    #: The view of the app without the kit, where it is another.
    bare: View | None = None


ROWS = (
    Row("str", 1.00, lambda: _HTML),
    Row("bytes", 1.02, lambda: b"Hello"),
    Row("dict", 1.04, lambda: {"id": 1, "name": "Ada"}),
    Row("tuple", 1.02, lambda: ("Hello", 201, {"X-Request-Id": "1"})),
    Row("jsonify", 1.02, lambda: jsonify(id=1, name="Ada")),
    Row("Response", 1.04, lambda: Response("Hello")),
    Row("redirect", 1.02, lambda: redirect("/elsewhere")),
    Row("404", 1.00, None),
    # Bare Flask takes no dataclass: it sends the quickest body there is.
    Row("dataclass", None, lambda: User(1, "Ada", "ada@example.org"), lambda: _HTML),
    Row("dataclasses", None, lambda: _ORDERS, lambda: jsonify(_ORDERS)),
)

#: Here bare Flask sends the same.
NEGOTIATED = (
    Row("dict", None, lambda: {"id": 1, "name": "Ada"}),
    Row(
        "dataclass",
        None,
        lambda: User(1, "Ada", "ada@example.org"),
        lambda: jsonify(User(1, "Ada", "ada@example.org")),
    ),
)


def make_contenders(row: Row) -> list[cabc.Callable[[], object]]:
    """Make requests to an app without the kit, to one with it, to one with a kit of
    5,000 converters, and to another without, which shows what is noise.

    :raises RuntimeError: if one of the apps does not answer as it should.
    """
    bare = row.bare or row.view
    apps = [
        _make_app(bare),
        _make_app(row.view, _make_kit(0)),
        _make_app(row.view, _make_kit(5000)),
        _make_app(bare),
    ]
    answers = [app.test_client().get("/") for app in apps]
    # Where bare Flask does something else, at least all must have worked.
    kinds = {(answer.status_code, row.bare or answer.data) for answer in answers}
    if len(kinds) > 1 or answers[0].status_code >= 500:
        raise RuntimeError(f"Not all apps answer as they should for {row.name!r}.")
    return [_make_request(app) for app in apps]


def make_negotiating(row: Row) -> list[cabc.Callable[[], object]]:
    """Make a browser's requests to an app without the kit, to one with it and one
    renderer, to one with four; to the latter two again with a kit of 5,000 converters;
    and to another that is like the second, which shows what is noise.

    :raises ModuleNotFoundError: if a library that a renderer needs is missing.
    :raises RuntimeError: if one of the apps does not answer as it should.
    """
    kit, large = _make_kit(0), _make_kit(5000)
    apps = [
        _make_app(row.bare or row.view),
        _make_app(row.view, kit),
        _make_app(row.view, kit, RENDERERS),
        _make_app(row.view, large),
        _make_app(row.view, large, RENDERERS),
        _make_app(row.view, kit),
    ]
    answers = [app.test_client().get("/", headers={"Accept": CHROME}) for app in apps]
    kinds = {(one.status_code, one.mimetype, one.data) for one in answers}
    varies = ["Accept" in answer.vary for answer in answers]
    if len(kinds) > 1 or varies != [False, False, True, False, True, False]:
        raise RuntimeError(f"Not all apps answer as they should for {row.name!r}.")
    return [_make_request(app, {"Accept": CHROME}) for app in apps]


@functools.cache
def _make_kit(converters: int) -> ResponseKit:
    kit = ResponseKit()
    for number in range(converters):
        kit.add_converter(type(f"Type{number}", (), {}), vars)
    return kit


def _make_app(
    view: View | None,
    kit: ResponseKit | None = None,
    renderers: cabc.Iterable[str] = ("json",),
) -> Flask:
    app = Flask(__name__)
    app.config["RESPONSEKIT_RENDERERS"] = renderers
    if view is not None:
        app.add_url_rule("/", "view", view)
    if kit is not None:
        kit.init_app(app)
    return app


def _make_request(
    app: Flask, headers: dict[str, str] | None = None
) -> cabc.Callable[[], object]:
    """Make what a server does for a request, and nothing else."""
    environ = create_environ(headers=headers)
    application = app.wsgi_app

    def request() -> bytes:
        body = application(environ.copy(), _start_response)
        try:
            return b"".join(body)
        finally:
            body.close()  # type: ignore[attr-defined]

    return request


def _start_response(*args: object) -> t.Any:
    """Take the status and headers, as a server does."""
