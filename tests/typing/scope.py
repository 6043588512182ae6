"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

import dataclasses
import typing as t

import werkzeug
from flask import Blueprint
from flask import Flask
from flask import Response
from typing_extensions import assert_type

from flask_responsekit import ConverterRegistry
from flask_responsekit import CSVRenderer
from flask_responsekit import KitResponse
from flask_responsekit import Problem
from flask_responsekit import ResponseKit
from flask_responsekit import Scope


@dataclasses.dataclass
class User:
    name: str


class XMLResponse(Response):
    default_mimetype = "application/xml"


kit = ResponseKit()
blueprint = Blueprint("api", __name__)
api = kit.scope(blueprint)

# A kit is the scope around all others.

assert_type(api, Scope)
assert_type(api.converters, ConverterRegistry)
assert_type(api.response_class, "type[Response] | None")
assert_type(api.problems, t.Literal["negotiate", "always", "off"] | None)


def add_all(scope: Scope) -> None:
    scope.add_converter(User, str)


add_all(kit)
add_all(api)
add_all(blueprint)  # type: ignore[arg-type]

# What may be said of one.

kit.scope(blueprint, renderers=["json", CSVRenderer()], not_acceptable="406")
kit.scope(blueprint, renderers=("xml",), not_acceptable="fallback")
kit.scope(blueprint, response_class=XMLResponse)
kit.scope(blueprint, response_class=KitResponse)
kit.scope(blueprint, problems="negotiate")
kit.scope(blueprint, problems="always", not_acceptable="406")
kit.scope(blueprint, problems="off")
kit.scope(blueprint, renderers=None, not_acceptable=None, response_class=None)
kit.scope(blueprint, problems=None)
kit.scope()  # type: ignore[call-arg]
kit.scope("api")  # type: ignore[arg-type]
kit.scope(Flask(__name__))  # type: ignore[arg-type]
kit.scope(blueprint, ["json"])  # type: ignore[call-arg]
kit.scope(blueprint, renderers=[1])  # type: ignore[list-item]
kit.scope(blueprint, renderers=[CSVRenderer])  # type: ignore[list-item]
kit.scope(blueprint, not_acceptable=406)  # type: ignore[arg-type]
kit.scope(blueprint, not_acceptable="407")  # type: ignore[arg-type]
kit.scope(blueprint, not_acceptable=True)  # type: ignore[arg-type]
kit.scope(blueprint, problems=True)  # type: ignore[arg-type]
kit.scope(blueprint, problems="json")  # type: ignore[arg-type]
kit.scope(blueprint, response_class=XMLResponse())  # type: ignore[arg-type]
kit.scope(blueprint, response_class=werkzeug.Response)  # type: ignore[arg-type]
kit.scope(blueprint, response_class=str)  # type: ignore[arg-type]
api.scope(blueprint)  # type: ignore[attr-defined]
api.init_app(Flask(__name__))  # type: ignore[attr-defined]


# The verbs are those of a kit.


@api.converter(User)
def convert_user(user: User) -> dict[str, str]:
    return {"name": user.name}


@api.converter(User, mimetype="text/csv")
def convert_user_to_rows(user: User) -> list[str]:
    return [user.name]


@api.problem(KeyError)
def explain_key(error: KeyError) -> Problem:
    return Problem(404, key=error.args[0])


@blueprint.get("/user")
@api.view
def show_user() -> User:
    return User("Ada")


assert_type(convert_user_to_rows(User("Ada")), list[str])
assert_type(show_user(), Response)
api.add_converter(User, str, mimetype="text/plain", replace=True)
api.add_template(User, "user.html", name="user", replace=True)
api.add_template("models.User", "user.html")
api.add_renderer(CSVRenderer())
api.converter(User, "text/csv")  # type: ignore[call-arg]
api.converter(User, mimetype=1)  # type: ignore[arg-type]
api.add_converter(User, str, "text/csv")  # type: ignore[call-arg]
api.add_converter(User, str, mimetype=b"text/csv")  # type: ignore[arg-type]
api.add_template("user.html", User)  # type: ignore[arg-type]
api.add_template(User)  # type: ignore[call-arg]
api.add_template(User, "user.html", "user")  # type: ignore[call-arg]
api.add_template(User, "user.html", name=1)  # type: ignore[arg-type]
api.add_renderer("csv")  # type: ignore[arg-type]
api.add_renderer(CSVRenderer)  # type: ignore[arg-type]
api.add_problem(KeyError, explain_key, replace=True)
api.add_problem(LookupError, explain_key)  # type: ignore[arg-type]
