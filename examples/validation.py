"""Input that is not valid, told field by field: pydantic's and marshmallow's errors.

It needs both libraries: ``pip install pydantic marshmallow``.
"""

import collections.abc as cabc
import urllib.parse

import marshmallow
import pydantic
from flask import Flask
from flask import request

from flask_responsekit import Problem
from flask_responsekit import ResponseKit

app = Flask(__name__)
kit = ResponseKit(app)


def make_pointer(path: cabc.Iterable[object]) -> str:
    """Make a JSON pointer, as the fragment of a URI (RFC 6901, section 6)."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    # JSON may hold half of a surrogate pair, which has no UTF-8.
    quoted = (urllib.parse.quote(step, safe="", errors="replace") for step in steps)
    return "".join(["#", *(f"/{step}" for step in quoted)])


def make_invalid(found: cabc.Iterable[tuple[cabc.Iterable[object], str]]) -> Problem:
    """Make a problem of where something is wrong, and what."""
    return Problem(
        422,
        type="https://example.com/problems/invalid",
        title="Your request is not valid.",
        errors=[
            {"pointer": make_pointer(path), "detail": text} for path, text in found
        ],
    )


@kit.problem(pydantic.ValidationError)
def explain_pydantic(error: pydantic.ValidationError) -> Problem:
    # The input and the URL of pydantic's documentation are not sent back.
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return make_invalid((one["loc"], one["msg"]) for one in found)


@kit.problem(marshmallow.ValidationError)
def explain_marshmallow(error: marshmallow.ValidationError) -> Problem:
    return make_invalid(find_messages(error.messages))


def find_messages(
    found: object, path: tuple[object, ...] = ()
) -> cabc.Iterator[tuple[tuple[object, ...], str]]:
    """Find what marshmallow says: dicts have fields, and lists what is said of one."""
    if isinstance(found, dict):
        for key, inner in found.items():
            # Said of an object as a whole.
            yield from find_messages(inner, path if key == "_schema" else (*path, key))
    elif isinstance(found, list):
        for inner in found:
            yield from find_messages(inner, path)
    else:
        yield path, str(found)


class Item(pydantic.BaseModel):
    name: str
    price: pydantic.FiniteFloat


class Order(pydantic.BaseModel):
    items: list[Item]


class ItemSchema(marshmallow.Schema):
    name = marshmallow.fields.String(required=True)
    price = marshmallow.fields.Float(required=True)


class OrderSchema(marshmallow.Schema):
    items = marshmallow.fields.List(marshmallow.fields.Nested(ItemSchema))


@app.post("/orders")
@kit.view
def add_order() -> tuple[dict[str, object], int]:
    return Order.model_validate(request.get_json()).model_dump(), 201


@app.post("/v1/orders")
@kit.view
def add_order_in_version_1() -> tuple[object, int]:
    return OrderSchema().load(request.get_json()), 201


if __name__ == "__main__":
    app.run()
