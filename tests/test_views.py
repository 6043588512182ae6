from __future__ import annotations

import asyncio
import functools
import inspect
import subprocess
import sys

import flask
import pytest
from flask import abort
from flask import Blueprint
from flask import Flask
from flask import jsonify
from flask.views import MethodView
from flask.views import View

from flask_responsekit import KitResponse
from flask_responsekit import ResponseKit

HTML = "text/html; charset=utf-8"
JSON = "application/json"
XML = "application/xml"
CSV = "text/csv"
CSV_TEXT = "text/csv; charset=utf-8"
YAML = "application/yaml"
SHOUT = "text/x-shout"


class User:
    name = "Ada"


class BrokeError(Exception):
    pass


class ShoutRenderer:
    """Text, in capitals."""

    mimetype = SHOUT
    aliases = ("text/x-loud",)

    def render(self, value):
        return str(value).upper().encode()


class PickyRenderer(ShoutRenderer):
    """Only lists."""

    def can_render(self, cls):
        return issubclass(cls, list)


class XMLResponse(flask.Response):
    """Another default."""

    default_mimetype = "application/xml"


@pytest.fixture
def app():
    return Flask(__name__)


@pytest.fixture
def kit(app):
    kit = ResponseKit(app)
    kit.add_converter(User, lambda value: {"name": value.name})
    return kit


def get(app, accept=None, path="/", method="GET"):
    headers = {} if accept is None else {"Accept": accept}
    return app.test_client().open(path, headers=headers, method=method)


def add(app, view, **options):
    app.add_url_rule("/", "view", view, **options)


def describe(response):
    return response.status, sorted(response.headers.items()), response.data


# Forms


def show_user():
    return User()


async def show_user_later():
    await asyncio.sleep(0)
    return User()


