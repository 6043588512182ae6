from __future__ import annotations

import abc
import copy
import dataclasses
import gc
import pickle
import weakref

import flask
import pytest
import werkzeug
from flask import Flask
from werkzeug.test import Client
from werkzeug.test import create_environ

from flask_responsekit import KitResponse
from flask_responsekit import ResponseKit
from flask_responsekit.policy import Options
from flask_responsekit.response import compose

HTML = "text/html; charset=utf-8"
JSON = "application/json"
XML = "application/xml; charset=utf-8"
BINARY = b"\x01\x02\x03\x00"

DEFAULT = Options()
STRICT = Options(sniffing="strict", nosniff=False)


@dataclasses.dataclass
class Point:
    x: int = 1


class User:
    """What only a response class of the app's own takes."""


class XMLResponse(flask.Response):
    """Another default."""

    default_mimetype = "application/xml"
    default_status = 202


class BareResponse(werkzeug.Response):
    """A class that is none of Flask's."""

    default_mimetype = "text/csv"
    autocorrect_location_header = True
    max_cookie_size = 100


class ContentResponse(flask.Response):
    """The type from the content, with a shorter signature."""

    def __init__(self, response=None, **kwargs):
        if isinstance(response, str) and response.startswith("%YAML"):
            kwargs.setdefault("content_type", "application/yaml")
        super().__init__(response, **kwargs)


class ObjectResponse(flask.Response):
    """Plain objects as JSON."""

    asked: list = []

    @classmethod
    def force_type(cls, response, environ=None):
        cls.asked.append(type(response))
        if isinstance(response, User):
            response = flask.jsonify(user=True)
        elif isinstance(response, Point):
            response = f"({response.x})"
        return super().force_type(response, environ)


class ShoutingResponse(flask.Response):
    """Methods of its own, one of them without super."""

    def set_data(self, value):
        super().set_data(value.upper())

    data = property(flask.Response.get_data, set_data)

    def get_wsgi_headers(self, environ):
        headers = super().get_wsgi_headers(environ)
        headers["X-Length"] = str(self.calculate_content_length())
        return headers


class OldResponse(flask.Response):
    """A class that names its base, as was usual before Python 3."""

    default_mimetype = "text/x-old"

    def __init__(self, *args, **kwargs):
        flask.Response.__init__(self, *args, **kwargs)
        self.headers["X-Old"] = "1"


class AbstractResponse(flask.Response, metaclass=abc.ABCMeta):
    """A class of another metaclass."""


class RebuiltResponse(flask.Response):
    """A class that says itself how it is pickled."""

    def __reduce__(self):
        return rebuild, (self.get_data(), self.status)


def rebuild(data, status):
    return RebuiltResponse(data, status)


class StrictResponse(KitResponse):
    """A class on top of the kit's."""

    default_mimetype = "text/x-strict"


CLASSES = [
    pytest.param(werkzeug.Response, id="werkzeug.Response"),
    pytest.param(flask.Response, id="flask.Response"),
    *(KitResponse, XMLResponse, BareResponse, ContentResponse, ObjectResponse),
    *(ShoutingResponse, OldResponse, AbstractResponse, StrictResponse),
]
POLICIES = [
    pytest.param(DEFAULT, id="default"),
    pytest.param(STRICT, id="strict"),
]


def make_app(response_class=None, view=str, **config):
    app = Flask("example")
    app.config.update({"TESTING": True, **config})
    if response_class is not None:
        app.response_class = response_class
    app.kit = ResponseKit(app)
    app.add_url_rule("/", view_func=lambda: view(), endpoint="view")
    return app


def get(*args, **kwargs):
    return Client(make_app(*args, **kwargs)).get("/")


# What is composed


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("policy", POLICIES)
def test_composed_class_keeps_what_the_class_says(cls, policy):
    composed = compose(cls, policy)
    assert issubclass(composed, KitResponse)
    assert issubclass(composed, cls)
    assert (composed.sniffing, composed.nosniff) == (policy.sniffing, policy.nosniff)
    for name in ("default_mimetype", "default_status", "json_module"):
        assert getattr(composed, name) is getattr(cls, name)
    for name in ("autocorrect_location_header", "max_cookie_size"):
        assert getattr(composed, name) is getattr(cls, name)
    if composed is not KitResponse:
        names = (cls.__name__, cls.__module__, cls.__doc__)
        assert (composed.__name__, composed.__module__, composed.__doc__) == names


