"""The URL prefixes of blueprints.

A URL that matches no view belongs to no blueprint, as far as Flask is concerned. Yet an
error there is to look like those of its neighbours.
"""

from __future__ import annotations

import collections.abc as cabc
import inspect
import typing as t
import weakref

from flask.sansio.blueprints import Blueprint

if t.TYPE_CHECKING:
    from flask import Flask
    from flask.blueprints import BlueprintSetupState

#: Where the functions are made that hold the rules of blueprints.
_FLASK: t.Final = Blueprint.__module__


class Prefixes:
    """The prefixes of one blueprint, which may be registered at several places.

    They are noted when it is registered. If that was before, they are worked out.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self._blueprint = blueprint
        #: By app, then by the name under which the blueprint is registered there.
        self._noted: weakref.WeakKeyDictionary[object, dict[str, str | None]]
        self._noted = weakref.WeakKeyDictionary()
        try:
            blueprint.record(self._note)
        except AssertionError:
            # It is registered already, so no app will tell.
            return

    def _note(self, state: BlueprintSetupState) -> None:
        name = f"{state.name_prefix}.{state.name}".lstrip(".")
        self._noted.setdefault(state.app, {})[name] = state.url_prefix

    def find(self, app: Flask) -> cabc.Iterator[tuple[str, str]]:
        """The names under which the blueprint is registered on an app, each with its
        prefix.
        """
        noted = self._noted.get(app, {})
        for name, blueprint in app.blueprints.items():
            if blueprint is self._blueprint:
                known = name in noted
                prefix = noted[name] if known else _work_out_prefix(app, name)
                if prefix and prefix != "/":
                    yield name, prefix


def get_start(prefix: str) -> str:
    """What the URLs under a prefix begin with, as far as it is fixed.

    >>> get_start("/api"), get_start("/of/<team>/api")
    ('/api/', '/of/')
    """
    start, variable, _ = prefix.partition("<")
    return start if variable else f"{prefix.rstrip('/')}/"


def _work_out_prefix(app: Flask, name: str) -> str:
    """What stands before the blueprint's rules in those of the app; if it has none, its
    own prefix within that of its parent.
    """
    blueprint = app.blueprints[name]
    rules = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(f"{name}.")
    ]
    candidates = [
        {rule.removesuffix(end).rstrip("/") for rule in rules if rule.endswith(end)}
        for end in map(_get_end, _get_own_rules(blueprint))
    ]
    found = set.intersection(*candidates) if candidates else set()
    if found:
        return min(found, key=len)
    outer, inner = "", blueprint.url_prefix
    if parent := name.rpartition(".")[0]:
        outer = _work_out_prefix(app, parent)
        for child, options in app.blueprints[parent]._blueprints:
            if child is blueprint:
                inner = options.get("url_prefix", inner)
    return _join(outer, inner)


def _get_own_rules(blueprint: Blueprint) -> cabc.Iterator[str]:
    """The rules as they were given to the blueprint and those nested in it. Flask keeps
    them in functions that it calls when the blueprint is registered.
    """
    if blueprint.has_static_folder:
        yield f"{blueprint.static_url_path}/<path:filename>"
    for function in blueprint.deferred_functions:
        if inspect.isfunction(function) and function.__module__ == _FLASK:
            rule = inspect.getclosurevars(function).nonlocals.get("rule")
            if rule is not None:
                yield rule
    for child, options in blueprint._blueprints:
        prefix = options.get("url_prefix", child.url_prefix)
        yield from (_join(prefix, rule) for rule in _get_own_rules(child))


def _join(outer: str | None, inner: str | None) -> str:
    """Join a prefix and what stands under it, as Flask does."""
    if not outer or not inner:
        return inner or outer or ""
    return f"{outer.rstrip('/')}/{inner.lstrip('/')}"


def _get_end(rule: str) -> str:
    """What a rule with a prefix ends in."""
    return f"/{rule.lstrip('/')}" if rule else ""