FORMS = [
    pytest.param(lambda kit: kit.view, id="bare"),
    pytest.param(lambda kit: kit.view(), id="called"),
    pytest.param(lambda kit: kit.view(produces="json"), id="produces"),
    pytest.param(lambda kit: kit.view(etag=True), id="etag"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("view", [show_user, show_user_later])
def test_view_answers_with_its_value(app, kit, form, view):
    add(app, form(kit)(view))
    response = get(app)
    assert (response.status_code, response.json) == (200, {"name": "Ada"})
    assert get(app, method="HEAD").headers["Content-Length"] == "15"


@pytest.mark.parametrize("form", FORMS)
def test_view_that_is_called_returns_a_response(app, kit, form):
    with app.test_request_context():
        response = form(kit)(show_user)()
        assert type(response) is app.response_class
        assert response.json == {"name": "Ada"}
        waiting = form(kit)(show_user_later)()
        assert inspect.iscoroutine(waiting)
        assert asyncio.run(waiting).json == {"name": "Ada"}


@pytest.mark.parametrize("form", FORMS)
def test_view_is_called_in_a_unit_test_without_a_request(app, kit, form):
    with app.app_context():
        response = form(kit)(show_user)()
        assert response.json == {"name": "Ada"}
        assert asyncio.run(form(kit)(show_user_later)()).json == {"name": "Ada"}


@pytest.mark.parametrize("view", [show_user, show_user_later])
def test_view_keeps_its_name_and_docstring(kit, view):
    def documented(number: int, *, name: str = "a") -> User:
        """Show a user."""
        return User()

    made = kit.view(documented)
    assert (made.__name__, made.__doc__) == ("documented", "Show a user.")
    assert made.__module__ == __name__
    assert inspect.signature(made) == inspect.signature(documented)
    assert made.__wrapped__ is documented
    made = kit.view(view)
    assert made.__name__ == view.__name__
    is_async = inspect.iscoroutinefunction
    assert is_async(made) is is_async(view)


def test_view_gets_its_arguments(app, kit):
    @app.get("/<int:number>/<name>")
    @kit.view(produces=("json", "csv"))
    def show(number, name):
        return [{"number": number, "name": name}]

    assert get(app, path="/5/Ada").json == [{"number": 5, "name": "Ada"}]
    with app.app_context():
        assert show(5, name="Ada").json == [{"number": 5, "name": "Ada"}]


def test_partial_is_a_view_as_well(app, kit):
    def show(name):
        return {"name": name}

    async def show_later(name):
        return {"name": name}

    add(app, kit.view(functools.partial(show, "Ada")))
    later = kit.view(functools.partial(show_later, name="Eve"))
    app.add_url_rule("/later", "later", later)
    assert get(app).json == {"name": "Ada"}
    assert get(app, path="/later").json == {"name": "Eve"}


def test_view_without_options_answers_as_without_the_decorator(app, kit):
    views = [
        *(lambda: "text", lambda: b"\x89PNG\r\n\x1a\n", lambda: {"a": 1}, User),
        *(
            lambda: ("a", 201),
            lambda: ({"a": 1}, 201, {"X-A": "b"}),
            lambda: iter("ab"),
        ),
        *(lambda: flask.redirect("/"), lambda: jsonify(a=1), lambda: ("", 204)),
        *(lambda: flask.Response("a"), lambda: [User()], lambda: ([], {"X-A": "b"})),
        *(lambda: flask.make_response("a", 201), lambda: XMLResponse("<a/>")),
        *(lambda: (User(), 201), lambda: (None, 200), lambda: None, lambda: {1, 2}),
        *(lambda: object(), lambda: User, lambda: ("a", 1, {}, 2), lambda: abort(418)),
    ]
    for number, view in enumerate(views):
        app.add_url_rule(f"/bare{number}", f"bare{number}", lambda view=view: view())
        made = kit.view(lambda view=view: view())
        app.add_url_rule(f"/view{number}", f"view{number}", made)
    for number in range(len(views)):
        bare = get(app, path=f"/bare{number}")
        assert describe(get(app, path=f"/view{number}")) == describe(bare), number


@pytest.mark.parametrize(
    ("view", "status", "text"),
    [
        pytest.param(lambda: (User(), 201), 201, "name\r\nAda\r\n", id="status"),
        pytest.param(
            lambda: (User(), {"X-A": "b"}), 200, "name\r\nAda\r\n", id="headers"
        ),
        pytest.param(
            lambda: (User(), 201, [("X-A", "b")]), 201, "name\r\nAda\r\n", id="both"
        ),
        pytest.param(lambda: ("a,b", 201, {"X-A": "b"}), 201, "a,b", id="text"),
        pytest.param(lambda: ([[1]], "418 Pot"), 418, "1\r\n", id="list"),
    ],
)
def test_tuple_is_a_value_with_status_and_headers(app, kit, view, status, text):
    add(app, kit.view(produces=CSV)(view))
    response = get(app)
    assert (response.status_code, response.text) == (status, text)
    assert response.headers["Content-Type"] == CSV_TEXT
    value = view()
    assert response.headers.get("X-A") == ("b" if "X-A" in str(value) else None)


# Class-based views


def test_methods_of_a_class_may_be_decorated(app, kit):
    class Resource(MethodView):
        @kit.view
        def get(self):
            return User()

        @kit.view(produces="csv")
        async def post(self):
            return [User()]

    add(app, Resource.as_view("resource"))
    assert get(app).json == {"name": "Ada"}
    assert get(app, method="HEAD").mimetype == JSON
    assert get(app, method="POST").text == "name\r\nAda\r\n"
    assert get(app, JSON, method="POST").status_code == 406


@pytest.mark.parametrize("mode", [None, "406"])
def test_view_of_a_class_may_be_decorated_as_a_whole(app, mode):
    app.config["RESPONSEKIT_NOT_ACCEPTABLE"] = mode
    kit = ResponseKit(app)

    class Resource(MethodView):
        decorators = [kit.view(produces="csv")]

        def get(self):
            return [[1]]

        async def post(self):
            return [[2]]

    class Dispatching(View):
        decorators = [kit.view(produces="csv")]

        def dispatch_request(self):
            return [[3]]

    add(app, Resource.as_view("resource"))
    app.add_url_rule("/view", view_func=Dispatching.as_view("dispatching"))
    assert get(app, CSV).text == "1\r\n"
    assert get(app, CSV, method="POST").text == "2\r\n"
    assert get(app, CSV, "/view").text == "3\r\n"
    for method, path in (("GET", "/"), ("POST", "/"), ("GET", "/view")):
        assert get(app, JSON, path, method).status_code == 406


@pytest.mark.parametrize(
    "decorated", [pytest.param(False, id="methods"), pytest.param(True, id="both")]
)
def test_method_that_declares_is_not_held_to_what_its_scope_has(app, decorated):
    app.config["RESPONSEKIT_NOT_ACCEPTABLE"] = "406"
    kit = ResponseKit(app)

    class Resource(MethodView):
        decorators = [kit.view] if decorated else []

        @kit.view(produces="csv")
        def get(self):
            return [[1]]

        @kit.view
        def post(self):
            return [[2]]

        def put(self):
            return [[3]]

    add(app, Resource.as_view("resource"))
    assert get(app, CSV).text == "1\r\n"
    assert get(app, CSV, method="HEAD").status_code == 200
    assert get(app, JSON).status_code == 406
    for method in ("POST", "PUT"):
        assert get(app, CSV, method=method).status_code == 406
        assert get(app, JSON, method=method).status_code == 200
    assert get(app, CSV, method="PATCH").status_code == 405


def test_method_of_a_view_that_declares_is_not_held_to_what_its_scope_has(app):
    app.config["RESPONSEKIT_NOT_ACCEPTABLE"] = "406"
    kit = ResponseKit(app)

    class Dispatching(View):
        @kit.view(produces="csv")
        def dispatch_request(self):
            return [[1]]

    add(app, Dispatching.as_view("view"))
    assert get(app, CSV).text == "1\r\n"
    assert get(app, JSON).status_code == 406


# Other decorators


def with_wraps(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def without_wraps(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@pytest.mark.parametrize("decorate", [with_wraps, without_wraps])
@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda outer, view: lambda f: outer(view(f)), id="above"),
        pytest.param(lambda inner, view: lambda f: view(inner(f)), id="below"),
    ],
)
def test_other_decorators_stand_above_and_below(app, kit, decorate, order):
    add(app, order(decorate, kit.view(produces=("csv", "json")))(show_user))
    assert get(app).text == "name\r\nAda\r\n"
    assert get(app, JSON).json == {"name": "Ada"}
    assert get(app, "image/png").status_code == 406


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda outer, view: lambda f: outer(view(f)), id="above"),
        pytest.param(lambda inner, view: lambda f: view(inner(f)), id="below"),
    ],
)
def test_view_that_declares_under_a_decorator_is_not_held_to_its_scope(app, order):
    app.config["RESPONSEKIT_NOT_ACCEPTABLE"] = "406"
    kit = ResponseKit(app)
    add(app, order(with_wraps, kit.view(produces="csv"))(lambda: [[1]]))
    assert get(app, CSV).text == "1\r\n"


