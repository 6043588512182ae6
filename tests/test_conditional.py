from __future__ import annotations

import dataclasses
import gzip
import io
import itertools

import flask
import pytest
from flask import abort
from flask import Blueprint
from flask import Flask
from flask import jsonify
from flask import request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import ETags
from werkzeug.http import unquote_etag

from flask_responsekit import ResponseKit

CSV = "text/csv"
JSON = "application/json"
YAML = "application/yaml"
METHODS = ["GET", "POST", "PUT"]


@dataclasses.dataclass
class Point:
    x: int = 1


class ChunkRenderer:
    """Writes bit by bit."""

    mimetype = "text/x-chunks"

    def render(self, value):
        return (str(one).encode() for one in value)


def make_app(view, configured=True, **config):
    """Make an app whose view sends an ETag, as the configuration or the view says."""
    app = Flask(__name__)
    app.config.update({"RESPONSEKIT_ETAG": configured, **config})
    kit = app.extensions["kit"] = ResponseKit(app)
    decorate = kit.view if configured else kit.view(etag=True)
    app.add_url_rule("/", "view", decorate(lambda: view()), methods=METHODS)
    return app


def get(app, *, method="GET", path="/", query=None, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().open(
        path, method=method, query_string=query, headers=named
    )


@pytest.fixture(params=[True, False], ids=["configured", "by-the-view"])
def make(request):
    """Make an app in one of the two ways of having ETags."""
    return lambda view, **config: make_app(view, request.param, **config)


# What has an ETag

BODIES = [
    pytest.param(Point, id="converted"),
    pytest.param(lambda: {"a": 1}, id="dict"),
    pytest.param(lambda: [1], id="list"),
    pytest.param(lambda: "text", id="text"),
    pytest.param(lambda: "", id="no-text"),
    pytest.param(lambda: b"\x89PNG\r\n\x1a\n", id="bytes"),
    pytest.param(lambda: ("text", {"X-A": "b"}), id="tuple"),
    pytest.param(lambda: jsonify(a=1), id="jsonify"),
    pytest.param(lambda: flask.Response("a"), id="response"),
    pytest.param(lambda: flask.make_response("a"), id="make_response"),
    pytest.param(lambda: flask.render_template_string("a"), id="template"),
]


@pytest.mark.parametrize("view", BODIES)
def test_body_that_is_known_has_a_strong_etag(make, view):
    app = make(lambda: view())
    first, second = get(app), get(app)
    assert first.status_code == 200
    assert first.headers.getlist("ETag") == second.headers.getlist("ETag")
    tag, is_weak = unquote_etag(first.headers["ETag"])
    assert len(tag) >= 32
    assert not is_weak
    assert int(first.headers["Content-Length"]) == len(first.data)


@pytest.mark.parametrize("view", BODIES)
def test_client_that_has_the_body_gets_none(make, view):
    app = make(lambda: view())
    full = get(app)
    response = get(app, If_None_Match=full.headers["ETag"])
    assert (response.status_code, response.data) == (304, b"")
    assert response.headers["ETag"] == full.headers["ETag"]
    for name in ("Content-Type", "Content-Length", "Content-Encoding"):
        assert name not in response.headers


NONE = [
    pytest.param(lambda: iter(["a"]), 200, id="iterator"),
    pytest.param(
        lambda: flask.stream_with_context(part for part in "ab"), 200, id="stream"
    ),
    pytest.param(lambda: flask.Response(iter("ab")), 200, id="response-of-iterator"),
    pytest.param(lambda: io.BytesIO(b"file"), 200, id="file"),
    pytest.param(lambda: ("made", 201), 201, id="created"),
    pytest.param(lambda: ("", 204), 204, id="no-content"),
    pytest.param(lambda: ("part", 206), 206, id="part"),
    pytest.param(lambda: flask.redirect("/a"), 302, id="redirect"),
    pytest.param(lambda: ("no", 404), 404, id="not-found"),
    pytest.param(lambda: ({"error": 1}, 400), 400, id="data-of-an-error"),
    pytest.param(lambda: abort(403), 403, id="abort"),
    pytest.param(lambda: 1 / 0, 500, id="error"),
]


@pytest.mark.parametrize(("view", "status"), NONE)
def test_other_answers_have_no_etag(make, view, status):
    response = get(make(view), If_None_Match="*")
    assert response.status_code == status
    assert "ETag" not in response.headers


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_only_get_and_head_have_an_etag(make, method):
    app = make(Point)
    assert "ETag" in get(app).headers
    response = get(app, method=method, If_None_Match="*")
    assert (response.status_code, response.json) == (200, {"x": 1})
    assert "ETag" not in response.headers


def test_options_and_unmatched_urls_have_no_etag(make):
    app = make(Point)
    for response in (get(app, method="OPTIONS"), get(app, path="/missing")):
        assert "ETag" not in response.headers
    assert get(app, path="/missing", If_None_Match="*").status_code == 404


def test_renderer_that_writes_bit_by_bit_has_no_etag(make):
    app = make(lambda: [1, 2])
    app.extensions["kit"].add_renderer(ChunkRenderer())
    response = get(app, Accept="text/x-chunks")
    assert (response.text, "ETag" in response.headers) == ("12", False)
    assert "ETag" in get(app).headers


def test_etag_is_not_sent_unasked():
    app = Flask(__name__)
    kit = ResponseKit(app)
    app.add_url_rule("/", "view", Point)
    app.add_url_rule("/view", "plain", kit.view(lambda: Point()))
    for path in ("/", "/view"):
        response = get(app, path=path, If_None_Match="*")
        assert (response.status_code, "ETag" in response.headers) == (200, False)


def test_view_without_an_etag_answers_no_conditions():
    app = Flask(__name__)
    app.config["RESPONSEKIT_ETAG"] = True
    kit = ResponseKit(app)
    app.add_url_rule("/", "view", kit.view(etag=False)(lambda: Point()))
    app.add_url_rule("/other", "other", lambda: Point())
    response = get(app, If_None_Match="*")
    assert (response.status_code, "ETag" in response.headers) == (200, False)
    assert "ETag" in get(app, path="/other").headers


def test_etag_of_a_view_is_of_that_view_alone():
    app = make_app(Point, configured=False)
    app.add_url_rule("/other", "other", Point)
    assert "ETag" in get(app).headers
    assert "ETag" not in get(app, path="/other").headers


def test_error_in_the_answer_to_a_view_with_an_etag_has_none(make):
    def fail(value):
        abort(418)

    app = make(Point)
    app.extensions["kit"].add_converter(Point, fail)
    app.register_error_handler(418, lambda error: ("handled", 418))
    response = get(app, If_None_Match="*")
    assert (response.status_code, response.text) == (418, "handled")
    assert "ETag" not in response.headers


@pytest.mark.parametrize("etag", [True, False])
def test_scope_of_a_blueprint_has_the_etags_of_the_app(etag):
    app = make_app(Point, configured=etag)
    blueprint = Blueprint("api", __name__)
    blueprint.add_url_rule("/api", "view", Point)
    app.register_blueprint(blueprint)
    app.extensions["kit"].scope(blueprint, renderers=["yaml"])
    assert ("ETag" in get(app, path="/api").headers) is etag


# HEAD


@pytest.mark.parametrize("view", BODIES)
def test_head_says_what_get_says(make, view):
    app = make(lambda: view())
    full, head = get(app), get(app, method="HEAD")
    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type"):
        assert head.headers[name] == full.headers[name]
    again = get(app, method="HEAD", If_None_Match=full.headers["ETag"])
    assert (again.status_code, again.headers["ETag"]) == (304, full.headers["ETag"])


# Conditions


def conditions(tag):
    return [
        (tag, 304),
        (f"W/{tag}", 304),
        (f'"a", {tag}', 304),
        (f'{tag},"a"', 304),
        (f'"a", W/"b" , W/{tag}', 304),
        ("*", 304),
        ('"a"', 200),
        ('W/"a", "b"', 200),
        ("", 200),
        (tag.swapcase(), 200),
    ]


@pytest.mark.parametrize("number", range(10))
def test_condition_is_met_by_any_tag_of_the_list(make, number):
    app = make(Point)
    condition, status = conditions(get(app).headers["ETag"])[number]
    response = get(app, If_None_Match=condition)
    assert response.status_code == status
    assert bool(response.data) is (status == 200)


@given(st.lists(st.text("abc", max_size=3)), st.booleans(), st.text("abc", max_size=3))
def test_client_gets_a_body_if_and_only_if_it_does_not_have_it(had, is_weak, body):
    app = make_app(lambda: request.args["body"])
    tags = [get(app, query={"body": one}).get_etag()[0] for one in had]
    header = ETags(*(([], tags) if is_weak else (tags, []))).to_header()
    response = get(app, query={"body": body}, If_None_Match=header)
    assert response.status_code == (304 if body in had else 200)
    assert response.text == ("" if body in had else body)


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        pytest.param("{}", 200, id="same"),
        pytest.param('"a", {}', 200, id="in-list"),
        pytest.param('"a"', 412, id="other"),
        pytest.param("W/{}", 412, id="weak"),
        pytest.param("*", 200, id="any"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_client_may_insist_on_a_version(make, condition, status, method):
    app = make(Point)
    tag = get(app).headers["ETag"]
    response = get(app, method=method, If_Match=condition.format(tag))
    assert response.status_code == status


def test_condition_on_the_date_gives_way_to_one_on_the_tag(make):
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    app = make(lambda: ("a", {"Last-Modified": date}))
    assert get(app, If_Modified_Since=date).status_code == 304
    other = get(app, If_Modified_Since=date, If_None_Match='"other"')
    assert other.status_code == 200


def test_range_is_not_served(make):
    response = get(make(lambda: "abcdef"), Range="bytes=0-1")
    assert (response.status_code, response.text) == (200, "abcdef")


# After the view


def compress(response):
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.data = gzip.compress(response.data, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def test_etag_is_of_the_bytes_that_are_sent(make):
    app = make(Point)
    app.after_request(compress)
    plain, packed = get(app), get(app, Accept_Encoding="gzip")
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["ETag"] != packed.headers["ETag"]
    again = get(app, Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])
    assert again.status_code == 304
    assert "Accept-Encoding" in again.headers["Vary"]
    assert "Content-Encoding" not in again.headers
    other = get(app, Accept_Encoding="gzip", If_None_Match=plain.headers["ETag"])
    assert other.status_code == 200


def test_etag_changes_with_what_is_added_to_the_body(make):
    app = make(Point)
    numbers = itertools.count()

    def add_number(response):
        response.data += b"%d" % (next(numbers) // 2)
        return response

    app.after_request(add_number)
    tags = [get(app).headers["ETag"] for _ in range(4)]
    assert tags[0] == tags[1] != tags[2] == tags[3]


def test_status_that_is_set_afterwards_counts(make):
    app = make(Point)

    def fail(response):
        response.status_code = 503
        return response

    app.after_request(fail)
    response = get(app, If_None_Match="*")
    assert (response.status_code, "ETag" in response.headers) == (503, False)


def test_body_that_becomes_a_stream_has_no_etag(make):
    app = make(Point)

    def stream(response):
        response.response = iter([b"ab"])
        response.headers.remove("Content-Length")
        return response

    app.after_request(stream)
    response = get(app, If_None_Match="*")
    assert (response.data, "ETag" in response.headers) == (b"ab", False)


def test_cookie_goes_with_a_304(make):
    app = make(Point, SECRET_KEY="a")
    app.before_request(lambda: flask.session.update(a=1))
    response = get(app, If_None_Match="*")
    assert response.status_code == 304
    assert "Set-Cookie" in response.headers
    assert response.headers["Vary"] == "Cookie"


def test_body_is_closed_though_it_is_not_sent(make):
    closed = []

    def view():
        response = flask.make_response("a")
        response.call_on_close(lambda: closed.append(1))
        return response

    with get(make(view), If_None_Match="*") as response:
        assert response.status_code == 304
    assert closed == [1]


# Headers of a 304


def test_304_keeps_what_a_cache_needs_and_drops_what_describes_the_body(make):
    kept = {
        "Cache-Control": "max-age=5",
        "Content-Location": "/a",
        "Expires": "Wed, 21 Oct 2015 07:28:00 GMT",
        "Vary": "X-A",
        "X-Own": "b",
    }
    dropped = {
        "Content-Type": "text/x-own",
        "Content-Language": "de",
        "Content-Encoding": "identity",
    }
    app = make(lambda: ("a", {**kept, **dropped}))
    full = get(app)
    response = get(app, If_None_Match=full.headers["ETag"])
    assert response.status_code == 304
    for name, value in kept.items():
        assert (full.headers[name], response.headers[name]) == (value, value)
    for name, value in dropped.items():
        assert full.headers[name] == value
        assert name not in response.headers
    assert "Content-Length" not in response.headers
    assert {"ETag", "Date"} <= {*response.headers.keys()}


# What the view says itself


@pytest.mark.parametrize("tag", ['"own"', 'W/"own"'])
def test_etag_of_the_view_stays(make, tag):
    app = make(lambda: ({"a": 1}, {"ETag": tag}))
    response = get(app)
    assert response.headers.getlist("ETag") == [tag]
    for condition in ('"own"', 'W/"own"'):
        response = get(app, If_None_Match=condition)
        assert (response.status_code, response.headers["ETag"]) == (304, tag)
    assert get(app, If_None_Match='"other"').status_code == 200


def test_view_may_answer_conditions_itself(make):
    def view():
        response = flask.make_response("a")
        response.set_etag("own")
        return response.make_conditional(request)

    app = make(view)
    assert get(app, If_None_Match='"own"').status_code == 304
    response = get(app, If_None_Match='"other"')
    assert (response.status_code, response.headers["ETag"]) == (200, '"own"')


def test_file_keeps_its_own_etag(make, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("abcdef")
    app = make(lambda: flask.send_file(path))
    bare = Flask(__name__)
    bare.add_url_rule("/", "view", lambda: flask.send_file(path))
    with get(app) as response, get(bare) as expected:
        tag = response.headers["ETag"]
        assert tag == expected.headers["ETag"]
    with get(app, If_None_Match=tag) as response:
        assert (response.status_code, response.headers["ETag"]) == (304, tag)
    with get(app, Range="bytes=0-1") as response:
        assert (response.status_code, response.text) == (206, "ab")


# Representations


def test_different_representations_have_different_etags(make):
    app = make(lambda: [{"a": 1}], RESPONSEKIT_RENDERERS=["json", "yaml", "csv"])
    accepts = (JSON, YAML, CSV)
    responses = {accept: get(app, Accept=accept) for accept in accepts}
    tags = {response.headers["ETag"] for response in responses.values()}
    assert len(tags) == 3
    for accept, response in responses.items():
        tag = response.headers["ETag"]
        for other in accepts:
            again = get(app, Accept=other, If_None_Match=tag)
            assert again.status_code == (304 if other == accept else 200)
            assert again.headers["Vary"] == "Accept"


def test_representations_of_the_same_bytes_have_different_etags(make):
    # An empty list is written alike.
    app = make(list, RESPONSEKIT_RENDERERS=["json", "yaml"])
    json, yaml = get(app, Accept=JSON), get(app, Accept=YAML)
    assert (json.mimetype, yaml.mimetype) == (JSON, YAML)
    assert json.data.strip() == yaml.data.strip() == b"[]"
    assert json.headers["ETag"] != yaml.headers["ETag"]


def test_304_varies_as_the_200_does(make):
    app = make(Point, RESPONSEKIT_RENDERERS=["json", "yaml"])
    tag = get(app).headers["ETag"]
    response = get(app, If_None_Match=tag)
    assert (response.status_code, response.headers["Vary"]) == (304, "Accept")


def test_request_that_accepts_nothing_is_refused_whatever_it_has(make):
    app = make(Point, RESPONSEKIT_NOT_ACCEPTABLE="406")
    response = get(app, Accept="image/png", If_None_Match="*")
    assert (response.status_code, response.headers["Vary"]) == (406, "Accept")
    assert "ETag" not in response.headers


def test_response_that_is_sent_again_is_sent_whole():
    shared = flask.Response("hello")
    app = make_app(lambda: shared)
    etag = get(app).headers["ETag"]
    assert get(app, If_None_Match=etag).status_code == 304
    again = get(app)
    assert (again.status_code, again.text) == (200, "hello")
    assert "ETag" not in shared.headers


def test_two_types_of_the_same_bytes_have_two_etags():
    app = make_app(list, RESPONSEKIT_RENDERERS=["json", "ndjson", "yaml"])
    answers = [
        get(app, Accept=accept) for accept in ("application/json", "application/yaml")
    ]
    assert answers[0].data == answers[1].data
    assert answers[0].headers["ETag"] != answers[1].headers["ETag"]


@pytest.mark.parametrize("configured", [True, False])
def test_response_of_a_class_of_the_views_own_has_an_etag(configured):
    class Own(flask.Response):
        pass

    app = make_app(lambda: Own("hello"), configured)
    with app.test_request_context():
        assert isinstance(app.make_response(app.view_functions["view"]()), Own)
    etag = get(app).headers["ETag"]
    assert get(app, If_None_Match=etag).status_code == 304


def test_answer_that_a_precondition_failed_has_no_body():
    response = get(make_app(lambda: "hello"), If_Match='"other"')
    assert (response.status_code, response.data) == (412, b"")


def test_own_method_of_a_response_class_is_called_once():
    class Timed(flask.Response):
        def get_wsgi_response(self, environ):
            body, status, headers = super().get_wsgi_response(environ)
            return body, status, [*headers, ("Server-Timing", "x")]

    app = make_app(lambda: "hello")
    app.response_class = Timed
    response = get(app)
    assert response.headers.getlist("Server-Timing") == ["x"]
    assert "ETag" in response.headers


@pytest.mark.parametrize("etag", [True, False])
def test_view_that_says_nothing_leaves_what_is_said_within(etag):
    app = Flask(__name__)
    app.config["RESPONSEKIT_ETAG"] = not etag
    kit = ResponseKit(app)
    app.add_url_rule("/", "view", kit.view(kit.view(etag=etag)(lambda: "hello")))
    assert ("ETag" in get(app).headers) is etag
