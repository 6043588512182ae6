from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import csv
import dataclasses
import gc
import io
import threading
import typing as t
import weakref

import flask
import pytest
from flask import abort
from flask import Blueprint
from flask import Flask
from flask import jsonify
from flask import render_template_string
from jinja2 import DictLoader

from flask_responsekit import JSONRenderer
from flask_responsekit import ResponseKit
from flask_responsekit import Scope

JSON = "application/json"
XML = "application/xml"
CSV = "text/csv"
YAML = "application/yaml"
SHOUT = "text/x-shout"
PROBLEM = "application/problem+json"


class User:
    name = "Ada"


class Admin(User):
    pass


class Money:
    amount = 5


@dataclasses.dataclass
class Record:
    shown: int = 1
    hidden: int = 2


class Point(t.NamedTuple):
    x: int = 1
    y: int = 2


class BrokeError(Exception):
    pass


class ShoutRenderer:
    """Text, in capitals."""

    mimetype = SHOUT
    name = "shout"

    def __init__(self, mark="!"):
        self.mark = mark

    def render(self, value):
        return (str(value).upper() + self.mark).encode()


class XMLResponse(flask.Response):
    """Another default."""

    default_mimetype = "application/xml"


class PlainResponse(flask.Response):
    """Yet another default."""

    default_mimetype = "text/plain"


def v1(value):
    return {"v1": value.name}


def v2(value):
    return {"v2": value.name}


def root(value):
    return {"root": value.name}


@pytest.fixture
def app():
    return Flask(__name__)


@pytest.fixture
def kit(app):
    return ResponseKit(app)


def add_blueprint(app, name, view, **options):
    """Make a blueprint with a view at /name/, and register it."""
    blueprint = make_blueprint(name, view)
    app.register_blueprint(blueprint, **options)
    return blueprint


def make_blueprint(name, view=User):
    blueprint = Blueprint(name, __name__, url_prefix=f"/{name}")
    blueprint.add_url_rule(
        "/",
        "view",
        lambda: view(),
        methods=["GET", "POST"],
    )
    return blueprint


def get(app, path="/", accept=None, method="GET"):
    headers = {} if accept is None else {"Accept": accept}
    return app.test_client().open(path, headers=headers, method=method)


def get_json(app, path):
    return get(app, path).json


def read_rows(response):
    return list(csv.reader(io.StringIO(response.text)))


# The verbs


def test_kit_is_the_outermost_scope(kit):
    assert isinstance(kit, Scope)
    blueprint = Blueprint("api", __name__)
    scope = kit.scope(blueprint)
    assert isinstance(scope, Scope)
    for verb in ("converter", "add_converter", "add_template", "add_renderer", "view"):
        assert callable(getattr(scope, verb))


def test_scope_is_a_container_of_its_own_types(kit):
    kit.add_converter(User, root)
    scope = kit.scope(Blueprint("api", __name__))
    assert User not in scope.converters
    scope.add_converter(Money, str)
    assert Money in scope.converters
    assert Money not in kit.converters
    assert list(scope.converters) == [Money]


def test_verbs_of_a_scope_hold_for_its_blueprint(app, kit):
    app.jinja_loader = DictLoader({"user.html": "<p>{{ user.name }}</p>"})
    scope = kit.scope(add_blueprint(app, "api", User))
    add_blueprint(app, "other", lambda: [1])

    @scope.converter(User)
    def user(value):
        return {"name": value.name}

    @scope.converter(User, mimetype=CSV)
    def user_as_row(value):
        return f"name\n{value.name}\n"

    scope.add_template(User, "user.html", name="user")
    scope.add_renderer(ShoutRenderer())
    assert get_json(app, "/api/") == {"name": "Ada"}
    assert get(app, "/api/", CSV).text == "name\nAda\n"
    assert get(app, "/api/", "text/html").text == "<p>Ada</p>"
    assert get(app, "/api/", SHOUT).text == "{'NAME': 'ADA'}!"
    for accept in (CSV, "text/html", SHOUT):
        response = get(app, "/other/", accept)
        assert (response.mimetype, "Vary" in response.headers) == (JSON, False)


def test_decorated_converter_is_the_function_itself(kit):
    scope = kit.scope(Blueprint("api", __name__))
    assert scope.converter(User)(v1) is v1


# What is in force where


def test_versions_of_an_api_represent_a_type_differently(app, kit):
    kit.add_converter(User, root)
    kit.scope(add_blueprint(app, "v1", User)).add_converter(User, v1)
    kit.scope(add_blueprint(app, "v2", User)).add_converter(User, v2)
    add_blueprint(app, "other", User)
    app.add_url_rule("/", view_func=User)
    for _ in range(2):
        assert get_json(app, "/v1/") == {"v1": "Ada"}
        assert get_json(app, "/v2/") == {"v2": "Ada"}
        assert get_json(app, "/other/") == {"root": "Ada"}
        assert get_json(app, "/") == {"root": "Ada"}


def test_type_that_only_a_scope_knows_is_unknown_elsewhere(app, kit):
    kit.scope(add_blueprint(app, "api", User)).add_converter(User, v1)
    add_blueprint(app, "other", User)
    app.testing = True
    assert get_json(app, "/api/") == {"v1": "Ada"}
    with pytest.raises(TypeError, match=r"for 'other.view' did not return"):
        get(app, "/other/")


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        pytest.param(None, (User, root), {"root": "Ada"}, id="inherited"),
        pytest.param((User, v1), (User, root), {"v1": "Ada"}, id="inner-wins"),
        pytest.param((User, v1), (Admin, root), {"root": "Ada"}, id="nearer-base-wins"),
        pytest.param((object, v1), (User, root), {"root": "Ada"}, id="object-is-last"),
        pytest.param((User, v1), (object, root), {"v1": "Ada"}, id="outer-object"),
    ],
)
def test_scope_looks_in_itself_first_at_each_base(app, kit, inner, outer, expected):
    scope = kit.scope(add_blueprint(app, "api", Admin))
    kit.add_converter(*outer)
    if inner is not None:
        scope.add_converter(*inner)
    assert get_json(app, "/api/") == expected


def test_scope_overrides_a_built_in_converter_without_replace(app, kit):
    kit.scope(add_blueprint(app, "api", Record)).add_converter(
        Record, lambda value: {"shown": value.shown}
    )
    add_blueprint(app, "other", Record)
    assert get_json(app, "/api/") == {"shown": 1}
    assert get_json(app, "/other/") == {"shown": 1, "hidden": 2}


