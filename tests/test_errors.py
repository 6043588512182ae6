from __future__ import annotations

import dataclasses
import http
import json
import logging

import flask
import pytest
import werkzeug.test
from flask import abort
from flask import Blueprint
from flask import Flask
from flask import Response
from werkzeug.exceptions import Gone
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import NotFound

from flask_responsekit import ConversionLoopError
from flask_responsekit import ConverterNotFoundError
from flask_responsekit import ResponseKit


class Money:
    amount = 5


@dataclasses.dataclass
class User:
    name: object = "Ada"


class BrokeError(Exception):
    pass


AMOUNT = {"amount": 5}
PROBLEM = "application/problem+json"


@pytest.fixture
def app():
    return Flask(__name__)


@pytest.fixture
def kit(app):
    kit = ResponseKit(app)
    kit.add_converter(Money, lambda money: {"amount": money.amount})
    return kit


def request(app, path="/", **kwargs):
    return app.test_client().open(path, **kwargs)


# What is said, and to whom.


def error_of(app, view):
    app.add_url_rule("/", "the_view", view)
    app.testing = True
    with pytest.raises(Exception) as caught:
        request(app)
    return caught.value


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        pytest.param(None, TypeError, ["'the_view'", "None", "('', 204)"], id="none"),
        pytest.param(True, TypeError, ["'the_view'", "bool", "kit.add"], id="bool"),
        pytest.param(
            1j,
            ConverterNotFoundError,
            ["'the_view'", "complex", "kit.add_converter(complex, ...)"],
            id="unknown",
        ),
        pytest.param(
            User, TypeError, ["'the_view'", "class User", "instance"], id="class"
        ),
        pytest.param(
            dict,
            TypeError,
            ["'the_view'", "class dict", "instance"],
            id="built-in-class",
        ),
        pytest.param(
            {"a": [1j]},
            ConverterNotFoundError,
            ["value['a'][0]", "complex", "kit.add_converter(complex, ...)"],
            id="inside",
        ),
        pytest.param([User], TypeError, ["value[0]", "User"], id="class-inside"),
    ],
)
@pytest.mark.parametrize("status", [None, 201])
def test_refusal_names_the_view_and_the_type_and_says_what_to_do(
    app, kit, value, error, words, status
):
    found = error_of(app, lambda: value if status is None else (value, status))
    assert isinstance(found, error)
    for word in words:
        assert word in str(found)


def test_refusal_outside_a_view_names_the_type(app, kit):
    with app.app_context(), pytest.raises(ConverterNotFoundError, match="complex"):
        app.make_response(1j)
    with app.app_context(), pytest.raises(TypeError, match="None"):
        app.make_response(None)


def test_refusal_names_the_endpoint_of_a_blueprint(app, kit):
    blueprint = Blueprint("child", __name__)
    blueprint.add_url_rule("/", "the_view", lambda: None)
    app.register_blueprint(blueprint)
    app.testing = True
    with pytest.raises(TypeError, match=r"'child\.the_view'"):
        request(app)


def test_async_converter_is_refused(kit):
    async def convert(value):
        return {}

    with pytest.raises(TypeError, match=r"convert.*without await"):
        kit.add_converter(User, convert)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        pytest.param(None, ["convert", "None", "Money", "type(None)"], id="none"),
        pytest.param(User, ["convert", "class User", "Money", "instance"], id="class"),
        pytest.param((1, 2, 3, 4), ["convert", "tuple of 4", "list"], id="tuple"),
        pytest.param((1, 2), ["convert", "tuple", "list"], id="data"),
        pytest.param((), ["convert", "tuple of 0", "list"], id="empty"),
    ],
)
@pytest.mark.parametrize("make", [lambda v: v, lambda v: [v], lambda v: (v, 201)])
def test_wrong_result_of_a_converter_is_named(app, result, words, make):
    def convert(value):
        return result

    ResponseKit(app).add_converter(Money, convert)
    found = error_of(app, lambda: make(Money()))
    assert isinstance(found, TypeError)
    for word in words:
        assert word in str(found)


