"""The URL prefixes of blueprints.

A URL that matches no view belongs to no blueprint, as far as Flask is concerned. Yet an
error there is to look like those of its neighbours.
"""

from __future__ import annotations

import collections.abc as cabc
import inspect
import typing as t
import weakref

if t.TYPE_CHECKING:
    from flask import Blueprint
    from flask import Flask
    from flask.blueprints import BlueprintSetupState
    from flask.sansio.blueprints import Blueprint as AnyBlueprint


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
        """The names under which the blueprint is registered on an app, each with what
        the URLs there begin with: the prefix, as far as it is fixed.
        """
        noted = self._noted.get(app, {})
        for name, blueprint in app.blueprints.items():
            if blueprint is self._blueprint:
                known = name in noted
                prefix = noted[name] if known else _work_out_prefix(app, name)
                if prefix is not None:
                    yield name, _get_start(prefix)


def _get_start(prefix: str) -> str:
    start, variable, _ = prefix.partition("<")
    return start if variable else f"{prefix.rstrip('/')}/"


def _work_out_prefix(app: Flask, name: str) -> str | None:
    """What stands before the blueprint's own rules in those of the app; if it has none,
    its own prefix within that of its parent.
    """
    blueprint = app.blueprints[name]
    rules = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.rpartition(".")[0] == name
    ]
    candidates = [
        {rule.removesuffix(own) for rule in rules if rule.endswith(own)}
        for own in map(_get_end, _get_own_rules(blueprint))
    ]
    found = set.intersection(*candidates) if candidates else set()
    if found:
        return min(found, key=len) or None
    parent = name.rpartition(".")[0]
    outer = _work_out_prefix(app, parent) if parent else None
    if outer is None or blueprint.url_prefix is None:
        return blueprint.url_prefix or outer
    return f"{outer.rstrip('/')}/{blueprint.url_prefix.lstrip('/')}"


def _get_own_rules(blueprint: AnyBlueprint) -> cabc.Iterator[str]:
    """The rules as they were given to the blueprint, which Flask keeps in functions
    that are called when it is registered.
    """
    for function in filter(inspect.isfunction, blueprint.deferred_functions):
        rule = inspect.getclosurevars(function).nonlocals.get("rule")
        if isinstance(rule, str):
            yield rule


def _get_end(rule: str) -> str:
    """What a rule with a prefix ends in."""
    return f"/{rule.lstrip('/')}" if rule else ""