@pytest.mark.parametrize("cls", CLASSES)
def test_class_of_the_app_is_left_as_it_is(cls):
    before, bases = dict(vars(cls)), cls.__bases__
    response = Client(make_app(cls, lambda: "Hello")).get("/")
    assert response.status_code == cls.default_status
    assert (dict(vars(cls)), cls.__bases__) == (before, bases)
    assert type(cls()) is cls


@pytest.mark.parametrize("cls", CLASSES)
def test_class_is_composed_once_for_the_same_options(cls):
    apps = [make_app(cls), make_app(cls), make_app(cls, RESPONSEKIT_SNIFF="strict")]
    one, two, strict = [app.response_class for app in apps]
    assert one is two
    assert one is not strict
    assert compose(one, DEFAULT) is one


def test_class_of_the_app_is_not_kept_alive():
    class Local(flask.Response):
        pass

    for app in [make_app(Local, lambda: "a"), make_app(Local, RESPONSEKIT_SNIFF=False)]:
        assert Client(app).get("/").status_code == 200
    reference = weakref.ref(Local)
    del Local, app
    gc.collect()
    assert reference() is None


def test_app_with_flask_response_gets_the_kits_class():
    assert make_app().response_class is KitResponse


def test_response_class_of_a_flask_subclass_is_composed():
    class App(Flask):
        response_class = XMLResponse

    app = App("example")
    ResponseKit(app)
    app.add_url_rule("/", view_func=lambda: "Hello", endpoint="view")
    response = Client(app).get("/")
    assert (response.status_code, response.headers["Content-Type"]) == (202, XML)
    assert App.response_class is XMLResponse


@pytest.mark.parametrize(
    ("view", "content_type"),
    [
        pytest.param(lambda: "Hello", XML, id="str"),
        pytest.param(lambda: b"\x89PNG\r\n\x1a\n", "image/png", id="sniffed"),
        pytest.param(lambda: iter(["a"]), XML, id="iterator"),
        pytest.param(Point, JSON, id="dataclass"),
        pytest.param(lambda: {"a": 1}, JSON, id="dict"),
        pytest.param(lambda: flask.Response("a"), HTML, id="response"),
        pytest.param(lambda: flask.redirect("/"), HTML, id="redirect"),
    ],
)
def test_response_class_set_after_the_kit_counts(view, content_type):
    app = make_app(view=view)
    app.response_class = XMLResponse
    seen = []
    app.after_request(lambda response: seen.append(response) or response)
    assert Client(app).get("/").headers["Content-Type"] == content_type
    assert isinstance(seen[0], (XMLResponse, KitResponse))
    assert type(seen[0]) is compose(XMLResponse, DEFAULT)


# What the class says itself


@pytest.mark.parametrize(
    ("cls", "view", "content_type"),
    [
        pytest.param(XMLResponse, lambda: "<a/>", XML, id="default"),
        pytest.param(XMLResponse, lambda: {"a": 1}, JSON, id="default-dict"),
        pytest.param(XMLResponse, lambda: "[1]", JSON, id="default-sniffed"),
        pytest.param(
            ContentResponse, lambda: "%YAML 1.2", "application/yaml", id="content"
        ),
        pytest.param(ContentResponse, lambda: "Hello", HTML, id="content-other"),
        pytest.param(ContentResponse, lambda: "[1]", JSON, id="content-sniffed"),
        pytest.param(ContentResponse, Point, JSON, id="content-dataclass"),
        pytest.param(ContentResponse, lambda: iter("a"), HTML, id="content-iterator"),
        pytest.param(ObjectResponse, User, JSON, id="object"),
        pytest.param(
            BareResponse, lambda: "a", "text/csv; charset=utf-8", id="no-flask"
        ),
        pytest.param(
            OldResponse, lambda: "a", "text/x-old; charset=utf-8", id="names-base"
        ),
        pytest.param(AbstractResponse, lambda: "[1]", JSON, id="metaclass"),
    ],
)
def test_classic_use_of_a_response_class(cls, view, content_type):
    assert get(cls, view).headers.getlist("Content-Type") == [content_type]


