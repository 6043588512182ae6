from __future__ import annotations

import collections
import functools
import gc
import threading
import weakref

import flask
import pytest
from flask import abort
from flask import Blueprint
from flask import Flask
from flask.views import MethodView
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import Gone
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import InternalServerError
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from flask_responsekit import Problem
from flask_responsekit import ResponseKit

PROBLEM = "application/problem+json"
HTML = "text/html; charset=utf-8"


class OutOfStockError(Exception):
    item = "chair"


class ChairsGoneError(OutOfStockError):
    pass


class LastChairGoneError(ChairsGoneError):
    pass


class TableProblem(Problem):
    code = 410


@pytest.fixture
def app():
    return Flask(__name__)


@pytest.fixture
def kit(app):
    return ResponseKit(app)


def raises(error):
    """A view that raises this."""

    def view():
        raise error

    return view


def says(title, status=409):
    """A function that makes a problem with this title of any exception."""
    return lambda error: Problem(status, title=title)


def handles(title):
    """An error handler of the app's own."""
    return lambda error: ({"title": title}, 418)


def ask(app, path="/", **kwargs):
    headers = {"Accept": "application/json"}
    return app.test_client().open(path, headers=headers, **kwargs)


def get_title(app, path="/"):
    return ask(app, path).json["title"]


def add_view(target, error):
    target.add_url_rule("/", "index", raises(error))
    return target


# Registration.


def test_exception_becomes_the_problem_that_its_function_makes(app, kit):
    @kit.problem(OutOfStockError)
    def say_out_of_stock(error):
        return Problem(409, title="Out of stock", detail="None left.", item=error.item)

    add_view(app, OutOfStockError())
    response = ask(app)
    assert (response.status_code, response.content_type) == (409, PROBLEM)
    assert response.json == {
        "type": "about:blank",
        "title": "Out of stock",
        "status": 409,
        "detail": "None left.",
        "item": "chair",
    }


@pytest.mark.parametrize(
    "register",
    [
        pytest.param(lambda kit, f: kit.problem(KeyError)(f), id="decorator"),
        pytest.param(
            lambda kit, f: kit.add_problem(KeyError, f) or f, id="add_problem"
        ),
        pytest.param(
            lambda kit, f: kit.problem(KeyError, replace=True)(f), id="replace-nothing"
        ),
    ],
)
def test_function_is_given_the_exception_and_stays_as_it_is(app, kit, register):
    given = []

    def function(error):
        given.append(error)
        return Problem(409)

    assert register(kit, function) is function
    error = KeyError("a")
    add_view(app, error)
    assert ask(app).status_code == 409
    assert given == [error]


async def say_later(error):
    return Problem(409)


@pytest.mark.parametrize(
    ("cls", "function", "words"),
    [
        pytest.param(
            "KeyError", says(""), ["'KeyError'", "add_problem(OutOf"], id="name"
        ),
        pytest.param(int, says(""), ["int is no class of exceptions"], id="type"),
        pytest.param(404, says(""), ["404 is no class"], id="code"),
        pytest.param(KeyError(), says(""), ["KeyError() is no class"], id="instance"),
        pytest.param(
            KeyboardInterrupt, says(""), ["KeyboardInterrupt is no class"], id="base"
        ),
        pytest.param(
            (KeyError, OSError), says(""), ["is no class of exceptions"], id="tuple"
        ),
        pytest.param(says(""), KeyError, ["<lambda>", "is no class"], id="swapped"),
        pytest.param(KeyError, None, ["KeyError", "None", "Give a function"], id="no"),
        pytest.param(
            KeyError, Problem(409), ["KeyError", "409", "Give a function"], id="problem"
        ),
        pytest.param(
            KeyError, Problem, ["KeyError", "Problem", "Give a function"], id="class"
        ),
        pytest.param(
            KeyError, say_later, ["say_later", "KeyError", "plain"], id="coroutine"
        ),
        pytest.param(
            KeyError,
            functools.partial(say_later),
            ["say_later", "KeyError", "plain"],
            id="partial",
        ),
    ],
)
def test_what_cannot_be_registered_is_named(app, kit, cls, function, words):
    scope = kit.scope(Blueprint("api", __name__))
    for place in (kit, scope):
        for register in (place.add_problem, lambda c, f, p=place: p.problem(c)(f)):
            with pytest.raises(TypeError) as caught:
                register(cls, function)
            assert [word for word in words if word not in str(caught.value)] == []
        handlers = collections.defaultdict(dict)
        place.problem_map.register(handlers)
        assert handlers == {}