def test_loop_names_its_chain(app):
    kit = ResponseKit(app)
    kit.add_converter(Money, lambda money: 1j)
    kit.add_converter(complex, lambda value: User())
    kit.add_converter(User, lambda user: Money())
    found = error_of(app, Money)
    assert isinstance(found, ConversionLoopError)
    assert found.chain == (Money, complex, User, Money)
    assert "Money -> complex -> User -> Money" in str(found)


@pytest.mark.parametrize("key", [TypeError, 500, Exception, HTTPException])
@pytest.mark.parametrize(
    "value", [None, object(), True, 1j, (None, 201), (object(), 201), {"a": object()}]
)
@pytest.mark.parametrize("where", ["view", "early", "handler"])
def test_what_flask_refuses_meets_the_handlers_that_it_meets_there(key, value, where):
    def with_converter(app):
        ResponseKit(app).add_converter(Money, vars)

    answers = []
    for install in (lambda app: None, ResponseKit, with_converter):
        app = Flask(__name__)
        install(app)
        app.register_error_handler(key, lambda error: (type(error).__name__, 418))
        if where == "view":
            app.add_url_rule("/", "index", lambda: value)
        elif where == "early":
            app.before_request(lambda: value)
        else:
            app.register_error_handler(410, lambda error: value)
            app.add_url_rule("/", "index", lambda: abort(410))
        response = request(app)
        answers.append((response.status_code, response.data))
    assert answers == [answers[0]] * 3


# Errors of converters.


def raise_not_found(value):
    abort(404, "nothing there")


def raise_own(value):
    raise BrokeError("broke")


def return_exception(value):
    return NotFound("nothing there")


def as_view(make):
    return lambda app, value: app.add_url_rule("/", "index", lambda: make(value))


def as_early(app, value):
    app.before_request(lambda: value)


def as_blueprint(app, value):
    blueprint = Blueprint("child", __name__)
    blueprint.add_url_rule("/", "index", lambda: value)
    app.register_blueprint(blueprint)


PLACES = [
    pytest.param(as_view(lambda value: value), id="top"),
    pytest.param(as_view(lambda value: {"a": [value]}), id="nested"),
    pytest.param(as_view(lambda value: [value]), id="list"),
    pytest.param(as_view(lambda value: (value, 201)), id="tuple"),
    pytest.param(as_view(lambda value: ({"a": value}, 201)), id="nested-in-tuple"),
    pytest.param(as_view(lambda value: {value}), id="set"),
    pytest.param(as_view(lambda value: User(value)), id="dataclass"),
    pytest.param(as_view(lambda value: flask.jsonify(value)), id="jsonify"),
    pytest.param(
        as_view(lambda value: flask.render_template_string("{{ v|tojson }}", v=value)),
        id="tojson",
    ),
    pytest.param(as_early, id="early"),
    pytest.param(as_blueprint, id="blueprint"),
]


def handle(error):
    return {"handled": type(error).__name__, "with": Money()}, 418


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("converter", "key"),
    [
        pytest.param(raise_not_found, 404, id="abort-code"),
        pytest.param(raise_not_found, NotFound, id="abort-class"),
        pytest.param(raise_not_found, HTTPException, id="abort-base"),
        pytest.param(raise_own, BrokeError, id="own"),
        pytest.param(raise_own, Exception, id="own-base"),
    ],
)
def test_error_of_a_converter_reaches_the_handlers(app, kit, place, converter, key):
    kit.add_converter(complex, converter)
    app.register_error_handler(key, handle)
    place(app, 1j)
    response = request(app)
    name = "NotFound" if converter is raise_not_found else "BrokeError"
    assert response.status_code == 418
    assert response.json == {"handled": name, "with": AMOUNT}


@pytest.mark.parametrize("converter", [raise_not_found, raise_own])
def test_error_of_a_converter_reaches_the_handlers_of_the_blueprint(
    app, kit, converter
):
    kit.add_converter(complex, converter)
    blueprint = Blueprint("child", __name__)
    for key in (404, BrokeError):
        blueprint.register_error_handler(key, lambda error: (Money(), 418))
        app.register_error_handler(key, lambda error: "the app's")
    blueprint.add_url_rule("/", "index", lambda: {"a": 1j})
    app.register_blueprint(blueprint)
    assert (request(app).status_code, request(app).json) == (418, AMOUNT)


