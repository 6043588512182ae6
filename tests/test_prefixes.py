from __future__ import annotations

import itertools
import weakref

import flask
import pytest
from flask import abort
from flask import Blueprint
from flask import Flask
from flask import Response
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import NotFound

from flask_responsekit import Problem
from flask_responsekit import ResponseKit
from flask_responsekit.prefixes import Prefixes

PROBLEM = "application/problem+json"


def add_views(blueprint):
    blueprint.add_url_rule("/view", "view", lambda: "view")
    blueprint.add_url_rule("/other/view", "other", lambda: "view")


def add_views_when_registered(blueprint):
    """Add rules as extensions do that wait for the app."""

    def add(state):
        state.add_url_rule("/view", "view", lambda: "view")
        state.add_url_rule("/other/view", "other", lambda: "view")

    blueprint.record(add)


def add_views_once_when_registered(blueprint):
    def add(state):
        state.add_url_rule("/view", "view", lambda: "view")
        state.add_url_rule("/other/view", "other", lambda: "view")

    blueprint.record_once(add)


def add_views_in_both_ways(blueprint):
    blueprint.add_url_rule("/view", "view", lambda: "view")
    rules = ["/more/view", "/more/view/view"]
    blueprint.record(
        lambda state: [
            state.add_url_rule(rule, rule[1:], lambda: "view") for rule in rules
        ]
    )


def add_index(blueprint):
    blueprint.add_url_rule("", "bare", lambda: "view")
    blueprint.add_url_rule("/", "index", lambda: "view")
    blueprint.add_url_rule("/view", "view", lambda: "view")


def add_one_view(blueprint):
    blueprint.add_url_rule("/view", "view", lambda: "view")


def add_same_views(blueprint):
    """Add rules that end in one another."""
    blueprint.add_url_rule("/view", "view", lambda: "view")
    blueprint.add_url_rule("/view/view", "twice", lambda: "view")
    blueprint.add_url_rule("/<path:rest>/view", "rest", lambda rest: "view")


def set_up(order, *, own=None, given=None, fill=add_views):
    """An app with a blueprint whose scope has problems for all.

    :param order: in which ``app`` gets the kit, ``scope`` is made and ``register`` is
        called.
    :param own: the prefix of the blueprint.
    :param given: the one with which it is registered.
    """
    app, kit = Flask("example"), ResponseKit()
    blueprint = Blueprint("api", __name__, url_prefix=own)
    fill(blueprint)
    options = {} if given is None else {"url_prefix": given}
    steps = {
        "app": lambda: kit.init_app(app),
        "scope": lambda: kit.scope(blueprint, problems="always"),
        "register": lambda: app.register_blueprint(blueprint, **options),
    }
    for name in order:
        steps[name]()
    return app


def send(app, path, **kwargs):
    return app.test_client().open(path, **kwargs)


def is_in_scope(app, path, **kwargs):
    """Whether an error there is answered as in the scope, which has no HTML."""
    response = send(app, path, **kwargs)
    assert response.status_code in (404, 405)
    assert response.mimetype in (PROBLEM, "text/html")
    return response.mimetype == PROBLEM


#: The kit comes first or last, the scope before or after the registration.
ORDERS = [
    pytest.param(order, id="-".join(order))
    for order in itertools.permutations(["app", "scope", "register"])
    if order[1] != "app"
]


