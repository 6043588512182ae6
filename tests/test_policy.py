from __future__ import annotations

import dataclasses
import gc
import io
import json
import re
import weakref

import flask
import pytest
from flask import abort
from flask import Blueprint
from flask import Flask
from flask import request
from flask import session
from flask.views import MethodView
from flask.views import View
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound
from werkzeug.test import Client

from flask_responsekit import ResponseKit

JSON = "application/json"
XML = "application/xml; charset=utf-8"
CSV = "text/csv; charset=utf-8"
YAML = "application/yaml"
HTML = "text/html; charset=utf-8"
MSGPACK = "application/vnd.msgpack"
IMAGE = "image/png"
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)
THREE = ("json", "xml", "csv")
SAFE = ("GET", "HEAD")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclasses.dataclass
class User:
    id: int = 1
    name: str = "Ada"


class Drawing:
    """Has representations, and nothing else."""


def make_app(result=User, *, renderers=THREE, produces=None, setup=None, **config):
    """An app with one view, which notes in ``app.ran`` that it ran."""
    app = Flask("example", static_folder=None)
    app.secret_key = "secret"
    for key, value in {"renderers": renderers, **config}.items():
        app.config[f"RESPONSEKIT_{key.upper()}"] = value
    app.kit = ResponseKit(app)
    app.ran = []

    def view():
        app.ran.append(request.method)
        return result()

    if produces is not None:
        view = app.kit.view(produces=produces)(view)
    app.add_url_rule("/", "view", view, methods=["GET", *UNSAFE])
    if setup is not None:
        setup(app)
    return app


def send(app, accept=None, *, method="GET", path="/", headers=()):
    headers = dict(headers)
    if accept is not None:
        headers["Accept"] = accept
    return app.test_client().open(path, method=method, headers=headers)


def get_vary(response):
    """The members of all lines, in lower case."""
    lines = response.headers.getlist("Vary")
    return sorted(name.strip().lower() for line in lines for name in line.split(","))


def list_offers(response):
    """What a 406 says that there is."""
    found = re.search(r"can be sent as: (.*?)\.(?: |<|\Z)", response.text)
    return found[1].split(", ")


# The best offer is sent.


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        pytest.param(None, JSON, id="missing"),
        pytest.param("", JSON, id="empty"),
        pytest.param(" , ,", JSON, id="nothing-in-it"),
        pytest.param("*", JSON, id="bare-star"),
        pytest.param("*/*", JSON, id="any"),
        pytest.param("garbage", JSON, id="not-parseable"),
        pytest.param("application/json", JSON, id="first"),
        pytest.param("text/csv", CSV, id="other"),
        pytest.param("application/xml", XML, id="of-lower-quality"),
        pytest.param("text/xml", XML, id="alias"),
        pytest.param("text/*", CSV, id="range"),
        pytest.param("text/csv, application/json", JSON, id="tie-in-server-order"),
        pytest.param("application/*, text/csv", CSV, id="tie-to-the-specific"),
        pytest.param("application/json;q=0.5, text/csv;q=0.6", CSV, id="weights"),
        pytest.param("application/json;q=0.8, application/xml", XML, id="xml-0.85"),
        pytest.param("application/json;q=0.9, application/xml", JSON, id="json-0.9"),
        pytest.param("text/csv;q=0.1, */*;q=0.5", JSON, id="specific-weight-counts"),
        pytest.param("*/*, application/json;q=0", CSV, id="refused"),
        pytest.param("text/csv;q=.2, application/json;q=.1", CSV, id="q=.2"),
        pytest.param("text/csv;q=1., application/json;q=0.9", CSV, id="q=1."),
        pytest.param("text/csv;q=7, application/json;q=1", JSON, id="q-above-1"),
        pytest.param("text/csv;q=nan, application/xml", XML, id="nan-is-dropped"),
        pytest.param("text/csv;q=inf, application/xml", XML, id="inf-is-dropped"),
        pytest.param("text/csv;q=-1, application/xml", XML, id="negative-is-dropped"),
        pytest.param("text/csv;q=high", JSON, id="only-malformed"),
        pytest.param("TEXT/CSV", CSV, id="upper-case"),
        pytest.param("Text/Csv;Q=0.5, application/json;Q=0.1", CSV, id="upper-case-q"),
        pytest.param("text/csv; charset=utf-8", CSV, id="charset"),
        pytest.param("text/csv; charset=latin-1", CSV, id="other-charset"),
        pytest.param("text/csv; header=present, */*;q=0.1", JSON, id="parameter"),
        pytest.param('a/b; x="c, d; e", text/csv', CSV, id="quoted"),
        pytest.param(CHROME, JSON, id="browser"),
        pytest.param(",".join(["a/b"] * 50 + ["text/csv"]), JSON, id="too-many"),
        pytest.param("text/csv, " + "a" * 9000, JSON, id="too-long"),
    ],
)
def test_best_offer_is_sent(accept, content_type):
    response = send(make_app(), accept)
    assert response.status_code == 200
    assert response.content_type == content_type
    assert get_vary(response) == ["accept"]
    assert response.headers.getlist("X-Content-Type-Options") == ["nosniff"]


def test_several_lines_count_as_one():
    app = make_app()
    lines = [("Accept", "application/json;q=0.1"), ("Accept", "text/csv;q=0.2")]
    assert app.test_client().get("/", headers=lines).content_type == CSV
    # What a server makes of two lines.
    joined = {"HTTP_ACCEPT": "application/json;q=0.1,text/csv;q=0.2"}
    response = app.test_client().get("/", environ_overrides=joined)
    assert response.content_type == CSV


def test_line_that_is_malformed_does_not_spoil_another():
    lines = [("Accept", 'a/b; c="d'), ("Accept", "text/csv")]
    response = make_app().test_client().get("/", headers=lines)
    assert response.status_code == 200
    assert response.content_type in (JSON, CSV)