@pytest.mark.parametrize("mode", [None, "406"])
def test_innermost_of_two_decorators_of_the_kit_counts(app, mode):
    app.config["RESPONSEKIT_NOT_ACCEPTABLE"] = mode
    kit = ResponseKit(app)
    add(app, kit.view(kit.view(produces="csv")(lambda: [[1]])))
    assert get(app, CSV).text == "1\r\n"
    assert get(app, JSON).status_code == 406


def test_decorator_above_the_view_gets_a_response(app, kit):
    def add_header(function):
        def wrapper():
            response = function()
            response.headers["X-A"] = "b"
            return response

        return wrapper

    add(app, add_header(kit.view(show_user)))
    response = get(app)
    assert (response.headers["X-A"], response.json) == ("b", {"name": "Ada"})


def test_view_may_stand_in_a_blueprint(app, kit):
    blueprint = Blueprint("api", __name__)

    @blueprint.get("/")
    @kit.view(produces="csv")
    def show():
        return [[1]]

    app.register_blueprint(blueprint)
    assert get(app).text == "1\r\n"


# produces


@pytest.mark.parametrize(
    ("produces", "accept", "mimetype"),
    [
        pytest.param("csv", CSV, CSV, id="name"),
        pytest.param(CSV, CSV, CSV, id="media-type"),
        pytest.param(["csv"], CSV, CSV, id="list"),
        pytest.param(("csv",), None, CSV, id="tuple"),
        pytest.param(iter([JSON, "csv"]), CSV, CSV, id="iterator"),
        pytest.param((JSON, CSV), None, JSON, id="first"),
        pytest.param((CSV, JSON), "*/*", CSV, id="first-of-any"),
        pytest.param((CSV, JSON), f"{CSV};q=0.5, {JSON}", JSON, id="client-decides"),
        pytest.param("TEXT/CSV", CSV, CSV, id="capitals"),
        pytest.param("application/vnd.a+json", "*/*", "application/vnd.a+json", id="+"),
        pytest.param("application/jsonl", None, "application/jsonl", id="alias"),
        pytest.param("yaml", YAML, YAML, id="extra"),
        pytest.param(SHOUT, SHOUT, SHOUT, id="added"),
        pytest.param("x-shout", SHOUT, SHOUT, id="added-name"),
        pytest.param("text/x-loud", "text/*", "text/x-loud", id="added-alias"),
    ],
)
def test_view_sends_what_it_declares(app, kit, produces, accept, mimetype):
    kit.add_renderer(ShoutRenderer())
    add(app, kit.view(produces=produces)(lambda: [[1]]))
    for _ in range(2):
        response = get(app, accept)
        assert (response.status_code, response.mimetype) == (200, mimetype)
        assert response.headers["Vary"] == "Accept"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("view", [show_user, show_user_later])