def test_class_that_is_wrong_is_refused_before_the_decorated_function_is_there(kit):
    with pytest.raises(TypeError, match="test_class_that_is_wrong.*is no class"):
        kit.problem(
            test_class_that_is_wrong_is_refused_before_the_decorated_function_is_there
        )


def test_second_function_for_a_class_is_refused_and_named(app, kit):
    def first(error):
        return Problem(409, title="first")

    def second(error):
        return Problem(409, title="second")

    kit.add_problem(OutOfStockError, first)
    for register in (kit.add_problem, lambda cls, f: kit.problem(cls)(f)):
        with pytest.raises(ValueError) as caught:
            register(OutOfStockError, second)
        for word in ("OutOfStockError", "first", "second", "replace=True"):
            assert word in str(caught.value)
    add_view(app, OutOfStockError())
    assert get_title(app) == "first"


def test_replacing_function_takes_over(app, kit):
    kit.add_problem(OutOfStockError, says("first"))
    kit.add_problem(OutOfStockError, says("second"), replace=True)
    add_view(app, OutOfStockError())
    assert get_title(app) == "second"


def test_scopes_may_map_the_same_class(app, kit):
    scope = kit.scope(Blueprint("api", __name__))
    kit.add_problem(OutOfStockError, says("kit"))
    scope.add_problem(OutOfStockError, says("scope"))


@pytest.mark.parametrize("place", ["kit", "scope"])
@pytest.mark.parametrize("verb", ["problem", "add_problem"])
def test_nothing_is_registered_after_the_first_request(app, kit, place, verb):
    scope = kit.scope(Blueprint("api", __name__))
    target = kit if place == "kit" else scope
    decorate = target.problem(KeyError)
    ask(app)
    with pytest.raises(AssertionError, match="'add_problem' can no longer be called"):
        if verb == "problem":
            decorate(says("late"))
        else:
            target.add_problem(KeyError, says("late"))
    handlers = collections.defaultdict(dict)
    target.problem_map.register(handlers)
    assert handlers == {}


# Apps and kits.


@pytest.mark.parametrize("is_first", [True, False])
def test_kit_may_get_its_app_before_or_after(app, is_first):
    kit = ResponseKit()
    if is_first:
        kit.init_app(app)
    kit.add_problem(OutOfStockError, says("mapped"))
    if not is_first:
        kit.init_app(app)
    add_view(app, OutOfStockError())
    assert get_title(app) == "mapped"


def test_function_is_asked_on_each_app_of_the_kit():
    kit = ResponseKit()
    first, second, third, bare = apps = [Flask(f"app{n}") for n in range(4)]
    for app in apps:
        add_view(app, OutOfStockError())
    second.register_error_handler(OutOfStockError, handles("own"))
    kit.init_app(first)
    kit.init_app(second)
    kit.add_problem(OutOfStockError, says("mapped"))
    assert get_title(first) == "mapped"
    assert get_title(second) == "own"
    # The kit is told nothing new after the first request, but it may get an app.
    kit.init_app(third)
    assert get_title(third) == "mapped"
    assert ask(bare).status_code == 500


def test_kits_do_not_share_functions():
    apps = []
    for title in ("first", "second"):
        app = add_view(Flask(title), OutOfStockError())
        ResponseKit(app).add_problem(OutOfStockError, says(title))
        apps.append(app)
    assert [get_title(app) for app in apps] == ["first", "second"]


# Look-up.


@pytest.mark.parametrize(
    ("mapped", "expected"),
    [
        pytest.param([ChairsGoneError, OutOfStockError], "ChairsGoneError", id="exact"),
        pytest.param([OutOfStockError, ChairsGoneError], "ChairsGoneError", id="order"),
        pytest.param([Exception, OutOfStockError], "OutOfStockError", id="nearest"),
        pytest.param([Exception], "Exception", id="any"),
        pytest.param(
            [LastChairGoneError, Exception], "Exception", id="not-the-subclass"
        ),
    ],
)
@pytest.mark.parametrize("place", ["kit", "scope"])
def test_function_of_the_nearest_class_is_asked(app, kit, place, mapped, expected):
    blueprint = Blueprint("api", __name__)
    target = kit if place == "kit" else kit.scope(blueprint)
    for cls in mapped:
        target.add_problem(cls, says(cls.__name__))
    app.register_blueprint(add_view(blueprint, ChairsGoneError()))
    assert get_title(app) == expected


