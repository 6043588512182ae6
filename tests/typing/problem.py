"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

import typing as t

from flask import abort
from flask import Flask
from flask import Response
from typing_extensions import assert_type
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound

from flask_responsekit import Problem
from flask_responsekit import ResponseKit

app = Flask(__name__)
kit = ResponseKit(app)

# What a problem is made of. Extension members may be anything.

Problem(404)
Problem(404, title="Not here", detail=None, type="/problems/not-here", instance="/7")
Problem(429, headers={"Retry-After": "30"})
Problem(429, headers=[("Retry-After", "30")])
Problem(429, headers=Headers())
Problem(409, left=0, items=[object()])
MEMBERS: dict[str, t.Any] = {"retry-after": 30}
Problem(409, **MEMBERS)
Problem("404")  # type: ignore[arg-type]
Problem(404, "Not here")  # type: ignore[call-arg]
Problem(404, title=1)  # type: ignore[arg-type]
Problem(404, detail=b"")  # type: ignore[arg-type]
Problem(404, type=None, instance=1)  # type: ignore[arg-type]
Problem(404, headers="Retry-After: 30")  # type: ignore[arg-type]
Problem(404, status=404)  # type: ignore[misc]

# What it says.

problem = Problem(404)
assert_type(problem.status, int)
assert_type(problem.detail, "str | None")
assert_type(problem.instance, "str | None")
assert_type(problem.name, str)
assert_type(problem.type, str)
assert_type(problem.title, "str | None")
assert_type(problem.headers, Headers)
assert_type(problem.extensions, dict[str, object])
problem.status = 410  # type: ignore[misc]
problem.detail = "Gone"  # type: ignore[misc]
problem.type = None  # type: ignore[assignment]
problem.extensions = {1: "one"}  # type: ignore[dict-item]

# A kind of problem.


class OutOfStock(Problem):
    code = 409
    type = "https://example.com/problems/out-of-stock"
    title = "Out of stock"
    description = "There is nothing left."


OutOfStock(left=0)
error: HTTPException = OutOfStock()
other: Problem = NotFound()  # type: ignore[assignment]

# It is raised, or returned. With a status beside it, Flask's annotations have no place
# for it, so the view is one of the kit. Nor do they know that abort takes it.


@app.get("/raised")
def raise_problem() -> t.NoReturn:
    raise OutOfStock


@app.get("/returned")
def return_problem() -> str | Problem:
    return OutOfStock()


@app.get("/changed")
@kit.view
def return_problem_as_400() -> tuple[Problem, int, dict[str, str]]:
    return OutOfStock(), 400, {"Retry-After": "30"}


@app.get("/unknown")  # type: ignore[type-var]
def return_problem_unknown_to_flask() -> tuple[Problem, int]:
    return OutOfStock(), 400


@app.get("/aborted")
def abort_with_problem() -> t.NoReturn:
    abort(OutOfStock())  # type: ignore[arg-type]


assert_type(return_problem_as_400(), Response)

# What an exception is told as.


class SoldOutError(Exception):
    item = "bench"


@kit.problem(SoldOutError)
def explain_sold_out(error: SoldOutError) -> Problem:
    return Problem(409, item=error.item)


@kit.problem(LookupError, replace=True)
def explain_any(error: Exception) -> OutOfStock:
    return OutOfStock(detail=str(error))


def explain_key(error: KeyError) -> Problem:
    return Problem(404, key=error.args[0])


def explain_as_data(error: Exception) -> dict[str, str]:
    return {"error": str(error)}


async def explain_later(error: Exception) -> Problem:
    return Problem(400)


assert_type(explain_sold_out(SoldOutError()), Problem)
explain_sold_out(KeyError())  # type: ignore[arg-type]
kit.add_problem(KeyError, explain_key)
kit.add_problem(KeyError, explain_key, replace=True)
kit.add_problem(SoldOutError, lambda error: Problem(409, item=error.item))
kit.add_problem(SoldOutError, lambda error: Problem(409, item=error.name))  # type: ignore[attr-defined]
kit.add_problem(LookupError, explain_key)  # type: ignore[arg-type]
kit.add_problem(KeyError, explain_as_data)  # type: ignore[arg-type]
kit.add_problem(KeyError, explain_later)  # type: ignore[arg-type]
kit.add_problem(KeyError, Problem)  # type: ignore[arg-type]
kit.add_problem(explain_key, KeyError)  # type: ignore[arg-type]
kit.add_problem(BaseException, explain_any)  # type: ignore[type-var, arg-type]
kit.add_problem("SoldOutError", explain_any)  # type: ignore[arg-type]
kit.add_problem(KeyError, explain_key, True)  # type: ignore[call-arg]
kit.add_problem(KeyError)  # type: ignore[call-arg]
kit.problem(KeyError)(explain_key)
kit.problem(LookupError)(explain_key)  # type: ignore[arg-type]
kit.problem(KeyError)(explain_as_data)  # type: ignore[arg-type]
kit.problem(KeyError)(explain_later)  # type: ignore[arg-type]
kit.problem(int)  # type: ignore[type-var]
kit.problem("SoldOutError")  # type: ignore[arg-type]
kit.problem(KeyError, replace="yes")  # type: ignore[arg-type]
kit.problem(KeyError, explain_key)  # type: ignore[call-arg, arg-type]