def test_request_that_accepts_nothing_declared_does_not_reach_the_view(app, kit, view):
    called = []

    @kit.view(produces=("csv", "application/yaml"))
    def sync():
        called.append(1)

    @kit.view(produces=("csv", "application/yaml"))
    async def later():
        called.append(1)

    add(app, sync if view is show_user else later, methods=["GET", "POST"])
    for method in ("GET", "POST", "HEAD"):
        response = get(app, JSON, method=method)
        assert (response.status_code, response.headers["Vary"]) == (406, "Accept")
    text = get(app, JSON).text
    assert "text/csv, application/yaml" in text
    assert not called


def test_refusal_reaches_the_error_handler_of_the_app(app, kit):
    app.register_error_handler(406, lambda error: ({"code": error.code}, 406))
    add(app, kit.view(produces="csv")(show_user))
    response = get(app, JSON)
    assert (response.status_code, response.json) == (406, {"code": 406})
    assert response.headers["Vary"] == "Accept"


def test_declared_renderer_is_enabled_for_that_view_alone(app, kit):
    add(app, kit.view(produces=("json", "csv"))(lambda: [[1]]))
    app.add_url_rule("/other", "other", kit.view(lambda: [[1]]))
    assert get(app, CSV).mimetype == CSV
    assert get(app, CSV, "/other").mimetype == JSON
    assert "Vary" not in get(app, CSV, "/other").headers


def test_converter_for_a_declared_media_type_is_asked(app, kit):
    kit.add_converter(User, lambda value: "name;Ada", mimetype=CSV)
    kit.add_converter(User, lambda value: "not declared", mimetype="text/x-user")
    add(app, kit.view(produces=("json", "csv"))(show_user))
    assert get(app, CSV).text == "name;Ada"
    assert get(app, "text/x-user").status_code == 406


@pytest.mark.parametrize(
    ("produces", "body", "headers", "content_type"),
    [
        pytest.param(CSV, "a,b", {}, CSV_TEXT, id="text"),
        pytest.param("csv", "a,b", {}, CSV_TEXT, id="text-by-name"),
        pytest.param(CSV, b"a,b", {}, CSV_TEXT, id="bytes"),
        pytest.param(CSV, bytearray(b"a,b"), {}, CSV_TEXT, id="bytearray"),
        pytest.param(CSV, iter(["a", ",b"]), {}, CSV_TEXT, id="generator"),
        pytest.param(
            "application/pdf", b"a,b", {}, "application/pdf", id="no-renderer"
        ),
        pytest.param(CSV, "a,b", {"Content-Type": "a/b"}, "a/b", id="said-by-the-view"),
        pytest.param(CSV, "a,b", {"content-type": "a/b"}, "a/b", id="in-small-letters"),
        pytest.param(CSV, flask.Response("a,b"), {}, HTML, id="response"),
        pytest.param(
            (JSON, "text/plain"), "a,b", {}, HTML, id="text-with-several-declared"
        ),
    ],
)
def test_view_that_declares_may_make_its_body_itself(
    app, kit, produces, body, headers, content_type
):
    add(app, kit.view(produces=produces)(lambda: (body, headers)))
    response = get(app)
    assert (response.status_code, response.text) == (200, "a,b")
    assert response.headers.getlist("Content-Type") == [content_type]
    assert response.headers["Vary"] == "Accept"
    assert get(app, "image/png").status_code == 406