@pytest.mark.parametrize("scope_is_first", [True, False])
@pytest.mark.parametrize("kit_is_first", [True, False])
def test_scope_maps_for_its_blueprint_alone(app, scope_is_first, kit_is_first):
    kit = ResponseKit()
    blueprint = add_view(Blueprint("api", __name__, url_prefix="/api"), KeyError())
    if kit_is_first:
        kit.init_app(app)
    if not scope_is_first:
        app.register_blueprint(blueprint)
    scope = kit.scope(blueprint)
    if scope_is_first:
        app.register_blueprint(blueprint)
    scope.add_problem(KeyError, says("scope"))
    kit.add_problem(LookupError, says("kit"))
    if not kit_is_first:
        kit.init_app(app)
    add_view(app, KeyError())
    assert get_title(app, "/api/") == "scope"
    assert get_title(app) == "kit"


def test_scope_of_another_class_leaves_an_exception_to_the_kit(app, kit):
    blueprint = add_view(Blueprint("api", __name__), KeyError())
    kit.scope(blueprint).add_problem(OSError, says("scope"))
    kit.add_problem(LookupError, says("kit"))
    app.register_blueprint(blueprint)
    assert get_title(app) == "kit"


def test_scope_of_a_blueprint_that_the_app_does_not_have_is_no_trouble(app, kit):
    kit.scope(Blueprint("api", __name__)).add_problem(KeyError, says("scope"))
    kit.add_problem(LookupError, says("kit"))
    assert get_title(add_view(app, KeyError())) == "kit"


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        pytest.param(OutOfStockError, OutOfStockError, "inner", id="same"),
        pytest.param(ChairsGoneError, Exception, "inner", id="inner-is-farther"),
        pytest.param(ChairsGoneError, KeyError, "outer", id="inner-is-another"),
        pytest.param(OSError, KeyError, "kit", id="neither"),
    ],
)
def test_innermost_scope_comes_first(app, kit, outer, inner, expected):
    parent = Blueprint("parent", __name__)
    child = add_view(Blueprint("child", __name__), ChairsGoneError())
    parent.register_blueprint(child)
    app.register_blueprint(parent)
    kit.scope(child).add_problem(inner, says("inner"))
    kit.scope(parent).add_problem(outer, says("outer"))
    kit.add_problem(ChairsGoneError, says("kit"))
    assert get_title(app) == expected


def test_blueprint_keeps_its_functions_under_each_name(app, kit):
    child = add_view(Blueprint("child", __name__), KeyError())
    parent = add_view(Blueprint("parent", __name__), OSError())
    parent.register_blueprint(child, url_prefix="/child")
    kit.scope(child).add_problem(KeyError, says("child"))
    for number in (1, 2):
        app.register_blueprint(child, name=f"c{number}", url_prefix=f"/c{number}")
        app.register_blueprint(parent, name=f"p{number}", url_prefix=f"/p{number}")
    kit.scope(parent).add_problem(OSError, says("parent"))
    for number in (1, 2):
        assert get_title(app, f"/c{number}/") == "child"
        assert get_title(app, f"/p{number}/child/") == "child"
        assert get_title(app, f"/p{number}/") == "parent"


def test_child_in_two_parents_is_mapped_as_the_one_around_it(app, kit):
    child = add_view(Blueprint("child", __name__), KeyError())
    for name in ("first", "second"):
        parent = Blueprint(name, __name__, url_prefix=f"/{name}")
        parent.register_blueprint(child)
        kit.scope(parent).add_problem(KeyError, says(name))
        app.register_blueprint(parent)
    assert get_title(app, "/first/") == "first"
    assert get_title(app, "/second/") == "second"


# The app's own handlers.