def test_own_quality_counts():
    class Log:
        mimetype, quality = "text/x-log", 0.5

        def render(self, value):
            return b"log"

    app = make_app(renderers=("csv", Log()))
    assert send(app, "text/x-log, text/csv;q=0.4").mimetype == "text/x-log"
    assert send(app, "text/x-log, text/csv;q=0.6").mimetype == "text/csv"
    assert send(app, "text/*").mimetype == "text/csv"


def test_xml_named_first_counts_in_full():
    app = make_app(renderers=("xml", "json"))
    assert send(app, CHROME).content_type == XML
    assert send(app).content_type == XML
    assert send(app, "application/json, application/xml;q=0.9").content_type == JSON


SENT = {JSON, XML, CSV, MSGPACK}
_APP = make_app(renderers=(*THREE, "msgpack"))
_MEMBERS = st.builds(
    "{}{}{}".format,
    st.sampled_from(
        ["TEXT/csv", "text/CSV", "application/msgpack", "application/X-msgpack"]
        + ["text/xml", "application/json", "text/html", "*/*", "Application/*"]
    ),
    st.sampled_from(["", ";charset=latin-1", "; charset=utf-16", ';a="<script>"']),
    st.sampled_from(["", ";q=0.5", ";q=0", "; Q=1.000;ext=1"]),
)
_HEADERS = st.lists(_MEMBERS).map(", ".join) | st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")
)


@settings(deadline=None)
@given(_HEADERS)
@example("application/msgpack;charset=latin-1")
@example("TEXT/CSV; charset=latin-1; header=present")
def test_type_sent_is_that_of_the_server_byte_for_byte(header):
    response = Client(_APP).get("/", environ_overrides={"HTTP_ACCEPT": header})
    assert response.status_code == 200
    assert response.headers.getlist("Content-Type")[0] in SENT
    assert len(response.headers.getlist("Content-Type")) == 1
    assert response.headers.getlist("Vary") == ["Accept"]


def test_nothing_but_accept_and_configured_parameter_decides():
    app = make_app(setup=lambda app: app.add_url_rule("/x.csv", view_func=User))
    agent = {"User-Agent": "curl/8", "X-Requested-With": "XMLHttpRequest"}
    assert send(app, path="/x.csv").content_type == JSON
    assert send(app, path="/?format=csv").content_type == JSON
    assert send(app, headers=agent).content_type == JSON
    padded = send(app, path="/?callback=run&jsonp=run")
    assert padded.json == {"id": 1, "name": "Ada"}


# What is not declared falls back.


@pytest.mark.parametrize("accept", [IMAGE, "*/*;q=0", "application/json;q=0, a/b"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request_that_accepts_nothing_gets_the_first_offer(accept, method):
    app = make_app()
    response = send(app, accept, method=method)
    assert (response.status_code, response.content_type) == (200, JSON)
    assert get_vary(response) == ["accept"]
    assert app.ran == [method]


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(lambda: "text", id="str"),
        pytest.param(lambda: b"text", id="bytes"),
        pytest.param(lambda: iter(["text"]), id="iterator"),
        pytest.param(lambda: flask.Response("text"), id="response"),
        pytest.param(lambda: flask.jsonify(1), id="jsonify"),
        pytest.param(lambda: flask.redirect("/"), id="redirect"),
        pytest.param(lambda: ("text", 201), id="tuple"),
        pytest.param(lambda: abort(flask.Response("text", 400)), id="error-response"),
    ],
)
def test_what_is_a_body_already_is_no_choice(result):
    for accept in (None, "text/csv", IMAGE):
        response = send(make_app(result), accept)
        assert response.status_code < 500
        assert "Vary" not in response.headers


@pytest.mark.parametrize("result", [User, dict, list, lambda: ({}, 201)])
@pytest.mark.parametrize("accept", [None, "text/csv", IMAGE])
def test_one_renderer_is_no_choice(result, accept):
    response = send(make_app(result, renderers=["json"]), accept)
    assert response.content_type == JSON
    assert "Vary" not in response.headers


@pytest.mark.parametrize("accept", [None, "text/csv", IMAGE])
def test_one_renderer_that_is_not_json_is_no_choice_either(accept):
    response = send(make_app(renderers=["csv"]), accept)
    assert response.content_type == CSV
    assert "Vary" not in response.headers


def test_type_that_only_one_renderer_takes_is_no_choice():
    # A number has no rows.
    response = send(make_app(lambda: 5, renderers=("json", "csv")), "text/csv")
    assert response.content_type == JSON
    assert "Vary" not in response.headers


# What is declared is enforced.


def test_view_sends_what_it_declares_in_its_own_order():
    app = make_app(produces=("text/csv", "application/json"))
    assert send(app).content_type == CSV
    assert send(app, "application/json, text/csv").content_type == CSV
    assert send(app, "application/json").content_type == JSON
    assert send(app, "application/xml").status_code == 406


@pytest.mark.parametrize("produces", ["csv", "text/csv", ["csv"], ("TEXT/CSV",)])
def test_view_may_name_media_types_or_renderers(produces):
    app = make_app(produces=produces, renderers=["json"])
    assert send(app).mimetype == "text/csv"
    assert send(app, "text/csv").status_code == 200
    assert send(app, "application/json").status_code == 406


