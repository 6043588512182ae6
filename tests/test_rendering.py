from __future__ import annotations

import abc
import csv
import dataclasses
import datetime
import decimal
import enum
import fractions
import io
import json
import uuid
import xml.etree.ElementTree as ET

import flask
import msgspec
import pytest
import yaml
from flask import abort
from flask import Blueprint
from flask import Flask
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from jinja2 import DictLoader
from werkzeug.exceptions import Conflict
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import NotFound
from werkzeug.test import Client

from flask_responsekit import ConverterNotFoundError
from flask_responsekit import CSVRenderer
from flask_responsekit import JSONRenderer
from flask_responsekit import MessagePackRenderer
from flask_responsekit import NDJSONRenderer
from flask_responsekit import ResponseKit
from flask_responsekit import TextRenderer
from flask_responsekit import XMLRenderer
from flask_responsekit import YAMLRenderer

JSON = "application/json"
XML = "application/xml; charset=utf-8"
CSV = "text/csv; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


@dataclasses.dataclass
class User:
    id: int = 1
    name: str = "Ada"


class Admin(User):
    pass


class Owner(Admin):
    pass


class Drawing:
    """Nothing is known of it."""

    def __init__(self, name="a"):
        self.name = name


class Sketch(Drawing):
    pass


class Shape(abc.ABC):
    @abc.abstractmethod
    def draw(self): ...


class Circle:
    pass


Shape.register(Circle)


class Log:
    """No more than a renderer needs."""

    mimetype = "text/x-log"

    def render(self, value):
        return f"log: {value!r}".encode()


def make_app(result=User, *, renderers=None, **config):
    app = Flask("example", static_folder=None)
    app.testing = True
    for key, value in config.items():
        app.config[f"RESPONSEKIT_{key.upper()}"] = value
    app.kit = ResponseKit(app, renderers=renderers)
    app.add_url_rule("/", "view", lambda: result())
    return app


def send(app, accept=None, **options):
    headers = {} if accept is None else {"Accept": accept}
    return app.test_client().open("/", headers=headers, **options)


def get_vary(response):
    return response.headers.getlist("Vary")


# Each renderer, through an app.

BUILT_IN = [
    pytest.param("json", JSONRenderer, JSON, b'{"id":1,"name":"Ada"}\n', id="json"),
    pytest.param(
        "xml",
        XMLRenderer,
        XML,
        b'<?xml version="1.0" encoding="utf-8"?>\n'
        b"<User><id>1</id><name>Ada</name></User>",
        id="xml",
    ),
    pytest.param("csv", CSVRenderer, CSV, b"id,name\r\n1,Ada\r\n", id="csv"),
    pytest.param(
        "yaml", YAMLRenderer, "application/yaml", b"id: 1\nname: Ada\n", id="yaml"
    ),
    pytest.param(
        "msgpack",
        MessagePackRenderer,
        "application/vnd.msgpack",
        b"\x82\xa2id\x01\xa4name\xa3Ada",
        id="msgpack",
    ),
    pytest.param(
        "ndjson",
        NDJSONRenderer,
        "application/x-ndjson",
        b'{"id":1,"name":"Ada"}\n',
        id="ndjson",
    ),
    pytest.param(
        "text", TextRenderer, TEXT, b'{\n  "id": 1,\n  "name": "Ada"\n}', id="text"
    ),
]


def by_configured_name(name, cls):
    app = Flask("example")
    app.config["RESPONSEKIT_RENDERERS"] = [Log(), name]
    app.kit = ResponseKit(app)
    return app


def by_configured_object(name, cls):
    app = Flask("example")
    app.config["RESPONSEKIT_RENDERERS"] = (Log(), cls())
    app.kit = ResponseKit(app)
    return app


def by_name_of_the_kit(name, cls):
    app = Flask("example")
    # What the kit was given beats the configuration.
    app.config["RESPONSEKIT_RENDERERS"] = ["text", "json"]
    app.kit = ResponseKit(app, renderers=[Log(), name])
    return app


def by_object_of_the_kit(name, cls):
    app = Flask("example")
    app.kit = ResponseKit(app, renderers=iter([Log(), cls()]))
    return app


def by_adding_it(name, cls):
    app = Flask("example")
    app.kit = ResponseKit(app, renderers=[Log()])
    app.kit.add_renderer(cls())
    return app


@pytest.mark.parametrize(("name", "cls", "content_type", "body"), BUILT_IN)
@pytest.mark.parametrize(
    "enable",
    [
        by_configured_name,
        by_configured_object,
        by_name_of_the_kit,
        by_object_of_the_kit,
        by_adding_it,
    ],
)
def test_renderer_that_is_enabled_is_negotiated(enable, name, cls, content_type, body):
    app = enable(name, cls)
    app.add_url_rule("/", view_func=lambda: User())
    response = send(app, content_type)
    assert response.status_code == 200
    assert response.headers.getlist("Content-Type") == [content_type]
    assert response.data == body
    assert response.content_length == len(body)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert get_vary(response) == ["Accept"]
    assert send(app).mimetype == "text/x-log"


@pytest.mark.parametrize(("name", "cls", "content_type", "body"), BUILT_IN)
def test_one_renderer_writes_all(name, cls, content_type, body):
    app = make_app(renderers=[name])
    for accept in (None, "text/x-log"):
        response = send(app, accept)
        assert (response.content_type, response.data) == (content_type, body)
        assert "Vary" not in response.headers


@pytest.mark.parametrize(("name", "cls", "content_type", "body"), BUILT_IN)
@pytest.mark.parametrize(
    "result",
    [
        pytest.param(lambda: {"id": 1, "name": "Ada"}, id="dict"),
        pytest.param(Owner, id="subclass"),
        pytest.param(lambda: (User(), 200), id="tuple"),
    ],
)
def test_renderer_writes_data_of_any_kind(result, name, cls, content_type, body):
    response = send(make_app(result, renderers=[name]))
    assert response.content_type == content_type
    # Only the root element of XML knows of the type.
    named = response.data.replace(b"dict>", b"User>").replace(b"Owner>", b"User>")
    assert named == body


def test_disabled_nosniff_holds_for_all_renderers():
    for name in ("json", "xml", "csv"):
        response = send(make_app(renderers=[name], nosniff=False))
        assert "X-Content-Type-Options" not in response.headers