def answer_of(app, kit, own, mapped, *, own_first, error, where):
    """Who answers, if both are registered at the same place."""
    blueprint = Blueprint("api", __name__)
    is_app = where == "app"
    target, scope = (app, kit) if is_app else (blueprint, kit.scope(blueprint))
    steps = [
        lambda: target.register_error_handler(own, handles("own")),
        lambda: scope.add_problem(mapped, says("mapped")),
    ]
    for step in steps if own_first else reversed(steps):
        step()
    app.register_blueprint(add_view(blueprint, error))
    return get_title(app)


@pytest.mark.parametrize("own_first", [True, False])
@pytest.mark.parametrize("where", ["app", "blueprint"])
@pytest.mark.parametrize(
    ("own", "mapped", "error", "expected"),
    [
        pytest.param(KeyError, KeyError, KeyError(), "own", id="same"),
        pytest.param(Exception, Exception, KeyError(), "own", id="same-base"),
        pytest.param(LookupError, KeyError, KeyError(), "mapped", id="own-is-farther"),
        pytest.param(KeyError, LookupError, KeyError(), "own", id="own-is-nearer"),
        pytest.param(404, NotFound, NotFound(), "own", id="code"),
        pytest.param(NotFound, NotFound, NotFound(), "own", id="class-of-a-code"),
        pytest.param(HTTPException, HTTPException, Gone(), "own", id="any-http"),
        pytest.param(HTTPException, NotFound, NotFound(), "mapped", id="http-base"),
        pytest.param(404, HTTPException, NotFound(), "own", id="code-and-base"),
        pytest.param(410, HTTPException, NotFound(), "mapped", id="another-code"),
        pytest.param(Exception, NotFound, NotFound(), "mapped", id="any-and-code"),
        pytest.param(500, InternalServerError, KeyError(), "own", id="500"),
        pytest.param(Problem, Problem, Problem(409), "own", id="problem"),
        pytest.param(410, TableProblem, TableProblem(), "mapped", id="problem-class"),
    ],
)
def test_own_handler_of_the_same_class_wins(
    app, kit, own, mapped, error, expected, own_first, where
):
    answered = answer_of(
        app, kit, own, mapped, own_first=own_first, error=error, where=where
    )
    assert answered == expected


@pytest.mark.parametrize("own", [KeyError, 404])
def test_own_handler_wins_however_late_the_kit_comes(app, own):
    mapped, error = (KeyError, KeyError()) if own is KeyError else (NotFound, own)
    app.register_error_handler(own, handles("own"))
    app.add_url_rule("/", "index", lambda: abort(error) if error == 404 else {}["a"])
    ResponseKit(app).add_problem(mapped, says("mapped"))
    assert get_title(app) == "own"


def test_handler_that_a_blueprint_registers_for_the_app_wins(app, kit):
    kit.add_problem(KeyError, says("mapped"))
    blueprint = Blueprint("api", __name__)
    blueprint.app_errorhandler(KeyError)(handles("own"))
    app.register_blueprint(blueprint)
    assert get_title(add_view(app, KeyError())) == "own"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        pytest.param(KeyError, "own", id="same"),
        pytest.param(LookupError, "own", id="farther"),
        pytest.param(OSError, "kit", id="another"),
    ],
)
def test_handler_of_a_blueprint_comes_before_the_function_of_the_kit(
    app, kit, own, expected
):
    blueprint = add_view(Blueprint("api", __name__), KeyError())
    blueprint.register_error_handler(own, handles("own"))
    kit.add_problem(KeyError, says("kit"))
    app.register_blueprint(blueprint)
    assert get_title(app) == expected


def test_function_of_a_scope_comes_before_the_handler_of_the_app(app, kit):
    blueprint = add_view(Blueprint("api", __name__), KeyError())
    kit.scope(blueprint).add_problem(LookupError, says("scope"))
    app.register_error_handler(KeyError, handles("own"))
    app.register_blueprint(blueprint)
    assert get_title(app) == "scope"


# Errors that say by themselves what they are.