# One blueprint.


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("own", "given", "inside", "outside"),
    [
        pytest.param(
            "/api",
            None,
            ["/api", "/api/", "/api/x", "/api/x/y", "/api/view/", "/api/view/x"],
            ["/", "/x", "/view", "/apix", "/ap", "/API/x", "/x/api", "/x/api/x"],
            id="own",
        ),
        pytest.param(
            None, "/api", ["/api", "/api/", "/api/x/y"], ["/", "/apix"], id="given"
        ),
        pytest.param(
            "/own", "/api", ["/api", "/api/x"], ["/own", "/own/x", "/apix"], id="both"
        ),
        pytest.param("/api/", None, ["/api", "/api/x"], ["/apix", "/"], id="own-slash"),
        pytest.param(None, "/api/", ["/api", "/api/x"], ["/apix"], id="given-slash"),
        pytest.param("/a/b", None, ["/a/b", "/a/b/x"], ["/a", "/a/x", "/b"], id="two"),
        pytest.param("/v1.0", None, ["/v1.0", "/v1.0/x"], ["/v1x0/x"], id="dot"),
        pytest.param("/ünï", None, ["/ünï", "/ünï/x"], ["/üni", "/ünïx"], id="unicode"),
        pytest.param(None, None, [], ["/", "/x", "/view/x"], id="none"),
        pytest.param("/<t>", None, ["/", "/x", "/x/y"], [], id="variable"),
        pytest.param(None, "/<t>", ["/", "/x", "/x/y"], [], id="given-variable"),
        pytest.param(
            "/t/<tenant>/api",
            None,
            ["/t/a/api", "/t/a/api/x", "/t/a", "/t/"],
            ["/", "/tx", "/a/api/x"],
            id="variable-inside",
        ),
        pytest.param(
            None,
            "/v<int:n>",
            ["/v1", "/v1/x", "/vx"],
            ["/", "/w", "/x/v1"],
            id="variable-in-a-segment",
        ),
        pytest.param(
            "/v<int:n>/", None, ["/v1", "/v1/x"], ["/", "/w"], id="variable-slash"
        ),
    ],
)
def test_url_under_the_prefix_is_in_the_scope(order, own, given, inside, outside):
    app = set_up(order, own=own, given=given)
    assert [path for path in inside if not is_in_scope(app, path)] == []
    assert [path for path in outside if is_in_scope(app, path)] == []


@pytest.mark.parametrize("prefix", ["", "/"])
@pytest.mark.parametrize("place", ["own", "given"])
def test_prefix_that_says_nothing_means_the_same_in_any_order(place, prefix):
    orders = itertools.permutations(["app", "scope", "register"])
    found = {is_in_scope(set_up(order, **{place: prefix}), "/x") for order in orders}
    assert len(found) == 1


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("where", ["own", "given"])
@pytest.mark.parametrize(
    "fill",
    [
        add_one_view,
        add_index,
        add_same_views,
        add_views_in_both_ways,
        add_views_when_registered,
        add_views_once_when_registered,
    ],
)
def test_prefix_is_known_however_the_rules_came(order, where, fill):
    recorded = (add_views_when_registered, add_views_once_when_registered)
    if fill in recorded and where == "given":
        # If the scope came after, nothing would tell of the prefix.
        order = ("scope", "register", "app")
    app = set_up(order, fill=fill, **{where: "/api/view"})
    assert is_in_scope(app, "/api/view/x")
    assert is_in_scope(app, "/api/view/other/x")
    assert not is_in_scope(app, "/api/x")
    assert not is_in_scope(app, "/x")


def add_static_files(blueprint):
    blueprint.static_folder = "static"


def add_nothing(blueprint):
    """A blueprint may have error handlers alone, or other blueprints."""


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("fill", [add_static_files, add_nothing])
def test_prefix_of_a_blueprint_without_views_is_known(order, fill):
    app = set_up(order, own="/api", fill=fill)
    assert is_in_scope(app, "/api/x")
    assert not is_in_scope(app, "/x")


@pytest.mark.parametrize("order", ORDERS)
def test_prefix_of_a_blueprint_that_has_files_alone_is_known(order):
    app = set_up(order, given="/api", fill=add_static_files)
    assert is_in_scope(app, "/api/x")
    assert not is_in_scope(app, "/x")


def add_function_with_unset_variable(blueprint):
    add_views(blueprint)
    if not blueprint.name:
        unset = None
    blueprint.record(lambda state: blueprint.name or unset)


def add_function_with_rule_of_another_kind(blueprint):
    add_views(blueprint)
    rule = 5
    blueprint.record(lambda state: rule)


