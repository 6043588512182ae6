from __future__ import annotations

import ast
import dataclasses
import gc
import inspect
import re
import sys
import threading
import weakref

import flask
import pytest
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask.json.provider import JSONProvider

from flask_responsekit import ConverterNotFoundError
from flask_responsekit import KitResponse
from flask_responsekit import ResponseKit
from flask_responsekit.json import MsgspecJSONProvider


class Money:
    def __init__(self, amount=5):
        self.amount = amount


@dataclasses.dataclass
class User:
    name: str = "Ada"
    password: str = "secret"


def as_amount(value):
    return {"amount": value.amount}


def get(app, path="/"):
    return app.test_client().get(path)


# Configuring and installing.


def install_at_once(app):
    return ResponseKit(app)


def install_later(app):
    kit = ResponseKit()
    kit.init_app(app)
    return kit


@pytest.mark.parametrize("install", [install_at_once, install_later])
def test_kit_is_installed_with_the_app_or_later(install):
    app = Flask(__name__)
    kit = install(app)
    kit.add_converter(Money, as_amount)
    app.add_url_rule("/", view_func=Money)
    assert get(app).json == {"amount": 5}
    assert "responsekit" in app.extensions
    assert issubclass(app.response_class, KitResponse)


@pytest.mark.parametrize("early", [True, False])
def test_factory_may_register_before_and_after_init_app(early):
    kit = ResponseKit()

    def create_app():
        app = Flask(__name__)
        kit.init_app(app)
        app.add_url_rule("/", view_func=Money)
        return app

    if early:
        kit.add_converter(Money, as_amount)
    app = create_app()
    if not early:
        kit.add_converter(Money, as_amount)
    assert get(app).json == {"amount": 5}


def test_decorator_returns_its_function_and_registers_it():
    kit = ResponseKit()

    @kit.converter(Money)
    def convert(value):
        return {}

    @kit.converter(Money, replace=True)
    def convert_anew(value):
        return {}

    assert (convert.__name__, convert_anew.__name__) == ("convert", "convert_anew")
    assert Money in kit.converters
    assert kit.converters.lookup(Money).converter is convert_anew


def test_one_kit_serves_several_apps_each_as_configured():
    kit = ResponseKit()
    kit.add_converter(Money, as_amount)
    apps = [Flask("first"), Flask("second")]
    apps[1].config.update(RESPONSEKIT_SNIFF=False, RESPONSEKIT_NOSNIFF=False)
    for app in apps:
        kit.init_app(app)
        app.add_url_rule("/money", view_func=Money)
        app.add_url_rule("/image", "image", lambda: b"\x89PNG\r\n\x1a\n")
    responses = [get(app, path) for app in apps for path in ("/money", "/image")]
    assert responses[0].json == responses[2].json == {"amount": 5}
    assert [one.mimetype for one in responses[1::2]] == ["image/png", "text/html"]
    assert ["X-Content-Type-Options" in one.headers for one in responses] == [
        *(True, True),
        *(False, False),
    ]


def make_app_with_own_kit(name, *types):
    app = Flask(name)
    kit = ResponseKit(app)
    for cls in types:
        kit.add_converter(cls, lambda value: {"by": name})
    app.add_url_rule("/money", view_func=Money)
    app.add_url_rule("/nested", "nested", lambda: {"is": Money()})
    app.add_url_rule("/jsonify", "jsonify", lambda: flask.jsonify(Money()))
    return app


def test_kits_share_nothing():
    one, other = make_app_with_own_kit("one", Money), make_app_with_own_kit("other")
    for _ in range(2):
        assert get(one, "/money").json == {"by": "one"}
        assert get(one, "/nested").json == {"is": {"by": "one"}}
        assert get(one, "/jsonify").json == {"by": "one"}
        for path in ("/money", "/nested", "/jsonify"):
            assert get(other, path).status_code == 500


def test_kits_share_nothing_within_one_request():
    apps = [make_app_with_own_kit(name, Money) for name in ("inner", "outer")]

    def view():
        inner = [get(apps[0], path).json for path in ("/money", "/nested")]
        return {"mine": Money(), "inner": inner}

    apps[1].add_url_rule("/", view_func=view)
    assert get(apps[1]).json == {
        "mine": {"by": "outer"},
        "inner": [{"by": "inner"}, {"is": {"by": "inner"}}],
    }


