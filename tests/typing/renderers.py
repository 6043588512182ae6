"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import typing as t

from flask import Flask
from typing_extensions import assert_type

from flask_responsekit import CSVRenderer
from flask_responsekit import JSONRenderer
from flask_responsekit import MessagePackRenderer
from flask_responsekit import NDJSONRenderer
from flask_responsekit import Renderer
from flask_responsekit import ResponseKit
from flask_responsekit import TextRenderer
from flask_responsekit import XMLRenderer
from flask_responsekit import YAMLRenderer

# A renderer is any object with the two members, attributes or properties.


class Attributes:
    mimetype = "text/tab-separated-values"
    name = "tsv"
    quality = 0.5
    aliases = ("text/tsv",)

    def can_render(self, cls: type) -> bool:
        return issubclass(cls, list)

    def render(self, value: t.Any) -> bytes:
        return b""


@dataclasses.dataclass(frozen=True)
class Fields:
    mimetype: str = "text/x-fields"

    def render(self, value: object, /) -> bytes:
        return b""


class InstanceAttributes:
    def __init__(self) -> None:
        self.mimetype = "text/x-instance"

    def render(self, value: object, pretty: bool = False) -> bytes:
        return b""


class Properties:
    @property
    def mimetype(self) -> str:
        return "text/x-property"

    def render(self, value: t.Any, /) -> cabc.Iterator[bytes]:
        yield b""


renderers: list[Renderer] = [
    Attributes(),
    Fields(),
    InstanceAttributes(),
    Properties(),
    JSONRenderer(),
    XMLRenderer(root="users"),
    CSVRenderer(columns=["id"], formulas="raw"),
    YAMLRenderer(),
    MessagePackRenderer(),
    NDJSONRenderer(),
    TextRenderer(),
]

kit = ResponseKit(renderers=["json", Attributes()])
ResponseKit(Flask(__name__), renderers=("json", "csv"))
ResponseKit(renderers=renderers)
ResponseKit(renderers=None)
kit.add_renderer(Properties())
assert_type(kit.add_renderer(Attributes()), None)
assert_type(Attributes().render([]), bytes)


class WithoutMimetype:
    def render(self, value: t.Any) -> bytes:
        return b""


class WithoutRender:
    mimetype = "text/plain"


class WithTwoArguments:
    mimetype = "text/plain"

    def render(self, value: t.Any, cls: type) -> bytes:
        return b""


class GivesText:
    mimetype = "text/plain"

    def render(self, value: t.Any) -> str:
        return ""


class GivesTexts:
    mimetype = "text/plain"

    def render(self, value: t.Any) -> list[str]:
        return [""]


class HasNoText:
    mimetype = None

    def render(self, value: t.Any) -> bytes:
        return b""


kit.add_renderer(WithoutMimetype())  # type: ignore[arg-type]
kit.add_renderer(WithoutRender())  # type: ignore[arg-type]
kit.add_renderer(WithTwoArguments())  # type: ignore[arg-type]
kit.add_renderer(GivesText())  # type: ignore[arg-type]
kit.add_renderer(GivesTexts())  # type: ignore[arg-type]
kit.add_renderer(HasNoText())  # type: ignore[arg-type]
kit.add_renderer(Attributes)  # type: ignore[arg-type]
kit.add_renderer("csv")  # type: ignore[arg-type]
ResponseKit(renderers=[WithoutRender()])  # type: ignore[list-item]
ResponseKit(renderers=[1])  # type: ignore[list-item]
ResponseKit(renderers=Attributes())  # type: ignore[arg-type]
ResponseKit(Flask(__name__), ["json"])  # type: ignore[call-arg]

# Options of the built-in ones.

assert_type(XMLRenderer().render({"id": 1}), bytes)
XMLRenderer("users")  # type: ignore[call-arg]
XMLRenderer(root=1)  # type: ignore[arg-type]
CSVRenderer(columns=1)  # type: ignore[arg-type]
CSVRenderer(columns=[1])  # type: ignore[list-item]
CSVRenderer(formulas=True)  # type: ignore[arg-type]
JSONRenderer(indent=2)  # type: ignore[call-arg]
