"""Data as YAML."""

from __future__ import annotations

import functools
import re
import typing as t

from ..requirement import require

_TEXT = "tag:yaml.org,2002:str"
#: What would end a line for PyYAML, which writes some of it into quotes as it is.
_LINE_ENDS = frozenset("\x85\u2028\u2029")
#: What is a number in YAML 1.2 (section 10.3.2) or a bool in YAML 1.1, but a text for
#: PyYAML, which would write it without quotes.
_NOT_TEXT_ELSEWHERE = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z|0o[0-7]+\Z|[yYnN]\Z"
)


class YAMLRenderer:
    """Writes data as YAML (RFC 9512), with PyYAML.

    >>> print(YAMLRenderer().render({"id": 1, "tags": ["a", "1e3"]}).decode())
    id: 1
    tags:
    - a
    - '1e3'
    <BLANKLINE>

    :raises ModuleNotFoundError: if PyYAML is not installed.
    """

    name = "yaml"
    mimetype = "application/yaml"
    quality = 1.0
    aliases: tuple[str, ...] = ("application/x-yaml", "text/yaml")

    def __init__(self) -> None:
        require("yaml", "yaml", "The renderer 'yaml'")

    def can_render(self, cls: type) -> bool:
        """Whether values of a type can be written, as all can."""
        return True

    def render(self, value: t.Any) -> bytes:
        """Write plain data in UTF-8.

        :raises ValueError: if a text is none in UTF-8.
        """
        import yaml

        document: bytes = yaml.dump(
            value,
            Dumper=self._dumper,
            allow_unicode=True,
            default_flow_style=False,
            encoding="utf-8",
            sort_keys=False,
        )
        return document

    @functools.cached_property
    def _dumper(self) -> t.Any:
        import yaml

        base = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
        dumper: t.Any = type("Dumper", (base,), {"ignore_aliases": _write_in_full})
        dumper.add_representer(str, _represent_text)
        dumper.add_implicit_resolver(
            "tag:yaml.org,2002:float", _NOT_TEXT_ELSEWHERE, list("-+.0123456789yYnN")
        )
        return dumper


def _write_in_full(dumper: object, value: object) -> bool:
    """Write what occurs twice twice, since JSON has no references either."""
    return True


def _represent_text(dumper: t.Any, text: str) -> t.Any:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The text {text!r} has a lone surrogate, so it cannot be written in UTF-8."
        ) from error
    # In double quotes all of them are escaped.
    style = None if _LINE_ENDS.isdisjoint(text) else '"'
    return dumper.represent_scalar(_TEXT, text, style=style)