@pytest.mark.parametrize(
    ("mapped", "error", "is_asked"),
    [
        pytest.param(Exception, KeyError(), True, id="any-of-any"),
        pytest.param(Exception, NotFound(), False, id="any-of-http"),
        pytest.param(Exception, Problem(404), False, id="any-of-problem"),
        pytest.param(HTTPException, NotFound(), True, id="http-of-http"),
        pytest.param(HTTPException, Problem(404), False, id="http-of-problem"),
        pytest.param(HTTPException, TableProblem(404), False, id="http-of-subclass"),
        pytest.param(NotFound, NotFound(), True, id="class-of-http"),
        pytest.param(NotFound, Problem(404), False, id="class-of-problem"),
        pytest.param(Problem, Problem(404), True, id="problem"),
        pytest.param(Problem, TableProblem(404), True, id="problem-of-subclass"),
        pytest.param(TableProblem, TableProblem(404), True, id="subclass"),
        pytest.param(TableProblem, Problem(404), False, id="subclass-of-problem"),
    ],
)
@pytest.mark.parametrize("place", ["kit", "scope"])
def test_function_for_a_wide_class_is_not_asked_for_narrower_kinds(
    app, kit, place, mapped, error, is_asked
):
    blueprint = Blueprint("api", __name__)
    target = kit if place == "kit" else kit.scope(blueprint)
    target.add_problem(mapped, says("mapped", 418))
    app.register_blueprint(add_view(blueprint, error))
    response = ask(app)
    assert response.status_code == (418 if is_asked else 404)
    assert response.json["title"] == ("mapped" if is_asked else "Not Found")


@pytest.mark.parametrize(
    ("mapped", "own", "error"),
    [
        pytest.param(Exception, HTTPException, NotFound(), id="http"),
        pytest.param(Exception, 404, NotFound(), id="code"),
        pytest.param(Exception, Problem, Problem(404), id="problem"),
        pytest.param(HTTPException, Problem, Problem(404), id="http-and-problem"),
        pytest.param(HTTPException, TableProblem, TableProblem(404), id="subclass"),
    ],
)
def test_function_that_is_not_asked_leaves_the_error_to_the_others(
    app, kit, mapped, own, error
):
    blueprint = add_view(Blueprint("api", __name__), error)
    kit.scope(blueprint).add_problem(mapped, says("scope"))
    app.register_blueprint(blueprint)
    app.register_error_handler(own, handles("own"))
    assert get_title(app) == "own"


def test_function_that_is_not_asked_leaves_the_error_to_an_async_handler(app, kit):
    blueprint = add_view(Blueprint("api", __name__), NotFound())
    kit.scope(blueprint).add_problem(Exception, says("scope"))
    app.register_blueprint(blueprint)

    @app.errorhandler(HTTPException)
    async def handle(error):
        return {"title": "own"}, 418

    assert get_title(app) == "own"


def test_function_for_any_exception_leaves_a_failure_elsewhere_a_bare_500(app, kit):
    kit.add_problem(Exception, says("mapped"))
    app.add_url_rule("/", "index", lambda: "")
    app.after_request(lambda response: 1 / 0)
    response = ask(app)
    assert (response.status_code, response.content_type) == (500, PROBLEM)
    assert response.json == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
    }


@pytest.mark.parametrize("cls", [Exception, HTTPException, NotFound])
def test_redirects_and_carried_responses_are_never_mapped(app, kit, cls):
    kit.add_problem(cls, says("mapped"))
    app.add_url_rule("/slash/", "slash", lambda: "")
    app.add_url_rule("/carried", "carried", lambda: abort(flask.Response("own", 402)))
    assert ask(app, "/slash").status_code == 308
    assert ask(app, "/carried").status_code == 402


def test_function_is_asked_for_what_its_converters_raise(app, kit):
    kit.add_converter(complex, lambda value: abort(404))
    kit.add_problem(NotFound, lambda error: Problem(404, title=error.name.upper()))
    app.add_url_rule("/", "index", lambda: [1j])
    assert get_title(app) == "NOT FOUND"


def test_request_data_that_lacks_a_key_is_mapped(app, kit):
    kit.add_problem(BadRequest, says("mapped"))
    app.add_url_rule("/", "index", lambda: flask.request.form["a"])
    assert get_title(app) == "mapped"


# Functions that fail.