@pytest.mark.parametrize(
    ("mimetype", "accept"),
    [
        ("application/jsonl", "application/jsonl"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("application/msgpack", "application/msgpack"),
        ("application/vnd.acme.v2+json", "application/vnd.acme.v2+json"),
        ("application/vnd.acme.v2+yaml", "application/*"),
    ],
)
def test_view_sends_the_very_type_that_it_declares(mimetype, accept):
    response = send(make_app(produces=(mimetype,)), accept)
    assert (response.status_code, response.content_type) == (200, mimetype)


def test_alias_is_answered_with_the_type_of_the_renderer():
    app = make_app(renderers=("json", "msgpack", "ndjson"))
    for accept in ("application/msgpack", "application/x-msgpack"):
        assert send(app, accept).content_type == MSGPACK
    assert send(app, "application/jsonl").content_type == "application/x-ndjson"


@pytest.mark.parametrize("method", [*SAFE, *UNSAFE])
def test_unacceptable_request_is_refused_before_the_view_runs(method):
    app = make_app(produces=("text/csv", "application/json"))
    response = send(app, IMAGE, method=method)
    assert response.status_code == 406
    assert get_vary(response) == ["accept"]
    assert app.ran == []
    assert send(app, method=method).status_code == 200
    assert app.ran == [method]


def test_refusal_lists_what_is_on_offer_and_nothing_of_the_request():
    app = make_app(produces=("text/csv", "application/vnd.acme.v2+json"))
    response = send(app, "image/evil; a=b")
    assert list_offers(response) == ["text/csv", "application/vnd.acme.v2+json"]
    assert "evil" not in response.text
    head = send(app, "image/evil", method="HEAD")
    assert head.data == b""
    assert head.content_length == response.content_length


def test_one_declared_type_is_refused_and_varies():
    app = make_app(produces="text/csv")
    for accept, status in [(None, 200), ("text/*", 200), (IMAGE, 406)]:
        response = send(app, accept)
        assert response.status_code == status
        assert get_vary(response) == ["accept"]


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(lambda: "a,b", id="str"),
        pytest.param(lambda: b"a,b", id="bytes"),
        pytest.param(lambda: iter(["a,b"]), id="iterator"),
    ],
)
def test_text_of_a_view_that_declares_one_type_is_of_that_type(result):
    response = send(make_app(result, produces="text/csv"))
    assert response.content_type == CSV
    assert get_vary(response) == ["accept"]
    named = send(make_app(lambda: (result(), {"Content-Type": IMAGE}), produces="csv"))
    assert named.content_type == IMAGE


def test_view_may_declare_what_it_writes_itself():
    app = make_app(lambda: b"drawing", produces="image/svg+xml; version=2")
    assert send(app, "image/*").mimetype == "image/svg+xml"
    assert send(app, "text/csv").status_code == 406
    assert app.ran == ["GET"]


def test_type_that_is_nothing_of_what_is_declared_is_an_error():
    app = make_app(produces=("image/png", "text/html"))
    app.testing = True
    message = "produces image/png, text/html, but nothing writes a User as one of these"
    with pytest.raises(TypeError, match=message):
        send(app)


@pytest.mark.parametrize(
    ("view", "status", "content_type"),
    [
        pytest.param(lambda: abort(404), 404, HTML, id="error"),
        pytest.param(lambda: flask.redirect("/"), 302, HTML, id="redirect"),
        pytest.param(lambda: flask.Response("a"), 200, HTML, id="response"),
        pytest.param(lambda: 1 / 0, 500, HTML, id="exception"),
        pytest.param(lambda: ("", 204), 204, CSV, id="nothing"),
    ],
)
def test_every_outcome_of_a_view_that_declares_varies(view, status, content_type):
    response = send(make_app(view, produces="text/csv"), "text/csv")
    assert (response.status_code, response.content_type) == (status, content_type)
    assert get_vary(response) == ["accept"]


def test_response_of_its_own_is_sent_as_it_is():
    app = make_app(lambda: flask.jsonify(1), produces=("text/csv", "application/json"))
    assert send(app, "text/csv").content_type == JSON


async def show_later():
    return User()


class Resource(MethodView):
    ran = ()

    def get(self):
        type(self).ran += ("get",)
        return User()


def test_asynchronous_view_declares_too():
    def setup(app):
        app.add_url_rule("/a", view_func=app.kit.view(produces="csv")(show_later))

    app = make_app(setup=setup)
    assert send(app, "text/csv", path="/a").content_type == CSV
    assert send(app, IMAGE, path="/a").status_code == 406


@pytest.mark.parametrize("mode", [None, "406"])
@pytest.mark.parametrize("is_whole", [True, False], ids=["class", "method"])
def test_class_based_view_declares_too(mode, is_whole):
    app = make_app(not_acceptable=mode)
    declare = app.kit.view(produces="application/yaml")

    class Own(Resource):
        if is_whole:
            decorators = [declare]
        else:
            get = declare(Resource.get)

    app.add_url_rule("/own", view_func=Own.as_view("own"))
    for method in SAFE:
        assert send(app, IMAGE, path="/own", method=method).status_code == 406
        # No renderer that is enabled writes it, but the view says more.
        response = send(app, YAML, path="/own", method=method)
        assert (response.status_code, response.content_type) == (200, YAML)
    assert Own.ran == ("get", "get")


def test_dispatching_method_of_a_class_declares_too():
    app = make_app(renderers=["json"], not_acceptable="406")

    class Own(View):
        @app.kit.view(produces="application/yaml")
        def dispatch_request(self):
            return User()

    app.add_url_rule("/own", view_func=Own.as_view("own"))
    assert send(app, YAML, path="/own").content_type == YAML
    assert send(app, "application/json", path="/own").status_code == 406


def test_type_is_known_only_after_the_view_has_run():
    # A number has no rows. A safe request is refused all the same; the other is done.
    for method, status in [("GET", 406), ("HEAD", 406), ("POST", 200), ("PUT", 200)]:
        app = make_app(lambda: 5, produces=("text/csv", "application/json"))
        response = send(app, "text/csv", method=method)
        assert response.status_code == status
        assert app.ran == [method]
        assert get_vary(response) == ["accept"]
        if status == 200:
            assert response.content_type == JSON
        elif method == "GET":
            assert list_offers(response) == ["application/json"]


# RESPONSEKIT_NOT_ACCEPTABLE, and scopes.