def add_function_with_rule_that_is_no_url(blueprint):
    add_views(blueprint)
    rule = "allow all"
    blueprint.record(lambda state: rule)


def add_callable_object(blueprint):
    add_views(blueprint)
    blueprint.record([].append)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "fill",
    [
        add_function_with_unset_variable,
        add_function_with_rule_of_another_kind,
        add_function_with_rule_that_is_no_url,
        add_callable_object,
    ],
)
def test_functions_of_any_kind_may_be_called_at_registration(order, fill):
    app = set_up(order, given="/api", fill=fill)
    assert is_in_scope(app, "/api/x")
    assert not is_in_scope(app, "/x")


@pytest.mark.parametrize("order", ORDERS)
def test_method_that_no_view_has_is_answered_as_the_scope_does(order):
    app = set_up(order, own="/api")
    app.add_url_rule("/page", "page", lambda: "page")
    for path, mimetype in [("/api/view", PROBLEM), ("/page", "text/html")]:
        response = send(app, path, method="POST")
        assert (response.status_code, response.mimetype) == (405, mimetype)
        assert set(response.allow) == {"GET", "HEAD", "OPTIONS"}


def test_views_are_answered_as_ever():
    app = set_up(["app", "scope", "register"], own="/api")
    assert send(app, "/api/view").text == "view"
    assert "view" not in send(app, "/api/view", method="HEAD").text
    assert send(app, "/api/view", method="OPTIONS").status_code == 200


def test_redirects_under_the_prefix_are_left_alone():
    app = set_up(
        ["app", "scope", "register"],
        own="/api",
        fill=lambda blueprint: blueprint.add_url_rule("/a/", "a", lambda: "a"),
    )
    response = send(app, "/api/a")
    assert (response.status_code, response.mimetype) == (308, "text/html")
    assert response.headers["Location"] == "http://localhost/api/a/"


@pytest.mark.parametrize(
    ("mount", "path", "expected"),
    [
        pytest.param("/mount", "/api/x", True, id="below-a-mount"),
        pytest.param("/mount", "/x", False, id="elsewhere-below-a-mount"),
        pytest.param("/api", "/x", False, id="mount-is-no-prefix"),
        pytest.param("/api", "/api/x", True, id="mount-of-the-same-name"),
    ],
)
def test_prefix_is_below_the_place_where_the_app_is_mounted(mount, path, expected):
    app = set_up(["app", "scope", "register"], own="/api")
    found = is_in_scope(app, path, base_url=f"http://localhost{mount}")
    assert found is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/api/%C3%BC", True), ("/%61pi/x", True), ("/api%2Fx", True), ("/api?/x", True)]
    + [("/x?/api/", False), ("/%FF/api/", False)],
)
def test_url_is_compared_as_the_path_that_it_means(path, expected):
    app = set_up(["app", "scope", "register"], own="/api")
    assert is_in_scope(app, path) is expected


# Several blueprints.


def name_scope(kit, blueprint):
    """Let the errors of a blueprint say who answers."""
    scope = kit.scope(blueprint)
    name = blueprint.name
    scope.add_converter(HTTPException, lambda error: ({"by": name}, error.code))


def nest(order, prefixes, is_given, scoped, *, views):
    """An app with a blueprint ``p`` in which there is one ``c``.

    :param is_given: the prefixes are given at registration.
    :param scoped: which of the two have a scope.
    :param views: which of the two have views.
    """
    app, kit = Flask("example"), ResponseKit()
    blueprints, options = {}, {}
    for name, prefix in prefixes.items():
        place = {} if prefix is None else {"url_prefix": prefix}
        blueprints[name] = Blueprint(name, __name__, **({} if is_given else place))
        options[name] = place if is_given else {}
        if name in views:
            add_views(blueprints[name])
    parent = blueprints["p"]
    parent.register_blueprint(blueprints["c"], **options["c"])
    steps = {
        "app": lambda: kit.init_app(app),
        "scope": lambda: [name_scope(kit, blueprints[name]) for name in scoped],
        "register": lambda: app.register_blueprint(parent, **options["p"]),
    }
    for step in order:
        steps[step]()
    return app