def test_csv_does_with_formulas_what_is_configured():
    def view():
        return [User(name="=1+1")]

    written = {"escape": "'=1+1", "raw": "=1+1"}
    for mode, text in written.items():
        app = make_app(view, renderers=["csv"], csv_formulas=mode)
        assert send(app).text == f"id,name\r\n1,{text}\r\n"
    with pytest.raises(ValueError, match="'=1.1' would be computed by a spreadsheet"):
        send(make_app(view, renderers=["csv"], csv_formulas="reject"))


def test_csv_that_a_view_declares_does_with_formulas_what_is_configured():
    app = make_app(csv_formulas="raw")
    app.add_url_rule("/csv", "csv", app.kit.view(produces="csv")(lambda: [["=1"]]))
    assert app.test_client().get("/csv").text == "=1\r\n"


@pytest.mark.parametrize("name", ["xml", "csv", "yaml", "msgpack", "ndjson"])
def test_value_that_cannot_be_written_is_an_error_and_no_response(name):
    value = float("nan") if name == "ndjson" else "\ud800"
    app = make_app(lambda: [{"a": value}], renderers=[name])
    app.testing = False
    response = send(app)
    assert response.status_code == 500
    assert "Traceback" not in response.text


# Renderers of one's own.


def test_own_renderer_needs_no_more_than_a_mimetype_and_a_method():
    app = make_app(lambda: [User()], renderers=["json", Log()])
    response = send(app, "text/x-log")
    assert response.content_type == "text/x-log; charset=utf-8"
    assert response.text == "log: [{'id': 1, 'name': 'Ada'}]"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert send(app).content_type == JSON


def test_own_renderer_is_added_after_the_others():
    app = make_app(renderers=["json", "csv"])
    app.kit.add_renderer(Log())
    assert send(app).content_type == JSON
    assert send(app, "text/*").mimetype == "text/csv"
    assert send(app, "text/x-log").mimetype == "text/x-log"


def test_added_renderer_takes_the_place_of_one_that_is_enabled():
    class Own(Log):
        mimetype = "Application/JSON"

    app = make_app(renderers=["json", "csv"])
    app.kit.add_renderer(Own())
    response = send(app, "*/*")
    assert response.content_type == "Application/JSON"
    assert response.text == "log: {'id': 1, 'name': 'Ada'}"


def test_own_renderer_gets_plain_data_with_text_as_keys():
    got = []

    class Own(Log):
        def render(self, value):
            got.append(value)
            return b""

    day = datetime.date(2000, 1, 2)
    value = {1: day, 2: (User(),), 3: {2}, 4: decimal.Decimal("1.5")}
    app = make_app(lambda: value, renderers=[Own(), "json"])
    send(app)
    assert got == [send(app, JSON).json]
    assert [type(item) for item in got[0].values()] == [str, list, list, str]
    value = {None: 1, True: 2, 1.5: 3}
    send(app)
    assert got[1] == {"null": 1, "true": 2, "1.5": 3}


def test_own_renderer_may_see_the_value_before_it_is_plain():
    class Own(Log):
        def render_value(self, value, cls, to_plain):
            opened = to_plain.shallow(value)
            return f"{cls.__name__} {to_plain(value)} {opened['at']!r}".encode()

    app = make_app(lambda: {"at": 1j}, renderers=[Own()])
    app.kit.add_converter(complex, lambda value: [value.real, value.imag])
    assert send(app).text == "dict {'at': [0.0, 1.0]} 1j"


def test_own_renderer_is_asked_once_for_each_type_whether_it_can():
    asked = []

    class Own(Log):
        def can_render(self, cls):
            asked.append(cls)
            return cls is User

    results = [User(), [User(), User()], {"user": User()}, Drawing()]
    app = make_app(lambda: results[turn % 4], renderers=[Own(), "json"])
    app.kit.add_converter(Drawing, lambda drawing: {"name": drawing.name})
    for turn in range(12):
        response = send(app, "text/x-log")
        expected = "text/x-log" if turn % 4 == 0 else JSON
        assert response.mimetype == expected
    assert asked == [User, list, dict, Drawing]


def test_own_renderer_is_asked_for_the_type_that_the_view_returned():
    class Own(Log):
        def can_render(self, cls):
            return cls is Drawing

    app = make_app(Drawing, renderers=[Own(), "json"])
    app.kit.add_converter(Drawing, lambda drawing: {"name": drawing.name})
    assert send(app).text == "log: {'name': 'a'}"


def test_type_that_no_renderer_takes_is_an_error():
    # Neither has rows.
    app = make_app(lambda: 5, renderers=["csv", "ndjson"])
    app.testing = False
    assert send(app).status_code == 500
    app.testing = True
    with pytest.raises(TypeError, match=r"\bint\b"):
        send(app)


@pytest.mark.parametrize(
    ("returned", "name"),
    [
        pytest.param("text", "str", id="str"),
        pytest.param(None, "NoneType", id="None"),
        pytest.param({"a": 1}, "dict", id="dict"),
        pytest.param(5, "int", id="int"),
        pytest.param(Log(), "Log", id="object"),
    ],
)
def test_renderer_that_returns_no_bytes_is_named(returned, name):
    class Broken(Log):
        def __repr__(self):
            return "<Broken>"

        def render(self, value):
            return returned

    app = make_app(renderers=[Broken()])
    message = rf"The renderer <Broken> returned a {name}\. It has to return bytes"
    with pytest.raises(TypeError, match=message):
        send(app)
    app.testing = False
    assert send(app).status_code == 500


@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_renderer_may_return_bytes_of_either_kind(kind):
    class Own(Log):
        def render(self, value):
            return kind(b"log")

    response = send(make_app(renderers=[Own()]))
    assert response.data == b"log"
    assert response.content_length == 3


def make_streaming_app():
    noted = []

    class Streaming(Log):
        def render(self, value):
            noted.append("rendered")
            return self.write(value)

        def write(self, value):
            try:
                for key in value:
                    noted.append(key)
                    yield key.encode()
            finally:
                noted.append("closed")

    return make_app(lambda: {"a": 1, "b": 2}, renderers=[Streaming(), "json"]), noted