@pytest.mark.parametrize(
    ("view", "asked", "body"),
    [
        pytest.param(User, True, b'{"user":true}', id="object"),
        pytest.param(lambda: (User(), 201), True, b'{"user":true}', id="status"),
        pytest.param(Point, True, b"(1)", id="dataclass"),
        pytest.param(lambda: werkzeug.Response("a"), True, b"a", id="foreign"),
        pytest.param(lambda: {"a": 1}, False, b'{"a":1}', id="dict"),
        pytest.param(lambda: [1], False, b"[1]", id="list"),
        pytest.param(lambda: "a", False, b"a", id="str"),
        pytest.param(lambda: b"a", False, b"a", id="bytes"),
        pytest.param(lambda: iter(["a"]), False, b"a", id="iterator"),
    ],
)
def test_force_type_of_the_class_is_asked_for_what_flask_refuses(view, asked, body):
    ObjectResponse.asked.clear()
    assert get(ObjectResponse, view).data.strip() == body
    assert bool(ObjectResponse.asked) is asked


def test_methods_of_the_class_are_used():
    response = get(ShoutingResponse, lambda: ("a", {"X-A": "b"}))
    assert (response.data, response.headers["X-Length"]) == (b"A", "1")
    assert response.headers["X-A"] == "b"
    assert get(OldResponse, lambda: "a").headers["X-Old"] == "1"


def test_limit_of_cookies_is_that_of_the_class_or_the_configuration():
    app = make_app(MAX_COOKIE_SIZE=7)
    with app.app_context():
        assert app.response_class().max_cookie_size == 7
    app = make_app(BareResponse, MAX_COOKIE_SIZE=7)
    with app.app_context():
        assert app.response_class().max_cookie_size == 100


def test_locations_are_completed_if_the_class_says_so():
    location = get(BareResponse, lambda: flask.redirect("/a")).location
    assert location == "http://localhost/a"
    assert get(view=lambda: flask.redirect("/a")).location == "/a"


def test_error_that_cannot_be_rendered_is_sent_by_a_class_with_fewer_arguments():
    def fail():
        raise LookupError

    app = make_app(ContentResponse, fail, TESTING=False)
    app.register_error_handler(LookupError, lambda error: {1, "a"})
    response = Client(app).get("/")
    assert (response.status_code, response.json["status"]) == (500, 500)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(XMLResponse, XMLResponse, id="subclass"),
        pytest.param(StrictResponse, StrictResponse, id="kit-subclass"),
        pytest.param(flask.Response, KitResponse, id="flask"),
        pytest.param(werkzeug.Response, KitResponse, id="werkzeug"),
    ],
)
@pytest.mark.parametrize(
    "give",
    [
        pytest.param(lambda response: response, id="view"),
        pytest.param(lambda response: (response, 201), id="with-status"),
        pytest.param(lambda response: [[response]], id="converter"),
    ],
)
def test_response_of_a_subclass_keeps_its_class(made, expected, give):
    seen = []
    app = make_app(view=lambda: give(made("a")))
    app.kit.add_converter(list, lambda value: value[0][0])
    app.after_request(lambda response: seen.append(type(response)) or response)
    assert Client(app).get("/").data == b"a"
    assert seen == [expected]


# Copies

PICKLES = [
    pytest.param(
        lambda response, number=number: pickle.loads(pickle.dumps(response, number)),
        id=f"pickle-{number}",
    )
    for number in (0, 2, pickle.HIGHEST_PROTOCOL)
]


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, *PICKLES])
def test_copy_is_like_the_original(cls, policy, duplicate):
    response = compose(cls, policy)(BINARY, status=201, headers={"X-A": "1"})
    made = duplicate(response)
    assert type(made) is type(response)
    assert (made.status, made.data) == (response.status, BINARY)
    assert list(made.headers) == list(response.headers)
    # It remembers that its type was found by sniffing.
    for one in (made, response):
        one.headers["Content-Encoding"] = "gzip"
    environ = create_environ()
    written = made.get_wsgi_headers(environ)
    assert list(written) == list(response.get_wsgi_headers(environ))


