from __future__ import annotations

import contextvars
import threading

import flask
import pytest
from flask import abort
from flask import Blueprint
from flask import current_app
from flask import Flask
from flask import jsonify
from flask import render_template_string
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from flask_responsekit import CSVRenderer
from flask_responsekit import ResponseKit

JSON = "application/json"
CSV = "text/csv"
YAML = "application/yaml"


class User:
    """Its JSON says which converters hold."""


class Batch:
    """Asks for other pages while it is converted."""

    def __init__(self, *calls):
        self.calls = calls


def make_app(name, **config):
    """Make an app whose users tell its name, or that of the scope."""
    app = Flask(name)
    app.config.update(config)
    kit = app.extensions["kit"] = ResponseKit(app)
    kit.add_converter(User, lambda value: name)
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    scope = kit.scope(blueprint)
    scope.add_converter(User, lambda value: f"{name}.api")
    add = app.add_url_rule
    add("/", "index", lambda: [User()])
    add("/csv", "csv", kit.view(produces="csv")(lambda: [User()]))
    blueprint.add_url_rule("/", "index", lambda: [User()])
    app.register_blueprint(blueprint)
    return app


@pytest.fixture
def app():
    return make_app("first")


@pytest.fixture
def other():
    return make_app("second")


def add_view(app, view, path="/view"):
    """Add a view to the scope of the app's blueprint."""
    app.add_url_rule(f"/api{path}", f"api.{path}", view)


def who():
    """Tell which converters hold."""
    return flask.json.loads(flask.json.dumps(User()))


def get(app, path="/", accept=None):
    headers = {} if accept is None else {"Accept": accept}
    return Client(app).get(path, headers=headers)


# Without a request


def test_root_holds_outside_of_requests(app):
    with app.app_context():
        assert who() == "first"
        assert jsonify(User()).json == "first"
        assert app.extensions["kit"].response([User()]).json == ["first"]
        assert render_template_string("{{ u|tojson }}", u=User()) == '"first"'
    assert app.json.dumps(User()) == '"first"'


def test_scope_of_the_endpoint_holds_in_a_request_context_of_a_test(app):
    for path, expected in (("/", "first"), ("/api/", "first.api"), ("/no", "first")):
        with app.test_request_context(path):
            assert who() == expected
            assert jsonify([User()]).json == [expected]
            assert app.extensions["kit"].response([User()]).json == [expected]
            assert app.extensions["kit"].to_plain(User()) == expected
            assert render_template_string("{{ u|tojson }}", u=User()) == f'"{expected}"'
            assert app.make_response([User()]).json == [expected]
        assert app.json.dumps(User()) == '"first"'


@pytest.mark.parametrize(("path", "name"), [("/api/", "first.api"), ("/x", "first")])
def test_request_that_is_not_matched_is_in_the_scope_of_its_prefix(app, path, name):
    with app.test_request_context(path, method="PATCH"):
        assert flask.request.endpoint is None
        assert who() == name


def test_contexts_may_be_nested(app, other):
    with app.test_request_context("/api/"):
        with app.test_request_context("/"):
            assert who() == "first"
        with other.test_request_context("/api/"):
            assert who() == "second.api"
        assert who() == "first.api"


def test_thread_with_the_context_of_a_request_is_in_its_scope(app):
    found = []

    def view():
        @flask.copy_current_request_context
        def with_context():
            found.append(who())

        def without_context():
            found.append(app.json.loads(app.json.dumps(User())))

        for function in (with_context, without_context):
            thread = threading.Thread(target=function)
            thread.start()
            thread.join()
        return ""

    add_view(app, view)
    assert get(app, "/api/view").status_code == 200
    assert found == ["first.api", "first"]


def test_body_that_is_streamed_is_in_the_scope_of_its_request(app):
    @flask.stream_with_context
    def parts():
        yield who()
        yield " "
        yield render_template_string("{{ u|tojson }}", u=User())

    add_view(app, lambda: parts())
    assert get(app, "/api/view").text == 'first.api "first.api"'