def test_value_that_cannot_be_what_is_declared_is_an_error(app, kit):
    app.testing = True
    add(app, kit.view(produces=("application/pdf", "image/png"))(show_user))
    message = r"produces application/pdf, image/png, but nothing writes a User as one"
    with pytest.raises(TypeError, match=message):
        get(app)


def test_renderer_that_cannot_write_the_type_is_no_offer(app, kit):
    kit.add_renderer(PickyRenderer())
    view = kit.view(produces=(SHOUT, JSON))
    add(app, view(lambda: [1]))
    app.add_url_rule("/dict", "dict", view(lambda: {"a": 1}))
    assert get(app).text == "[1]"
    assert get(app, path="/dict").json == {"a": 1}
    # What there is for the type is known only after the view.
    assert get(app, SHOUT, "/dict").status_code == 406


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"produces": ()}, "produces", id="empty"),
        pytest.param({"produces": ""}, "''", id="no-text"),
        pytest.param({"produces": "text/"}, "'text/'", id="malformed"),
        pytest.param({"produces": ("json", "*/*")}, r"'\*/\*'", id="range"),
        pytest.param({"produces": 5}, "produces=5 is not a list", id="number"),
        pytest.param(
            {"produces": (5,)}, r"produces=\(5,\) is not a list", id="numbers"
        ),
        pytest.param({"response_class": dict}, "dict is no response", id="class"),
        pytest.param({"etag": "yes"}, "etag='yes' is neither True", id="etag"),
    ],
)
def test_wrong_option_is_an_error_at_once(kit, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        kit.view(**options)


def test_short_name_may_be_that_of_a_renderer_that_comes_later(app, kit):
    add(app, kit.view(produces="x-shout")(lambda: [1]))
    kit.add_renderer(ShoutRenderer())
    assert get(app, SHOUT).text == "[1]"
    assert get(app, JSON).status_code == 406


def test_short_name_that_nothing_has_is_an_error_that_names_it(app, kit):
    app.testing = True
    add(app, kit.view(produces=("json", "odt"))(lambda: [1]))
    with pytest.raises(ValueError, match="'odt' is not the name of a renderer"):
        get(app)


def test_short_name_of_a_representation_is_its_media_type(app, kit):
    app.testing = True
    kit.add_converter(complex, lambda value: b"%PDF", mimetype="application/pdf")
    add(app, kit.view(produces="pdf")(lambda: 1j))
    assert get(app).mimetype == "application/pdf"
    assert get(app, accept="text/html").status_code == 406


def test_short_name_of_a_representation_may_be_that_of_a_renderer(app, kit):
    class Pages:
        name = "html"
        mimetype = "application/xhtml+xml"

        def render(self, value):
            return b"<html/>"

    kit.add_renderer(Pages())
    add(app, kit.view(produces="html")(lambda: [1]))
    assert get(app).mimetype == "application/xhtml+xml"


WITHOUT_YAML = """
import sys
sys.modules["yaml"] = None
from flask_responsekit import ResponseKit
for produces in ("yaml", "application/yaml", ("json", "application/x.a+yaml")):
    try:
        ResponseKit().view(produces=produces)
    except ModuleNotFoundError as error:
        print(error)
"""


def test_missing_library_is_an_error_at_once():
    # In a process of its own: elsewhere, the renderer has been made before.
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_YAML], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    for line in lines:
        assert "'yaml' needs a library that is not installed." in line
        assert line.endswith("pip install 'Flask-ResponseKit[yaml]'")


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        pytest.param(User, r"tests?\.?.*User", id="class"),
        pytest.param(MethodView, "flask.views.MethodView", id="class-based-view"),
        pytest.param("json", "'json'", id="text"),
        pytest.param(["json"], r"\['json'\]", id="list"),
    ],
)
def test_only_a_function_is_decorated(kit, thing, name):
    message = rf"kit.view decorates a function, not {name}\. In a class-based view,"
    for decorate in (kit.view, kit.view(produces="json")):
        with pytest.raises(TypeError, match=message):
            decorate(thing)


