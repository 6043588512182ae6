"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import typing as t

from flask import Blueprint
from flask import Flask
from flask import Response
from flask.views import MethodView
from typing_extensions import assert_type

from flask_responsekit import KitResponse
from flask_responsekit import ResponseKit


@dataclasses.dataclass
class User:
    name: str


app = Flask(__name__)
kit = ResponseKit(app)
blueprint = Blueprint("users", __name__)


# Views under a route, whatever they return.


@app.get("/user/<name>")
@kit.view
def show_user(name: str, full: bool = False) -> User:
    return User(name)


@app.route("/users", methods=["GET", "POST"])
@kit.view
def show_users() -> tuple[list[User], int, dict[str, str]]:
    return [User("Ada")], 201, {"Location": "/users/1"}


@blueprint.get("/user-or-response")
@kit.view
def show_user_or_response() -> User | Response | None:
    return User("Ada")


@blueprint.route("/names")
@kit.view
def show_names() -> cabc.Iterator[str]:
    yield "Ada"


@app.get("/object")
@kit.view
def show_object(name: str) -> object:
    return User(name)


@app.get("/count")
@kit.view
def count() -> int:
    return 1


@app.post("/any")
@kit.view
def show_any() -> t.Any:
    return User("Ada")


@app.get("/async")
@kit.view
async def show_soon(name: str) -> User:
    return User(name)


# Without kit.view, they are not what Flask takes.


@app.get("/without")  # type: ignore[type-var]
def show_without() -> User:
    return User("Ada")


@blueprint.get("/above")  # type: ignore[type-var]
async def show_without_soon() -> User:
    return User("Ada")


# What is returned is a response, and the parameters are kept.

assert_type(show_user("Ada"), Response)
assert_type(show_user("Ada", full=True), Response)
assert_type(show_users(), Response)
assert_type(show_user_or_response(), Response)
assert_type(show_names(), Response)
assert_type(show_object("Ada"), Response)
show_object(1)  # type: ignore[arg-type]
assert_type(count(), Response)
show_user()  # type: ignore[call-arg]
show_user(1)  # type: ignore[arg-type]
show_user("Ada", full="yes")  # type: ignore[arg-type]
show_user("Ada", fuller=True)  # type: ignore[call-arg]
show_users("Ada")  # type: ignore[call-arg]
user_name: str = show_user("Ada").name  # type: ignore[attr-defined]


async def call_view() -> int:
    assert_type(await show_soon("Ada"), Response)
    await show_soon()  # type: ignore[call-arg]
    await show_soon(name=1)  # type: ignore[arg-type]
    await show_user("Ada")  # type: ignore[misc]
    return show_soon("Ada").status_code  # type: ignore[attr-defined, no-any-return]


# Options.


@app.get("/declared/<name>")
@kit.view(produces=("application/json", "csv"), etag=True, response_class=KitResponse)
def show_declared(name: str) -> User:
    return User(name)


@app.get("/declared-async")
@kit.view(produces="application/json")
async def show_declared_soon() -> User:
    return User("Ada")


@app.get("/nothing-said")
@kit.view()
def show_nothing_said() -> User:
    return User("Ada")


assert_type(show_declared("Ada"), Response)
show_declared(1)  # type: ignore[arg-type]
show_declared()  # type: ignore[call-arg]


async def call_declared_view() -> None:
    assert_type(await show_declared_soon(), Response)
    await show_declared_soon("Ada")  # type: ignore[call-arg]


class NoResponse:
    pass


kit.view(produces=1)  # type: ignore[call-overload]
kit.view(produces=[1])  # type: ignore[list-item]
kit.view(etag="yes")  # type: ignore[call-overload]
kit.view(response_class=NoResponse)  # type: ignore[arg-type]
kit.view(response_class=Response())  # type: ignore[call-overload]
kit.view(mimetype="text/csv")  # type: ignore[call-overload]
kit.view("application/json")  # type: ignore[call-overload]
kit.view(User("Ada"))  # type: ignore[call-overload]
kit.view(produces="text/csv")("text")  # type: ignore[call-overload]


# Other ways to a view.


def load_user(name: str) -> User:
    return User(name)


app.add_url_rule("/rule/<name>", view_func=kit.view(load_user))
app.add_url_rule("/rule", view_func=kit.view(etag=True)(load_user))
app.add_url_rule("/rule", view_func=load_user)  # type: ignore[arg-type]
app.add_url_rule("/rule", view_func=lambda: User("Ada"))  # type: ignore[arg-type]
assert_type(kit.view(load_user)("Ada"), Response)
assert_type(kit.view(lambda: User("Ada"))(), Response)


class UserAPI(MethodView):
    decorators = [kit.view]

    def get(self, name: str) -> User:
        return User(name)


class DeclaredUserAPI(MethodView):
    @kit.view(produces=("application/json", "text/csv"))
    def get(self, name: str) -> User:
        return User(name)

    @kit.view
    async def post(self, name: str) -> tuple[User, int]:
        return User(name), 201


app.add_url_rule("/api/<name>", view_func=UserAPI.as_view("api"))
assert_type(DeclaredUserAPI().get("Ada"), Response)
DeclaredUserAPI().get()  # type: ignore[call-arg]
DeclaredUserAPI().get(1)  # type: ignore[arg-type]