def test_class_that_is_rebuilt_its_own_way_keeps_its_content():
    made = compose(RebuiltResponse, DEFAULT)("a", 201)
    made = pickle.loads(pickle.dumps(made))
    assert (made.data, made.status_code) == (b"a", 201)


def test_class_of_one_app_can_be_that_of_another():
    first = make_app(XMLResponse)
    second = make_app(first.response_class, RESPONSEKIT_SNIFF="strict")
    assert second.response_class.sniffing == "strict"
    response = second.response_class("Hello")
    made = pickle.loads(pickle.dumps(response))
    assert type(made) is second.response_class
    assert issubclass(type(made), XMLResponse)


def test_response_is_restored_where_its_class_is_not_composed_yet():
    policy = Options(sniffing=False)
    data = pickle.dumps(compose(XMLResponse, policy)("<a/>", 418))
    gc.collect()
    assert not any(cls.sniffing is False for cls in XMLResponse.__subclasses__())
    app = make_app(XMLResponse, lambda: pickle.loads(data), RESPONSEKIT_SNIFF=False)
    response = Client(app).get("/")
    assert (response.status_code, response.data) == (418, b"<a/>")
    assert response.headers["Content-Type"] == XML


# Classes of scopes and views

PLAIN = "text/plain; charset=utf-8"
CSV = "text/csv; charset=utf-8"


class Shout:
    """What only a renderer writes."""


class ShoutRenderer:
    """Text, in capitals."""

    mimetype = "text/x-shout"

    def render(self, value):
        return str(value).upper().encode()


class PlainResponse(flask.Response):
    """Another default, with a header of its own."""

    default_mimetype = "text/plain"

    def get_wsgi_headers(self, environ):
        headers = super().get_wsgi_headers(environ)
        headers["X-Plain"] = "1"
        return headers


class AppWithMethod(Flask):
    """An app with a method of its own, which comes first."""

    def make_response(self, rv):
        response = super().make_response(rv)
        response.headers["X-Own"] = "1"
        return response


def add_to_scope(app, cls, view):
    blueprint = flask.Blueprint("api", __name__)
    blueprint.add_url_rule("/api", "view", lambda: view())
    app.register_blueprint(blueprint)
    app.kit.scope(blueprint, response_class=cls)


def add_as_view(app, cls, view):
    decorate = app.kit.view(response_class=cls)
    app.add_url_rule("/api", "api", decorate(lambda: view()))


PLACES = [pytest.param(add_to_scope, id="scope"), pytest.param(add_as_view, id="view")]
APPS = [
    pytest.param(None, Flask, id="flask"),
    pytest.param(StrictResponse, Flask, id="own-class"),
    pytest.param(None, AppWithMethod, id="own-method"),
    pytest.param(StrictResponse, AppWithMethod, id="own-class-and-method"),
]


def get_made(cls, view, add=add_to_scope, app=None, method="GET", **headers):
    """Get what a class makes in a scope or view: what is sent, and the object."""
    app = app or make_app()
    seen = []
    app.after_request(lambda response: seen.append(response) or response)
    add(app, cls, view)
    sent = Client(app).open("/api", method=method, headers=headers)
    return sent, seen[-1]


def make_converting_app(cls=None, app_class=Flask, **config):
    app = app_class("example")
    if cls is not None:
        app.response_class = cls
    app.config.update(config)
    app.kit = ResponseKit(app, renderers=["json", "csv"])
    app.kit.add_renderer(ShoutRenderer())
    app.kit.add_converter(Shout, lambda value: ["a"])
    app.kit.add_converter(User, lambda value: "<a>")
    return app


BODIES = [
    pytest.param(lambda: "text", id="text"),
    pytest.param(lambda: b"bytes", id="bytes"),
    pytest.param(lambda: iter(["a"]), id="iterator"),
    pytest.param(lambda: {"a": 1}, id="dict"),
    pytest.param(lambda: [1], id="list"),
    pytest.param(Point, id="dataclass"),
    pytest.param(User, id="text-of-a-converter"),
    pytest.param(Shout, id="data-of-a-converter"),
    pytest.param(lambda: ("text", 201), id="tuple"),
    pytest.param(lambda: (Point(), 201, {"X-A": "b"}), id="value-in-a-tuple"),
    pytest.param(lambda: flask.redirect("/"), id="redirect"),
    pytest.param(lambda: flask.jsonify(a=1), id="jsonify"),
    pytest.param(lambda: flask.Response("a"), id="response"),
    pytest.param(lambda: werkzeug.Response("a"), id="foreign-response"),
    pytest.param(lambda: flask.make_response("a"), id="make_response"),
]


