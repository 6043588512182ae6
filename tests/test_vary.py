from __future__ import annotations

import flask
import pytest
from flask import Flask
from werkzeug.datastructures import Headers

from flask_responsekit import KitResponse
from flask_responsekit.vary import vary
from flask_responsekit.vary import vary_headers
from flask_responsekit.vary import vary_later


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        pytest.param([], ["Accept"], id="nothing"),
        pytest.param(["Accept"], ["Accept"], id="the-same"),
        pytest.param(["accept"], ["accept"], id="in-another-case"),
        pytest.param(["Cookie"], ["Cookie, Accept"], id="another"),
        pytest.param(["Cookie, Accept"], ["Cookie, Accept"], id="both"),
        pytest.param(["Cookie", "Origin"], ["Cookie, Origin, Accept"], id="two-lines"),
        pytest.param(["Cookie", "Accept"], ["Cookie", "Accept"], id="second-line"),
        pytest.param(["*"], ["*"], id="everything"),
        pytest.param(["Cookie", "*"], ["Cookie", "*"], id="everything-below"),
        pytest.param(["Accept-Encoding"], ["Accept-Encoding, Accept"], id="prefix"),
    ],
)
def test_accept_is_added_to_what_is_there(present, expected):
    headers = Headers([("Vary", line) for line in present])
    vary_headers(headers)
    assert headers.getlist("Vary") == expected
    vary_headers(headers)
    assert headers.getlist("Vary") == expected


@pytest.mark.parametrize("cls", [flask.Response, KitResponse])
def test_response_is_given_back(cls):
    response = cls("text")
    assert vary(response) is response
    assert response.headers["Vary"] == "Accept"


def test_error_of_a_request_depends_on_accept():
    app = Flask(__name__)

    @app.get("/")
    def view():
        vary_later()
        flask.abort(404)

    assert app.test_client().get("/").headers["Vary"] == "Accept"


def test_there_need_be_no_request():
    vary_later()