@pytest.mark.parametrize(
    ("result", "name"),
    [
        pytest.param(None, "NoneType", id="none"),
        pytest.param("text", "str", id="text"),
        pytest.param({"title": "a"}, "dict", id="dict"),
        pytest.param((Problem(409), 409), "tuple", id="tuple"),
        pytest.param(NotFound(), "NotFound", id="http-error"),
        pytest.param(flask.Response(), "Response", id="response"),
        pytest.param(Problem, "type", id="class"),
    ],
)
def test_function_must_return_a_problem(app, kit, caplog, result, name):
    @kit.problem(OutOfStockError)
    def forgets(error):
        return result

    cause = OutOfStockError()
    add_view(app, cause)
    response = ask(app)
    assert (response.status_code, response.content_type) == (500, PROBLEM)
    assert "forgets" not in response.text
    (record,) = caplog.records
    error = record.exc_info[1]
    assert type(error) is TypeError
    assert f"forgets returned a {name} for" in str(error)
    assert "OutOfStockError. Return a Problem." in str(error)
    assert error.__cause__ is cause


@pytest.mark.parametrize("error", [OSError("disk"), NotFound(), Problem(409)])
def test_function_that_raises_is_a_500_as_an_error_handler_that_does(
    app, kit, caplog, error
):
    kit.add_problem(OutOfStockError, lambda cause: raises(error)())
    kit.add_problem(OSError, says("another"))
    add_view(app, OutOfStockError())
    response = ask(app)
    assert (response.status_code, response.content_type) == (500, PROBLEM)
    assert response.json["title"] == "Internal Server Error"
    (record,) = caplog.records
    assert record.exc_info[1] is error
    assert isinstance(error.__context__, OutOfStockError)


@pytest.mark.parametrize("cls", [InternalServerError, Exception])
def test_function_for_any_failure_that_fails_ends_in_a_500(app, kit, caplog, cls):
    kit.add_problem(cls, lambda error: 1 / 0)
    add_view(app, OutOfStockError())
    response = ask(app)
    assert (response.status_code, response.content_type) == (500, PROBLEM)
    assert response.json["title"] == "Internal Server Error"
    assert isinstance(caplog.records[-1].exc_info[1], ZeroDivisionError)


# Logging.


@pytest.mark.parametrize(
    ("status", "is_logged"), [(400, False), (499, False), (500, True), (599, True)]
)
def test_fault_of_the_server_is_logged_as_flask_logs(
    app, kit, caplog, status, is_logged
):
    kit.add_problem(OutOfStockError, says("mapped", status))
    error = OutOfStockError()
    add_view(app, error)
    assert ask(app).status_code == status
    logged = [
        (one.name, one.levelname, one.getMessage(), one.exc_info[1])
        for one in caplog.records
    ]
    line = (app.logger.name, "ERROR", "Exception on / [GET]", error)
    assert logged == [line] * is_logged


@pytest.mark.parametrize(
    ("cls", "status"),
    [(InternalServerError, 500), (InternalServerError, 409), (KeyError, 500)],
)
def test_unhandled_exception_is_logged_once(app, kit, caplog, cls, status):
    kit.add_problem(cls, says("mapped", status))
    error = KeyError()
    add_view(app, error)
    assert ask(app).status_code == status
    (record,) = caplog.records
    assert record.exc_info[1] is error


def test_function_for_the_500_sees_what_flask_gives_to_handlers(app, kit):
    given = []

    def say(error):
        given.append(error)
        return Problem(503, title="later", headers={"Retry-After": "9"})

    kit.add_problem(InternalServerError, say)
    cause = KeyError()
    response = ask(add_view(app, cause))
    assert (response.status_code, response.json["title"]) == (503, "later")
    assert response.headers["Retry-After"] == "9"
    assert type(given[0]) is InternalServerError
    assert given[0].original_exception is cause


# Where Flask lets exceptions through.


@pytest.mark.parametrize("key", ["TESTING", "DEBUG", "PROPAGATE_EXCEPTIONS"])
@pytest.mark.parametrize("status", [409, 500])
def test_mapped_exception_is_answered_wherever_flask_asks_handlers(
    app, kit, key, status
):
    app.config[key] = True
    kit.add_problem(OutOfStockError, says("mapped", status))
    assert get_title(add_view(app, OutOfStockError())) == "mapped"