@pytest.mark.parametrize("place", PLACES)
def test_failure_that_nobody_handles_is_logged_and_signalled_once(
    app, kit, caplog, place
):
    kit.add_converter(complex, raise_own)
    place(app, 1j)
    signalled = []

    def note(sender, exception, **kwargs):
        signalled.append(exception)

    with flask.got_request_exception.connected_to(note, app):
        response = request(app)
    assert (response.status_code, response.mimetype) == (500, "text/html")
    assert "broke" not in response.text
    (record,) = caplog.records
    assert [record.exc_info[1]] == signalled
    assert isinstance(signalled[0], BrokeError)


@pytest.mark.parametrize("make", [lambda v: v, lambda v: [v], lambda v: (v, 201)])
def test_failure_that_a_view_has_caught_is_over(app, kit, make):
    kit.add_converter(complex, raise_own)
    app.register_error_handler(BrokeError, handle)

    def view():
        for convert in (flask.make_response, flask.jsonify):
            with pytest.raises(BrokeError):
                convert(1j)
        return make(2j)

    app.add_url_rule("/", view_func=view)
    assert request(app).status_code == 418


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("converter", "status"), [(raise_not_found, 404), (raise_own, 500)]
)
def test_failed_conversion_beats_the_status_beside_it(
    app, kit, place, converter, status
):
    kit.add_converter(complex, converter)
    place(app, 1j)
    assert request(app).status_code == status


@pytest.mark.parametrize(
    ("result", "view", "status"),
    [
        pytest.param(("no", 410), 201, 410, id="failure"),
        pytest.param(("no", 410), 404, 404, id="failures"),
        pytest.param(("yes", 202), 201, 201, id="success"),
        pytest.param(("yes", 202), 503, 503, id="success-in-error"),
        pytest.param(("yes", {"X-A": "1"}), 201, 201, id="headers"),
        pytest.param(Response("no", 410), 201, 410, id="response"),
        pytest.param(Response("yes", 202), 201, 201, id="good-response"),
        pytest.param(NotFound("no"), 201, 404, id="exception"),
        pytest.param(NotFound(response=Response("no", 402)), 201, 402, id="carried"),
    ],
)
def test_converters_failure_beats_the_views_status(app, kit, result, view, status):
    kit.add_converter(complex, lambda value: result)
    app.add_url_rule("/", view_func=lambda: (1j, view, {"X-View": "1"}))
    assert request(app).status_code == status


@pytest.mark.parametrize("make", [lambda v: v, lambda v: (v, 201)])
def test_exception_that_a_converter_returns_is_as_one_raised(app, kit, make):
    kit.add_converter(complex, return_exception)
    app.add_url_rule("/", view_func=lambda: make(1j))
    app.register_error_handler(404, handle)
    assert request(app).status_code == 418
    assert request(app).json["handled"] == "NotFound"


# Errors of converters where an error is answered already.


def trouble_by_view(app):
    app.add_url_rule("/", "index", lambda: abort(404))


def trouble_by_routing(app):
    pass


FAILING_VALUES = [
    pytest.param(1j, id="top"),
    pytest.param({"a": [1j]}, id="nested"),
    pytest.param((1j, 404), id="tuple"),
    pytest.param([1j], id="list"),
    pytest.param(User(1j), id="dataclass"),
]


@pytest.mark.parametrize("converter", [raise_own, raise_not_found])
@pytest.mark.parametrize("value", FAILING_VALUES)
@pytest.mark.parametrize("trouble", [trouble_by_view, trouble_by_routing])
def test_handlers_value_that_cannot_convert_is_logged_and_answered(
    app, kit, caplog, trouble, value, converter
):
    kit.add_converter(complex, converter)
    app.register_error_handler(404, lambda error: value)
    trouble(app)
    with caplog.at_level(logging.INFO):
        response = request(app)
    assert (response.status_code, response.content_type) == (500, PROBLEM)
    assert json.loads(response.data) == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
    }
    (record,) = caplog.records
    assert (record.name, record.levelname) == (app.logger.name, "ERROR")
    assert record.exc_info