# Apps within apps


def test_each_app_has_its_own_policies_under_a_dispatcher(app, other):
    both = DispatcherMiddleware(app, {"/other": other})
    for _ in range(2):
        assert get(both).json == ["first"]
        assert get(both, "/other/").json == ["second"]
        assert get(both, "/api/").json == ["first.api"]
        assert get(both, "/other/api/").json == ["second.api"]


def test_one_kit_on_two_apps_follows_each_request():
    kit = ResponseKit()
    apps = [Flask("first"), Flask("second")]
    blueprint = Blueprint("api", __name__)
    blueprint.add_url_rule("/api", "index", lambda: [User(), current_app.name])
    for app in apps:
        kit.init_app(app)
    apps[0].register_blueprint(blueprint)
    apps[1].add_url_rule("/api", "api.index", lambda: [User(), current_app.name])
    kit.add_converter(User, lambda value: "kit")
    kit.scope(blueprint).add_converter(User, lambda value: "scope")
    for _ in range(2):
        assert get(apps[0], "/api").json == ["scope", "first"]
        assert get(apps[1], "/api").json == ["kit", "second"]


def test_client_of_another_app_may_be_called_inside_a_view(app, other):
    def view():
        paths = ("/", "/api/", "/csv")
        return [who(), *(get(other, path).text.strip() for path in paths), who()]

    add_view(app, view)
    expected = ["first.api", '["second"]', '["second.api"]', "second", "first.api"]
    assert get(app, "/api/view").json == expected


def call_all(batch):
    return [get(app, path).text.strip() for app, path in batch.calls] + [who()]


def test_other_app_may_be_called_while_a_value_is_converted(app, other):
    calls = [(other, "/"), (other, "/api/"), (other, "/csv")]
    app.extensions["kit"].add_converter(Batch, call_all)
    view = app.extensions["kit"].view(produces="json")
    add_view(app, view(lambda: Batch(*calls)))
    expected = ['["second"]', '["second.api"]', "second", "first.api"]
    assert get(app, "/api/view").json == expected


def test_same_app_may_be_called_while_a_value_is_converted(app):
    app.extensions["kit"].add_converter(Batch, call_all)
    view = app.extensions["kit"].view(produces=("yaml", "json"))
    add_view(app, view(lambda: Batch((app, "/"), (app, "/api/"), (app, "/csv"))))
    expected = ['["first"]', '["first.api"]', "first", "first.api"]
    assert get(app, "/api/view", JSON).json == expected


def test_same_app_may_be_called_by_way_of_another(app, other):
    for one in (app, other):
        one.extensions["kit"].add_converter(Batch, call_all)
    view = other.extensions["kit"].view(produces="json")
    other.add_url_rule("/back", "back", view(lambda: Batch((app, "/"), (app, "/api/"))))
    view = app.extensions["kit"].view(produces="yaml")
    add_view(app, view(lambda: Batch((other, "/back"))))
    text = get(app, "/api/view").text
    for name in ("first", "first.api"):
        assert f'[\\"{name}\\"]' in text
    assert text.endswith("- first.api\n")


def test_request_of_another_app_says_nothing_of_an_app(app, other):
    # Both have a blueprint of this name.
    def view():
        with other.app_context():
            return {"inside": [who(), other.extensions["kit"].to_plain(User())]}

    add_view(app, view)
    assert get(app, "/api/view").json == {"inside": ["second", "second"]}
    assert get(other, "/api/").json == ["second.api"]


# What a view says