@pytest.mark.parametrize("key", ["TESTING", "DEBUG", "PROPAGATE_EXCEPTIONS"])
@pytest.mark.parametrize(
    ("mapped", "function", "expected"),
    [
        pytest.param(KeyError, says("mapped"), OutOfStockError, id="unmapped"),
        pytest.param(InternalServerError, says(""), OutOfStockError, id="500"),
        pytest.param(OutOfStockError, lambda error: 1 / 0, ZeroDivisionError, id="bad"),
        pytest.param(OutOfStockError, lambda error: None, TypeError, id="no-problem"),
    ],
)
def test_failure_reaches_the_debugger(app, kit, key, mapped, function, expected):
    app.config[key] = True
    kit.add_problem(mapped, function)
    add_view(app, OutOfStockError())
    with pytest.raises(expected):
        ask(app)


# Where the exception comes from.


class FailingConverter(BaseConverter):
    def to_python(self, value):
        raise InternalServerError if value == "http" else OutOfStockError


def fail_in_before_request(app, kit):
    app.add_url_rule("/", "index", lambda: "")
    app.before_request(raises(OutOfStockError()))


def fail_in_before_request_of_the_blueprint(app, kit):
    blueprint = Blueprint("api", __name__)
    blueprint.add_url_rule("/", "index", lambda: "")
    blueprint.before_request(raises(OutOfStockError()))
    app.register_blueprint(blueprint)


def fail_in_preprocessor(app, kit):
    app.add_url_rule("/", "index", lambda: "")
    app.url_value_preprocessor(lambda endpoint, values: raises(OutOfStockError())())


def fail_in_converter(app, kit):
    kit.add_converter(complex, lambda value: raises(OutOfStockError())())
    app.add_url_rule("/", "index", lambda: {"a": [1j]})


def fail_in_template(app, kit):
    app.jinja_env.globals["fail"] = raises(OutOfStockError())
    app.add_url_rule("/", "index", lambda: flask.render_template_string("{{ fail() }}"))


def fail_in_representation(app, kit):
    kit.add_converter(complex, lambda v: raises(OutOfStockError())(), mimetype="a/b")
    app.add_url_rule("/", "index", lambda: 1j)


def fail_in_class_based_view(app, kit):
    class View(MethodView):
        def get(self):
            raise OutOfStockError

    app.add_url_rule("/", view_func=View.as_view("index"))


def fail_in_typed_view(app, kit):
    app.add_url_rule("/", "index", kit.view(produces="json")(raises(OutOfStockError())))


def fail_in_async_view(app, kit):
    @app.get("/")
    async def index():
        raise OutOfStockError


@pytest.mark.parametrize(
    "fail",
    [
        fail_in_before_request,
        fail_in_before_request_of_the_blueprint,
        fail_in_preprocessor,
        fail_in_converter,
        fail_in_template,
        fail_in_representation,
        fail_in_class_based_view,
        fail_in_typed_view,
        fail_in_async_view,
    ],
)
def test_exception_is_mapped_wherever_flask_handles_it(app, kit, fail):
    kit.add_problem(OutOfStockError, says("mapped"))
    fail(app, kit)
    for _ in range(2):
        response = ask(app)
        assert (response.status_code, response.content_type) == (409, PROBLEM)
        assert response.json["title"] == "mapped"


def test_exception_before_all_functions_of_the_app_is_mapped(app, kit):
    kit.add_problem(OutOfStockError, says("mapped"))

    def receive(sender):
        raise OutOfStockError

    with flask.request_started.connected_to(receive, app):
        assert [get_title(app) for _ in range(2)] == ["mapped", "mapped"]


def fail_in_after_request(app):
    app.after_request(lambda response: raises(OutOfStockError())())


def fail_in_url_converter(app):
    app.url_map.converters["fails"] = FailingConverter
    app.add_url_rule("/<fails:a>", "fails", lambda a: "")


@pytest.mark.parametrize("fail", [fail_in_after_request, fail_in_url_converter])
def test_exception_that_flask_handles_as_a_500_is_mapped_as_one(app, kit, fail):
    kit.add_problem(OutOfStockError, says("not asked"))
    kit.add_problem(InternalServerError, says("mapped", 500))
    fail(app)
    # The first request of all is no other.
    for _ in range(2):
        response = ask(app, "/a")
        assert (response.status_code, response.content_type) == (500, PROBLEM)
        assert response.json["title"] == "mapped"