@pytest.mark.parametrize("value", [1j, (1j, 404)])
def test_exception_that_a_converter_returns_for_a_handlers_value_is_answered(
    app, kit, value
):
    kit.add_converter(complex, return_exception)
    app.register_error_handler(404, lambda error: value)
    response = request(app, "/missing")
    assert response.status_code == 404
    assert "nothing there" in response.text


@pytest.mark.parametrize("value", FAILING_VALUES)
@pytest.mark.parametrize("propagate", ["TESTING", "DEBUG", "PROPAGATE_EXCEPTIONS"])
def test_handlers_value_that_cannot_convert_propagates_to_a_developer(
    app, kit, value, propagate
):
    kit.add_converter(complex, raise_own)
    app.config[propagate] = True
    app.register_error_handler(404, lambda error: value)
    with pytest.raises(BrokeError):
        request(app)


def test_setting_not_to_propagate_is_obeyed_in_testing(app, kit):
    kit.add_converter(complex, raise_own)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    app.register_error_handler(404, lambda error: 1j)
    assert request(app).content_type == PROBLEM


@pytest.mark.parametrize("value", FAILING_VALUES)
def test_value_of_the_handler_of_500_that_cannot_convert_is_answered(app, kit, value):
    kit.add_converter(complex, raise_own)
    app.register_error_handler(500, lambda error: value)
    app.add_url_rule("/", "index", lambda: 1 / 0)
    app.add_url_rule("/converter", "converter", lambda: 2j)
    for path in ("/", "/converter"):
        response = request(app, path)
        assert (response.status_code, response.content_type) == (500, PROBLEM)


def test_after_request_functions_run_on_the_static_answer(app, kit):
    kit.add_converter(complex, raise_own)
    app.register_error_handler(404, lambda error: 1j)

    @app.after_request
    def stamp(response):
        response.headers["X-Seen"] = type(response).__name__
        return response

    assert request(app).headers["X-Seen"] == "KitResponse"


def test_failure_of_one_request_is_not_that_of_the_next(app, kit):
    kit.add_converter(complex, raise_own)
    app.register_error_handler(404, lambda error: 1j)
    app.register_error_handler(BrokeError, lambda error: ("handled", 418))
    app.add_url_rule("/", "index", lambda: 1j)
    client = app.test_client()
    assert client.get("/missing").status_code == 500
    assert client.get("/").status_code == 418


# Converters for HTTP errors.


@pytest.fixture
def error_app(app, kit):
    kit.add_converter(
        HTTPException, lambda error: ({"error": error.name, "is": Money()}, error.code)
    )
    app.add_url_rule("/slash/", "slash", lambda: "slash")
    app.add_url_rule("/aborts", "aborts", lambda: abort(410))
    app.add_url_rule("/carries", "carries", lambda: abort(Response("own", 402)))
    app.add_url_rule("/redirects", "redirects", lambda: abort(flask.redirect("/a")))
    app.add_url_rule("/returns", "returns", lambda: Gone())
    app.add_url_rule("/fails", "fails", lambda: 1 / 0)
    app.add_url_rule("/converter", "converter", lambda: [1j])
    kit.add_converter(complex, raise_not_found)
    return app


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        pytest.param("/missing", "GET", 404, id="missing"),
        pytest.param("/aborts", "POST", 405, id="method"),
        pytest.param("/aborts", "GET", 410, id="abort"),
        pytest.param("/returns", "GET", 410, id="returned"),
        pytest.param("/fails", "GET", 500, id="error"),
        pytest.param("/converter", "GET", 404, id="converter"),
    ],
)
def test_converter_takes_unhandled_http_errors(error_app, path, method, status):
    response = request(error_app, path, method=method)
    assert response.status_code == status
    assert response.json == {"error": http.HTTPStatus(status).phrase, "is": AMOUNT}


