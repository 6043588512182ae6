from __future__ import annotations

import functools
import inspect
import json
import subprocess
import sys
import types

import pytest

import flask_responsekit
from flask_responsekit.json import MsgspecJSONProvider

PUBLIC_NAMES = {
    "CSVRenderer",
    "ConversionLoopError",
    "ConverterNotFoundError",
    "ConverterRegistry",
    "EventStream",
    "JSONRenderer",
    "KitResponse",
    "MessagePackRenderer",
    "NDJSONRenderer",
    "Offer",
    "Problem",
    "Renderer",
    "ResponseKit",
    "ResponseKitError",
    "Scope",
    "ServerSentEvent",
    "Stream",
    "TextRenderer",
    "XMLRenderer",
    "YAMLRenderer",
    "negotiate",
    "sniff",
    "to_plain",
}
LIST_MODULES = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def members_of(cls):
    for name, member in vars(cls).items():
        if not name.startswith("_") and callable(getattr(member, "__get__", None)):
            yield f"{cls.__name__}.{name}", member


def public_members():
    for name in sorted(PUBLIC_NAMES):
        value = getattr(flask_responsekit, name)
        yield name, value
        if isinstance(value, type):
            yield from members_of(value)


@functools.cache
def modules_after(statement):
    command = [sys.executable, "-c", f"{statement}\n{LIST_MODULES}"]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(json.loads(result.stdout))


def test_public_names_are_complete():
    names = {
        name
        for name, value in vars(flask_responsekit).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    assert names == PUBLIC_NAMES


@pytest.mark.parametrize("name", sorted(PUBLIC_NAMES))
def test_public_name_is_the_packages_own(name):
    value = getattr(flask_responsekit, name)
    assert value.__name__ == name
    assert value.__module__.startswith("flask_responsekit.")


@pytest.mark.parametrize(
    "member", [pytest.param(value, id=name) for name, value in public_members()]
)
def test_public_member_has_a_docstring(member):
    assert inspect.getdoc(member)


@pytest.mark.parametrize(
    "member",
    [pytest.param(value, id=name) for name, value in members_of(MsgspecJSONProvider)],
)
def test_member_of_the_provider_has_a_docstring(member):
    assert inspect.getdoc(member)


def test_errors_form_one_tree():
    root = flask_responsekit.ResponseKitError
    for cls, base in [
        (flask_responsekit.ConverterNotFoundError, TypeError),
        (flask_responsekit.ConversionLoopError, ValueError),
    ]:
        assert issubclass(cls, root)
        assert issubclass(cls, base)
        assert not issubclass(root, base)


def test_import_loads_no_package_that_flask_does_not_load():
    added = modules_after("import flask_responsekit") - modules_after("import flask")
    roots = {name.partition(".")[0] for name in added}
    assert roots - set(sys.stdlib_module_names) == {"flask_responsekit"}


def test_unknown_name_of_the_json_module_is_an_error():
    with pytest.raises(AttributeError, match="Unknown"):
        flask_responsekit.json.Unknown  # noqa: B018


def test_import_of_the_provider_loads_no_library():
    added = modules_after("import flask_responsekit.json.msgspec")
    assert {"msgspec", "attr", "pydantic"}.isdisjoint(added)


@pytest.mark.parametrize("name", ["xml", "asyncio", "ipaddress", "tempfile"])
def test_import_does_not_load_what_few_apps_need(name):
    before = modules_after("import flask")
    added = modules_after("import flask_responsekit") - before
    assert name in before or name not in added