def test_converter_of_the_kit_may_lead_to_one_of_the_scope(app, kit):
    kit.add_converter(Money, lambda value: User())
    kit.scope(add_blueprint(app, "api", Money)).add_converter(User, v1)
    assert get_json(app, "/api/") == {"v1": "Ada"}


def test_representations_of_a_scope_come_with_those_around(app, kit):
    kit.add_converter(User, root)
    kit.add_converter(User, lambda value: "root", mimetype="text/x-root")
    kit.add_converter(User, lambda value: "root", mimetype="text/x-both")
    scope = kit.scope(add_blueprint(app, "api", User))
    scope.add_converter(User, lambda value: "scope", mimetype="text/x-both")
    scope.add_converter(User, lambda value: "scope", mimetype="text/x-scope")
    add_blueprint(app, "other", User)
    expected = {"text/x-root": "root", "text/x-both": "scope", "text/x-scope": "scope"}
    for mimetype, text in expected.items():
        response = get(app, "/api/", mimetype)
        assert (response.mimetype, response.text) == (mimetype, text)
    assert get(app, "/other/", "text/x-both").text == "root"
    assert get(app, "/other/", "text/x-scope").mimetype == JSON


def test_template_of_a_scope_takes_the_place_of_the_one_around(app, kit):
    app.jinja_loader = DictLoader({"a": "a{{ value.name }}", "b": "b{{ value.name }}"})
    kit.add_template(User, "a")
    kit.scope(add_blueprint(app, "api", User)).add_template(User, "b")
    add_blueprint(app, "other", User)
    assert get(app, "/api/").text == "bAda"
    assert get(app, "/other/").text == "aAda"


# Renderers


def test_scope_has_its_own_renderers_in_its_own_order(app):
    kit = ResponseKit(app, renderers=["json", "csv"])
    kit.scope(add_blueprint(app, "api", lambda: [[1]]), renderers=["yaml", "json"])
    add_blueprint(app, "other", lambda: [[1]])
    assert get(app, "/api/").mimetype == YAML
    assert get(app, "/api/", "*/*").mimetype == YAML
    assert get(app, "/api/", CSV).mimetype == YAML
    assert get(app, "/api/", JSON).mimetype == JSON
    assert get(app, "/other/").mimetype == JSON
    assert get(app, "/other/", CSV).mimetype == CSV
    assert get(app, "/other/", YAML).mimetype == JSON


@pytest.mark.parametrize(
    ("config", "own", "expected"),
    [
        pytest.param(None, None, JSON, id="default"),
        pytest.param(["csv"], None, CSV, id="configuration"),
        pytest.param(["csv"], ["yaml"], YAML, id="kit-beats-configuration"),
    ],
)
def test_scope_without_renderers_has_those_around(app, config, own, expected):
    if config is not None:
        app.config["RESPONSEKIT_RENDERERS"] = config
    kit = ResponseKit(app, renderers=own)
    kit.scope(add_blueprint(app, "api", lambda: [[1]]))
    assert get(app, "/api/").mimetype == expected


def test_added_renderer_comes_after_those_around(app):
    kit = ResponseKit(app, renderers=["json", "csv"])
    scope = kit.scope(add_blueprint(app, "api", lambda: [[1]]))
    add_blueprint(app, "other", lambda: [[1]])
    scope.add_renderer(ShoutRenderer())
    # Added later, but around the scope.
    kit.add_renderer(ShoutRenderer("?"))
    assert get(app, "/api/").mimetype == JSON
    assert get(app, "/api/", "text/*").mimetype == CSV
    assert get(app, "/api/", SHOUT).text == "[[1]]!"
    assert get(app, "/other/", SHOUT).text == "[[1]]?"


def test_added_renderer_takes_the_place_of_the_one_for_its_media_type(app):
    class Loud(ShoutRenderer):
        mimetype = "Application/JSON"

    kit = ResponseKit(app, renderers=["json", "csv"])
    kit.scope(add_blueprint(app, "api", lambda: [[1]])).add_renderer(Loud())
    add_blueprint(app, "other", lambda: [[1]])
    response = get(app, "/api/")
    assert (response.mimetype, response.text) == (Loud.mimetype, "[[1]]!")
    assert get(app, "/api/", CSV).mimetype == CSV
    assert get_json(app, "/other/") == [[1]]


def test_added_renderers_keep_their_order(app, kit):
    class Whisper(ShoutRenderer):
        mimetype = "text/x-whisper"

    scope = kit.scope(add_blueprint(app, "api", lambda: [[1]]))
    scope.add_renderer(ShoutRenderer())
    scope.add_renderer(Whisper("..."))
    assert get(app, "/api/", "text/*").text == "[[1]]!"
    assert get(app, "/api/", "text/x-whisper").text == "[[1]]..."


def test_own_renderers_replace_all_those_around(app, kit):
    kit.add_renderer(ShoutRenderer())
    kit.scope(add_blueprint(app, "api", lambda: [[1]]), renderers=["json"])
    assert get(app, "/api/", SHOUT).mimetype == JSON


def test_renderers_are_given_as_any_iterable_and_read_once(app, kit):
    names = ["csv"]
    blueprint = add_blueprint(app, "api", lambda: [[1]])
    scope = kit.scope(blueprint, renderers=iter(names))
    names.append("xml")
    assert scope.renderers == ("csv",)
    assert get(app, "/api/", XML).mimetype == CSV
    assert read_rows(get(app, "/api/")) == [["1"]]


def test_formulas_are_written_as_the_app_says(app):
    app.config["RESPONSEKIT_CSV_FORMULAS"] = "raw"
    kit = ResponseKit(app)
    kit.scope(add_blueprint(app, "api", lambda: [["=1"]]), renderers=["csv"])
    assert read_rows(get(app, "/api/")) == [["=1"]]


# Modes of 406