def get_answerer(app, path):
    response = send(app, path)
    assert response.status_code == 404
    return response.json["by"] if response.is_json else None


@pytest.mark.parametrize("is_given", [True, False])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("outer", "inner", "scoped", "expected"),
    [
        pytest.param("/p", "/c", "p", {"/p/x": "p", "/p/c/x": "p"}, id="on-parent"),
        pytest.param("/p", "/c", "c", {"/p/x": None, "/p/c/x": "c"}, id="on-child"),
        pytest.param("/p", "/c", "pc", {"/p/x": "p", "/p/c/x": "c"}, id="on-both"),
        pytest.param("/p", "/c", "cp", {"/p/x": "p", "/p/c/x": "c"}, id="child-first"),
        pytest.param("/p/", "/c/", "pc", {"/p/x": "p", "/p/c": "c"}, id="slashes"),
        pytest.param("/p", None, "p", {"/p/x": "p", "/p": "p"}, id="bare-on-parent"),
        pytest.param("/p", None, "c", {"/p/x": "c", "/p": "c"}, id="bare-on-child"),
        pytest.param("/p", None, "pc", {"/p/x": "c"}, id="bare-on-both"),
        pytest.param(None, "/c", "c", {"/c/x": "c", "/p/c/x": None}, id="bare-parent"),
        pytest.param(
            "/p/<t>", "/c", "p", {"/p/a/x": "p", "/p/a/c": "p"}, id="variable"
        ),
        pytest.param(
            "/p", "/c/<t>/d", "pc", {"/p/c/x": "c", "/p/x": "p"}, id="variable-inside"
        ),
    ],
)
def test_prefixes_nest(order, is_given, outer, inner, scoped, expected):
    app = nest(order, {"p": outer, "c": inner}, is_given, scoped, views="pc")
    expected = {"/x": None, "/px": None, **expected}
    assert {path: get_answerer(app, path) for path in expected} == expected


@pytest.mark.parametrize("is_given", [True, False])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("inner", ["/c", None])
def test_prefix_of_a_parent_without_views_is_known(order, inner, is_given):
    app = nest(order, {"p": "/p", "c": inner}, is_given, "p", views="c")
    assert get_answerer(app, "/p/x") == "p"
    assert get_answerer(app, "/p/c/x") == "p"
    assert get_answerer(app, "/x") is None


@pytest.mark.parametrize("is_given", [True, False])
@pytest.mark.parametrize("order", ORDERS)
def test_prefix_of_a_child_without_views_is_known(order, is_given):
    app = nest(order, {"p": "/p", "c": "/c"}, is_given, "c", views="p")
    assert get_answerer(app, "/p/c/x") == "c"
    assert get_answerer(app, "/p/x") is None


def test_prefix_is_worked_out_beside_a_rule_that_is_empty():
    blueprint = Blueprint("api", __name__)
    blueprint.add_url_rule("", "index", lambda: "index")
    blueprint.add_url_rule("/x", "x", lambda: "x")
    for _ in range(2):
        # The first app is told of the prefix, and the second is not.
        app = Flask("example")
        ResponseKit(app).scope(blueprint, problems="always")
        app.register_blueprint(blueprint, url_prefix="/api/")
        assert is_in_scope(app, "/api/none")
        assert not is_in_scope(app, "/none")


def test_prefix_of_one_of_several_children_without_views_is_known():
    app, kit = Flask("example"), ResponseKit()
    parent = Blueprint("parent", __name__, url_prefix="/parent")
    children = [Blueprint(name, __name__) for name in ("other", "child")]
    for child in children:
        child.app_template_filter()(str.upper)
        parent.register_blueprint(child, url_prefix=f"/{child.name}")
    app.register_blueprint(parent)
    kit.scope(children[1], problems="always")
    kit.init_app(app)
    assert is_in_scope(app, "/parent/child/x")
    assert not is_in_scope(app, "/parent/other/x")