@pytest.mark.parametrize("add", PLACES)
@pytest.mark.parametrize(("app_response_class", "app_class"), APPS)
@pytest.mark.parametrize("view", BODIES)
def test_all_that_a_view_returns_is_made_by_the_class_of_its_scope(
    add, app_response_class, app_class, view
):
    app = make_converting_app(app_response_class, app_class)
    sent, made = get_made(PlainResponse, view, add, app)
    assert isinstance(made, PlainResponse)
    assert isinstance(made, KitResponse)
    assert sent.headers["X-Plain"] == "1"
    assert sent.status_code in (200, 201, 302)


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "text/x-shout"])
@pytest.mark.parametrize("add", PLACES)
@pytest.mark.parametrize("cls", CLASSES)
def test_renderers_send_by_the_class_what_they_send_without(cls, add, accept):
    app, plain = make_converting_app(), make_converting_app()
    sent, made = get_made(cls, Shout, add, app, Accept=accept)
    expected, _ = get_made(None, Shout, add, plain, Accept=accept)
    assert isinstance(made, cls)
    assert sent.mimetype == expected.mimetype == accept
    # One class writes all in capitals, wherever data is set.
    assert sent.data.upper() == expected.data.upper()
    assert sent.headers["Vary"] == "Accept"
    assert sent.status_code == cls.default_status


@pytest.mark.parametrize("add", PLACES)
@pytest.mark.parametrize(
    ("cls", "view", "status", "content_type"),
    [
        pytest.param(XMLResponse, lambda: "text", 202, XML, id="mimetype"),
        pytest.param(XMLResponse, lambda: "[1]", 202, JSON, id="sniffed"),
        pytest.param(XMLResponse, lambda: {"a": 1}, 202, JSON, id="dict"),
        pytest.param(XMLResponse, Point, 202, JSON, id="dataclass"),
        pytest.param(XMLResponse, lambda: ("a", 200), 200, XML, id="given-status"),
        pytest.param(
            XMLResponse, lambda: (Point(), 201), 201, JSON, id="given-status-of-data"
        ),
        pytest.param(
            XMLResponse, lambda: flask.redirect("/"), 302, HTML, id="redirect"
        ),
        pytest.param(
            XMLResponse, lambda: flask.Response("a"), 200, HTML, id="response"
        ),
        pytest.param(XMLResponse, lambda: flask.abort(404), 404, HTML, id="abort"),
        pytest.param(BareResponse, lambda: "a", 200, CSV, id="no-flask"),
        pytest.param(BareResponse, lambda: {"a": 1}, 200, JSON, id="no-flask-data"),
        pytest.param(
            ContentResponse, lambda: "%YAML", 200, "application/yaml", id="init"
        ),
        pytest.param(ContentResponse, lambda: {"a": 1}, 200, JSON, id="init-data"),
        pytest.param(ContentResponse, Point, 200, JSON, id="init-converted"),
        pytest.param(OldResponse, lambda: {"a": 1}, 200, JSON, id="names-its-base"),
        pytest.param(AbstractResponse, lambda: [1], 200, JSON, id="metaclass"),
        pytest.param(ObjectResponse, User, 200, JSON, id="force-type"),
    ],
)
def test_defaults_of_the_class_hold_in_its_scope(add, cls, view, status, content_type):
    sent, _ = get_made(cls, view, add)
    assert sent.status_code == status
    assert sent.headers.getlist("Content-Type") == [content_type]


@pytest.mark.parametrize("add", PLACES)
def test_class_is_composed_as_that_of_the_app_would_be(add):
    app = make_app(RESPONSEKIT_SNIFF="strict", RESPONSEKIT_NOSNIFF=False)
    sent, made = get_made(PlainResponse, lambda: "[1]", add, app)
    options = Options(sniffing="strict", nosniff=False)
    assert type(made) is compose(PlainResponse, options)
    assert (sent.headers["Content-Type"], len(PlainResponse.__bases__)) == (JSON, 1)
    assert "X-Content-Type-Options" not in sent.headers


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, *PICKLES])
@pytest.mark.parametrize("add", PLACES)
@pytest.mark.parametrize("view", [lambda: "text", Point, lambda: {"a": 1}])
def test_response_of_a_scope_can_be_copied(add, duplicate, view):
    _, made = get_made(PlainResponse, view, add)
    again = duplicate(made)
    assert type(again) is type(made)
    assert (again.status, again.data) == (made.status, made.data)
    assert list(again.headers) == list(made.headers)
    assert again.etag is made.etag