@pytest.mark.parametrize(
    ("config", "outer", "inner", "status"),
    [
        pytest.param(None, None, None, 200, id="default"),
        pytest.param("406", None, None, 406, id="configuration"),
        pytest.param(None, "406", None, 406, id="around"),
        pytest.param(None, None, "406", 406, id="own"),
        pytest.param("406", None, "fallback", 200, id="own-over-configuration"),
        pytest.param(None, "406", "fallback", 200, id="own-over-around"),
        pytest.param("fallback", "406", None, 406, id="around-over-configuration"),
        pytest.param(None, "fallback", "406", 406, id="own-over-fallback"),
    ],
)
def test_innermost_mode_that_is_said_holds(app, config, outer, inner, status):
    called = []
    app.config["RESPONSEKIT_NOT_ACCEPTABLE"] = config
    kit = ResponseKit(app)
    parent = Blueprint("parent", __name__)
    child = make_blueprint("child", lambda: called.append(1) or {"a": 1})
    parent.register_blueprint(child)
    app.register_blueprint(parent)
    kit.scope(parent, not_acceptable=outer)
    kit.scope(child, not_acceptable=inner)
    response = get(app, "/child/", "image/png")
    assert (response.status_code, len(called)) == (status, int(status == 200))
    assert get(app, "/child/", JSON).status_code == 200


def test_mode_of_a_scope_is_not_that_of_its_neighbours(app, kit):
    kit.scope(add_blueprint(app, "api", dict), not_acceptable="406")
    kit.scope(add_blueprint(app, "other", dict))
    app.add_url_rule("/", view_func=lambda: {})
    response = get(app, "/api/", "image/png")
    assert (response.status_code, response.headers["Vary"]) == (406, "Accept")
    assert JSON in response.text
    for path in ("/other/", "/"):
        response = get(app, path, "image/png")
        assert (response.status_code, response.mimetype) == (200, JSON)
        assert "Vary" not in response.headers
    assert get(app, "/api/missing", "image/png").status_code == 404


@pytest.mark.parametrize(
    ("accept", "status"),
    [(None, 200), ("*/*", 200), (JSON, 200), (f"{JSON};q=0", 406), ("a/b", 406)],
)
@pytest.mark.parametrize("view", [dict, User, lambda: "text"])
def test_every_answer_of_a_406_scope_varies(app, kit, accept, status, view):
    blueprint = add_blueprint(app, "api", view)
    kit.scope(blueprint, not_acceptable="406").add_converter(User, v1)
    response = get(app, "/api/", accept)
    assert (response.status_code, response.headers["Vary"]) == (status, "Accept")


def test_unsafe_request_is_refused_before_anything_is_done(app, kit):
    done = []
    blueprint = add_blueprint(app, "api", lambda: done.append(1) or {"a": 1})
    kit.scope(blueprint, not_acceptable="406")
    assert get(app, "/api/", CSV, "POST").status_code == 406
    assert not done
    assert get(app, "/api/", JSON, "POST").status_code == 200


def test_format_of_some_type_is_something_there_may_be(app, kit):
    blueprint = Blueprint("api", __name__)
    blueprint.add_url_rule("/user", "user", User, methods=["GET", "POST"])
    blueprint.add_url_rule("/dict", "dict", dict, methods=["GET", "POST"])
    app.register_blueprint(blueprint)
    scope = kit.scope(blueprint, not_acceptable="406")
    scope.add_converter(User, v1)
    scope.add_converter(User, lambda value: "name", mimetype=CSV)
    assert get(app, "/user", CSV).mimetype == CSV
    # By the type, it is known only after the view.
    assert get(app, "/dict", CSV).status_code == 406
    response = get(app, "/dict", CSV, "POST")
    assert (response.status_code, response.mimetype) == (200, JSON)


def test_files_and_automatic_answers_are_not_refused(app, kit, tmp_path):
    tmp_path.joinpath("a.png").write_bytes(b"png")
    blueprint = Blueprint(
        "api", __name__, static_folder=str(tmp_path), static_url_path="/files"
    )
    blueprint.add_url_rule("/", "view", dict)
    app.register_blueprint(blueprint, url_prefix="/api")
    kit.scope(blueprint, not_acceptable="406")
    with get(app, "/api/files/a.png", "image/png") as response:
        assert response.data == b"png"
    assert get(app, "/api/", "image/png", "OPTIONS").status_code == 200
    assert get(app, "/api/", "image/png", "HEAD").status_code == 406
    assert get(app, "/api/", "image/png").status_code == 406


def test_view_that_answers_options_itself_is_refused(app, kit):
    blueprint = Blueprint("api", __name__)
    blueprint.add_url_rule("/", "view", dict, methods=["OPTIONS"])
    app.register_blueprint(blueprint)
    kit.scope(blueprint, not_acceptable="406")
    assert get(app, "/", "image/png", "OPTIONS").status_code == 406


def test_refusal_reaches_the_error_handler_of_the_blueprint(app, kit):
    blueprint = make_blueprint("api", dict)
    blueprint.register_error_handler(406, lambda error: (User(), 406))
    app.register_blueprint(blueprint)
    scope = kit.scope(blueprint, not_acceptable="406")
    scope.add_converter(User, v1)
    response = get(app, "/api/", "image/png")
    assert (response.status_code, response.json) == (406, {"v1": "Ada"})
    assert response.headers["Vary"] == "Accept"


# Response classes


def test_innermost_response_class_that_is_given_holds(app, kit):
    parent = Blueprint("parent", __name__)
    child = make_blueprint("child", lambda: "text")
    inherits = make_blueprint("inherits", lambda: "text")
    parent.register_blueprint(child)
    parent.register_blueprint(inherits)
    app.register_blueprint(parent)
    add_blueprint(app, "other", lambda: "text")
    kit.scope(parent, response_class=XMLResponse)
    kit.scope(child, response_class=PlainResponse)
    kit.scope(inherits)
    assert get(app, "/child/").mimetype == "text/plain"
    assert get(app, "/inherits/").mimetype == XML
    assert get(app, "/other/").mimetype == "text/html"


# Nested blueprints


def nest(app, *names):
    """Register blueprints one in the other; the innermost has a view at /."""
    blueprints = [Blueprint(name, __name__) for name in names]
    blueprints[-1].add_url_rule("/", "view", lambda: [User(), Money()])
    for outer, inner in zip(blueprints, blueprints[1:], strict=False):
        outer.register_blueprint(inner)
    app.register_blueprint(blueprints[0])
    return blueprints


def test_scope_of_the_outer_blueprint_is_around_that_of_the_inner(app, kit):
    parent, child = nest(app, "parent", "child")
    kit.add_converter(User, root)
    kit.add_converter(Money, root)
    kit.scope(child).add_converter(User, lambda value: "child")
    kit.scope(parent).add_converter(Money, lambda value: "parent")
    assert get_json(app, "/") == ["child", "parent"]