def test_chunks_of_a_renderer_are_streamed():
    app, noted = make_streaming_app()
    response = send(app)
    assert response.mimetype == "text/x-log"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content_length is None
    chunks = response.iter_encoded()
    assert next(chunks) == b"a"
    assert "b" not in noted
    assert [*chunks] == [b"b"]
    response.close()
    assert noted == ["rendered", "a", "b", "closed"]


def test_chunks_of_a_renderer_need_not_be_read():
    app, noted = make_streaming_app()
    response = send(app)
    next(response.iter_encoded())
    response.close()
    assert noted == ["rendered", "a", "closed"]
    response = send(app, method="HEAD")
    assert response.data == b""
    assert noted[3:] == ["rendered"]


def test_list_of_chunks_is_sent():
    class Own(Log):
        def render(self, value):
            return [b"a", b"b"]

    response = send(make_app(renderers=[Own()]))
    assert response.data == b"ab"
    assert response.mimetype == "text/x-log"


def test_renderer_that_raises_an_http_error_is_heard():
    class Own(Log):
        def render(self, value):
            abort(503)

    assert send(make_app(renderers=[Own()])).status_code == 503


@pytest.mark.parametrize("is_late", [False, True], ids=["before", "after"])
def test_provider_of_the_app_may_send_json_as_another_type(is_late):
    app = Flask("example")
    kit = ResponseKit(renderers=["json", "csv"])
    if is_late:
        kit.init_app(app)
    app.json.mimetype = "application/vnd.api+json"
    if not is_late:
        kit.init_app(app)
    app.add_url_rule("/", view_func=lambda: User())
    assert send(app).content_type == "application/vnd.api+json"
    response = send(app, "application/json")
    assert response.content_type == "application/vnd.api+json"
    assert send(app, "application/vnd.api+json, text/csv").json["id"] == 1


class Own(flask.Response):
    default_mimetype = "application/x-own"
    default_status = 202


@pytest.mark.parametrize("renderers", [["json"], ["json", "csv"], ["csv"]], ids=str)
def test_response_is_of_the_class_that_the_view_has(renderers):
    classes = []
    app = make_app(renderers=renderers)
    app.add_url_rule("/own", "own", app.kit.view(response_class=Own)(lambda: User()))

    @app.after_request
    def note(response):
        classes.append(type(response))
        return response

    for accept in (JSON, "text/csv"):
        own = app.test_client().get("/own", headers={"Accept": accept})
        response = send(app, accept)
        assert (own.status_code, response.status_code) == (202, 200)
        assert [*own.headers] == [*response.headers]
        assert own.data == response.data
    assert [issubclass(cls, Own) for cls in classes] == [True, False] * 2


# Representations.


def represent(cls=User, function=None, mimetype="text/html", **options):
    """An app that represents a type in a way of its own."""
    app = make_app(cls, **{"renderers": ["json", "csv"], **options})
    if function is not None:
        app.kit.add_converter(cls, function, mimetype=mimetype)
    return app


def test_representation_is_sent_to_clients_that_like_it_best():
    app = represent()

    @app.kit.converter(User, mimetype="text/html")
    def show(user):
        return f"<p>{user.name}"

    response = send(app, "text/html, application/json;q=0.9")
    assert (response.content_type, response.text) == (HTML, "<p>Ada")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert get_vary(response) == ["Accept"]
    assert send(app).json == {"id": 1, "name": "Ada"}
    assert send(app, "text/html;q=0.8, application/json").content_type == JSON
    # The function is what it was.
    assert show(User()) == "<p>Ada"


def test_representations_come_after_renderers_in_the_order_registered():
    app = represent()
    app.kit.add_converter(User, lambda user: b"b", mimetype="text/b")
    app.kit.add_converter(User, lambda user: b"a", mimetype="text/a")
    assert send(app, "text/*").mimetype == "text/csv"
    assert send(app, "text/*, text/csv;q=0").mimetype == "text/b"


def test_representation_makes_a_choice_beside_one_renderer():
    app = represent(function=lambda user: "<p>", renderers=["json"])
    response = send(app)
    assert response.content_type == JSON
    assert get_vary(response) == ["Accept"]


def test_representation_of_one_type_is_none_of_another():
    app = represent(function=lambda user: "<p>", renderers=["json"])
    app.add_url_rule("/other", "other", lambda: [User()])
    response = app.test_client().get("/other", headers={"Accept": "text/html"})
    assert response.json == [{"id": 1, "name": "Ada"}]
    assert "Vary" not in response.headers


def test_template_represents_a_type():
    app = represent()
    template = "<p>{{ user.name }}{{ url_for('view') }}"
    app.jinja_loader = DictLoader({"user.html": template})
    app.kit.add_template(User, "user.html", name="user")
    app.add_url_rule("/bad", "bad", lambda: (User(name="<b>"), 203, {"X-A": "1"}))
    response = send(app, "text/html")
    assert (response.content_type, response.text) == (HTML, "<p>Ada/")
    assert get_vary(response) == ["Accept"]
    assert send(app).content_type == JSON
    response = app.test_client().get("/bad", headers={"Accept": "text/html"})
    assert (response.status_code, response.text) == (203, "<p>&lt;b&gt;/")
    assert response.headers["X-A"] == "1"


def test_value_in_a_template_is_called_value():
    app = represent()
    app.jinja_loader = DictLoader({"user.html": "{{ value.id }}"})
    app.kit.add_template(User, "user.html")
    assert send(app, "text/html").text == "1"


def test_second_template_of_a_type_is_refused_by_name():
    app = represent()
    app.kit.add_template(User, "a.html")
    message = r"add_template\('a.html'\).*add_template\('b.html'\)"
    with pytest.raises(ValueError, match=message):
        app.kit.add_template(User, "b.html")
    app.jinja_loader = DictLoader({"b.html": "b"})
    app.kit.add_template(User, "b.html", replace=True)
    assert send(app, "text/html").text == "b"


@pytest.mark.parametrize("name", ["", "a b", "1", "a.b"])
def test_name_that_no_value_can_have_in_a_template_is_refused(name):
    with pytest.raises(ValueError, match="cannot be the name of a value"):
        represent().kit.add_template(User, "user.html", name=name)