def test_scope_inherits_for_unmatched_urls_from_the_one_around_it():
    app, kit = Flask("example"), ResponseKit()
    parent, child = (Blueprint(name, __name__) for name in ("parent", "child"))
    add_views(child)
    parent.register_blueprint(child, url_prefix="/child")
    kit.scope(child)
    kit.scope(parent, problems="always")
    app.register_blueprint(parent, url_prefix="/parent")
    kit.init_app(app)
    assert is_in_scope(app, "/parent/child/x")
    assert not is_in_scope(app, "/child/x")


@pytest.mark.parametrize("is_reversed", [True, False])
@pytest.mark.parametrize("order", ORDERS)
def test_longest_prefix_counts(order, is_reversed):
    app, kit = Flask("example"), ResponseKit()
    names = {"a": "/api", "b": "/api/v2", "c": "/api/v2/<t>/users", "d": "/api/v"}
    blueprints = [Blueprint(k, __name__, url_prefix=v) for k, v in names.items()]
    if is_reversed:
        blueprints.reverse()
    for blueprint in blueprints:
        add_views(blueprint)
    steps = {
        "app": lambda: kit.init_app(app),
        "scope": lambda: [name_scope(kit, one) for one in blueprints],
        "register": lambda: [app.register_blueprint(one) for one in blueprints],
    }
    for name in order:
        steps[name]()
    expected = {"/api/x": "a", "/api/v22": "a", "/api/v/x": "d", "/other": None}
    assert {path: get_answerer(app, path) for path in expected} == expected
    # What begins with the same text is of one of the two.
    assert get_answerer(app, "/api/v2/x") in ("b", "c")


@pytest.mark.parametrize("scope_at", [0, 1, 2])
def test_blueprint_is_found_at_each_of_its_places(scope_at):
    app, kit = Flask("example"), ResponseKit()
    kit.init_app(app)
    blueprint = Blueprint("api", __name__, url_prefix="/own")
    add_views(blueprint)
    for number in range(2):
        if scope_at == number:
            kit.scope(blueprint, problems="always")
        app.register_blueprint(blueprint, name=f"n{number}", url_prefix=f"/n{number}")
    if scope_at == 2:
        kit.scope(blueprint, problems="always")
    assert is_in_scope(app, "/n0/x")
    assert is_in_scope(app, "/n1/x")
    assert not is_in_scope(app, "/own/x")


@pytest.mark.parametrize("scope_at", [0, 1, 2])
def test_each_app_has_its_own_prefix(scope_at):
    apps, kit = [Flask(f"app{number}") for number in range(2)], ResponseKit()
    blueprint = Blueprint("api", __name__)
    add_views(blueprint)
    for number, app in enumerate(apps):
        kit.init_app(app)
        if scope_at == number:
            kit.scope(blueprint, problems="always")
        app.register_blueprint(blueprint, url_prefix=f"/n{number}")
    if scope_at == 2:
        kit.scope(blueprint, problems="always")
    for number, app in enumerate(apps):
        assert is_in_scope(app, f"/n{number}/x")
        assert not is_in_scope(app, f"/n{1 - number}/x")


@pytest.mark.parametrize("is_late", [True, False])
def test_child_in_two_parents_answers_as_the_one_around_it(is_late):
    app, kit = Flask("example"), ResponseKit()
    child = Blueprint("child", __name__, url_prefix="/child")
    add_views(child)
    modes = {"first": "always", "second": "off"}
    parents = [Blueprint(name, __name__, url_prefix=f"/{name}") for name in modes]

    def make_scopes():
        kit.scope(child)
        for parent in parents:
            kit.scope(parent, problems=modes[parent.name])

    if not is_late:
        make_scopes()
    for parent in parents:
        parent.register_blueprint(child)
        app.register_blueprint(parent)
    if is_late:
        make_scopes()
    kit.init_app(app)
    assert is_in_scope(app, "/first/child/x")
    assert not is_in_scope(app, "/second/child/x")