def test_scope_reaches_through_blueprints_without_one(app, kit):
    nest(app, "a", "b", "c")
    scope = kit.scope(app.blueprints["a"])
    scope.add_converter(User, lambda value: "a")
    scope.add_converter(Money, lambda value: "a")
    kit.scope(app.blueprints["a.b.c"]).add_converter(User, lambda value: "c")
    assert get_json(app, "/") == ["c", "a"]


def test_inner_scope_does_not_hold_in_the_outer_blueprint(app, kit):
    parent, child = nest(app, "parent", "child")
    app.add_url_rule("/parent", "parent.view", User)
    kit.add_converter(User, root)
    kit.scope(child).add_converter(User, v1)
    kit.scope(parent)
    assert get_json(app, "/parent") == {"root": "Ada"}


def test_blueprint_under_two_parents_is_in_the_scope_of_each(app, kit):
    child = make_blueprint("child", lambda: [User(), Money()])
    for name in ("first", "second"):
        parent = Blueprint(name, __name__, url_prefix=f"/{name}")
        parent.register_blueprint(child)
        app.register_blueprint(parent)
        kit.scope(parent).add_converter(Money, lambda value, name=name: name)
    kit.scope(child).add_converter(User, lambda value: "child")
    for _ in range(2):
        assert get_json(app, "/first/child/") == ["child", "first"]
        assert get_json(app, "/second/child/") == ["child", "second"]


def test_blueprint_with_another_name_keeps_its_scope(app, kit):
    blueprint = add_blueprint(app, "api", User)
    app.register_blueprint(blueprint, name="again", url_prefix="/again")
    kit.scope(blueprint).add_converter(User, v1)
    assert get_json(app, "/api/") == get_json(app, "/again/") == {"v1": "Ada"}


def test_blueprint_may_have_the_name_of_another_within_other_parents(app, kit):
    for name in ("first", "second"):
        parent = Blueprint(name, __name__, url_prefix=f"/{name}")
        child = make_blueprint("api")
        parent.register_blueprint(child)
        app.register_blueprint(parent)
        kit.scope(child).add_converter(User, lambda value, name=name: [name])
    assert get_json(app, "/first/api/") == ["first"]
    assert get_json(app, "/second/api/") == ["second"]


def test_endpoint_of_the_app_with_a_dot_is_in_no_scope(app, kit):
    kit.add_converter(User, root)
    kit.scope(add_blueprint(app, "api", User)).add_converter(User, v1)
    app.add_url_rule("/dotted", "none.view", User)
    assert get_json(app, "/dotted") == {"root": "Ada"}


# When things are said


def make_scope_first(app, blueprint):
    kit = ResponseKit()
    scope = kit.scope(blueprint)
    scope.add_converter(User, v1)
    kit.init_app(app)
    app.register_blueprint(blueprint)


def make_scope_before_blueprint(app, blueprint):
    kit = ResponseKit(app)
    kit.scope(blueprint).add_converter(User, v1)
    app.register_blueprint(blueprint)


def make_scope_last(app, blueprint):
    app.register_blueprint(blueprint)
    kit = ResponseKit(app)
    kit.scope(blueprint).add_converter(User, v1)


def make_kit_last(app, blueprint):
    kit = ResponseKit()
    scope = kit.scope(blueprint)
    app.register_blueprint(blueprint)
    kit.init_app(app)
    scope.add_converter(User, v1)


@pytest.mark.parametrize(
    "set_up",
    [make_scope_first, make_scope_before_blueprint, make_scope_last, make_kit_last],
)
def test_order_of_kit_scope_and_blueprint_is_free(app, set_up):
    set_up(app, make_blueprint("api"))
    assert get_json(app, "/api/") == {"v1": "Ada"}


def test_what_is_said_after_a_look_is_followed(app, kit):
    blueprint = add_blueprint(app, "api", User)
    with app.test_request_context("/api/"):
        assert kit.response([1]).mimetype == JSON
        scope = kit.scope(blueprint, renderers=["yaml"])
        assert kit.response([1]).mimetype == YAML
        scope.add_converter(User, v1)
        assert jsonify(User()).json == {"v1": "Ada"}
        scope.add_converter(User, v2, replace=True)
        assert jsonify(User()).json == {"v2": "Ada"}
        scope.add_converter(User, lambda value: "a", mimetype="text/x-a")
        scope.add_renderer(ShoutRenderer())
    with app.test_request_context("/api/", headers={"Accept": SHOUT}):
        assert kit.response([1]).data == b"[1]!"
    with app.test_request_context("/api/", headers={"Accept": "text/x-a"}):
        assert kit.response(User()).data == b"a"


def test_one_kit_has_the_same_scopes_on_several_apps():
    kit = ResponseKit()
    blueprint = make_blueprint("api", lambda: [User()])
    kit.scope(blueprint).add_converter(User, v1)
    kit.add_converter(User, root)
    apps = [Flask(__name__), Flask(__name__), Flask(__name__)]
    for app in apps[:2]:
        kit.init_app(app)
    apps[0].register_blueprint(blueprint)
    apps[1].register_blueprint(blueprint, name="again", url_prefix="/again")
    apps[1].config["RESPONSEKIT_RENDERERS"] = ["yaml"]
    add_blueprint(apps[1], "api", lambda: [User()])
    assert get_json(apps[0], "/api/") == [{"v1": "Ada"}]
    assert get_json(apps[1], "/again/") == [{"v1": "Ada"}]
    # Another blueprint of the same name.
    assert get_json(apps[1], "/api/") == [{"root": "Ada"}]
    # A kit that is in use may have more apps, with options of their own.
    apps[2].config["RESPONSEKIT_RENDERERS"] = ["yaml"]
    kit.init_app(apps[2])
    apps[2].register_blueprint(blueprint)
    assert get(apps[2], "/api/").text == "- v1: Ada\n"
    assert get_json(apps[0], "/api/") == [{"v1": "Ada"}]


def test_two_kits_may_each_have_a_scope_of_one_blueprint():
    blueprint = make_blueprint("api")
    for converter in (v1, v2):
        app = Flask(__name__)
        kit = ResponseKit(app)
        kit.scope(blueprint).add_converter(User, converter)
        app.register_blueprint(blueprint)
        assert get_json(app, "/api/") == {converter.__name__: "Ada"}


# Mistakes


def test_second_scope_of_a_blueprint_is_an_error(kit):
    blueprint = Blueprint("api", __name__)
    kit.scope(blueprint)
    message = "The blueprint 'api' already has a scope of this kit. Use the one that"
    with pytest.raises(ValueError, match=message):
        kit.scope(blueprint)