@pytest.mark.parametrize(
    ("mode", "produces", "status"),
    [
        (None, None, 200),
        (None, ("csv", "xml"), 406),
        ("406", None, 406),
        ("406", ("csv", "xml"), 406),
        ("fallback", None, 200),
        ("fallback", ("csv", "xml"), 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_configuration_says_what_is_not_acceptable(mode, produces, status, method):
    app = make_app(produces=produces, not_acceptable=mode)
    response = send(app, IMAGE, method=method)
    assert response.status_code == status
    assert app.ran == ([method] if status == 200 else [])
    assert get_vary(response) == ["accept"]
    if status == 200:
        assert response.content_type == (JSON if produces is None else CSV)


def test_refusal_lists_renderers_and_what_is_registered():
    app = make_app(not_acceptable="406")
    app.kit.add_converter(Drawing, lambda drawing: "<svg/>", mimetype="image/svg+xml")
    response = send(app, IMAGE)
    offers = [*("application/json", "application/xml", "text/csv"), "image/svg+xml"]
    assert list_offers(response) == offers
    assert send(app, "application/json").status_code == 200
    assert app.ran == ["GET"]


def test_refusal_lists_each_media_type_once():
    app = make_app(not_acceptable="406", format_parameter="format")
    app.kit.add_converter(User, lambda user: {}, mimetype="application/json")
    app.kit.add_converter(User, lambda user: [], mimetype="Text/CSV")
    offers = ["application/json", "application/xml", "text/csv"]
    assert list_offers(send(app, IMAGE)) == offers
    response = send(app, path="/?format=none")
    assert list_offers(response) == offers
    assert response.text.count("json, xml, csv") == 1


def test_one_renderer_is_enforced_and_varies():
    app = make_app(renderers=["json"], not_acceptable="406")
    assert get_vary(send(app)) == ["accept"]
    assert get_vary(send(app, IMAGE)) == ["accept"]
    assert send(app, "text/csv").status_code == 406
    assert app.ran == ["GET"]


@pytest.mark.parametrize(
    "result",
    [lambda: "text", lambda: flask.Response("text"), lambda: flask.redirect("/")],
    ids=["str", "response", "redirect"],
)
def test_bodies_are_enforced_alike(result):
    # What the view returns is not known before it runs.
    app = make_app(result, not_acceptable="406")
    response = send(app, IMAGE)
    assert (response.status_code, app.ran) == (406, [])
    assert get_vary(response) == ["accept"]
    response = send(app, "application/json")
    assert response.status_code < 400
    assert get_vary(response) == ["accept"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_another_type_has_is_acceptable_before_the_view_has_run(method):
    app = make_app(not_acceptable="406")
    app.kit.add_converter(Drawing, lambda drawing: "<svg/>", mimetype="image/svg+xml")
    response = send(app, "image/svg+xml", method=method)
    assert app.ran == [method]
    assert get_vary(response) == ["accept"]
    if method == "POST":
        assert (response.status_code, response.content_type) == (200, JSON)
    else:
        assert response.status_code == 406
        assert list_offers(response)[0] == "application/json"
        assert "image/svg+xml" not in list_offers(response)


def make_scoped_app(outer=None, **options):
    """An app whose blueprint has a scope, and whose own view has none."""
    api = Blueprint("api", __name__, url_prefix="/api")

    def setup(app):
        app.api = app.kit.scope(api, **options)
        view = app.view_functions["view"]
        api.add_url_rule("/", "view", view, methods=["GET", "PUT"])
        app.register_blueprint(api)

    return make_app(setup=setup, not_acceptable=outer)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_scope_refuses_before_the_view_runs(method):
    app = make_scoped_app(renderers=["csv", "yaml"], not_acceptable="406")
    app.api.add_converter(Drawing, lambda drawing: b"", mimetype=IMAGE)
    response = send(app, "text/html", path="/api/", method=method)
    assert (response.status_code, app.ran) == (406, [])
    assert get_vary(response) == ["accept"]
    assert list_offers(response) == ["text/csv", "application/yaml", IMAGE]
    assert send(app, "text/html", path="/", method=method).content_type == JSON
    assert app.ran == [method]


@pytest.mark.parametrize(
    ("outer", "inner", "status"),
    [
        (None, None, 200),
        (None, "fallback", 200),
        (None, "406", 406),
        ("406", None, 406),
        ("406", "fallback", 200),
        ("406", "406", 406),
        ("fallback", None, 200),
        ("fallback", "406", 406),
    ],
)
def test_innermost_scope_that_says_so_decides(outer, inner, status):
    app = make_scoped_app(outer, not_acceptable=inner)
    assert send(app, IMAGE, path="/api/").status_code == status
    assert len(app.ran) == (status == 200)


def test_scope_that_refuses_has_no_say_over_a_view_that_declares():
    app = make_app(renderers=["json"], produces=YAML, not_acceptable="406")
    assert send(app, YAML).content_type == YAML
    assert send(app, "application/json").status_code == 406
    assert app.ran == ["GET"]


def add_static(app, folder):
    (folder / "a.txt").write_text("text")
    app.static_folder = folder
    app.add_url_rule(
        "/static/<path:filename>", endpoint="static", view_func=app.send_static_file
    )
    child = Blueprint(
        "child", __name__, static_folder=folder, static_url_path="/child/static"
    )
    app.register_blueprint(child)


@pytest.mark.parametrize("path", ["/static/a.txt", "/child/static/a.txt"])
def test_static_files_are_not_refused(path, tmp_path):
    app = make_app(not_acceptable="406", format_parameter="format")
    add_static(app, tmp_path)
    for query in ("", "?format=none"):
        with send(app, IMAGE, path=path + query) as response:
            assert (response.status_code, response.data) == (200, b"text")
            assert "Vary" not in response.headers


@pytest.mark.parametrize("produces", [None, "text/csv"])
def test_automatic_options_are_not_refused(produces):
    app = make_app(not_acceptable="406", produces=produces)
    response = send(app, IMAGE, method="OPTIONS")
    assert response.status_code == 200
    assert "POST" in response.allow
    assert app.ran == []


def test_options_that_a_view_answers_are_refused():
    app = make_app(not_acceptable="406")
    app.add_url_rule(
        "/own", "own", app.view_functions["view"], methods=["GET", "OPTIONS"]
    )
    assert send(app, IMAGE, path="/own", method="OPTIONS").status_code == 406
    assert app.ran == []
    response = send(app, "text/csv", path="/own", method="OPTIONS")
    assert response.content_type == CSV
    assert app.ran == ["OPTIONS"]


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/none", "GET", 404), ("/", "TRACE", 405), ("/slash", "GET", 308)],
)
def test_url_that_matches_nothing_is_not_refused(path, method, status):
    app = make_app(not_acceptable="406")
    app.add_url_rule("/slash/", "slash", User)
    assert send(app, IMAGE, path=path, method=method).status_code == status
    assert app.ran == []


# What runs before the view.


@pytest.mark.parametrize("mode", [None, "406"])
def test_value_of_a_function_before_the_request_is_negotiated(mode):
    app = make_app(not_acceptable=mode)
    app.before_request(lambda: [User()])
    response = send(app, "text/csv")
    assert (response.content_type, response.text) == (CSV, "id,name\r\n1,Ada\r\n")
    assert get_vary(response) == ["accept"]
    assert send(app).content_type == JSON
    response = send(app, IMAGE)
    assert response.status_code == (200 if mode is None else 406)
    assert get_vary(response) == ["accept"]
    assert app.ran == []


def test_value_of_a_function_before_the_request_does_not_heed_the_view():
    app = make_app(produces="text/csv")
    app.before_request(User)
    response = send(app, "application/xml")
    assert (response.status_code, response.content_type) == (200, XML)


def test_error_before_the_request_comes_first():
    app = make_app(not_acceptable="406")
    app.before_request(lambda: abort(401))
    assert send(app, IMAGE).status_code == 401


# Error handlers.


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        pytest.param(IMAGE, JSON, id="nothing"),
        pytest.param("application/xml", XML, id="something"),
        pytest.param("*/*;q=0", JSON, id="all-refused"),
    ],
)
@pytest.mark.parametrize("mode", [None, "406"])
def test_value_of_a_406_handler_is_negotiated_leniently(accept, content_type, mode):
    app = make_app(produces="application/yaml", not_acceptable=mode)
    app.register_error_handler(406, lambda e: ({"offers": e.description}, 406))
    response = send(app, accept)
    assert (response.status_code, response.content_type) == (406, content_type)
    assert "What is here can be sent as: application/yaml." in response.text
    assert get_vary(response) == ["accept"]
    assert app.ran == []


def test_value_of_a_406_handler_is_lenient_where_the_scope_refuses():
    app = make_app(not_acceptable="406")
    app.register_error_handler(406, lambda e: ({"offers": e.description}, 406))
    response = send(app, IMAGE)
    assert (response.status_code, response.content_type) == (406, JSON)
    offers = "application/json, application/xml, text/csv."
    assert response.json["offers"].endswith(offers)
    assert app.ran == []


@pytest.mark.parametrize("mode", [None, "406", "fallback"])
def test_value_of_an_error_handler_is_negotiated_leniently(mode):
    app = make_app(lambda: 1 / 0, not_acceptable=mode, format_parameter="format")
    app.register_error_handler(ZeroDivisionError, lambda e: (User(), 400))
    app.register_error_handler(404, lambda e: (User(), 404))
    for path, status in [("/", 400), ("/none", 404)]:
        for accept, expected in [("text/csv", CSV), (None, JSON)]:
            response = send(app, accept, path=path)
            assert (response.status_code, response.content_type) == (status, expected)
            assert get_vary(response) == ["accept"]
    response = send(app, IMAGE, path="/none")
    assert (response.status_code, response.content_type) == (404, JSON)
    for name, expected in [("csv", CSV), ("none", JSON)]:
        response = send(app, path=f"/none?format={name}")
        assert (response.status_code, response.content_type) == (404, expected)


def test_handler_of_all_errors_meets_no_second_refusal():
    app = make_app(not_acceptable="406")
    app.register_error_handler(Exception, lambda e: ({"code": e.code}, e.code))
    response = send(app, IMAGE)
    assert (response.status_code, response.json) == (406, {"code": 406})


def test_handler_gets_what_a_converter_raises():
    def refuse(user):
        abort(410)

    app = make_app(produces=("csv", "json"))
    app.kit.add_converter(User, refuse)
    app.register_error_handler(410, lambda e: ({"code": 410}, 410))
    response = send(app, "text/csv;q=0.5, application/xml;q=0.8")
    # The handler has declared nothing.
    assert (response.status_code, response.content_type) == (410, XML)
    assert app.ran == ["GET"]


# The format parameter.


@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        pytest.param("?format=csv", None, CSV, id="alone"),
        pytest.param("?format=csv", "application/json", CSV, id="beats-accept"),
        pytest.param("?format=csv", IMAGE, CSV, id="beats-unacceptable"),
        pytest.param("?format=csv", "text/csv;q=0", CSV, id="beats-refusal"),
        pytest.param("?format=csv&format=json", None, CSV, id="first-counts"),
        pytest.param("?a=b&format=xml", None, XML, id="of-lower-quality"),
    ],
)
@pytest.mark.parametrize("mode", [None, "406"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_format_parameter_chooses(query, accept, content_type, mode, method):
    app = make_app(format_parameter="format", not_acceptable=mode)
    response = send(app, accept, path=f"/{query}", method=method)
    assert (response.status_code, response.content_type) == (200, content_type)
    assert "Vary" not in response.headers


@pytest.mark.parametrize("query", ["", "?format=", "?Format=csv", "?a=format"])
def test_empty_format_parameter_counts_as_missing(query):
    app = make_app(format_parameter="format")
    response = send(app, "application/xml", path=f"/{query}")
    assert response.content_type == XML
    assert get_vary(response) == ["accept"]
    enforced = make_app(format_parameter="format", produces="csv")
    assert send(enforced, IMAGE, path=f"/{query}").status_code == 406


@pytest.mark.parametrize("value", ["none", "text/csv", "yaml", "%00", "%3Cb%3E"])
@pytest.mark.parametrize("mode", [None, "406", "fallback"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_format_is_refused_before_the_view_runs(value, mode, method):
    app = make_app(format_parameter="format", not_acceptable=mode)
    response = send(app, "text/csv", path=f"/?format={value}", method=method)
    assert (response.status_code, app.ran) == (406, [])
    assert "format" in response.text and "json, xml, csv" in response.text
    assert "<b>" not in response.text and "%3C" not in response.text


def test_format_parameter_chooses_of_what_a_view_declares():
    app = make_app(format_parameter="as", produces=("yaml", "application/x+json"))
    assert send(app, IMAGE, path="/?as=yaml").content_type == YAML
    response = send(app, path="/?as=csv")
    assert (response.status_code, app.ran) == (406, ["GET"])
    assert "can be one of: yaml, " in response.text


def test_format_parameter_chooses_representation_by_its_subtype():
    app = make_app(format_parameter="format")
    app.kit.add_converter(User, lambda user: f"<b>{user.name}", mimetype="text/html")
    response = send(app, path="/?format=html")
    assert (response.content_type, response.text) == (HTML, "<b>Ada")


@pytest.mark.parametrize(
    ("mimetype", "name"),
    [
        ("text/html", "html"),
        ("text/html; version=2", "html"),
        ("text/csv", "csv"),
        ("text/plain", "text"),
        ("application/vnd.msgpack", "msgpack"),
        ("application/vnd.acme.v2+json", "vnd.acme.v2%2Bjson"),
    ],
)
def test_format_that_chooses_a_representation_is_known_before_the_view(mimetype, name):
    app = make_app(renderers=["json"], format_parameter="format")
    app.kit.add_converter(User, lambda user: b"own", mimetype=mimetype)
    response = send(app, path=f"/?format={name}")
    assert (response.status_code, response.data) == (200, b"own")
    assert response.mimetype == mimetype.partition(";")[0]


@pytest.mark.parametrize(("method", "status"), [("GET", 406), ("POST", 200)])
def test_format_that_the_type_does_not_have_is_known_after_the_view(method, status):
    app = make_app(lambda: 5, format_parameter="format")
    response = send(app, path="/?format=csv", method=method)
    assert (response.status_code, app.ran) == (status, [method])
    if status == 200:
        assert response.content_type == JSON
        assert "Vary" not in response.headers


def test_one_renderer_may_be_named_too():
    app = make_app(renderers=["json"], format_parameter="format")
    assert send(app, path="/?format=json").content_type == JSON
    assert send(app, path="/?format=csv").status_code == 406
    assert app.ran == ["GET"]


# Beside the value.


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [(None, JSON), ("application/xml", XML), ("text/csv", CSV)],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_status_and_headers_of_the_view_hold(accept, content_type, method):
    for beside in [(201, {"X-A": "1"}), ({"X-A": "1"},), ("201 Made", [("X-A", "1")])]:
        response = send(make_app(lambda b=beside: (User(), *b)), accept, method=method)
        assert response.status_code == (201 if len(beside) == 2 else 200)
        assert response.headers["X-A"] == "1"
        assert response.content_type == content_type
        assert get_vary(response) == ["accept"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("text/csv", "id,name\r\n1,Ada\r\n"),
        ("text/csv; charset=utf-8; header=present", "id,name\r\n1,Ada\r\n"),
        ("TEXT/CSV", "id,name\r\n1,Ada\r\n"),
        ("application/json", '{"id":1,"name":"Ada"}\n'),
        ("application/vnd.acme.v2+json", '{"id":1,"name":"Ada"}\n'),
        ("application/yaml", "id: 1\nname: Ada\n"),
        ("application/x-own", '{"id":1,"name":"Ada"}\n'),
        # Is not enabled.
        ("application/vnd.msgpack", '{"id":1,"name":"Ada"}\n'),
    ],
)
@pytest.mark.parametrize("accept", [None, "application/xml", IMAGE])
def test_type_that_the_view_names_is_sent(given, text, accept):
    for beside in [({"content-type": given},), (200, [("Content-Type", given)])]:
        app = make_app(lambda b=beside: (User(), *b), renderers=(*THREE, "yaml"))
        response = send(app, accept)
        assert response.headers.getlist("Content-Type") == [given]
        assert response.text == text
        assert "Vary" not in response.headers


@pytest.mark.parametrize("value", [{"id": 1}, 5, User()], ids=repr)
@pytest.mark.parametrize("given", ["text/html", "text/csv", "image/svg+xml"])
def test_type_that_the_view_names_stands_where_the_value_cannot_be_written_in_it(
    value, given
):
    app = make_app(lambda: (value, {"Content-Type": given}), renderers=["json"])
    for mimetype in ("text/html", "text/csv", "image/svg+xml"):
        # What another type has is nothing to this one.
        app.kit.add_converter(Drawing, lambda drawing: "a", mimetype=mimetype)
    response = send(app)
    assert response.status_code == 200
    assert response.headers.getlist("Content-Type") == [given]
    if given == "text/html" or value == 5 and given == "text/csv":
        assert response.get_json(force=True) is not None


@pytest.mark.parametrize("given", ["garbage", ""], ids=repr)
@pytest.mark.parametrize("is_view", [True, False], ids=["view", "converter"])
def test_content_type_that_is_none_stands(given, is_view):
    named = ([1], {"Content-Type": given})
    app = make_app((lambda: named) if is_view else Drawing)
    app.kit.add_converter(Drawing, lambda drawing: named)
    response = send(app)
    assert (response.status_code, response.text) == (200, "[1]\n")
    assert response.headers.getlist("Content-Type") == [given]


@pytest.mark.parametrize(
    "beside",
    [(200, {"X-A": "a\nb"}), (200, 5), ("status",), (5, {})],
    ids=["line-break", "no-headers", "no-status", "status-5"],
)
@pytest.mark.parametrize("renderers", [["json"], THREE], ids=["one", "three"])
def test_tuple_that_is_no_response_is_named(beside, renderers):
    app = make_app(lambda: (User(), *beside), renderers=renderers)
    app.testing = True
    with pytest.raises(TypeError, match="The view function returned a tuple that is"):
        send(app)


def test_type_that_the_view_names_beats_the_format_parameter():
    app = make_app(lambda: (User(), {"Content-Type": CSV}), format_parameter="format")
    response = send(app, path="/?format=xml")
    assert response.content_type == CSV
    assert response.text.startswith("id,name")


def test_type_that_a_converter_names_is_sent():
    def convert(user):
        return [user.name], {"Content-Type": "application/vnd.acme+yaml"}

    app = make_app(renderers=(*THREE, "yaml"))
    app.kit.add_converter(User, convert)
    response = send(app, "application/xml")
    assert response.content_type == "application/vnd.acme+yaml"
    assert response.text == "- Ada\n"
    assert "Vary" not in response.headers


def test_type_that_the_view_names_may_have_a_converter():
    app = make_app(lambda: (User(), {"Content-Type": HTML}))
    app.kit.add_converter(User, lambda user: f"<b>{user.name}", mimetype="text/html")
    response = send(app, "application/json")
    assert (response.content_type, response.text) == (HTML, "<b>Ada")


# Vary.


def vary_in_view(*members):
    return lambda: (User(), {"Vary": ", ".join(members)})


@pytest.mark.parametrize("produces", [None, ("json", "csv")])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["Origin"], ["accept", "origin"]),
        (["Origin", "Cookie"], ["accept", "cookie", "origin"]),
        (["accept"], ["accept"]),
        (["Accept-Encoding"], ["accept", "accept-encoding"]),
    ],
)
def test_vary_of_the_view_stays(given, expected, produces):
    app = make_app(vary_in_view(*given), produces=produces)
    assert get_vary(send(app, "text/csv")) == expected