def test_kits_share_nothing_between_threads():
    apps = [make_app_with_own_kit(str(number), Money) for number in range(4)]
    found = []

    def work(app):
        found.extend((app.name, get(app, "/money").json["by"]) for _ in range(20))

    threads = [threading.Thread(target=work, args=[app]) for app in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(name == by for name, by in found)


@pytest.mark.parametrize("same", [True, False])
def test_second_kit_on_an_app_is_an_error_that_says_what_to_do(same):
    app = Flask(__name__)
    kit = ResponseKit(app)
    kit.add_converter(Money, as_amount)
    app.add_url_rule("/", view_func=Money)
    before = dict(vars(app))
    with pytest.raises(RuntimeError, match="use that instance instead"):
        (kit if same else ResponseKit()).init_app(app)
    assert vars(app) == before
    assert get(app).json == {"amount": 5}


# Configuration.


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        pytest.param(key, value, allowed, id=f"{key[12:].lower()}-{value!r}")
        for key, allowed, values in [
            (
                "RESPONSEKIT_SNIFF",
                ["True", "False", "'strict'"],
                [1, 0, None, "true", "Strict", "", [], 1.0],
            ),
            ("RESPONSEKIT_NOSNIFF", ["True", "False"], [1, 0, None, "strict", "yes"]),
            ("RESPONSEKIT_ETAG", ["True", "False"], [1, 0, None, "weak"]),
            (
                "RESPONSEKIT_NOT_ACCEPTABLE",
                ["None", "'406'", "'fallback'"],
                [406, True, "", "refuse"],
            ),
            (
                "RESPONSEKIT_PROBLEMS",
                ["'negotiate'", "'always'", "'off'"],
                [None, True, False, "", "Always", "on", ["always"]],
            ),
            (
                "RESPONSEKIT_CSV_FORMULAS",
                ["'escape'", "'raw'", "'reject'"],
                [None, True, "quote"],
            ),
            ("RESPONSEKIT_JSON", ["None", "'msgspec'"], [True, "", "orjson", "json"]),
        ]
        for value in values
    ],
)
def test_wrong_configuration_names_key_value_and_choices(key, value, allowed):
    app = Flask(__name__)
    app.config[key] = value
    response_class, json_class = app.response_class, type(app.json)
    names = set(vars(app))
    with pytest.raises(ValueError) as caught:
        ResponseKit(app)
    for part in (key, repr(value), *allowed):
        assert re.search(rf"(?<!\w){re.escape(part)}(?!\w)", str(caught.value))
    # Nothing is half installed.
    assert app.response_class is response_class
    assert type(app.json) is json_class
    assert set(vars(app)) == names
    assert "responsekit" not in app.extensions
    app.config[key] = ast.literal_eval(allowed[0])
    ResponseKit(app)
    assert "responsekit" in app.extensions


@pytest.mark.parametrize("value", ["orjson", True, "", MsgspecJSONProvider])
def test_wrong_json_names_the_choices(value):
    with pytest.raises(ValueError, match="json is .* one of None, 'msgspec'"):
        ResponseKit(json=value)


@pytest.mark.parametrize(
    ("argument", "key", "is_replaced"),
    [
        pytest.param(None, None, False, id="nothing"),
        pytest.param("msgspec", None, True, id="argument"),
        pytest.param(None, "msgspec", True, id="key"),
        pytest.param("msgspec", "msgspec", True, id="both"),
    ],
)
def test_json_is_written_by_msgspec_only_if_asked_for(argument, key, is_replaced):
    app = Flask(__name__)
    app.config["RESPONSEKIT_JSON"] = key
    ResponseKit(app, json=argument)
    assert isinstance(app.json, MsgspecJSONProvider) is is_replaced


def test_missing_library_leaves_the_app_as_it_was(monkeypatch):
    monkeypatch.setitem(sys.modules, "msgspec", None)
    app = Flask(__name__)
    names, json_class = set(vars(app)), type(app.json)
    with pytest.raises(ModuleNotFoundError, match=r"pip install .*\[msgspec\]"):
        ResponseKit(app, json="msgspec")
    assert set(vars(app)) == names
    assert type(app.json) is json_class
    assert "responsekit" not in app.extensions
    app.config["RESPONSEKIT_JSON"] = "msgspec"
    with pytest.raises(ModuleNotFoundError, match=r"pip install .*\[msgspec\]"):
        ResponseKit(app)
    app.config["RESPONSEKIT_JSON"] = None
    ResponseKit(app)
    assert "responsekit" in app.extensions