@pytest.mark.parametrize(
    ("blueprint", "name"),
    [
        pytest.param("api", "'api'", id="name"),
        pytest.param(None, "None", id="none"),
        pytest.param(Blueprint, "flask.blueprints.Blueprint", id="class"),
    ],
)
def test_only_a_blueprint_has_a_scope(kit, blueprint, name):
    with pytest.raises(TypeError, match=f"{name} is no blueprint"):
        kit.scope(blueprint)


def test_app_has_no_scope_but_the_kit(app, kit):
    with pytest.raises(TypeError, match="is no blueprint"):
        kit.scope(app)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        pytest.param(
            {"not_acceptable": 406},
            ValueError,
            "not_acceptable is 406. It can be one of None, '406', 'fallback'.",
            id="mode",
        ),
        pytest.param(
            {"problems": True},
            ValueError,
            "problems is True. It can be one of None, 'negotiate', 'always', 'off'.",
            id="problems",
        ),
        pytest.param(
            {"renderers": ["nope"]},
            ValueError,
            "'nope' is not the name of a renderer",
            id="unknown-renderer",
        ),
        pytest.param({"renderers": []}, ValueError, "is empty", id="no-renderers"),
        pytest.param(
            {"renderers": "json"}, TypeError, "given as a list", id="renderer-as-text"
        ),
        pytest.param(
            {"renderers": [ShoutRenderer]}, TypeError, "is no renderer", id="class"
        ),
        pytest.param(
            {"renderers": ["json", JSONRenderer()]},
            ValueError,
            "two renderers of 'application/json'",
            id="same-twice",
        ),
        pytest.param(
            {"response_class": "Response"},
            TypeError,
            "'Response' is no response class. Give a subclass of flask.Response.",
            id="response-class-as-text",
        ),
        pytest.param(
            {"response_class": dict}, TypeError, "dict is no response", id="other-class"
        ),
        pytest.param(
            {"response_class": flask.Response()}, TypeError, "is no", id="instance"
        ),
    ],
)
def test_wrong_argument_is_an_error_and_leaves_no_scope(kit, arguments, error, message):
    blueprint = Blueprint("api", __name__)
    with pytest.raises(error, match=message):
        kit.scope(blueprint, **arguments)
    assert not kit.scopes
    assert kit.scope(blueprint)


def test_options_are_given_by_name(kit):
    with pytest.raises(TypeError, match="positional"):
        kit.scope(Blueprint("api", __name__), ["json"])


def test_same_type_twice_in_a_scope_is_an_error_that_names_both(app, kit):
    kit.add_converter(User, root)
    scope = kit.scope(add_blueprint(app, "api", User))
    scope.add_converter(User, v1)
    with pytest.raises(ValueError, match=r"User.* already has .*v1, so .*v2 cannot"):
        scope.add_converter(User, v2)
    scope.add_converter(User, v1, mimetype=CSV)
    with pytest.raises(ValueError, match=r"User.* already has .*v1, so .*v2 cannot"):
        scope.converter(User, mimetype="TEXT/csv")(v2)
    scope.add_converter(User, v2, replace=True)
    scope.add_converter(User, lambda value: "a", mimetype=CSV, replace=True)
    assert get_json(app, "/api/") == {"v2": "Ada"}
    assert get(app, "/api/", CSV).text == "a"


def test_same_template_twice_is_an_error_that_names_both(kit):
    scope = kit.scope(Blueprint("api", __name__))
    scope.add_template(User, "a.html")
    names = r"add_template\('a.html'\), so .*add_template\('b.html'\) cannot"
    with pytest.raises(ValueError, match=names):
        scope.add_template(User, "b.html")
    scope.add_template(User, "b.html", replace=True)


def test_name_of_a_value_in_a_template_is_an_identifier(kit):
    scope = kit.scope(Blueprint("api", __name__))
    with pytest.raises(ValueError, match="'a user' cannot be the name of a value"):
        scope.add_template(User, "user.html", name="a user")


def test_same_renderer_twice_is_an_error_that_names_both(kit):
    scope = kit.scope(Blueprint("api", __name__))
    scope.add_renderer(ShoutRenderer())
    with pytest.raises(ValueError, match=r"Renderer .* cannot be added: .*Renderer"):
        scope.add_renderer(ShoutRenderer())
    with pytest.raises(TypeError, match="is no renderer"):
        scope.add_renderer(ShoutRenderer)
    assert len(scope.added_renderers) == 1


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param(("User", v1), ValueError, id="name-without-a-dot"),
        pytest.param((v1, User), TypeError, id="wrong-order"),
        pytest.param((User, None), TypeError, id="no-function"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"mimetype": CSV}])
def test_wrong_converter_is_an_error(kit, arguments, error, options):
    scope = kit.scope(Blueprint("api", __name__))
    with pytest.raises(error):
        scope.add_converter(*arguments, **options)
    assert not list(scope.converters)


@pytest.mark.parametrize("mimetype", ["csv", "text/", "", "text/*", 5])
def test_malformed_media_type_is_an_error(kit, mimetype):
    scope = kit.scope(Blueprint("api", __name__))
    with pytest.raises((TypeError, ValueError)):
        scope.add_converter(User, v1, mimetype=mimetype)
    assert not scope.formats


LATE = [
    pytest.param(
        lambda scope: scope.add_converter(User, v1), "add_converter", id="converter"
    ),
    pytest.param(
        lambda scope: scope.converter(User)(v1), "add_converter", id="decorator"
    ),
    pytest.param(
        lambda scope: scope.add_converter(User, v1, mimetype=CSV),
        "add_converter",
        id="representation",
    ),
    pytest.param(
        lambda scope: scope.add_converter(Money, v1, mimetype=SHOUT),
        "add_converter",
        id="representation-of-known-type",
    ),
    pytest.param(
        lambda scope: scope.add_template(User, "a"), "add_converter", id="template"
    ),
    pytest.param(
        lambda scope: scope.add_renderer(ShoutRenderer()), "add_renderer", id="renderer"
    ),
]


@pytest.mark.parametrize(("say", "method"), LATE)
@pytest.mark.parametrize("of_kit", [True, False], ids=["kit", "scope"])
def test_nothing_is_said_after_the_first_request(app, kit, say, method, of_kit):
    scope = kit.scope(add_blueprint(app, "api", dict))
    scope.add_converter(User, root, mimetype=SHOUT)
    assert get(app, "/api/").status_code == 200
    with pytest.raises(AssertionError) as caught:
        say(kit if of_kit else scope)
    message = str(caught.value)
    assert f"The setup method {method!r} can no longer be called on the" in message
    assert "It has already handled its first request" in message
    with pytest.raises(AssertionError) as of_flask:
        app.before_request(print)
    # Flask's own words, apart from the name of the method and of the app.
    reason = str(of_flask.value).partition("It has")[2]
    assert reason.partition("\n")[0] in message
    assert get(app, "/api/", SHOUT).mimetype == JSON


