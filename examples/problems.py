"""Errors that a program can read, and a person, too: problem details (RFC 9457)."""

import dataclasses
import decimal

from flask import Blueprint
from flask import Flask

from flask_responsekit import Problem
from flask_responsekit import ResponseKit

app = Flask(__name__)
app.config["RESPONSEKIT_FORMAT_PARAMETER"] = "format"
kit = ResponseKit(app, renderers=["json", "xml"])
api = Blueprint("api", __name__, url_prefix="/api")
kit.scope(api, problems="always")


@dataclasses.dataclass
class Article:
    name: str
    price: decimal.Decimal
    successor: str | None = None


ARTICLES = {
    "stool": Article("stool", decimal.Decimal("14.50")),
    "bench": Article("bench", decimal.Decimal("49.00"), successor="stool"),
}


# A kind of problem that has a class of its own.
class UnknownArticle(Problem):
    code = 404
    type = "https://example.com/problems/unknown-article"
    title = "Unknown article"


# An exception that knows nothing of HTTP, and what is said of it to clients.
class DiscontinuedError(Exception):
    def __init__(self, name: str, successor: Article) -> None:
        super().__init__(f"The {name} is no longer sold.")
        self.successor = successor


@kit.problem(DiscontinuedError)
def explain_discontinued(error: DiscontinuedError) -> Problem:
    return Problem(
        410,
        type="https://example.com/problems/discontinued",
        title="Discontinued",
        detail=str(error),
        successor=error.successor,
    )


@app.get("/")
def index() -> str:
    names = ["stool", "bench", "table"]
    queries = ["", "?format=json", "?format=xml"]
    paths = [f"/articles/{name}{query}" for name in names for query in queries]
    paths += ["/broken", "/nowhere", "/api/broken", "/api/nowhere"]
    links = "".join(f'<li><a href="{path}">{path}</a>' for path in paths)
    return f"<!doctype html><title>Problems</title><ul>{links}</ul>"


@app.get("/articles/<name>")
@kit.view
def show_article(name: str) -> Article:
    if name not in ARTICLES:
        raise UnknownArticle(detail=f"There is no {name}.", known=[*ARTICLES])
    article = ARTICLES[name]
    if article.successor is not None:
        raise DiscontinuedError(name, ARTICLES[article.successor])
    return article


# A mistake in the app. Nothing of it is told.
@app.get("/broken")
@api.get("/broken")
def show_broken() -> str:
    return str(ARTICLES["table"])


app.register_blueprint(api)

if __name__ == "__main__":
    app.run()
