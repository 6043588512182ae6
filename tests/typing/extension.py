"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import typing as t

from flask import Flask
from flask import jsonify
from flask import Response
from typing_extensions import assert_type

from flask_responsekit import Problem
from flask_responsekit import ResponseKit


@dataclasses.dataclass
class User:
    name: str


app = Flask(__name__)
kit = ResponseKit(app)
kit.init_app(app)
ResponseKit("app")  # type: ignore[arg-type]
ResponseKit().init_app("app")  # type: ignore[arg-type]
ResponseKit(problems="always")  # type: ignore[call-arg]
ResponseKit(app, json="msgspec")
ResponseKit(json=None)
ResponseKit(json="orjson")  # type: ignore[arg-type]
ResponseKit(app, None, "msgspec")  # type: ignore[call-arg]


# The decorator keeps the type of what it decorates.


@kit.converter(User)
def convert_user(user: User) -> dict[str, str]:
    return {"name": user.name}


@kit.converter("pandas.DataFrame", replace=True)
def convert_frame(frame: object) -> str:
    return str(frame)


assert_type(convert_user(User("Ada")), dict[str, str])
assert_type(convert_frame(1), str)
convert_user("Ada")  # type: ignore[arg-type]

# What a converter may be.

kit.add_converter(User, convert_user)
kit.add_converter(User, lambda user: jsonify(name=user.name), replace=True)
kit.add_converter("decimal.Decimal", str)
kit.add_converter(type(None), lambda none: ("", 204))
kit.add_converter(frozenset, sorted)
kit.add_converter(User, lambda user: [user], mimetype="text/csv")


def take_two(user: User, other: User) -> str:
    return user.name + other.name


kit.converter(1)  # type: ignore[arg-type]
kit.converter(User, take_two)  # type: ignore[call-arg, arg-type]
kit.converter(User)(take_two)  # type: ignore[type-var]
kit.converter(User)("text")  # type: ignore[type-var]
kit.converter(User, replace="yes")  # type: ignore[arg-type]
kit.add_converter(User)  # type: ignore[call-arg]
kit.add_converter(User, 1)  # type: ignore[arg-type]
kit.add_converter(User, take_two)  # type: ignore[arg-type]
kit.add_converter(User, convert_user, True)  # type: ignore[call-arg, arg-type]
kit.add_converter(convert_user, User)  # type: ignore[arg-type]
kit.add_converter(User, convert_user, mimetype=1)  # type: ignore[arg-type]


@kit.converter(User, mimetype="application/vnd.acme.v2+json")
def convert_user_again(user: User) -> list[str]:
    return [user.name]


assert_type(convert_user_again(User("Ada")), list[str])
kit.converter(User, mimetype="text/csv")(take_two)  # type: ignore[type-var]


# Plain data may be anything.

assert_type(kit.to_plain(User("Ada")), t.Any)

# What a view would return may be anything, too; what is made of it is a response.

assert_type(kit.response(User("Ada")), Response)
kit.response([User("Ada")], 201, {"Location": "/users/1"})
kit.response(None, "204 No Content", headers=[("X-Name", "value")])
kit.response(Problem(409), 400)
kit.response()  # type: ignore[call-arg]
kit.response(User("Ada"), {"X-Name": "value"})  # type: ignore[arg-type]
kit.response(User("Ada"), headers="X-Name: value")  # type: ignore[arg-type]
kit.response(User("Ada"), mimetype="text/csv")  # type: ignore[call-arg]


# Views without kit.view: Flask's annotations have no place for types of one's own.


@app.get("/any")
def show_any() -> t.Any:
    return User("Ada")


@app.get("/list")
def show_list() -> list[User]:
    return [User("Ada")]


@app.get("/dict")
def show_dict() -> cabc.Mapping[str, User]:
    return {"user": User("Ada")}


@app.get("/own")  # type: ignore[type-var]
def show_own() -> User:
    return User("Ada")