@pytest.mark.parametrize("produces", [None, ("json", "csv")])
def test_vary_of_a_converter_stays(produces):
    app = make_app(produces=produces)
    app.kit.add_converter(User, lambda user: ({"a": 1}, {"Vary": "Origin"}))
    assert get_vary(send(app)) == ["accept", "origin"]


@pytest.mark.parametrize("produces", [None, ("json", "csv")])
def test_vary_of_a_star_stays_alone(produces):
    app = make_app(vary_in_view("*"), produces=produces)
    assert get_vary(send(app)) == ["*"]


@pytest.mark.parametrize("produces", [None, ("json", "csv")])
def test_vary_of_the_session_stays(produces):
    def view():
        session["a"] = 1
        return User()

    assert get_vary(send(make_app(view, produces=produces))) == ["accept", "cookie"]


@pytest.mark.parametrize("produces", [None, ("json", "csv")])
def test_vary_that_is_added_after_the_request_stays(produces):
    def add(response):
        response.vary.add("Origin")
        return response

    app = make_app(produces=produces)
    app.after_request(add)
    assert get_vary(send(app)) == ["accept", "origin"]


@pytest.mark.parametrize("produces", [None, ("json", "csv")])
def test_several_lines_of_vary_stay(produces):
    lines = Headers([("Vary", "Origin"), ("Vary", "Cookie")])
    app = make_app(lambda: (User(), lines), produces=produces)
    assert get_vary(send(app)) == ["accept", "cookie", "origin"]


