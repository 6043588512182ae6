"""The app's JSON provider, taught the kit's converters."""

from __future__ import annotations

import collections.abc as cabc
import json
import typing as t

from flask.json.provider import DefaultJSONProvider
from flask.json.provider import JSONProvider

from ..faults import name_fault
from ..plain import Plain
from ..registry import mark_classes
from ..steps import NATIVE_TYPES

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Response

    from ..registry import ConverterRegistry
    from ..renderers.protocol import ToPlain
    from ..typing import Converter

_FLASK_DEFAULT = DefaultJSONProvider.default


def install(
    provider: JSONProvider, find_converters: cabc.Callable[[], ConverterRegistry]
) -> None:
    """Teach a provider the converters of a kit. It stays the same object with the same
    options, so that whatever refers to it learns them too.

    :param find_converters: says which converters hold at the moment.
    """
    if isinstance(provider, KitJSONProvider):
        vars(provider)["find_converters"] = find_converters
        return
    cls = type(provider)
    namespace: dict[str, t.Any] = {}
    asks_default = cls.dumps is DefaultJSONProvider.dumps
    kit_class = KitJSONProvider if asks_default else OpaqueKitJSONProvider
    if asks_default and cls.response is DefaultJSONProvider.response:
        namespace["response"] = _respond
    provider.__class__ = type(cls.__name__, (kit_class, cls), namespace)
    vars(provider)["_encodings"] = {}
    t.cast("KitJSONProvider", provider).find_converters = find_converters


class Encoding(t.NamedTuple):
    """How values reach an encoder, in one object, so that no thread sees half of it."""

    #: The generation of the registry for which this holds.
    generation: int
    #: The encoder is given plain data only.
    walks: bool
    #: What makes data plain that is to be encoded.
    plain: Plain
    #: What makes plain data that is final.
    to_plain: Plain
    #: The encoders by their options.
    encoders: dict[cabc.Hashable, t.Any]
    #: A mark of the classes that there were when it was made, if that matters.
    classes: tuple[int, int] | None = None


class KitJSONProvider(JSONProvider):
    """In front of a provider whose encoder asks ``default`` for what it does not know.

    The encoder gets a value as it is, unless a converter takes values that it would
    write without asking, such as namedtuples: then it gets plain data.
    """

    #: Gives the converters that hold for the current request.
    find_converters: cabc.Callable[[], ConverterRegistry]
    _encodings: dict[ConverterRegistry, Encoding]
    #: What the encoder writes without asking, and must not be given if a converter
    #: takes it.
    _written_unasked: tuple[type, ...] = NATIVE_TYPES

    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """Serialize data as JSON, by the kit's converters and the app's options."""
        encoding = self._follow_registry()
        if "default" in kwargs:
            plain = Plain(self.find_converters(), kwargs["default"])
            encoding = encoding._replace(plain=plain)
        kwargs["default"] = encoding.plain.step
        dumps = super().dumps
        return _write(lambda value: dumps(value, **kwargs), obj, encoding)

    def response(self, *args: t.Any, **kwargs: t.Any) -> Response:
        """Serialize the arguments as the body of a response, as the app does."""
        response = super().response(*args, **kwargs)
        _refuse_constants(response)
        return t.cast("Response", response)

    @property
    def to_plain(self) -> ToPlain:
        """Makes plain data of a value: what parsing its JSON would give."""
        return self._follow_registry().to_plain

    @property
    def default(self) -> Converter:
        """What the encoder asks: the kit's converters, then the app's own default."""
        return self._follow_registry().plain.step

    @default.setter
    def default(self, function: Converter) -> None:
        vars(self)["default"] = function
        self._encodings = {}

    def _follow_registry(self) -> Encoding:
        """Decide anew, when converters were registered, what the encoder may see."""
        converters = self.find_converters()
        generation = converters.generation
        encoding = self._encodings.get(converters)
        if (
            encoding is None
            or encoding.generation != generation
            or encoding.classes not in (None, mark_classes())
        ):
            encoding = self._make_encoding(converters, generation)
            self._encodings[converters] = encoding
        return encoding

    def _make_encoding(
        self, converters: ConverterRegistry, generation: int
    ) -> Encoding:
        theirs = self._get_theirs()
        return Encoding(
            generation,
            converters.claims(self._written_unasked),
            Plain(converters, theirs),
            Plain(converters, theirs, text_keys=True),
            {},
        )

    def _get_theirs(self) -> Converter | None:
        """The app's own default; ``None`` for that of Flask, since what it knows stands
        among the built-in converters.
        """
        default = vars(self).get("default") or getattr(super(), "default", None)
        return None if default is _FLASK_DEFAULT else default


