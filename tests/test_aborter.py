from __future__ import annotations

import flask
import pytest
import werkzeug.exceptions
from flask import abort
from flask import Flask
from werkzeug.exceptions import Aborter
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound

from flask_responsekit import Problem
from flask_responsekit import ResponseKit
from flask_responsekit.aborter import teach_problems

PROBLEM = "application/problem+json"


class PaymentDueProblem(Problem):
    code = 402
    title = "Pay first"


class TeapotError(HTTPException):
    code = 418
    description = "short and stout"


class OwnAborter(Aborter):
    """Notes what it was called with, and knows a name."""

    def __init__(self, mapping=None, extra=None):
        super().__init__(mapping, extra)
        self.calls = []

    def __call__(self, code, *args, **kwargs):
        self.calls.append(code)
        super().__call__(404 if code == "missing" else code, *args, **kwargs)


class SlottedAborter(Aborter):
    __slots__ = ("more",)


def make_app(aborter_class=Aborter, **namespace):
    """An app with its own class of aborters, on which no kit is yet."""
    namespace["aborter_class"] = aborter_class
    return type("App", (Flask,), namespace)("example")


def send(app, *args, **kwargs):
    """Abort in a view."""
    app.add_url_rule("/", "index", lambda: abort(*args, **kwargs))
    return app.test_client().get("/")


@pytest.mark.parametrize("cls", [Aborter, OwnAborter, SlottedAborter])
@pytest.mark.parametrize(
    ("problem", "title"),
    [(Problem(409, title="Sold"), "Sold"), (PaymentDueProblem(), "Pay first")],
)
def test_problem_is_raised(cls, problem, title):
    app = make_app(cls)
    ResponseKit(app)
    response = send(app, problem)
    assert (response.status_code, response.content_type) == (problem.status, PROBLEM)
    assert response.json["title"] == title
    with app.app_context(), pytest.raises(Problem) as caught:
        abort(problem)
    assert caught.value is problem


def test_problem_reaches_the_handlers():
    app = Flask(__name__)
    ResponseKit(app)
    app.register_error_handler(Problem, lambda error: (error.title, 418))
    response = send(app, Problem(409, title="Sold"))
    assert (response.status_code, response.text) == (418, "Sold")


@pytest.mark.parametrize(
    ("args", "kwargs", "error"),
    [
        pytest.param((404,), {}, NotFound, id="code"),
        pytest.param((404, "gone"), {}, NotFound, id="description"),
        pytest.param((404,), {"description": "gone"}, NotFound, id="keyword"),
        pytest.param((418,), {}, TeapotError, id="own-mapping"),
        pytest.param((flask.Response("own", 402),), {}, HTTPException, id="response"),
        pytest.param((299,), {}, LookupError, id="unknown"),
        pytest.param((Problem(409), "more"), {}, LookupError, id="problem-and-more"),
        pytest.param((Problem(409),), {"a": 1}, LookupError, id="problem-and-keyword"),
        pytest.param((Problem,), {}, LookupError, id="class"),
        pytest.param((NotFound(),), {}, LookupError, id="another-exception"),
    ],
)
@pytest.mark.parametrize("cls", [Aborter, OwnAborter])
def test_everything_else_is_as_without_the_kit(cls, args, kwargs, error):
    outcomes = []
    for app in (make_app(cls), make_app(cls)):
        app.aborter.mapping[418] = TeapotError
        if outcomes:
            ResponseKit(app)
        with app.app_context(), pytest.raises(error) as caught:
            abort(*args, **kwargs)
        found = caught.value
        outcomes.append((type(found), str(found), getattr(found, "response", None)))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] is error


def test_response_is_sent_as_it_is():
    app = Flask(__name__)
    app.config["RESPONSEKIT_PROBLEMS"] = "always"
    ResponseKit(app)
    response = send(app, flask.Response("own", 402, {"X-A": "1"}))
    assert (response.status_code, response.text) == (402, "own")
    assert response.headers["X-A"] == "1"


def test_aborter_stays_the_same_object_of_its_class():
    app = make_app(OwnAborter)
    aborter = app.aborter
    aborter.mapping[418] = TeapotError
    mapping = aborter.mapping
    ResponseKit(app)
    assert app.aborter is aborter
    assert aborter.mapping is mapping
    assert isinstance(aborter, OwnAborter)
    assert type(aborter).__name__ == "OwnAborter"
    # The mapping may grow afterwards, too.
    mapping[419] = TeapotError
    with app.app_context():
        for code in (418, 419):
            with pytest.raises(TeapotError):
                abort(code)


def test_own_aborter_still_does_what_it_does():
    app = make_app(OwnAborter)
    ResponseKit(app)
    assert send(app, "missing").status_code == 404
    assert app.aborter.calls == ["missing"]


def test_aborter_of_two_apps_is_taught_once():
    shared = OwnAborter()
    apps = [make_app(make_aborter=lambda app: shared) for _ in range(2)]
    ResponseKit(apps[0])
    cls = type(shared)
    ResponseKit(apps[1])
    assert type(shared) is cls
    for app in apps:
        assert send(app, Problem(409)).status_code == 409


def test_other_aborters_are_not_taught():
    app, bare = Flask("app"), Flask("bare")
    ResponseKit(app)
    assert type(bare.aborter) is Aborter
    for problem in (Problem(409), PaymentDueProblem()):
        with bare.app_context(), pytest.raises(LookupError):
            abort(problem)
        with app.app_context(), pytest.raises(LookupError):
            werkzeug.exceptions.abort(problem)


def test_outside_of_an_app_abort_is_that_of_werkzeug():
    ResponseKit(Flask(__name__))
    with pytest.raises(LookupError):
        abort(Problem(409))
    with pytest.raises(NotFound):
        abort(404)


@pytest.mark.parametrize("aborter", [None, print, lambda code: code])
def test_aborter_that_is_none_of_werkzeugs_is_left_alone(aborter):
    cls = type(aborter)
    teach_problems(aborter)
    assert type(aborter) is cls


def test_app_may_have_an_aborter_of_its_own_kind():
    calls = []
    app = make_app(make_aborter=lambda app: calls.append)
    ResponseKit(app)
    # Flask goes on to Werkzeug's, if it does not raise.
    with app.app_context(), pytest.raises(NotFound):
        abort(404)
    assert calls == [404]


def test_setting_off_lets_problems_be_raised_too():
    app = Flask(__name__)
    app.config["RESPONSEKIT_PROBLEMS"] = "off"
    ResponseKit(app)
    response = send(app, Problem(409, detail="Sold."))
    assert (response.status_code, response.mimetype) == (409, "text/html")
    assert "Sold." in response.text