def test_etag_of_a_view_goes_with_a_copy_of_its_response():
    app = make_app()
    with app.test_request_context():
        made = app.kit.view(etag=True)(lambda: "text")()
    assert made.etag
    assert pickle.loads(pickle.dumps(made)).etag


def test_class_of_the_view_wins_over_that_of_its_scope():
    app = make_app()
    blueprint = flask.Blueprint("api", __name__)
    scope = app.kit.scope(blueprint, response_class=XMLResponse)
    view = scope.view(response_class=PlainResponse)
    for name, made in (("text", "text"), ("data", {"a": 1}), ("point", Point())):
        blueprint.add_url_rule(f"/{name}", name, view(lambda made=made: made))
        blueprint.add_url_rule(f"/scope-{name}", f"{name}2", lambda made=made: made)
    app.register_blueprint(blueprint)
    for name in ("text", "data", "point"):
        response = Client(app).get(f"/{name}")
        assert (response.status_code, "X-Plain" in response.headers) == (200, True)
        response = Client(app).get(f"/scope-{name}")
        assert (response.status_code, "X-Plain" in response.headers) == (202, False)


@pytest.mark.parametrize("cls", [flask.Response, KitResponse])
@pytest.mark.parametrize("add", PLACES)
def test_class_of_flask_may_stand_in_an_app_with_another(add, cls):
    for view, content_type in ((lambda: "text", HTML), (Point, JSON)):
        app = make_app(PlainResponse)
        sent, made = get_made(cls, view, add, app)
        assert type(made) is KitResponse
        assert sent.headers["Content-Type"] == content_type
        assert "X-Plain" not in sent.headers


def test_neighbours_of_a_scope_keep_the_class_of_the_app():
    app = make_app(view=lambda: "text")
    sent, _ = get_made(PlainResponse, lambda: "text", app=app)
    assert sent.headers["Content-Type"] == PLAIN
    response = Client(app).get("/")
    assert response.headers["Content-Type"] == HTML
    assert "X-Plain" not in response.headers
    assert app.response_class is KitResponse


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(lambda: flask.abort(404), id="abort"),
        pytest.param(lambda: 1 / 0, id="error"),
    ],
)
@pytest.mark.parametrize("is_handled", [True, False])
def test_errors_in_a_scope_are_sent_by_its_class(fail, is_handled):
    app = make_app(TESTING=False)
    if is_handled:
        app.register_error_handler(404, lambda error: (Point(), 404))
        app.register_error_handler(500, lambda error: ("failed", 500))
    sent, made = get_made(PlainResponse, fail, app=app)
    assert sent.status_code in (404, 500)
    assert isinstance(made, PlainResponse)
    assert sent.headers["X-Plain"] == "1"


def test_explicit_response_is_made_by_the_class_of_the_scope():
    app = make_app()
    sent, made = get_made(
        PlainResponse, lambda: app.kit.response(Point(), 201), app=app
    )
    assert (sent.status_code, type(made)) == (201, compose(PlainResponse, DEFAULT))


def test_response_class_that_is_made_for_a_scope_is_not_kept_alive():
    class Local(flask.Response):
        pass

    for add in (add_to_scope, add_as_view):
        sent, made = get_made(Local, lambda: {"a": 1}, add)
        assert sent.status_code == 200
    reference = weakref.ref(Local)
    del Local, sent, made
    gc.collect()
    assert reference() is None


class SlottedResponse(flask.Response):
    __slots__ = ("extra",)


@pytest.mark.parametrize(
    "make_copy",
    [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_class_with_slots_is_copied(make_copy):
    response = make_app(SlottedResponse).response_class('{"a": 1}')
    response.extra = 5
    assert make_copy(response).extra == 5