@pytest.mark.parametrize(
    ("mimetype", "content_type", "text"),
    [
        ("application/vnd.acme.v2+json", None, '{"v":2}\n'),
        (
            "application/vnd.acme.v2+xml",
            "application/vnd.acme.v2+xml; charset=utf-8",
            '<?xml version="1.0" encoding="utf-8"?>\n<User><v>2</v></User>',
        ),
        ("application/vnd.acme.v2+yaml", None, "v: 2\n"),
        ("application/vnd.acme+json; version=2", None, '{"v":2}\n'),
        ("application/x-ndjson", None, '{"v":2}\n'),
        ("text/csv", CSV, "v\r\n2\r\n"),
        ("application/jsonl", None, '{"v":2}\n'),
        ("text/x-log", "text/x-log; charset=utf-8", "log: {'v': 2}"),
    ],
)
def test_data_of_a_representation_is_written_in_its_media_type(
    mimetype, content_type, text
):
    app = represent(User, lambda user: {"v": 2}, mimetype, renderers=["json", "text"])
    app.kit.add_renderer(Log())
    response = send(app, f"{mimetype}, application/json;q=0.5")
    expected = mimetype if content_type is None else content_type
    assert response.content_type.lower() == expected
    assert response.text == text
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert send(app).json == {"id": 1, "name": "Ada"}


def test_representation_as_csv_may_give_rows():
    def rows(drawing):
        return [{"x": 1, "note": "=1"}, {"x": 2, "user": User()}]

    app = represent(Drawing, rows, "text/csv", renderers=["json"])
    response = send(app)
    assert response.content_type == CSV
    assert response.text.splitlines()[:2] == ["x,note,user", "1,'=1,"]
    assert '""name"":""Ada""' in response.text


@pytest.mark.parametrize("enabled", [["json", "csv"], ["csv", "json"], ["json"]])
def test_representation_takes_the_place_of_its_renderer(enabled):
    app = represent(User, lambda user: {"v": 2}, "application/json", renderers=enabled)
    assert send(app).mimetype == {"json": JSON, "csv": "text/csv"}[enabled[0]]
    assert send(app, JSON).json == {"v": 2}
    other = "" if len(enabled) == 1 else "id,name\r\n1,Ada\r\n"
    if other:
        assert send(app, "text/csv").text == other
    # In other data it has no say.
    app.view_functions["view"] = lambda: [User()]
    assert send(app, JSON).json == [{"id": 1, "name": "Ada"}]


def test_representation_that_takes_a_place_keeps_its_quality():
    renderers = ["json", "xml"]
    app = represent(User, lambda user: "<a/>", "application/xml", renderers=renderers)
    browser = "text/html,application/xml;q=0.9,*/*;q=0.8"
    assert send(app, browser).content_type == JSON
    assert send(app, "application/xml, application/json;q=0.8").text == "<a/>"


def test_representation_is_chosen_by_a_view_that_declares_it():
    app = represent(function=lambda user: f"<p>{user.name}")
    view = app.kit.view(produces=("text/html", "json"))(lambda: User())
    app.view_functions["view"] = view
    assert send(app).text == "<p>Ada"
    assert send(app, JSON).json == {"id": 1, "name": "Ada"}
    assert send(app, "text/csv").status_code == 406


def test_representation_is_of_its_scope():
    blueprint = Blueprint("html", __name__, url_prefix="/html")
    app = represent(function=lambda user: "<p>outer", renderers=["json"])
    scope = app.kit.scope(blueprint)
    scope.add_converter(User, lambda user: "<p>inner", mimetype="text/html")
    scope.add_converter(User, lambda user: {"v": 2}, mimetype="application/a+json")
    blueprint.add_url_rule("/", "view", app.view_functions["view"])
    app.register_blueprint(blueprint)
    for path, html, data in [
        ("/", "<p>outer", {"id": 1, "name": "Ada"}),
        ("/html/", "<p>inner", {"v": 2}),
    ]:
        get = app.test_client().get
        assert get(path, headers={"Accept": "text/html"}).text == html
        accept = "application/a+json, application/json;q=0.5"
        assert get(path, headers={"Accept": accept}).json == data


# What a representation returns.


def answer(result, accept="text/html", mimetype="text/html"):
    return send(represent(User, lambda user: result, mimetype), accept)


