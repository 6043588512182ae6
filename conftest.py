"""Execute the examples in README.md and docs/, as tests of the installed package."""

from __future__ import annotations

import typing as t
from doctest import ELLIPSIS
from doctest import NORMALIZE_WHITESPACE

import hypothesis
from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.myst import CodeBlockParser
from sybil.parsers.myst import PythonCodeBlockParser
from sybil.parsers.myst import SkipParser

# Tracing for coverage and a busy machine make single examples slow.
hypothesis.settings.register_profile("responsekit", deadline=None)
hypothesis.settings.load_profile("responsekit")


def name_module(namespace: dict[str, t.Any]) -> None:
    """Let ``Flask(__name__)`` work, and keep ``app.run()`` under its guard."""
    namespace["__name__"] = "example"


python = PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)
console = PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)
console.codeblock_parser = CodeBlockParser("pycon", PythonEvaluator())

pytest_collect_file = Sybil(
    parsers=[python, console, SkipParser()],
    patterns=["README.md", "docs/*.md"],
    setup=name_module,
).pytest()