def test_no_scope_is_made_after_the_first_request(app, kit):
    blueprint = add_blueprint(app, "api", dict)
    assert get(app, "/api/").status_code == 200
    with pytest.raises(AssertionError, match="'scope' can no longer be called"):
        kit.scope(blueprint)
    assert not kit.scopes


def test_first_request_to_any_app_of_the_kit_counts():
    kit = ResponseKit()
    apps = [Flask(__name__), Flask(__name__)]
    for app in apps:
        kit.init_app(app)
    scope = kit.scope(Blueprint("api", __name__))
    get(apps[1], "/")
    with pytest.raises(AssertionError):
        scope.add_converter(User, v1)


# All ways of making a response follow the scope of the request

VIEWS = [
    pytest.param(lambda: User(), "{}", id="value"),
    pytest.param(lambda: (User(), 200), "{}", id="with-status"),
    pytest.param(lambda: [User()], "[{}]", id="in-list"),
    pytest.param(lambda: ({"a": User()}, 200), '{{"a":{}}}', id="in-dict"),
    pytest.param(lambda: jsonify(User()), "{}", id="jsonify"),
    pytest.param(lambda: jsonify(a=[User()]), '{{"a":[{}]}}', id="jsonify-nested"),
    pytest.param(lambda: flask.json.dumps(User()), "{}", id="dumps"),
    pytest.param(
        lambda: render_template_string("{{ value|tojson }}", value=User()),
        "{}",
        id="tojson",
    ),
    pytest.param(lambda: Holder(), '{{"held":{}}}', id="in-converted"),
    pytest.param(
        lambda: flask.stream_with_context(
            text for text in map(flask.json.dumps, [User()])
        ),
        "{}",
        id="stream",
    ),
    pytest.param(
        lambda: flask.current_app.extensions["kit"].response(User()),
        "{}",
        id="kit-response",
    ),
    pytest.param(
        lambda: [flask.current_app.extensions["kit"].to_plain(User())],
        "[{}]",
        id="to-plain",
    ),
]


class Holder:
    """Has a user in what its converter gives."""


@pytest.mark.parametrize(("view", "expected"), VIEWS)
@pytest.mark.parametrize("renderers", [None, ["json", "csv"]], ids=["one", "several"])
def test_nested_values_follow_the_scope_of_the_request(app, view, expected, renderers):
    kit = app.extensions["kit"] = ResponseKit(app, renderers=renderers)
    kit.add_converter(User, root)
    kit.add_converter(Holder, lambda value: {"held": User()})
    for name, converter in (("v1", v1), ("v2", v2)):
        kit.scope(add_blueprint(app, name, view)).add_converter(User, converter)
    app.add_url_rule("/root/", view_func=view, endpoint="root")
    for name in ("v1", "root", "v2", "v1"):
        text = get(app, f"/{name}/").text
        shown = expected.format(f'{{"{name}":"Ada"}}')
        assert text.strip().replace(": ", ":") == shown


@pytest.mark.parametrize(
    "text",
    [
        "{{ value|tojson }}",
        "{{ value|tojson|safe }}",
        "{% set a=value|tojson %}{{ a }}",
    ],
)
def test_tojson_follows_each_request_in_a_template_that_is_cached(app, kit, text):
    app.jinja_loader = DictLoader({"page": text})

    def view():
        return flask.render_template("page", value=[User()])

    for name, converter in (("v1", v1), ("v2", v2)):
        kit.scope(add_blueprint(app, name, view)).add_converter(User, converter)
    for _ in range(2):
        assert get(app, "/v1/").text == '[{"v1": "Ada"}]'
        assert get(app, "/v2/").text == '[{"v2": "Ada"}]'


@pytest.mark.parametrize("renderer", ["xml", "yaml", "csv"])
def test_every_renderer_writes_nested_values_as_the_scope_says(app, renderer):
    kit = ResponseKit(app, renderers=[renderer])
    for name, converter in (("v1", v1), ("v2", v2)):
        scope = kit.scope(add_blueprint(app, name, lambda: [{"user": Money()}]))
        scope.add_converter(Money, lambda value: User())
        scope.add_converter(
            User, lambda value, made=converter: made(value).popitem()[0]
        )
    assert "v1" in get(app, "/v1/").text
    assert "v2" in get(app, "/v2/").text


def test_what_a_scope_hides_of_a_dataclass_is_hidden_everywhere_in_it(app, kit):
    scope = kit.scope(
        add_blueprint(app, "api", lambda: {"a": [Record()], "b": Record()})
    )
    scope.add_converter(Record, lambda value: value.shown)
    add_blueprint(app, "other", lambda: [Record()])
    full = {"shown": 1, "hidden": 2}
    for _ in range(2):
        assert get_json(app, "/api/") == {"a": [1], "b": 1}
        assert get_json(app, "/other/") == [full]


# Converters for what Flask takes itself

TAKEN = [
    pytest.param(tuple, lambda: ("a", 201), id="tuple"),
    pytest.param(tuple, lambda: ("a",), id="tuple-of-one"),
    pytest.param(Point, Point, id="namedtuple"),
    pytest.param(tuple, Point, id="namedtuple-as-tuple"),
    pytest.param(dict, lambda: {"a": 1}, id="dict"),
    pytest.param(
        collections.OrderedDict, lambda: collections.OrderedDict(a=1), id="dict-class"
    ),
    pytest.param(list, lambda: [1], id="list"),
    pytest.param(str, lambda: "a", id="str"),
    pytest.param(bytes, lambda: b"a", id="bytes"),
    pytest.param(bool, lambda: True, id="bool"),
    pytest.param(type(None), lambda: None, id="none"),
]


def show(value):
    return flask.Response(f"shown: {value!r}", mimetype="text/x-shown")


class AppWithMethod(Flask):
    """An app with a method of its own, which comes first."""

    def make_response(self, rv):
        response = super().make_response(rv)
        response.headers["X-Own"] = "1"
        return response