@pytest.mark.parametrize("produces", [None, ("json", "csv")])
def test_not_modified_varies(produces):
    app = make_app(produces=produces, etag=True)
    first = send(app, "text/csv")
    assert first.headers["ETag"]
    match = {"If-None-Match": first.headers["ETag"]}
    again = send(app, "text/csv", headers=match)
    assert (again.status_code, again.data) == (304, b"")
    assert get_vary(first) == get_vary(again) == ["accept"]
    # Another representation has another ETag.
    assert send(app, "application/json", headers=match).status_code == 200


@pytest.mark.parametrize("is_raised", [True, False], ids=["raised", "returned"])
def test_error_of_what_was_chosen_varies(is_raised):
    def draw(user):
        if is_raised:
            abort(404)
        return NotFound()

    app = make_app()
    app.kit.add_converter(User, draw, mimetype="text/html")
    assert send(app, "text/csv").status_code == 200
    response = send(app, "text/html")
    assert response.status_code == 404
    assert get_vary(response) == ["accept"]


def test_error_of_what_is_no_choice_does_not_vary_by_itself():
    app = make_app(problems="off")
    app.kit.add_converter(Drawing, lambda drawing: abort(404), mimetype="text/html")
    app.view_functions["view"] = Drawing
    response = send(app, "text/html")
    assert response.status_code == 404
    assert "Vary" not in response.headers