@pytest.mark.parametrize(
    ("result", "body"),
    [
        pytest.param("<p>é", "<p>é".encode(), id="str"),
        pytest.param(b"<p>\xc3\xa9", "<p>é".encode(), id="bytes"),
        pytest.param(bytearray(b"<p>"), b"<p>", id="bytearray"),
        pytest.param('{"a": 1}', b'{"a": 1}', id="not-sniffed"),
        pytest.param(PNG, PNG, id="bytes-not-sniffed"),
        pytest.param("", b"", id="nothing"),
    ],
)
def test_text_of_a_representation_is_of_its_media_type(result, body):
    response = answer(result)
    assert (response.status_code, response.data) == (200, body)
    assert response.headers.getlist("Content-Type") == [HTML]
    assert get_vary(response) == ["Accept"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_chunks_of_a_representation_are_streamed():
    response = answer(part for part in ["<p>", b"Ada"])
    assert (response.content_type, response.data) == (HTML, b"<p>Ada")
    assert response.content_length is None


def test_response_of_a_representation_is_sent_as_it_is():
    response = answer(flask.Response("a", 203, {"Content-Type": "text/x", "X-A": "1"}))
    assert (response.status_code, response.text) == (203, "a")
    assert response.content_type == "text/x"
    assert response.headers["X-A"] == "1"
    assert get_vary(response) == ["Accept"]


def test_response_of_its_own_class_of_a_representation_varies():
    response = answer(Own("a", mimetype="text/x"))
    assert (response.status_code, response.text) == (202, "a")
    assert response.mimetype == "text/x"
    assert get_vary(response) == ["Accept"]


@pytest.mark.parametrize("cls", [flask.Response, Own])
def test_response_of_which_no_type_was_said_is_of_the_media_type(cls):
    response = answer(cls("a"), "image/svg+xml", "image/svg+xml")
    assert (response.mimetype, response.text) == ("image/svg+xml", "a")
    assert get_vary(response) == ["Accept"]


def test_redirect_of_a_representation_varies():
    response = answer(flask.redirect("/login"))
    assert (response.status_code, response.location) == (302, "/login")
    assert get_vary(response) == ["Accept"]


def test_vary_of_a_response_of_a_representation_stays():
    response = answer(flask.Response("a", headers={"Vary": "Cookie"}))
    assert response.headers["Vary"] == "Cookie, Accept"


@pytest.mark.parametrize(
    ("beside", "status", "content_type"),
    [
        pytest.param((203,), 203, HTML, id="status"),
        pytest.param(({"X-A": "1"},), 200, HTML, id="headers"),
        pytest.param((203, [("X-A", "1")]), 203, HTML, id="both"),
        pytest.param(({"Content-Type": "text/x"},), 200, "text/x", id="type"),
    ],
)
def test_status_and_headers_of_a_representation_hold(beside, status, content_type):
    response = answer(("<p>", *beside))
    assert (response.status_code, response.text) == (status, "<p>")
    assert response.headers.getlist("Content-Type") == [content_type]
    assert ("X-A" in response.headers) is ("X-A" in str(beside))
    assert get_vary(response) == ["Accept"]


def test_status_and_headers_of_a_representation_hold_beside_data():
    response = answer(({"v": 2}, 203, {"X-A": "1"}), "text/yaml", "text/yaml")
    assert (response.status_code, response.text) == (203, "v: 2\n")
    assert response.mimetype == "text/yaml"
    assert response.headers["X-A"] == "1"


def test_status_of_the_view_beats_that_of_a_representation():
    app = represent(User, lambda user: ("<p>", 203, {"X-A": "1", "X-B": "1"}))
    app.view_functions["view"] = lambda: (User(), 201, {"X-A": "2"})
    response = send(app, "text/html")
    assert response.status_code == 201
    assert (response.headers["X-A"], response.headers["X-B"]) == ("2", "1")
    assert get_vary(response) == ["Accept"]


def test_file_of_a_representation_is_sent_and_closed(tmp_path):
    path = tmp_path / "drawing.bin"
    path.write_bytes(PNG)
    file = path.open("rb")
    response = answer(file, "image/png", "image/png")
    assert (response.content_type, response.data) == ("image/png", PNG)
    assert response.content_length == len(PNG)
    assert get_vary(response) == ["Accept"]
    response.close()
    assert file.closed


def test_file_of_a_representation_is_not_sniffed():
    response = answer(io.BytesIO(PNG))
    assert (response.content_type, response.data) == (HTML, PNG)
    response.close()


def test_file_of_a_representation_is_closed_if_no_response_is_made():
    file = io.BytesIO(PNG)
    app = represent(User, lambda user: file)
    app.view_functions["view"] = lambda: (User(), 5)
    with pytest.raises(TypeError, match="The view function returned a tuple"):
        send(app, "text/html")
    assert file.closed


@pytest.mark.parametrize("is_raised", [True, False], ids=["raised", "returned"])
def test_error_of_a_representation_is_answered(is_raised):
    def refuse(user):
        if is_raised:
            raise Conflict("Not now.")
        return Conflict("Not now.")

    app = represent(User, refuse)
    response = send(app, "text/html")
    assert response.status_code == 409
    assert "Not now." in response.text
    assert send(app).status_code == 200
    app = represent(User, refuse)
    app.register_error_handler(409, lambda error: ({"code": 409}, 409))
    response = send(app, "text/html;q=0.9, text/csv;q=0.5")
    assert (response.status_code, response.text) == (409, "code\r\n409\r\n")


def test_own_type_of_a_representation_is_converted_again():
    app = represent(User, lambda user: Drawing(user.name), "text/yaml")
    app.kit.add_converter(Drawing, lambda drawing: {"drawn": drawing.name})
    assert send(app, "text/yaml").text == "drawn: Ada\n"
    assert send(app).json == {"id": 1, "name": "Ada"}


@pytest.mark.parametrize("result", [{"a": 1}, [1], 5, User()], ids=repr)
@pytest.mark.parametrize("mimetype", ["text/html", "image/svg", "application/a+zip"])
def test_data_that_nothing_writes_in_the_media_type_is_an_error(result, mimetype):
    app = represent(Drawing, lambda drawing: result, mimetype)
    with pytest.raises(TypeError, match="no renderer writes as") as caught:
        send(app, mimetype)
    message = str(caught.value)
    assert mimetype in message
    assert f" a {type(result).__name__}," in message
    assert message.endswith("Return text or bytes, or add a renderer.")


def test_data_that_nothing_writes_is_an_error_that_names_the_converter():
    def draw(drawing):
        return [drawing.name]

    with pytest.raises(TypeError, match="no renderer writes as text/html") as caught:
        send(represent(Drawing, draw), "text/html")
    message = str(caught.value)
    assert draw.__qualname__ in message or Drawing.__qualname__ in message


@pytest.mark.parametrize("result", [None, User, (), ("a", 1, {}, 2)], ids=repr)
def test_result_that_is_nothing_to_send_is_an_error(result):
    with pytest.raises(TypeError, match="returned"):
        answer(result)


# Types and their representations.


def test_subclass_is_represented_as_its_nearest_base():
    app = represent()
    app.kit.add_converter(User, lambda user: "<p>user", mimetype="text/html")
    app.kit.add_converter(Admin, lambda user: "<p>admin", mimetype="text/html")
    for cls, text in [(User, "user"), (Admin, "admin"), (Owner, "admin")]:
        app.view_functions["view"] = cls
        assert send(app, "text/html").text == f"<p>{text}"


def test_bases_may_have_different_media_types():
    app = represent(Owner)
    app.kit.add_converter(Admin, lambda user: b"admin", mimetype="text/b")
    app.kit.add_converter(User, lambda user: b"user", mimetype="text/a")
    assert send(app, "text/b").data == b"admin"
    assert send(app, "text/a").data == b"user"
    assert send(app).json == {"id": 1, "name": "Ada"}
    app.view_functions["view"] = User
    assert send(app, "text/b").content_type == JSON


def test_base_is_not_represented_as_its_subclass():
    app = represent()
    app.kit.add_converter(Admin, lambda user: "<p>admin", mimetype="text/html")
    assert send(app, "text/html").content_type == JSON


def test_type_may_be_named_by_its_public_name():
    app = represent(fractions.Fraction)
    html = f"<p>{fractions.Fraction()}"
    name = "fractions.Fraction"
    app.kit.add_converter(name, lambda value: f"<p>{value}", mimetype="text/html")
    app.kit.add_converter(name, str)
    assert send(app, "text/html").text == html
    assert send(app).text == "0"


def test_name_that_is_not_loaded_costs_nothing():
    app = represent()
    app.kit.add_converter("not_there.Frame", str, mimetype="text/html")
    assert send(app, "text/html").content_type == JSON


@pytest.mark.parametrize("cls", [Circle, type("Disc", (Shape,), {"draw": repr})])
def test_abc_represents_its_classes(cls):
    app = represent(cls)
    app.kit.add_converter(Shape, lambda shape: "<svg/>", mimetype="image/svg+xml")
    app.kit.add_converter(Shape, lambda shape: {"shape": cls.__name__})
    response = send(app, "image/svg+xml")
    assert (response.mimetype, response.text) == ("image/svg+xml", "<svg/>")
    assert send(app).json == {"shape": cls.__name__}


@pytest.mark.parametrize("cls", [Drawing, Sketch])
@pytest.mark.parametrize("accept", [None, "image/svg+xml", "application/json"])
def test_type_with_one_representation_has_no_choice(cls, accept):
    app = represent(cls)
    app.kit.add_converter(Drawing, lambda one: "<svg/>", mimetype="image/svg+xml")
    response = send(app, accept)
    assert (response.mimetype, response.text) == ("image/svg+xml", "<svg/>")
    assert "Vary" not in response.headers


def test_type_with_representations_has_nothing_else():
    app = represent(Drawing)
    app.kit.add_converter(Drawing, lambda one: "<svg/>", mimetype="image/svg+xml")
    app.kit.add_converter(Drawing, lambda one: PNG, mimetype="image/png")
    for accept, mimetype in [
        (None, "image/svg+xml"),
        ("image/png", "image/png"),
        ("application/json", "image/svg+xml"),
    ]:
        response = send(app, accept)
        assert response.mimetype == mimetype
        assert get_vary(response) == ["Accept"]


def test_representation_does_not_make_data_of_a_type():
    app = represent(lambda: [Drawing()])
    for mimetype in ("text/html", "application/json"):
        app.kit.add_converter(Drawing, lambda drawing: "a", mimetype=mimetype)
    with pytest.raises(ConverterNotFoundError, match="Drawing"):
        send(app)


def test_nested_value_is_what_its_converter_without_a_media_type_makes():
    app = represent(lambda: {"drawings": [Drawing("b")]}, renderers=["json", "yaml"])
    app.kit.add_converter(Drawing, lambda one: {"own": 1}, mimetype="application/json")
    app.kit.add_converter(Drawing, lambda one: "- own", mimetype="application/yaml")
    app.kit.add_converter(Drawing, lambda one: one.name)
    assert send(app).json == {"drawings": ["b"]}
    assert send(app, "application/yaml").text == "drawings:\n- b\n"
    app.view_functions["view"] = Drawing
    assert send(app).json == {"own": 1}


def test_converter_without_a_media_type_feeds_all_renderers():
    renderers = ["json", "xml", "csv", "yaml", "msgpack", "ndjson", "text"]
    app = represent(Drawing, renderers=renderers)
    app.kit.add_converter(Drawing, lambda drawing: {"name": drawing.name})
    expected = {
        "application/json": b'{"name":"a"}\n',
        "application/xml": b'<?xml version="1.0" encoding="utf-8"?>\n'
        b"<Drawing><name>a</name></Drawing>",
        "text/csv": b"name\r\na\r\n",
        "application/yaml": b"name: a\n",
        "application/vnd.msgpack": b"\x81\xa4name\xa1a",
        "application/x-ndjson": b'{"name":"a"}\n',
        "text/plain": b'{\n  "name": "a"\n}',
    }
    for mimetype, body in expected.items():
        response = send(app, mimetype)
        assert (response.mimetype, response.data) == (mimetype, body)


def test_text_of_a_converter_without_a_media_type_is_what_it_is():
    app = represent(Drawing)
    app.kit.add_converter(Drawing, lambda drawing: "a,b")
    for accept in (None, "text/csv", "text/html"):
        response = send(app, accept)
        assert (response.content_type, response.text) == (TEXT, "a,b")
        assert "Vary" not in response.headers


def test_text_of_a_converter_varies_where_a_representation_is_there():
    app = represent(Drawing, lambda drawing: "<svg/>", "image/svg+xml")
    app.kit.add_converter(Drawing, lambda drawing: "drawn")
    response = send(app)
    assert (response.content_type, response.text) == (TEXT, "drawn")
    assert get_vary(response) == ["Accept"]
    assert send(app, "image/svg+xml").text == "<svg/>"


def test_object_that_converts_itself_may_have_a_representation():
    Own = type("Own", (), {"__response__": lambda self: {"own": 1}})
    app = represent(Own, lambda own: "<p>own")
    assert send(app).json == {"own": 1}
    assert send(app, "text/csv").text == "own\r\n1\r\n"
    assert send(app, "text/html").text == "<p>own"


def test_markup_may_have_another_representation():
    Tag = type("Tag", (), {"__html__": lambda self: "<b>tag</b>"})
    app = represent(Tag, lambda tag: {"tag": 1}, "application/json")
    for accept in (None, "text/html", "text/csv"):
        response = send(app, accept)
        assert (response.content_type, response.text) == (HTML, "<b>tag</b>")
        assert get_vary(response) == ["Accept"]
    response = send(app, "application/json")
    assert response.json == {"tag": 1}


@pytest.mark.parametrize("is_tree", [True, False], ids=["tree", "element"])
def test_element_tree_may_have_another_representation(is_tree):
    def make():
        element = ET.Element("a", b="c")
        return ET.ElementTree(element) if is_tree else element

    app = represent(make)
    document = '<?xml version="1.0" encoding="utf-8"?>\n<a b="c" />'
    # Alone it is no choice.
    response = send(app, "application/json")
    assert (response.content_type, response.text) == (XML, document)
    assert "Vary" not in response.headers
    app = represent(make)
    app.kit.add_converter(type(make()), lambda one: {"b": "c"}, mimetype=JSON)
    for accept in (None, "application/xml", "text/xml", "text/csv"):
        response = send(app, accept)
        assert (response.content_type, response.text) == (XML, document)
        assert get_vary(response) == ["Accept"]
    response = send(app, "application/json")
    assert response.json == {"b": "c"}
    assert get_vary(response) == ["Accept"]


# HTTP errors.


@pytest.mark.parametrize("is_raised", [True, False], ids=["raised", "returned"])
def test_error_that_is_represented_keeps_its_status(is_raised):
    def view():
        if is_raised:
            raise NotFound("No such user.")
        return NotFound("No such user.")

    app = represent(view)
    kit = app.kit
    kit.add_converter(HTTPException, lambda e: f"<p>{e.code}", mimetype="text/html")
    kit.add_converter(NotFound, lambda e: {"detail": e.description}, mimetype=JSON)
    response = send(app, "text/html")
    assert (response.status_code, response.text) == (404, "<p>404")
    assert get_vary(response) == ["Accept"]
    response = send(app, "application/json")
    assert (response.status_code, response.json) == (404, {"detail": "No such user."})
    assert get_vary(response) == ["Accept"]


@pytest.mark.parametrize("mimetype", ["text/html", "application/json", None])
def test_error_that_is_represented_keeps_its_headers(mimetype):
    # A 405 must have Allow (RFC 9110, section 15.5.6).
    app = represent()
    app.kit.add_converter(MethodNotAllowed, lambda e: [e.code], mimetype=JSON)
    app.kit.add_converter(MethodNotAllowed, lambda e: "<p>", mimetype="text/html")
    app.kit.add_converter(MethodNotAllowed, lambda e: {"code": e.code})
    response = send(app, mimetype, method="PUT")
    assert response.status_code == 405
    assert set(response.allow) == {"GET", "HEAD", "OPTIONS"}
    assert response.headers.getlist("Content-Type") == [
        HTML if mimetype == "text/html" else JSON
    ]


def test_error_that_is_represented_may_say_another_status():
    app = represent(lambda: abort(404))
    app.kit.add_converter(NotFound, lambda e: ("<p>", 410), mimetype="text/html")
    assert send(app, "text/html").status_code == 410


@pytest.mark.parametrize("mode", [None, "406"])
def test_error_that_is_represented_is_negotiated_leniently(mode):
    app = represent(lambda: abort(404), not_acceptable=mode)
    app.kit.add_converter(NotFound, lambda e: {"a": 1}, mimetype="application/json")
    app.kit.add_converter(NotFound, lambda e: "<p>", mimetype="text/html")
    app.kit.add_converter(Drawing, lambda e: PNG, mimetype="image/png")
    response = send(app, "image/png")
    assert response.status_code == 404
    assert response.text == "<p>"
    assert get_vary(response) == ["Accept"]


def test_error_that_carries_a_response_says_all():
    def view():
        raise NotFound(response=flask.Response("own", 404))

    app = represent(view)
    app.kit.add_converter(NotFound, lambda e: {"a": 1}, mimetype="application/json")
    response = send(app)
    assert (response.status_code, response.text) == (404, "own")
    assert "Vary" not in response.headers


def test_refusal_itself_may_be_represented():
    app = represent(not_acceptable="406")
    show = app.kit.converter(HTTPException, mimetype="text/html")
    show(lambda error: f"<p>{error.code} {error.description}")
    response = send(app, "image/png")
    assert response.status_code == 406
    assert response.text.startswith("<p>406 ")
    assert "application/json, text/csv" in response.text
    assert get_vary(response) == ["Accept"]


# The law: all renderers say what JSON says.


class Color(enum.Enum):
    RED = "red"
    TWO = 2


@dataclasses.dataclass
class Record:
    value: object
    more: object = None


# What XML and UTF-8 have, without line ends, which XML and CSV read in their own ways.
TEXTS = st.text(
    st.characters(
        min_codepoint=32, exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn", "Co"]
    ),
    max_size=6,
)
KEYS = TEXTS | st.sampled_from(["", "item", "xml", "a b", "1", "=", "yes", "null"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.uuids(),
    st.datetimes(min_value=datetime.datetime(1900, 1, 1)),
    st.dates(min_value=datetime.date(1900, 1, 1)),
    st.times(),
    st.timedeltas(),
    st.sampled_from(Color),
    TEXTS,
    st.sampled_from(["=1", "-1", "1e3", "null", "~", "0x10", "]]>", "<&>", '"', " a "]),
)
DATA = st.recursive(
    SCALARS,
    lambda data: st.one_of(
        st.lists(data, max_size=3),
        st.tuples(data, data, data, data),
        st.dictionaries(KEYS, data, max_size=3),
        st.sets(st.integers(0, 9), max_size=3),
        st.builds(Record, data, data),
    ),
    max_leaves=8,
)
RECORDS = st.builds(Record, DATA, DATA)
VALUES = st.one_of(
    st.lists(DATA, max_size=3), st.dictionaries(KEYS, DATA, max_size=3), RECORDS
)
ROWS = st.one_of(
    st.lists(row, min_size=1, max_size=3)
    for row in (st.dictionaries(KEYS, DATA, min_size=1, max_size=3), RECORDS)
)


def to_text(value):
    """What arrives of data where scalars are text."""
    if isinstance(value, dict):
        return {key: to_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [*map(to_text, value)]
    return value if value is None or isinstance(value, str) else json.dumps(value)


def read_xml(element):
    if element.get("nil") == "true":
        return None
    if element.get("type"):
        return {"array": [], "object": {}}[element.get("type")]
    if not len(element):
        return element.text or ""
    if all(child.tag == "item" and "name" not in child.attrib for child in element):
        return [*map(read_xml, element)]
    return {child.get("name", child.tag): read_xml(child) for child in element}


def read_lines(body):
    return [json.loads(line) for line in body.decode().splitlines()]


READERS = {
    "application/xml": lambda body: read_xml(ET.fromstring(body)),
    "application/yaml": yaml.safe_load,
    "application/vnd.msgpack": msgspec.msgpack.decode,
    "application/x-ndjson": read_lines,
    "text/plain": json.loads,
}


def make_client(mimetype):
    """A client of an app that sends what ``client.value`` is."""
    names = ["json", "xml", "csv", "yaml", "msgpack", "ndjson", "text"]
    app = make_app(lambda: client.value, renderers=names, csv_formulas="raw")
    client = Client(app)
    client.mimetype = mimetype
    return client


def read(client, value):
    """What JSON says of a value, and the body in the other media type."""
    client.value = value
    expected = client.get("/", headers={"Accept": JSON})
    response = client.get("/", headers={"Accept": client.mimetype})
    assert expected.mimetype == JSON
    assert response.mimetype == client.mimetype
    return json.loads(expected.data), response.data


@pytest.mark.parametrize("mimetype", READERS)
def test_what_renderers_wrote_says_what_json_says(mimetype):
    client = make_client(mimetype)

    @settings(deadline=None)
    @given(VALUES)
    def check(value):
        expected, body = read(client, value)
        if mimetype == "application/xml":
            expected = to_text(expected)
        elif mimetype == "application/x-ndjson" and not isinstance(expected, list):
            expected = [expected]
        assert READERS[mimetype](body) == expected

    check()


def test_what_csv_wrote_says_what_json_says():
    client = make_client("text/csv")

    @settings(deadline=None)
    @given(ROWS)
    def check(rows):
        expected, body = read(client, rows)
        file = io.StringIO(body.decode(), newline="")
        header, *records = csv.reader(file, strict=True)
        for row, record in zip(expected, records, strict=True):
            cells = dict(zip(header, record, strict=True))
            for name, value in row.items():
                cell = cells.pop(name)
                if value is None or isinstance(value, str):
                    assert cell == (value or "")
                else:
                    assert json.loads(cell) == value
            assert not any(cells.values())

    check()


def test_values_that_json_has_no_words_for_are_written_alike():
    value = {
        "day": datetime.date(2000, 1, 2),
        "id": uuid.UUID(int=1),
        "sum": decimal.Decimal("1.50"),
        "time": datetime.time(1, 2),
        "took": datetime.timedelta(minutes=1),
        "color": Color.RED,
    }
    client = make_client("application/yaml")
    expected, body = read(client, value)
    assert yaml.safe_load(body) == expected
    assert expected == {
        "day": "Sun, 02 Jan 2000 00:00:00 GMT",
        "id": "00000000-0000-0000-0000-000000000001",
        "sum": "1.50",
        "time": "01:02:00",
        "took": "PT1M",
        "color": "red",
    }


def test_own_render_of_a_subclass_is_what_is_called():
    class TSVRenderer(CSVRenderer):
        name = "tsv"
        mimetype = "text/tab-separated-values"

        def render(self, value):
            return super().render(value).replace(b",", b"\t")

    response = send(make_app(renderers=["json", TSVRenderer()]), "text/*")
    assert response.data == b"id\tname\r\n1\tAda\r\n"


def test_formula_of_a_number_is_guarded():
    class Level(enum.IntEnum):
        LOW = 1

    class Money(decimal.Decimal):
        pass

    app = make_app(lambda: [[Level.LOW, Money(1), decimal.Decimal(-1)]])
    app.kit.add_renderer(CSVRenderer())
    for cls in (Level, Money):
        app.kit.add_converter(cls, lambda value: "=HYPERLINK(1)")
    assert send(app, "text/csv").text == "'=HYPERLINK(1),'=HYPERLINK(1),-1\r\n"


def test_error_that_is_converted_with_its_own_status_keeps_it():
    app = make_app(lambda: NotFound(), renderers=["json", "csv"])
    app.kit.add_converter(NotFound, lambda error: ({"gone": True}, 410))
    assert send(app).status_code == 410


def test_provider_that_came_after_the_request_began_is_asked_by_no_converter():
    app = make_app(renderers=["csv"])
    with app.test_request_context():
        app.json = flask.json.provider.DefaultJSONProvider(app)
        assert app.make_response(User()).data == b"id,name\r\n1,Ada\r\n"


def test_response_of_a_converted_error_keeps_its_status():
    app = make_app(lambda: NotFound(), renderers=["json", "csv"])
    app.kit.add_converter(NotFound, lambda error: flask.Response("tea", 418))
    assert send(app).status_code == 418


@pytest.mark.parametrize("nosniff", [True, False])
def test_guessing_is_forbidden_under_each_name_of_json(nosniff):
    mimetype = "application/vnd.acme+json"
    app = represent(User, lambda user: {"v": 2}, mimetype, nosniff=nosniff)
    headers = send(app, mimetype).headers
    assert headers["Content-Type"] == mimetype
    assert ("X-Content-Type-Options" in headers) is nosniff


@pytest.mark.parametrize("beside", [(), ({"X-A": "1"},)], ids=["quickly", "slowly"])
def test_type_that_the_provider_sends_is_kept(beside):
    class HAL(flask.json.provider.DefaultJSONProvider):
        def response(self, *args, **kwargs):
            response = super().response(*args, **kwargs)
            response.mimetype = "application/hal+json"
            return response

    app = make_app(lambda: (User(), *beside) if beside else User())
    app.kit.add_renderer(CSVRenderer())
    app.json = HAL(app)
    assert send(app).mimetype == "application/hal+json"


@pytest.mark.parametrize(
    ("response", "mimetype"),
    [
        pytest.param(flask.Response("a"), "text/csv", id="ok"),
        pytest.param(flask.Response("gone", 410), "text/html", id="error"),
        pytest.param(flask.Response("", 302), "text/html", id="redirect"),
        pytest.param(flask.Response("a", mimetype="text/x"), "text/x", id="named"),
    ],
)
def test_response_of_a_representation_has_its_type_if_none_was_said(response, mimetype):
    assert answer(response, "text/csv", "text/csv").mimetype == mimetype


@pytest.mark.parametrize("beside", [(), ({"X-A": "1"},)], ids=["quickly", "slowly"])
def test_own_force_type_is_asked_where_there_is_a_choice(beside):
    class Own(flask.Response):
        @classmethod
        def force_type(cls, response, environ=None):
            return super().force_type({"own": True}, environ)

    app = make_app(lambda: ({"a": 1}, *beside) if beside else {"a": 1})
    app.kit.add_renderer(CSVRenderer())
    app.response_class = Own
    assert send(app).json == {"own": True}
    assert send(app, "text/csv").text == "own\r\ntrue\r\n"