def test_blueprint_that_no_app_has_takes_no_part():
    app, kit = Flask("example"), ResponseKit()
    kit.init_app(app)
    kit.scope(Blueprint("api", __name__, url_prefix="/api"), problems="always")
    assert not is_in_scope(app, "/api/x")


def test_kits_share_a_blueprint_and_not_what_they_say_of_it():
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    add_views(blueprint)
    found = []
    for mode in ("always", "off"):
        app, kit = Flask(mode), ResponseKit()
        kit.init_app(app)
        kit.scope(blueprint, problems=mode)
        app.register_blueprint(blueprint)
        found.append(is_in_scope(app, "/api/x"))
    assert found == [True, False]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("prefix", [None, "/api"])
def test_blueprint_with_a_subdomain_is_no_trouble(order, prefix):
    app, kit = Flask("example", subdomain_matching=True), ResponseKit()
    app.config["SERVER_NAME"] = "example.com"
    blueprint = Blueprint("api", __name__, subdomain="api", url_prefix=prefix)
    add_views(blueprint)
    steps = {
        "app": lambda: kit.init_app(app),
        "scope": lambda: kit.scope(blueprint, problems="always"),
        "register": lambda: app.register_blueprint(blueprint),
    }
    for name in order:
        steps[name]()
    base_url = "http://api.example.com"
    assert send(app, f"{prefix or ''}/view", base_url=base_url).text == "view"
    assert is_in_scope(app, "/api/x", base_url=base_url) is (prefix is not None)
    assert not is_in_scope(app, "/x", base_url=base_url)
    assert not is_in_scope(app, "/x", base_url="http://example.com")


# What a scope says.


def set_up_pair(scope=None, kit=None, own=None):
    """An app in which ``/api/missing`` is as ``/api/nothing``, but has a view."""
    app, the_kit = Flask("example"), ResponseKit()
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    blueprint.add_url_rule("/missing", "missing", lambda: abort(404))
    the_scope = the_kit.scope(blueprint)
    for cls, place in [(scope, the_scope), (kit, the_kit)]:
        if cls is not None:
            title = "scope" if place is the_scope else "kit"
            place.add_problem(cls, lambda error, title=title: Problem(410, title=title))
    if own is not None:
        app.register_error_handler(own, lambda error: ("own", 418))
    the_kit.init_app(app)
    app.register_blueprint(blueprint)
    return app


@pytest.mark.parametrize("own", [None, 404, HTTPException, Exception])
@pytest.mark.parametrize("kit", [None, NotFound, HTTPException, Exception])
@pytest.mark.parametrize("scope", [None, NotFound, HTTPException, Exception])
def test_url_without_a_view_is_answered_as_one_whose_view_says_404(scope, kit, own):
    app = set_up_pair(scope, kit, own)
    for accept in ("application/json", "text/html"):
        answers = [
            (response.status, sorted(response.headers), response.data)
            for path in ("/api/missing", "/api/nothing")
            for response in [send(app, path, headers={"Accept": accept})]
        ]
        assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        pytest.param({"inner": NotFound, "outer": NotFound}, "inner", id="innermost"),
        pytest.param({"inner": HTTPException, "outer": NotFound}, "outer", id="code"),
        pytest.param({"inner": HTTPException}, "inner", id="inherits-nothing"),
        pytest.param({"outer": HTTPException}, "outer", id="inherits"),
        pytest.param({"inner": KeyError, "outer": NotFound}, "outer", id="another"),
        pytest.param({"inner": MethodNotAllowed}, "Not Found", id="another-code"),
    ],
)
def test_functions_of_nested_scopes_are_looked_up_as_flask_does(classes, expected):
    app, kit = Flask("example"), ResponseKit()
    outer, inner = (Blueprint(name, __name__) for name in ("outer", "inner"))
    inner.add_url_rule("/missing", "missing", lambda: abort(404))
    outer.register_blueprint(inner, url_prefix="/inner")
    app.register_blueprint(outer, url_prefix="/outer")
    for blueprint in (outer, inner):
        scope = kit.scope(blueprint, problems="always")
        title = blueprint.name
        if title in classes:
            scope.add_problem(
                classes[title], lambda error, title=title: Problem(404, title=title)
            )
    kit.init_app(app)
    for name in ("missing", "nothing"):
        assert send(app, f"/outer/inner/{name}").json["title"] == expected