# Errors


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
def test_error_of_the_view_reaches_the_handlers(app, kit, form, is_async):
    def fail():
        raise BrokeError

    async def fail_later():
        raise BrokeError

    app.register_error_handler(BrokeError, lambda error: (User(), 418))
    add(app, form(kit)(fail_later if is_async else fail))
    response = get(app)
    assert (response.status_code, response.json) == (418, {"name": "Ada"})


@pytest.mark.parametrize("form", FORMS)
def test_view_may_abort(app, kit, form):
    add(app, form(kit)(lambda: abort(409)))
    app.add_url_rule(
        "/redirect", "redirect", form(kit)(lambda: abort(flask.redirect("/")))
    )
    response = get(app)
    assert (response.status_code, response.mimetype) == (409, "text/html")
    assert get(app, path="/redirect").status_code == 302


@pytest.mark.parametrize("form", FORMS)
def test_error_of_a_converter_reaches_the_handlers(app, kit, form):
    def refuse(value):
        raise BrokeError

    kit.add_converter(User, refuse, replace=True)
    app.register_error_handler(BrokeError, lambda error: ("handled", 418))
    add(app, form(kit)(lambda: (User(), 201)))
    response = get(app)
    assert (response.status_code, response.text) == (418, "handled")


@pytest.mark.parametrize("view", [lambda: None, lambda: {1: object()}, object])
def test_value_that_cannot_be_sent_is_a_500(app, kit, view):
    add(app, kit.view(produces="json")(lambda: view()))
    assert get(app).status_code == 500


def test_error_handler_may_return_what_a_view_returns(app, kit):
    handle = kit.view(produces="csv")(lambda error: ([User()], error.code))
    app.register_error_handler(404, handle)
    response = get(app, "image/png", "/missing")
    assert (response.status_code, response.text) == (404, "name\r\nAda\r\n")


# Bodies that are written while they are sent


def test_generator_is_streamed_in_the_context_of_the_request(app, kit):
    closed = []

    @flask.stream_with_context
    def parts():
        try:
            yield flask.request.path
            yield "b"
        finally:
            closed.append(1)

    add(app, kit.view(produces=CSV)(lambda: parts()))
    response = get(app)
    assert (response.text, response.headers["Content-Type"]) == ("/b", CSV_TEXT)
    assert "Content-Length" not in response.headers
    assert closed == [1]


def test_generator_of_an_async_view_is_streamed(app, kit):
    async def view():
        return (part for part in "ab")

    add(app, kit.view(produces=CSV)(view))
    response = get(app)
    assert (response.text, response.headers["Content-Type"]) == ("ab", CSV_TEXT)
    assert "Content-Length" not in response.headers


def test_view_that_yields_is_streamed(app, kit):
    @kit.view
    def view():
        yield "a"
        yield "b"

    add(app, view)
    response = get(app)
    assert (response.text, response.headers["Content-Type"]) == ("ab", HTML)


# Response class and ETag


def test_response_class_of_a_view_is_of_that_view_alone(app, kit):
    add(app, kit.view(response_class=XMLResponse)(lambda: "text"))
    app.add_url_rule("/other", "other", lambda: "text")
    assert get(app).mimetype == XML
    assert get(app, path="/other").mimetype == "text/html"
    with app.test_request_context():
        response = kit.view(response_class=XMLResponse)(show_user)()
        assert isinstance(response, XMLResponse)
        assert isinstance(response, KitResponse)


@pytest.mark.parametrize(
    ("config", "option", "is_sent"),
    [
        pytest.param(False, None, False, id="default"),
        pytest.param(False, True, True, id="view"),
        pytest.param(True, None, True, id="configuration"),
        pytest.param(True, False, False, id="view-over-configuration"),
        pytest.param(False, False, False, id="neither"),
        pytest.param(True, True, True, id="both"),
    ],
)
@pytest.mark.parametrize(
    "view",
    [
        pytest.param(show_user, id="value"),
        pytest.param(lambda: "text", id="text"),
        pytest.param(lambda: jsonify(a=1), id="jsonify"),
        pytest.param(lambda: flask.Response("a"), id="response"),
    ],
)
def test_view_says_whether_it_has_an_etag(app, config, option, is_sent, view):
    app.config["RESPONSEKIT_ETAG"] = config
    kit = ResponseKit(app)
    kit.add_converter(User, lambda value: {"name": value.name})
    add(app, kit.view(etag=option)(view))
    assert ("ETag" in get(app).headers) is is_sent