def test_http_error_of_a_url_converter_is_mapped(app, kit):
    kit.add_problem(InternalServerError, says("mapped"))
    fail_in_url_converter(app)
    assert get_title(app, "/http") == "mapped"


def test_page_is_what_a_browser_gets(app, kit):
    kit.add_problem(OutOfStockError, says("<Out of stock>"))
    add_view(app, OutOfStockError())
    response = app.test_client().get("/", headers={"Accept": "text/html"})
    assert (response.status_code, response.content_type) == (409, HTML)
    assert "&lt;Out of stock&gt;" in response.text


# What is kept.


@pytest.mark.parametrize("path", [None, "/fine", "/"])
def test_app_with_functions_is_freed(path):
    blueprint = Blueprint("api", __name__)
    blueprint.add_url_rule("/", "index", lambda: {}["a"])
    kit = ResponseKit()
    kit.scope(blueprint).add_problem(KeyError, says("scope"))
    kit.add_problem(Exception, says("kit"))

    def make_and_use():
        app = Flask(__name__)
        app.register_blueprint(blueprint)
        app.add_url_rule("/fine", "fine", lambda: "")
        kit.init_app(app)
        if path is not None:
            assert ask(app, path).status_code == (409 if path == "/" else 200)
        return weakref.ref(app)

    found = make_and_use()
    if path == "/":
        # An exception that was caught is a cycle, with its traceback.
        gc.collect()
    assert found() is None


def test_threads_that_begin_together_are_all_answered(app, kit):
    count = 8
    blueprint = add_view(Blueprint("api", __name__, url_prefix="/api"), KeyError())
    kit.scope(blueprint).add_problem(KeyError, says("scope"))
    kit.add_problem(KeyError, says("kit"))
    app.register_blueprint(blueprint)
    add_view(app, KeyError())
    barrier = threading.Barrier(count)
    titles = []

    def begin(path):
        barrier.wait()
        titles.append(get_title(app, path))

    paths = ["/", "/api/"] * (count // 2)
    threads = [threading.Thread(target=begin, args=[path]) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(titles) == ["kit"] * (count // 2) + ["scope"] * (count // 2)


# What is an HTTP error, and something else as well.


class DomainNotFound(OutOfStockError, NotFound):
    pass


class ProblemOfTheDomain(Problem, OutOfStockError):
    code = 409


@pytest.mark.parametrize("cls", [KeyError, LookupError, Exception])
def test_missing_key_of_a_request_stays_a_bad_request(app, kit, cls):
    kit.add_problem(cls, says("internal", 500))
    app.get("/")(lambda: flask.request.args["name"])
    response = ask(app)
    assert (response.status_code, response.json["title"]) == (400, "Bad Request")


def test_nearer_class_than_that_of_http_errors_counts(app, kit):
    kit.add_problem(OutOfStockError, says("mapped"))
    add_view(app, DomainNotFound())
    assert get_title(app) == "mapped"


def test_problem_is_one_already(app, kit):
    kit.add_problem(OutOfStockError, says("mapped"))
    add_view(app, ProblemOfTheDomain())
    assert get_title(app) == "Conflict"


@pytest.mark.parametrize("cls", [None, Exception])
def test_trapped_http_errors_stay_trapped(app, kit, cls):
    app.config["TRAP_HTTP_EXCEPTIONS"] = True
    if cls is not None:
        kit.add_problem(cls, says("not asked"))
    add_view(app, NotFound())
    response = ask(app)
    assert (response.status_code, response.json["status"]) == (500, 500)
    # Not the one that is sent where all else fails.
    assert response.headers["Vary"] == "Accept"


def test_methods_of_the_app_see_all_that_is_no_matter_of_a_scope():
    seen = []

    class Seeing(Flask):
        def handle_user_exception(self, e):
            seen.append(e.code)
            return super().handle_user_exception(e)

    app = Seeing("example")
    kit = ResponseKit(app)
    kit.add_problem(NotFound, says("kit"))
    api = Blueprint("api", __name__, url_prefix="/api")
    kit.scope(api)
    app.register_blueprint(api)
    assert [get_title(app, path) for path in ("/x", "/api/x")] == ["kit", "kit"]
    assert seen == [404, 404]