def describe(response):
    # Data has the one from the kit, and errors the other.
    ours = ("X-Content-Type-Options", "Vary")
    headers = [row for row in sorted(response.headers.items()) if row[0] not in ours]
    return response.status, headers, response.data


@pytest.mark.parametrize("app_class", [Flask, AppWithMethod])
@pytest.mark.parametrize(("cls", "view"), TAKEN)
def test_scope_may_convert_what_flask_takes_and_its_neighbours_do_not(
    app_class, cls, view
):
    app, bare = app_class(__name__), app_class(__name__)
    kit = ResponseKit(app)
    kit.scope(add_blueprint(app, "api", view)).add_converter(cls, show)
    for one in (app, bare):
        add_blueprint(one, "other", view)
    for _ in range(2):
        response = get(app, "/api/")
        assert (response.mimetype, response.text) == (
            "text/x-shown",
            f"shown: {view()!r}",
        )
        assert describe(get(app, "/other/")) == describe(get(bare, "/other/"))


@pytest.mark.parametrize("app_class", [Flask, AppWithMethod])
def test_scoped_converter_that_fails_for_a_dict_is_an_error_of_the_request(app_class):
    def refuse(value):
        abort(418)

    app = app_class(__name__)
    kit = ResponseKit(app)
    kit.scope(add_blueprint(app, "api", dict)).add_converter(dict, refuse)
    app.register_error_handler(418, lambda error: ("handled", 418))
    for _ in range(2):
        response = get(app, "/api/")
        assert (response.status_code, response.text) == (418, "handled")


def test_failed_conversion_in_a_scope_beats_the_status_of_the_view(app, kit):
    def refuse(value):
        return flask.Response("no", 409)

    kit.scope(add_blueprint(app, "api", lambda: ({}, 201))).add_converter(dict, refuse)
    for _ in range(2):
        assert get(app, "/api/").status_code == 409


# With JSON alone it is the error that Flask has for such data.
@pytest.mark.parametrize("renderers", [["json", "csv"], ["csv", "json"]])
@pytest.mark.parametrize(
    "value", [{"a": [object()]}, [object()]], ids=["in-dict", "in-list"]
)
@pytest.mark.parametrize("with_status", [False, True])
def test_data_that_cannot_be_sent_is_an_error_of_the_request(
    app, kit, renderers, value, with_status
):
    blueprint = add_blueprint(
        app, "api", lambda: (value, 201) if with_status else value
    )
    kit.scope(blueprint, renderers=renderers)
    kit.add_converter(User, root)
    app.register_error_handler(TypeError, lambda error: ("handled", 418))
    response = get(app, "/api/", JSON)
    assert (response.status_code, response.text) == (418, "handled")


@pytest.mark.parametrize("renderers", [["json", "csv"], ["csv"]])
@pytest.mark.parametrize("value", [{"a": object()}, [object()], User()])
def test_error_whose_answer_cannot_be_sent_is_a_static_problem(
    app, kit, renderers, value
):
    blueprint = add_blueprint(app, "api", lambda: 1 / 0)
    scope = kit.scope(blueprint, renderers=renderers)
    scope.add_converter(User, lambda value: [object()])
    app.register_error_handler(ZeroDivisionError, lambda error: (value, 418))
    response = get(app, "/api/", JSON)
    assert (response.status_code, response.mimetype) == (500, PROBLEM)
    assert response.json["status"] == 500


# Hooks and error handlers


def test_before_request_of_a_blueprint_is_in_its_scope(app, kit):
    for name, converter in (("v1", v1), ("v2", v2)):
        blueprint = make_blueprint(name, lambda: abort(500))
        blueprint.before_request(lambda: (User(), 203))
        app.register_blueprint(blueprint)
        kit.scope(blueprint).add_converter(User, converter)
    for name in ("v1", "v2"):
        response = get(app, f"/{name}/")
        assert (response.status_code, response.json) == (203, {name: "Ada"})


def test_before_request_of_the_app_answers_in_the_scope_of_the_request(app, kit):
    app.before_request(User)
    kit.add_converter(User, root)
    kit.scope(add_blueprint(app, "v1", dict)).add_converter(User, v1)
    assert get_json(app, "/v1/") == {"v1": "Ada"}
    assert get_json(app, "/missing") == {"root": "Ada"}


@pytest.mark.parametrize("of_app", [True, False], ids=["app", "blueprint"])
@pytest.mark.parametrize(
    "error", [pytest.param(404, id="code"), pytest.param(BrokeError, id="exception")]
)
@pytest.mark.parametrize(
    "handle",
    [
        pytest.param(lambda error: (User(), 418), id="value"),
        pytest.param(lambda error: (jsonify(User()), 418), id="jsonify"),
        pytest.param(lambda error: ([User()], 418), id="nested"),
    ],
)
def test_error_handler_answers_in_the_scope_of_the_request(
    app, kit, of_app, error, handle
):
    def fail():
        if error == 404:
            abort(404)
        raise BrokeError

    kit.add_converter(User, root)
    app.register_error_handler(error, handle)
    for name, converter in (("v1", v1), ("v2", v2)):
        blueprint = make_blueprint(name, fail)
        if not of_app:
            blueprint.register_error_handler(error, handle)
        app.register_blueprint(blueprint)
        kit.scope(blueprint).add_converter(User, converter)
    app.add_url_rule("/root/", "fail", fail)
    for name in ("v1", "v2", "root"):
        response = get(app, f"/{name}/")
        assert response.status_code == 418
        data = response.json
        assert (data[0] if isinstance(data, list) else data) == {name: "Ada"}


def test_unmatched_url_is_answered_outside_of_all_scopes(app, kit):
    kit.add_converter(User, root)
    kit.scope(add_blueprint(app, "api", User)).add_converter(User, v1)
    app.register_error_handler(404, lambda error: (User(), 404))
    assert get_json(app, "/missing") == {"root": "Ada"}


def test_after_request_is_in_the_scope(app, kit):
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    blueprint.add_url_rule("/", "view", lambda: "")
    blueprint.after_request(lambda response: jsonify(User()))
    app.register_blueprint(blueprint)
    kit.scope(blueprint).add_converter(User, v1)
    assert get_json(app, "/api/") == {"v1": "Ada"}


# Views of a scope