def test_view_holds_for_what_it_returned_and_no_longer(app):
    seen = []

    def note(response):
        seen.append(app.extensions["kit"].response([1]).mimetype)
        return response

    app.after_request(note)
    assert get(app, "/csv").mimetype == CSV
    assert get(app).mimetype == JSON
    assert seen == [JSON, JSON]
    with app.test_request_context("/csv"):
        assert app.view_functions["csv"]().mimetype == CSV
        assert app.extensions["kit"].response([1]).mimetype == JSON


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(lambda value: abort(418), id="abort"),
        pytest.param(lambda value: 1 / 0, id="error"),
        pytest.param(lambda value: None, id="none"),
    ],
)
def test_what_a_view_says_is_forgotten_after_an_error(app, fail):
    kit = app.extensions["kit"]
    kit.add_converter(Batch, fail)
    view = kit.view(produces="csv")(lambda: Batch())
    for error in (418, 500):
        app.register_error_handler(error, lambda error: ([User()], error.code))
    add_view(app, view)
    for _ in range(2):
        response = get(app, "/api/view")
        assert response.status_code in (418, 500)
        assert (response.mimetype, response.json) == (JSON, ["first.api"])
    with app.test_request_context("/api/view"):
        with pytest.raises(Exception, match=r"418|division|None"):
            view()
        assert kit.response([1]).mimetype == JSON


def test_content_type_that_a_view_names_holds_for_that_value_alone(app):
    add_view(app, lambda: ([User()], {"Content-Type": "text/csv"}))
    app.extensions["kit"].add_renderer(CSVRenderer())
    response = get(app, "/api/view", JSON)
    assert (response.text, response.mimetype) == ("first.api\r\n", CSV)
    assert "Vary" not in response.headers
    assert get(app, "/api/", JSON).json == ["first.api"]


def test_threads_and_copied_contexts_are_not_held_to_a_view(app):
    seen = []

    def look():
        with app.app_context():
            seen.append(app.extensions["kit"].response([1]).mimetype)

    def convert(value):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return ["converted"]

    app.extensions["kit"].add_converter(Batch, convert)
    add_view(app, app.extensions["kit"].view(produces="csv")(lambda: Batch()))
    assert get(app, "/api/view").text == "converted\r\n"
    contextvars.copy_context().run(look)
    assert seen == [JSON, JSON]


def test_views_of_one_app_may_be_nested(app):
    kit = app.extensions["kit"]
    inner = kit.view(produces="csv")(lambda: [[1]])

    def outer():
        made = inner()
        return {"made": made.get_data(as_text=True), "who": User()}

    add_view(app, kit.view(produces="json")(outer))
    assert get(app, "/api/view").json == {"made": "1\r\n", "who": "first.api"}


def test_view_that_is_made_in_a_request_is_one_of_it(app):
    kit = app.extensions["kit"]

    def view():
        return kit.view(produces="csv")(lambda: [User()])()

    add_view(app, view)
    for _ in range(3):
        assert get(app, "/api/view").text == "first.api\r\n"


# What the app says


def test_json_is_offered_as_what_the_provider_sends_it_as():
    class Provider(DefaultJSONProvider):
        mimetype = "application/vnd.api+json"

    app = Flask(__name__)
    app.json = Provider(app)
    kit = ResponseKit(app, renderers=["yaml", "json"])
    blueprint = Blueprint("api", __name__)
    blueprint.add_url_rule("/api", "index", lambda: [1])
    app.register_blueprint(blueprint)
    kit.scope(blueprint)
    for accept in (JSON, "application/vnd.api+json"):
        response = get(app, "/api", accept)
        assert (response.mimetype, response.json) == (Provider.mimetype, [1])
    assert get(app, "/api").mimetype == YAML


def test_format_parameter_holds_in_every_scope():
    app = make_app("first", RESPONSEKIT_FORMAT_PARAMETER="format")
    assert get(app, "/api/?format=json").json == ["first.api"]
    assert get(app, "/api/?format=csv").status_code == 406
    assert get(app, "/csv?format=csv").text == "first\r\n"


@pytest.mark.parametrize("path", ["/", "/api/", "/csv", "/missing"])
def test_answer_is_the_same_each_time(app, path):
    first, second = get(app, path), get(app, path)
    assert first.status == second.status
    assert list(first.headers) == list(second.headers)
    assert first.data == second.data