@pytest.mark.parametrize(
    ("path", "status"), [("/slash", 308), ("/carries", 402), ("/redirects", 302)]
)
@pytest.mark.parametrize("cls", [HTTPException, Exception, object])
def test_converter_never_takes_errors_that_are_responses(app, cls, path, status):
    ResponseKit(app).add_converter(cls, lambda value: ("taken", 499))
    app.add_url_rule("/slash/", "slash", lambda: "slash")
    app.add_url_rule("/carries", "carries", lambda: abort(Response("own", 402)))
    app.add_url_rule("/redirects", "redirects", lambda: abort(flask.redirect("/a")))
    response = request(app, path)
    assert response.status_code == status
    assert "taken" not in response.text
    assert ("Location" in response.headers) is (status != 402)


def test_error_handler_wins_over_a_converter(error_app):
    error_app.register_error_handler(404, lambda error: ("handled", 418))
    assert request(error_app, "/missing").status_code == 418
    assert request(error_app, "/converter").status_code == 418
    assert request(error_app, "/aborts").status_code == 410


def test_converter_takes_what_an_error_handler_returns(error_app):
    error_app.register_error_handler(404, lambda error: error)
    assert request(error_app, "/missing").json == {"error": "Not Found", "is": AMOUNT}


def test_nearest_class_of_http_errors_wins(app, kit):
    kit.add_converter(HTTPException, lambda error: ("any", error.code))
    kit.add_converter(
        MethodNotAllowed,
        lambda error: ("method", 405, {"Allow": ", ".join(error.valid_methods)}),
    )
    app.add_url_rule("/", "index", lambda: "index")
    response = request(app, method="POST")
    assert (response.status_code, response.text) == (405, "method")
    assert set(response.allow) == {"GET", "HEAD", "OPTIONS"}
    assert request(app, "/missing").text == "any"


def test_converter_of_http_errors_that_fails_ends_in_the_static_answer(app, kit):
    kit.add_converter(HTTPException, raise_own)
    response = request(app, "/missing")
    assert (response.status_code, response.content_type) == (500, PROBLEM)


def test_data_of_an_error_handler_that_fails_is_a_static_problem_beside_scopes():
    app = Flask(__name__)
    kit = ResponseKit(app)
    kit.scope(Blueprint("pages", __name__))
    kit.add_converter(complex, lambda value: 1 / 0)
    app.register_error_handler(404, lambda error: ({"at": 1j}, 404))
    response = app.test_client().get("/nowhere")
    assert response.content_type == "application/problem+json"
    assert response.status_code == 500


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(lambda app: app.after_request(lambda response: 1 / 0), id="after"),
        pytest.param(lambda app: None, id="none"),
    ],
)
def test_failure_outside_of_the_view_is_answered_leniently(fail):
    app = Flask(__name__)
    app.config["RESPONSEKIT_NOT_ACCEPTABLE"] = "406"
    kit = ResponseKit(app, renderers=["json", "csv"])
    kit.add_converter(complex, lambda value: "{}", mimetype="application/problem+json")
    app.register_error_handler(500, lambda error: (1j, 500))
    app.add_url_rule("/", view_func=lambda: None)
    fail(app)
    response = app.test_client().get("/", headers={"Accept": "text/csv"})
    assert response.status_code == 500
    assert response.content_type == "application/problem+json"


def test_failure_of_one_app_is_none_of_the_next():
    first, second = Flask("first"), Flask("second")
    ResponseKit(first)
    second.config["RESPONSEKIT_NOT_ACCEPTABLE"] = "406"
    ResponseKit(second)
    second.add_url_rule("/", view_func=lambda: {"a": 1})
    environ = werkzeug.test.create_environ(headers={"Accept": "image/png"})
    statuses = []
    for app in (first, second):
        app.wsgi_app(environ, lambda status, headers: statuses.append(status)).close()
    assert statuses == ["404 NOT FOUND", "406 NOT ACCEPTABLE"]