def test_view_of_a_scope_or_of_the_kit_follows_the_scope_of_the_request(app, kit):
    kit.add_converter(User, root)
    api, other = make_blueprint("api"), make_blueprint("other")
    scope = kit.scope(api, renderers=["json", "csv"])
    scope.add_converter(User, v1)
    api.add_url_rule("/by-kit", "by_kit", kit.view(lambda: User()))
    api.add_url_rule("/by-scope", "by_scope", scope.view(lambda: User()))
    other.add_url_rule("/by-scope", "by_scope", scope.view(lambda: User()))
    app.register_blueprint(api)
    app.register_blueprint(other)
    assert get_json(app, "/api/by-kit") == {"v1": "Ada"}
    assert get_json(app, "/api/by-scope") == {"v1": "Ada"}
    assert get_json(app, "/other/by-scope") == {"root": "Ada"}
    assert read_rows(get(app, "/api/by-scope", CSV)) == [["v1"], ["Ada"]]


def test_view_that_declares_is_not_held_to_what_its_scope_has(app, kit):
    api = make_blueprint("api", lambda: [[1]])
    scope = kit.scope(api, not_acceptable="406")
    api.add_url_rule("/csv", "csv", scope.view(produces="csv")(lambda: [[1]]))
    app.register_blueprint(api)
    assert get(app, "/api/", CSV).status_code == 406
    assert get(app, "/api/csv", CSV).mimetype == CSV
    assert get(app, "/api/csv", JSON).status_code == 406


def test_fallback_of_a_scope_holds_for_views_that_declare(app, kit):
    api = make_blueprint("api")
    scope = kit.scope(api, not_acceptable="fallback")
    api.add_url_rule("/csv", "csv", scope.view(produces=["csv"])(lambda: [[1]]))
    app.register_blueprint(api)
    assert get(app, "/api/csv", "image/png").mimetype == CSV


def test_view_may_name_a_renderer_that_its_scope_added(app, kit):
    api = make_blueprint("api")
    scope = kit.scope(api)
    scope.add_renderer(ShoutRenderer())
    for number, produces in enumerate(["shout", SHOUT, ("json", "shout")]):
        view = scope.view(produces=produces)(lambda: [[1]])
        api.add_url_rule(f"/{number}", f"view{number}", view)
    app.register_blueprint(api)
    for number in range(3):
        assert get(app, f"/api/{number}", SHOUT).text == "[[1]]!"


# Several at once


def test_threads_in_different_scopes_do_not_meet(app):
    kit = ResponseKit(app, renderers=["json", "yaml"])
    barrier = threading.Barrier(4, timeout=20)

    def slowly(convert):
        def converter(value):
            barrier.wait()
            return convert(value)

        return converter

    for name, converter in (("v1", v1), ("v2", v2)):
        blueprint = make_blueprint(name, User)
        view = kit.view(produces="csv")(lambda: [User()])
        blueprint.add_url_rule("/csv", "csv", view)
        app.register_blueprint(blueprint)
        kit.scope(blueprint).add_converter(User, slowly(converter))
    paths = ["/v1/", "/v2/", "/v1/csv", "/v2/csv"] * 5
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda path: get(app, path).text.strip(), paths))
    lines = ['{"v1":"Ada"}', '{"v2":"Ada"}', "v1\r\nAda", "v2\r\nAda"]
    assert texts == lines * 5


# Nothing is kept


@pytest.fixture
def no_gc():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({}, id="default"),
        pytest.param({"RESPONSEKIT_RENDERERS": ["json", "csv"]}, id="several"),
        pytest.param({"RESPONSEKIT_NOT_ACCEPTABLE": "406"}, id="406"),
        pytest.param({"RESPONSEKIT_FORMAT_PARAMETER": "format"}, id="parameter"),
        pytest.param({"RESPONSEKIT_ETAG": True}, id="etag"),
    ],
)
def test_app_with_scopes_and_views_is_freed_with_its_last_reference(no_gc, config):
    kit = ResponseKit()
    blueprint = make_blueprint("api")
    scope = kit.scope(blueprint, response_class=XMLResponse, renderers=["json", "yaml"])
    scope.add_converter(User, v1)
    scope.add_converter(User, lambda value: "a", mimetype=SHOUT)
    view = kit.view(produces="csv", etag=True)(lambda: [User()])
    blueprint.add_url_rule("/csv", "csv", view)

    def make_and_use():
        app = Flask(__name__)
        app.config.update(config)
        app.register_blueprint(blueprint)
        app.add_url_rule("/", view_func=kit.view(lambda: {}))
        kit.init_app(app)
        for path in ("/", "/api/", "/api/csv"):
            assert get(app, path).status_code == 200
        return weakref.ref(app), weakref.ref(app.extensions["responsekit"].policies)

    app, policies = make_and_use()
    assert app() is None
    gc.collect()
    assert policies() is None
    assert not kit.followers


def test_kit_may_be_told_more_after_one_of_its_apps_is_gone(no_gc):
    kit = ResponseKit()
    blueprint = make_blueprint("api")
    app = Flask(__name__)
    kit.init_app(app)
    # What was installed may be there for longer.
    kept = app.extensions["responsekit"]
    app = Flask(__name__)
    assert kept.policies in kit.followers
    kit.scope(blueprint, renderers=["json"]).add_converter(User, v1)
    kit.init_app(app)
    app.register_blueprint(blueprint)
    assert get_json(app, "/api/") == {"v1": "Ada"}


@pytest.mark.parametrize("keeps_request", [False, True])
def test_stream_is_in_the_scope_while_the_request_is_there(keeps_request):
    app = Flask(__name__)
    kit = ResponseKit(app)
    bp = Blueprint("bp", __name__)
    kit.scope(bp).add_converter(complex, lambda value: "scope")
    kit.add_converter(complex, lambda value: "kit")

    @bp.get("/")
    def stream():
        def write():
            with contextlib.ExitStack() as stack:
                if not keeps_request:
                    stack.enter_context(app.app_context())
                yield flask.json.dumps(1j)

        return flask.stream_with_context(write()) if keeps_request else write()

    app.register_blueprint(bp)
    text = app.test_client().get("/").text
    assert text == ('"scope"' if keeps_request else '"kit"')


@pytest.mark.parametrize("declares", [False, True])
def test_page_beside_enforced_formats_declares_what_it_is(declares):
    app = Flask(__name__)
    app.config["RESPONSEKIT_NOT_ACCEPTABLE"] = "406"
    kit = ResponseKit(app)
    decorate = kit.view(produces="text/html") if declares else kit.view
    app.add_url_rule("/", "page", decorate(lambda: "<p>"))
    response = app.test_client().get("/", headers={"Accept": "text/html"})
    assert response.status_code == (200 if declares else 406)
