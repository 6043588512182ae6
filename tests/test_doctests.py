from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import flask_responsekit

MODULES = [
    "flask_responsekit",
    *(
        module.name
        for module in pkgutil.walk_packages(
            flask_responsekit.__path__, prefix="flask_responsekit."
        )
    ),
]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_hold(name):
    module = importlib.import_module(name)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(module, optionflags=flags).failed == 0


def test_docstrings_have_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    modules = map(importlib.import_module, MODULES)
    assert any(test.examples for module in modules for test in finder.find(module))