@pytest.mark.parametrize("accept", [None, "text/csv", "application/xml", IMAGE])
def test_head_is_answered_as_get_without_the_body(accept):
    for app in (make_app(), make_app(not_acceptable="406")):
        get, head = send(app, accept), send(app, accept, method="HEAD")
        assert head.data == b""
        assert head.status_code == get.status_code
        assert [*head.headers] == [*get.headers]


# Outside of a request.


@pytest.mark.parametrize("mode", [None, "406", "fallback"])
def test_outside_of_a_request_the_first_offer_is_made(mode):
    app = make_app(not_acceptable=mode, format_parameter="format")
    with app.app_context():
        response = app.kit.response(User(), 201)
    assert (response.status_code, response.content_type) == (201, JSON)
    assert json.loads(response.data) == {"id": 1, "name": "Ada"}
    assert get_vary(response) == ["accept"]


def test_view_that_declares_may_be_called_outside_of_a_request():
    app = make_app()
    with app.app_context():
        response = app.kit.view(produces="csv")(lambda: User())()
    assert response.content_type == CSV


def test_response_made_in_a_view_is_what_the_view_would_send():
    app = make_app(lambda: app.kit.response(User()), produces=("csv", "yaml"))
    for accept, content_type in [("text/csv", CSV), (None, CSV), (YAML, YAML)]:
        assert send(app, accept).content_type == content_type