def test_configuration_is_read_in_init_app():
    kit = ResponseKit()
    app = Flask(__name__)
    app.config["RESPONSEKIT_SNIFF"] = False
    kit.init_app(app)
    app.config["RESPONSEKIT_SNIFF"] = True
    app.add_url_rule("/", "image", lambda: b"\x89PNG\r\n\x1a\n")
    assert get(app).mimetype == "text/html"


def test_every_configuration_key_is_documented():
    app = Flask(__name__)
    known = set(app.config)
    ResponseKit(app)
    keys = set(app.config) - known
    assert keys == {
        "RESPONSEKIT_CSV_FORMULAS",
        "RESPONSEKIT_ETAG",
        "RESPONSEKIT_FORMAT_PARAMETER",
        "RESPONSEKIT_JSON",
        "RESPONSEKIT_NOSNIFF",
        "RESPONSEKIT_NOT_ACCEPTABLE",
        "RESPONSEKIT_PROBLEMS",
        "RESPONSEKIT_RENDERERS",
        "RESPONSEKIT_SNIFF",
    }
    documentation = inspect.getdoc(ResponseKit.init_app)
    assert all(f"``{key}``" in documentation for key in keys)


# Registering after the first request.


@pytest.mark.parametrize(
    "register",
    [
        pytest.param(lambda kit: kit.add_converter(User, vars), id="call"),
        pytest.param(lambda kit: kit.converter(User)(vars), id="decorator"),
        pytest.param(
            lambda kit: kit.add_converter(Money, vars, replace=True), id="replace"
        ),
        pytest.param(lambda kit: kit.add_converter("a.User", vars), id="name"),
        pytest.param(lambda kit: kit.converters.add(User, vars), id="registry"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/missing", "/fails"])
def test_nothing_is_registered_after_the_first_request_to_any_app(register, path):
    kit = ResponseKit()
    kit.add_converter(Money, as_amount)
    apps = [Flask("first"), Flask("second")]
    for app in apps:
        kit.init_app(app)
        app.add_url_rule("/", view_func=Money)
        app.add_url_rule("/fails", "fails", lambda: 1 / 0)
    get(apps[1], path)
    count = len(kit.converters)
    with pytest.raises(AssertionError, match="first request.*\nMake sure all imports"):
        register(kit)
    assert len(kit.converters) == count
    assert get(apps[0]).json == {"amount": 5}


def test_another_kit_takes_registrations_after_the_first_request_to_this_one():
    get(make_app_with_own_kit("one", Money), "/money")
    kit = ResponseKit()
    kit.add_converter(Money, as_amount)
    assert Money in kit.converters


# Plain data.


def test_to_plain_needs_no_app():
    kit = ResponseKit()
    kit.add_converter(Money, as_amount)
    assert kit.to_plain([Money(), {"a": (1, None)}]) == [
        {"amount": 5},
        {"a": [1, None]},
    ]


def test_to_plain_says_what_the_json_of_the_app_says():
    class Provider(DefaultJSONProvider):
        def default(self, value):
            return "app's own" if isinstance(value, complex) else super().default(value)

    app = Flask(__name__)
    app.json = Provider(app)
    kit = ResponseKit(app)
    with app.app_context():
        assert kit.to_plain([1j]) == ["app's own"]
    with pytest.raises(ConverterNotFoundError, match="complex"):
        kit.to_plain([1j])


@pytest.mark.parametrize("has_kit", [True, False])
def test_to_plain_follows_its_own_kit_in_the_context_of_another_app(has_kit):
    kit = ResponseKit()
    kit.add_converter(User, lambda user: {"name": user.name})
    other = Flask("other")
    if has_kit:
        ResponseKit(other)
    with other.app_context():
        assert kit.to_plain([User()]) == [{"name": "Ada"}]


# What keeps an app alive.


class OwnResponse(flask.Response):
    default_mimetype = "text/plain"


class MethodDefault(DefaultJSONProvider):
    def default(self, value):
        return super().default(value)


class OwnProvider(JSONProvider):
    def dumps(self, obj, **kwargs):
        return flask.json.provider.json.dumps(obj)

    def loads(self, text, **kwargs):
        return flask.json.provider.json.loads(text)


class OwnMethods(Flask):
    def make_response(self, rv):
        return super().make_response(rv)


def unchanged(app):
    pass


def use_response_class(app):
    app.response_class = OwnResponse


def use_method_default(app):
    app.json = MethodDefault(app)


def use_bound_default(app):
    app.json.default = MethodDefault(app).default


def use_own_provider(app):
    app.json = OwnProvider(app)


def request_it(app):
    for path in ("/", "/data"):
        get(app, path)


def replace_json_and_request_it(app):
    app.json = MethodDefault(app)
    request_it(app)


@pytest.fixture
def without_gc():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_gc")
@pytest.mark.parametrize("cls", [Flask, OwnMethods])
@pytest.mark.parametrize(
    "before", [unchanged, use_response_class, use_method_default, use_own_provider]
)
@pytest.mark.parametrize(
    "after",
    [unchanged, use_method_default, request_it, replace_json_and_request_it],
)
def test_app_and_provider_are_freed_with_their_last_reference(cls, before, after):
    app = cls("freed")
    before(app)
    kit = ResponseKit(app)
    kit.add_converter(Money, as_amount)
    app.add_url_rule("/", view_func=Money)
    app.add_url_rule("/data", "data", lambda: [Money(), (1, 2)])
    after(app)
    references = [weakref.ref(app), weakref.ref(app.json)]
    del app
    assert [reference() for reference in references] == [None, None]


def test_app_with_templates_and_errors_is_freed_by_the_collector():
    # Flask's environment holds the app, and so does a traceback.
    app = Flask("freed")
    policies = app.jinja_env.policies
    kit = ResponseKit(app)
    app.add_url_rule("/data", "data", lambda: [1])
    app.add_url_rule(
        "/", "page", lambda: flask.render_template_string("{{ 1|tojson }}")
    )
    assert [get(app, path).text for path in ("/", "/data")] == ["1", "[1]\n"]
    get(app, "/missing")
    references = [weakref.ref(app), weakref.ref(app.json)]
    del app, policies
    gc.collect()
    assert [reference() for reference in references] == [None, None]
    assert kit.to_plain((1,)) == [1]


def test_kit_of_an_app_is_collected_with_it():
    app = Flask("freed")
    app.json = MethodDefault(app)
    app.add_url_rule("/", view_func=lambda: (Money(), 201))
    kit = ResponseKit(app)
    kit.add_converter(Money, as_amount)
    assert get(app).status_code == 201
    kinds = app.response_class, type(app.json), kit.converters
    references = [weakref.ref(kind) for kind in kinds if kind is not KitResponse]
    del app, kit, kinds
    gc.collect()
    assert [reference() for reference in references] == [None, None]


@pytest.mark.parametrize("value", ["", 5, ["format"]])
def test_format_parameter_is_a_name(value):
    app = Flask(__name__)
    app.config["RESPONSEKIT_FORMAT_PARAMETER"] = value
    with pytest.raises(ValueError, match="RESPONSEKIT_FORMAT_PARAMETER is"):
        ResponseKit(app)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param("json", "'json'. Renderers are given as a list", id="text"),
        pytest.param(None, "None. Renderers are given as a list", id="none"),
        pytest.param([], r"\[\]. The list of renderers is empty", id="empty"),
        pytest.param(["jsn"], r"\['jsn'\]. 'jsn' is not the name", id="unknown"),
        pytest.param([5], r"\[5\]. 5 is no renderer", id="number"),
        pytest.param(["csv", "csv"], "two renderers of 'text/csv'", id="twice"),
    ],
)
def test_renderers_of_the_configuration_are_checked(value, said):
    app = Flask(__name__)
    app.config["RESPONSEKIT_RENDERERS"] = value
    with pytest.raises(ValueError, match=f"RESPONSEKIT_RENDERERS is .*{said}"):
        ResponseKit(app)


def test_renderers_of_the_configuration_may_be_an_iterator():
    app = Flask(__name__)
    app.config["RESPONSEKIT_RENDERERS"] = iter(["csv", "json"])
    ResponseKit(app)
    app.add_url_rule("/", view_func=lambda: [[1]])
    assert get(app).mimetype == "text/csv"


def test_kit_outlives_its_apps():
    kit = ResponseKit(Flask("gone"))
    gc.disable()
    try:
        kit.init_app(Flask("gone, too"))
        kit.add_converter(Money, as_amount)
    finally:
        gc.enable()
    app = Flask(__name__)
    kit.init_app(app)
    app.add_url_rule("/", view_func=lambda: [Money()])
    assert get(app).status_code == 200
