"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

import flask
import werkzeug
from flask import Flask
from typing_extensions import assert_type

from flask_responsekit import KitResponse

app = Flask(__name__)


def get_length(response: flask.Response) -> int | None:
    return response.content_length


# It is a response of Flask's, wherever one is asked for.

get_length(KitResponse("text", 201, {"X-Name": "value"}, mimetype="text/plain"))
app.response_class = KitResponse
assert_type(app.make_response("text"), flask.Response)
assert_type(KitResponse.force_type(1), flask.Response)
assert_type(KitResponse("{}").mimetype, "str | None")


class XMLResponse(KitResponse):
    default_mimetype = "application/xml"


@app.get("/")
def show() -> KitResponse:
    return XMLResponse("<note/>")


assert_type(KitResponse("text").etag, bool)
assert_type(KitResponse("text").is_negotiated, bool)
KitResponse("text").etag = True
KitResponse("text").etag = "abc"  # type: ignore[assignment]
KitResponse("text", mimetype=1)  # type: ignore[arg-type]
KitResponse("text", charset="utf-8")  # type: ignore[call-arg]
get_length(werkzeug.Response("text"))  # type: ignore[arg-type]
KitResponse.sniffing = "lenient"  # type: ignore[assignment]
KitResponse("text").sniffing = False  # type: ignore[misc]