def test_types_of_values_are_not_kept_alive():
    app = make_app(lambda: cls(1), not_acceptable="406")
    references = []
    for number in range(3):
        cls = dataclasses.make_dataclass(f"Data{number}", ["a"])
        references.append(weakref.ref(cls))
        for mimetype in ("application/json", "application/xml", "text/csv"):
            assert send(app, mimetype).status_code == 200
    cls = User
    gc.collect()
    assert [reference() for reference in references] == [None] * 3


def test_response_made_in_a_view_is_negotiated():
    app = make_app(lambda: app.kit.response(User(), 201, {"X-A": "1"}))
    response = send(app, "text/csv")
    assert (response.status_code, response.content_type) == (201, CSV)
    assert response.headers["X-A"] == "1"
    assert get_vary(response) == ["accept"]


def test_type_that_the_view_names_is_nothing_to_a_file():
    app = make_app(lambda: (io.BytesIO(b"%PDF-1.4"), {"Content-Type": "text/csv"}))
    response = send(app)
    assert response.headers.getlist("Content-Type") == ["text/csv"]
    assert response.data == b"%PDF-1.4"


@pytest.mark.parametrize("written", ["Origin", "Cookie, Origin", "*"])
def test_vary_is_kept_when_it_is_written_anew(written):
    app = make_app()

    @app.after_request
    def write(response):
        response.headers["Vary"] = written
        return response

    expected = {name.strip().lower() for name in written.split(",")}
    if written != "*":
        expected.add("accept")
    assert set(get_vary(send(app))) == expected


def test_object_that_converts_itself_is_of_no_media_type():
    class Own:
        def __response__(self):
            return {"a": 1}

    app = make_app(Own)
    app.kit.add_converter(Drawing, lambda drawing: "a", mimetype="image/x-a")
    assert send(app).json == {"a": 1}


def test_parameter_of_a_media_type_has_its_case():
    app = make_app(produces=('text/x-a;profile="A"', 'text/x-a;profile="a"'))
    for profile in "Aa":
        mimetype = f'text/x-a;profile="{profile}"'
        app.kit.add_converter(User, lambda user, p=profile: p, mimetype=mimetype)
    assert [send(app, f'text/x-a;profile="{p}"').text for p in "Aa"] == ["A", "a"]


class Broken:
    pass


@pytest.mark.parametrize("beside", [(), ({"X-A": "1"},), (200,)], ids=repr)
@pytest.mark.parametrize(("error", "code"), [(NotFound, 404), (ValueError, 500)])
def test_error_of_a_value_that_is_negotiated_depends_on_accept(beside, error, code):
    def fail(value):
        raise error

    app = make_app(lambda: ([{"x": Broken()}], *beside) if beside else [Broken()])
    app.kit.add_converter(Broken, fail)
    response = send(app)
    assert response.status_code == code
    assert get_vary(response) == ["accept"]


def test_types_that_views_name_are_remembered_once():
    app = make_app(lambda: ({"a": 1}, {"Content-Type": "text/csv"}))
    policy = app.extensions["responsekit"].policies.root
    pinned = [policy.pin(f"text/csv; name={number}", dict) for number in range(50)]
    assert len({id(one) for one in pinned}) == 1
    assert send(app).text == "a\r\n1\r\n"


def test_type_that_is_malformed_is_nothing_to_the_renderers():
    app = make_app(lambda: ({"a": 1}, {"Content-Type": "application/vnd.x y+json"}))
    assert send(app).data == b'{"a":1}\n'


def test_own_dispatching_needs_no_view():
    class Own(Flask):
        def dispatch_request(self, *args):
            return {"a": 1}

    app = Own(__name__)
    app.config["RESPONSEKIT_NOT_ACCEPTABLE"] = "406"
    ResponseKit(app)
    app.url_map.add(flask.Flask.url_rule_class("/", endpoint="nothing"))
    assert send(app).json == {"a": 1}
    assert send(app, "image/png").status_code == 406


def test_text_of_a_view_that_declares_is_not_guessed_at():
    response = send(make_app(lambda: "a,b", produces="text/csv"))
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_exception_may_be_handed_over_by_name():
    app = make_app()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.test_request_context():
        assert app.handle_exception(e=ValueError()).status_code == 500


@pytest.mark.parametrize("value", [Broken(), [Broken()]], ids=["alone", "inside"])
def test_error_outside_of_a_request_is_the_converters_own(value):
    def fail(value):
        raise NotFound

    app = make_app()
    app.kit.add_converter(Broken, fail)
    with app.app_context(), pytest.raises(NotFound):
        app.kit.response(value)


# There is a short way to JSON, and it leads to the same place.

CHOICES = [
    None,
    "application/json",
    "text/csv",
    "*/*;q=0",
    "application/xml, */*;q=0.1",
]


@pytest.mark.parametrize("produces", [None, ("csv", "json"), "json"], ids=repr)
@pytest.mark.parametrize("mode", [None, "406", "fallback"])
@pytest.mark.parametrize("parameter", [None, "format"])
@pytest.mark.parametrize("renderers", [["json"], THREE, ["csv", "json"]], ids=repr)
@pytest.mark.parametrize(
    "value",
    [{"a": 1}, [{"a": 1}], User(), [User()], NotFound(), [object()], [float("nan")]],
    ids=repr,
)
def test_short_way_leads_to_where_the_long_one_leads(
    value, renderers, parameter, mode, produces
):
    apps = [
        make_app(
            lambda b=beside: (value, *b) if b else value,
            renderers=renderers,
            produces=produces,
            not_acceptable=mode,
            format_parameter=parameter,
        )
        for beside in ((), ({"X-A": "1"},))
    ]
    for accept in CHOICES:
        for path in ("/", "/?format=csv", "/?format=other"):
            short, long = (send(app, accept, path=path) for app in apps)
            long.headers.remove("X-A")
            assert short.status == long.status
            assert sorted(short.headers) == sorted(long.headers)
            assert short.data == long.data