def _write(dumps: t.Callable[[t.Any], str], value: t.Any, encoding: Encoding) -> str:
    plain = encoding.plain
    try:
        return dumps(plain.ready(value, encoding.walks))
    except (TypeError, ValueError, RecursionError) as error:
        named = name_fault(error, value, plain.step)
        if named is error:
            raise
        raise named from error


def _respond(self: t.Any, *args: t.Any, **kwargs: t.Any) -> Response:
    """Serialize the arguments as the body of a response, as Flask's provider does; but
    what JSON does not have, NaN and the infinities, is an error (RFC 8259, section 6).
    """
    value = self._prepare_response_obj(args, kwargs)
    is_compact = not (self._app.debug if self.compact is None else not self.compact)
    encoding = self._follow_registry()
    options = (self.ensure_ascii, self.sort_keys, is_compact)
    # json.dumps would make an encoder each time, at half the price of a small body.
    encoder = encoding.encoders.get(options) or _add_encoder(encoding, *options)
    text = _write(encoder.encode, value, encoding)
    cls: type[Response] = self._app.response_class
    return cls(f"{text}\n", mimetype=self.mimetype)


def _add_encoder(
    encoding: Encoding, ensure_ascii: bool, sort_keys: bool, is_compact: bool
) -> json.JSONEncoder:
    encoder = encoding.encoders[ensure_ascii, sort_keys, is_compact] = json.JSONEncoder(
        allow_nan=False,
        default=encoding.plain.step,
        ensure_ascii=ensure_ascii,
        indent=None if is_compact else 2,
        separators=(",", ":") if is_compact else None,
        sort_keys=sort_keys,
    )
    return encoder


def _refuse_constants(response: t.Any) -> None:
    """Refuse what another encoder wrote that JSON does not have."""
    body = response.get_data()
    if b"NaN" not in body and b"Infinity" not in body:
        return
    found: list[str] = []
    try:
        json.loads(body, parse_constant=found.append)
    except ValueError:
        # No JSON at all, so what it is belongs to the app.
        return
    if found:
        raise ValueError(
            f"The app's JSON provider wrote {found[0]}, which JSON does not have."
            " Return None instead, or have the provider refuse it."
        )


class OpaqueKitJSONProvider(KitJSONProvider):
    """In front of a provider that has an encoder of its own, such as orjson.

    It gets a value as it is, apart from what converters take and what holds that. What
    it refuses it gets as plain data.
    """

    _written_unasked = (object,)

    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """Serialize data as JSON, by the kit's converters and the app's encoder."""
        converters = self.find_converters()
        if self._follow_registry().walks:
            obj = _Converted(converters)(obj)
        try:
            return super(KitJSONProvider, self).dumps(obj, **kwargs)
        except TypeError:
            plain = Plain(converters)(obj)
            return super(KitJSONProvider, self).dumps(plain, **kwargs)

    @property
    def to_plain(self) -> ToPlain:
        """Makes plain data of a value: what parsing its JSON gives."""
        return _ThroughJSON(self)


class _ThroughJSON:
    """Makes plain data of what an encoder of the app's own writes."""

    #: A provider may round numbers, or mask text.
    leaves_scalars = False

    def __init__(self, provider: JSONProvider) -> None:
        self._provider = provider

    def __call__(self, value: object) -> t.Any:
        return self._provider.loads(self._provider.dumps(value))

    #: How the encoder sees a value is not known, so nothing is left as it was.
    shallow = __call__

    def each(self, values: list[t.Any]) -> list[t.Any]:
        # One by one: what it refuses of one row changes how all that it was given with
        # it is written.
        return [*map(self, values)]

    def get_attributes(self, cls: type) -> None:
        return None

    def is_converted(self, cls: type) -> bool:
        # The encoder of the app may make something else of anything.
        return True


class _Converted(Plain):
    """A walk that leaves alone what no converter of the user's takes."""

    @property
    def _decides(self) -> bool:
        # The encoder is asked.
        return False

    def _settle(self, value: t.Any, converter: Converter | None) -> t.Any:
        if self.holds_converted(value):
            return super()._settle(value, converter)
        return value


def get_to_plain(app: Flask, converters: ConverterRegistry) -> ToPlain:
    """What makes plain data of values, as the JSON of an app has it."""
    provider = app.json
    if isinstance(provider, KitJSONProvider):
        return provider.to_plain
    return Plain(converters, text_keys=True)