def test_function_of_a_scope_makes_problems_of_a_405():
    app, kit = Flask("example"), ResponseKit()
    kit.init_app(app)
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    add_views(blueprint)

    @kit.scope(blueprint).problem(MethodNotAllowed)
    def say(error):
        return Problem(405, title="Not so", headers={"Allow": "GET"}, can="GET")

    app.register_blueprint(blueprint)
    response = send(app, "/api/view", method="DELETE")
    assert (response.status_code, response.content_type) == (405, PROBLEM)
    assert (response.json["title"], response.json["can"]) == ("Not so", "GET")
    assert response.headers["Allow"] == "GET"


@pytest.mark.parametrize("fails_at", ["/api/missing", "/api/nothing"])
def test_function_that_fails_is_not_handled_once_more(caplog, fails_at):
    app, kit = Flask("example"), ResponseKit()
    kit.init_app(app)
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    blueprint.add_url_rule("/missing", "missing", lambda: abort(404))
    scope = kit.scope(blueprint, problems="always")
    scope.add_problem(NotFound, lambda error: {}["a"])
    app.register_error_handler(KeyError, lambda error: ("own", 418))
    app.register_blueprint(blueprint)
    response = send(app, fails_at)
    assert (response.status_code, response.content_type) == (500, PROBLEM)
    (record,) = caplog.records
    assert isinstance(record.exc_info[1], KeyError)


def test_problem_that_cannot_be_sent_is_a_static_one(caplog):
    app, kit = Flask("example"), ResponseKit()
    kit.init_app(app)
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    scope = kit.scope(blueprint)
    scope.add_problem(NotFound, lambda error: Problem(404, what=object()))
    app.register_blueprint(blueprint)
    response = send(app, "/api/x")
    assert (response.status_code, response.content_type) == (500, PROBLEM)
    assert response.json["title"] == "Internal Server Error"
    assert len(caplog.records) == 1


@pytest.mark.parametrize("key", [404, NotFound, HTTPException, Exception])
def test_own_handler_wins_over_the_forms_of_the_scope(key):
    app = set_up(["app", "scope", "register"], own="/api")
    app.register_error_handler(key, lambda error: ("own", 418))
    response = send(app, "/api/x")
    assert (response.status_code, response.text) == (418, "own")


def test_what_the_own_handler_returns_is_converted_as_in_the_scope():
    app, kit = Flask("example"), ResponseKit()
    kit.init_app(app)
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    kit.add_converter(complex, lambda value: "kit")
    kit.scope(blueprint).add_converter(complex, lambda value: "scope")
    app.register_error_handler(404, lambda error: (1j, 404))
    app.register_blueprint(blueprint)
    assert [send(app, path).text for path in ("/api/x", "/x")] == ["scope", "kit"]


def add_converter(scope):
    scope.add_converter(NotFound, lambda error: ({"code": error.code}, 404))


def add_representation(scope):
    scope.add_converter(NotFound, lambda error: '{"code":404}', mimetype=PROBLEM)


@pytest.mark.parametrize("say", [add_converter, add_representation])
def test_converters_of_the_scope_apply(say):
    app, kit = Flask("example"), ResponseKit()
    kit.init_app(app)
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    say(kit.scope(blueprint))
    app.register_blueprint(blueprint)
    headers = {"Accept": "application/problem+json"}
    response = send(app, "/api/x", headers=headers)
    assert (response.status_code, response.json) == (404, {"code": 404})
    assert send(app, "/x", headers=headers).json["title"] == "Not Found"