# Explicit responses


@pytest.mark.parametrize(
    ("arguments", "status", "headers"),
    [
        pytest.param((), 200, None, id="value"),
        pytest.param((201,), 201, None, id="status"),
        pytest.param(("418 Pot",), 418, None, id="status-as-text"),
        pytest.param((None, {"X-A": "b"}), 200, "b", id="headers"),
        pytest.param((201, [("X-A", "b")]), 201, "b", id="both"),
    ],
)
@pytest.mark.parametrize("value", [User(), {"name": "Ada"}, '{"name": "Ada"}'])
def test_response_is_what_a_view_would_send(
    app, kit, arguments, status, headers, value
):
    add(app, lambda: kit.response(value, *arguments))
    sent = get(app)
    with app.app_context():
        made = kit.response(value, *arguments)
    for response in (sent, made):
        assert (response.status_code, response.json) == (status, {"name": "Ada"})
        assert response.headers.get("X-A") == headers
        assert response.mimetype == JSON
    assert type(made) is app.response_class


@pytest.mark.parametrize(
    ("view", "status"),
    [
        pytest.param(lambda: ("a", 201), 201, id="status"),
        pytest.param(lambda: ("a", 201, {"X-A": "b"}), 201, id="status-and-headers"),
        pytest.param(lambda: (User(), 201), 201, id="value"),
        pytest.param(lambda: flask.Response("a", 201), 201, id="response"),
    ],
)
def test_response_takes_all_that_a_view_returns(app, kit, view, status):
    add(app, view)
    app.add_url_rule("/made", "made", lambda: kit.response(view()))
    assert get(app).status_code == status
    assert describe(get(app, path="/made")) == describe(get(app))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("a", id="text"),
        pytest.param({"a": 1}, id="data"),
        pytest.param(User(), id="converted"),
    ],
)
def test_converter_for_tuples_does_not_see_the_arguments_of_a_response(app, kit, value):
    kit.add_converter(tuple, lambda value: {"tuple": len(value)})
    with app.app_context():
        assert b"tuple" not in kit.response(value).data
        assert b"tuple" not in kit.response(value, 201).data
        assert kit.response((1, 2)).json == {"tuple": 2}


@pytest.mark.parametrize(
    ("view", "text"),
    [
        pytest.param(lambda: None, "returned None", id="none"),
        pytest.param(lambda: object(), "object", id="unknown"),
        pytest.param(lambda: User, "the class User itself", id="class"),
    ],
)
def test_response_of_what_cannot_be_sent_is_an_error(app, kit, view, text):
    with app.app_context(), pytest.raises(TypeError, match=text):
        kit.response(view())


def test_response_is_negotiated_in_a_request_and_the_first_offer_outside(app):
    kit = ResponseKit(app, renderers=["csv", "json"])
    add(app, lambda: kit.response([[1]]))
    assert get(app).mimetype == CSV
    response = get(app, JSON)
    assert (response.mimetype, response.headers["Vary"]) == (JSON, "Accept")
    with app.app_context():
        assert kit.response([[1]]).mimetype == CSV


def test_app_without_a_kit_is_an_error_that_says_what_to_do(app):
    kit = ResponseKit()
    view = kit.view(show_user)
    message = "has no kit. Initialize it first"
    with app.app_context():
        with pytest.raises(RuntimeError, match=message):
            kit.response("a")
        with pytest.raises(RuntimeError, match=message):
            view()
        with pytest.raises(RuntimeError, match=message):
            asyncio.run(kit.view(show_user_later)())


def test_response_and_views_need_an_app_context(kit):
    with pytest.raises(RuntimeError, match="outside of application context"):
        kit.response("a")
    with pytest.raises(RuntimeError, match="outside of application context"):
        kit.view(show_user)()