def test_template_of_the_scope_applies(tmp_path):
    (tmp_path / "missing.html").write_text("<p>There is no such {{ error.code }}")
    app, kit = Flask("example", template_folder=tmp_path), ResponseKit()
    kit.init_app(app)
    blueprint = Blueprint("pages", __name__, url_prefix="/pages")
    kit.scope(blueprint).add_template(NotFound, "missing.html", name="error")
    app.register_blueprint(blueprint)
    response = send(app, "/pages/x", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.text == "<p>There is no such 404"
    assert "no such" not in send(app, "/x", headers={"Accept": "text/html"}).text


def test_response_class_of_the_scope_applies():
    class Stamped(Response):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.headers["X-Stamp"] = "scope"

    app, kit = Flask("example"), ResponseKit()
    kit.init_app(app)
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    kit.scope(blueprint, problems="always", response_class=Stamped)
    app.register_blueprint(blueprint)
    assert send(app, "/api/x").headers["X-Stamp"] == "scope"
    assert "X-Stamp" not in send(app, "/x").headers


def test_failure_under_the_prefix_is_answered_as_the_scope_does(caplog):
    app = set_up(["app", "scope", "register"], own="/api")

    @app.before_request
    def fail():
        raise KeyError

    for path, mimetype in [("/api/x", PROBLEM), ("/x", "text/html")]:
        response = send(app, path)
        assert (response.status_code, response.mimetype) == (500, mimetype)


# Apart from requests of clients.


def test_context_of_a_test_is_as_a_request():
    app = set_up(["app", "scope", "register"], own="/api")
    kit = app.extensions["responsekit"].policies.kit
    found = {}
    for path in ("/api/x", "/x", "/api/view"):
        with app.test_request_context(path):
            found[path] = kit.response(NotFound()).mimetype
    assert found == {"/api/x": PROBLEM, "/x": "text/html", "/api/view": PROBLEM}


def test_outside_of_a_request_the_kit_holds():
    app = set_up(["app", "scope", "register"], own="/api")
    kit = app.extensions["responsekit"].policies.kit
    with app.app_context():
        assert kit.response(NotFound()).mimetype == "text/html"


def test_blueprint_that_is_registered_after_a_context_is_found():
    app, kit = Flask("example"), ResponseKit()
    kit.init_app(app)
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    kit.scope(blueprint, problems="always")
    with app.test_request_context("/api/x"):
        assert kit.response(NotFound()).mimetype == "text/html"
    app.register_blueprint(blueprint)
    assert is_in_scope(app, "/api/x")


def test_threads_that_begin_together_do_not_disturb_one_another():
    class SlowRequest(flask.Request):
        """Another thread begins while the path is got."""

        @property
        def path(self):
            app.extensions["responsekit"].policies.reset()
            return self.__dict__["path"]

        @path.setter
        def path(self, path):
            self.__dict__["path"] = path

    app = set_up(["app", "scope", "register"], own="/api")
    app.request_class = SlowRequest
    assert is_in_scope(app, "/api/x")
    assert not is_in_scope(app, "/x")


@pytest.mark.parametrize("scope_is_first", [True, False])
@pytest.mark.parametrize("path", [None, "/api/view"])
def test_app_is_freed_with_its_last_reference(scope_is_first, path):
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    add_views(blueprint)
    kit = ResponseKit()
    if scope_is_first:
        kit.scope(blueprint)

    def make_and_use():
        app = Flask("example")
        kit.init_app(app)
        app.register_blueprint(blueprint)
        if path is not None:
            assert send(app, path).status_code == 200
        return weakref.ref(app)

    assert make_and_use()() is None
    if not scope_is_first and path is None:
        kit.scope(blueprint)
        assert make_and_use()() is None


def test_prefixes_forget_an_app_that_is_gone():
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    prefixes = Prefixes(blueprint)

    def make_and_find():
        app = Flask("example")
        app.register_blueprint(blueprint)
        return list(prefixes.find(app))

    assert make_and_find() == [("api", "/api")]
    assert len(prefixes._noted) == 0
