"""The app's JSON provider, taught the kit's converters."""

from __future__ import annotations

import types
import typing as t
import weakref

from flask.json.provider import DefaultJSONProvider
from flask.json.provider import JSONProvider

from .exceptions import ConverterNotFoundError
from .plain import endless
from .plain import find_fault
from .plain import NATIVE_TYPES
from .plain import Plain
from .plain import settle_built_in

if t.TYPE_CHECKING:
    from flask import Response

    from .plain import Settle
    from .registry import ConverterRegistry
    from .typing import Converter

_FLASK_DEFAULT = DefaultJSONProvider.default


def install(provider: JSONProvider, converters: ConverterRegistry) -> None:
    """Teach a provider the converters of a kit. It stays the same object with the same
    options, so that whatever refers to it learns them too.
    """
    cls = type(provider)
    namespace: dict[str, t.Any] = {}
    kit_class = KitJSONProvider
    if cls.dumps is not DefaultJSONProvider.dumps:
        kit_class = OpaqueKitJSONProvider
    if cls.response is not DefaultJSONProvider.response:
        # A form of the app's own stays.
        namespace["response"] = cls.response
    provider.__class__ = type(cls.__name__, (kit_class, cls), namespace)
    t.cast("KitJSONProvider", provider).converters = converters


class Encoding(t.NamedTuple):
    """How values reach an encoder, in one object, so that no thread sees half of it."""

    #: The generation of the registry for which this holds.
    generation: int
    #: No converter of the user's takes part.
    is_idle: bool
    #: The encoder is given plain data only.
    walks: bool
    #: What makes data plain.
    plain: Plain


class KitJSONProvider(JSONProvider):
    """In front of a provider whose encoder asks ``default`` for what it does not know.

    The encoder gets a value as it is, unless a converter takes values that it would
    write without asking, such as namedtuples: then it gets plain data.
    """

    # What the provider behind it has.
    compact: bool | None
    mimetype: str

    #: The converters of the app's kit.
    converters: ConverterRegistry
    _current: Encoding

    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """Serialize data as JSON, by the kit's converters and the app's options."""
        encoding = self._follow_registry()
        if "default" in kwargs:
            plain = self._make_plain(kwargs["default"], encoding.is_idle)
            encoding = encoding._replace(plain=plain)
        return self._dump(obj, encoding, kwargs)

    def response(self, *args: t.Any, **kwargs: t.Any) -> Response:
        """Serialize the arguments as the body of a response, as Flask does; but what
        JSON does not have, NaN and the infinities, is an error (RFC 8259, section 6).
        """
        obj = self._prepare_response_obj(args, kwargs)
        options: dict[str, t.Any] = {"allow_nan": False}
        if self._app.debug if self.compact is None else not self.compact:
            options["indent"] = 2
        else:
            options["separators"] = (",", ":")
        text = self._dump(obj, self._follow_registry(), options)
        return t.cast(
            "Response", self._app.response_class(f"{text}\n", mimetype=self.mimetype)
        )

    def _dump(self, obj: t.Any, encoding: Encoding, options: dict[str, t.Any]) -> str:
        plain = encoding.plain
        options["default"] = plain.step
        try:
            return super().dumps(plain(obj) if encoding.walks else obj, **options)
        except RecursionError as error:
            raise endless(obj, plain.step) from error
        except (TypeError, ValueError) as error:
            _locate(error, obj, plain.step)
            raise

    def to_plain(self, value: object) -> t.Any:
        """Make plain data of a value: what parsing its JSON would give."""
        return self._follow_registry().plain(value)

    @property
    def default(self) -> Converter:
        """What the encoder asks: the kit's converters, then the app's own default."""
        return self._follow_registry().plain.step

    @default.setter
    def default(self, function: Converter) -> None:
        vars(self)["default"] = function
        vars(self).pop("_current", None)

    def _follow_registry(self) -> Encoding:
        """Decide anew, when converters were registered, what the encoder may see."""
        generation = self.converters.generation
        current: Encoding | None = vars(self).get("_current")
        if current is None or current.generation != generation:
            is_idle = self.converters.is_idle
            walks = self._must_walk(is_idle)
            plain = self._make_plain(self._theirs(), is_idle)
            current = self._current = Encoding(generation, is_idle, walks, plain)
        return current

    def _must_walk(self, is_idle: bool) -> bool:
        # What the encoder would write without asking must not reach it.
        return self.converters.claims(NATIVE_TYPES)

    def _theirs(self) -> Converter | None:
        """The app's own default."""
        return vars(self).get("default") or getattr(super(), "default", None)

    def _make_plain(self, default: Converter | None, is_idle: bool) -> Plain:
        if default is None or default is _FLASK_DEFAULT:
            # What Flask's default knows stands among the built-in converters.
            return Plain(self.converters, settle_built_in)
        return Plain(self.converters, _settle_by(default, not is_idle))


class OpaqueKitJSONProvider(KitJSONProvider):
    """In front of a provider that has an encoder of its own, such as orjson.

    With converters it gets data in which only the scalars are left that JSON does not
    have, such as dates; without, it gets the value, and plain data if it refuses that.
    """

    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """Serialize data as JSON, by the kit's converters and the app's encoder."""
        simpler = obj
        if self._follow_registry().walks:
            simpler = Plain(self.converters, _leave_scalars)(obj)
        try:
            return super(KitJSONProvider, self).dumps(simpler, **kwargs)
        except TypeError:
            plain = Plain(self.converters, settle_built_in)(simpler)
            return super(KitJSONProvider, self).dumps(plain, **kwargs)

    def to_plain(self, value: object) -> t.Any:
        """Make plain data of a value: what parsing its JSON would give."""
        return self.loads(self.dumps(value))

    def _must_walk(self, is_idle: bool) -> bool:
        return not is_idle


def _settle_by(default: Converter, containers_first: bool) -> Settle:
    """Ask the app's own default before the built-in converters; but not for containers
    when there are converters: :func:`dataclasses.asdict` and ``str`` show all that is
    in them.
    """
    ask = _weak(default)

    def settle(value: t.Any, converter: Converter | None) -> t.Any:
        if containers_first and converter is not None:
            simpler = converter(value)
            if isinstance(simpler, (dict, list)):
                return simpler
        try:
            return ask()(value)
        except TypeError:
            return settle_built_in(value, converter)

    return settle


def _weak(function: Converter) -> t.Callable[[], t.Any]:
    """A reference that does not keep the object of a bound method alive."""
    if isinstance(function, types.MethodType):
        return weakref.WeakMethod(function)
    return lambda: function


def _leave_scalars(value: t.Any, converter: Converter | None) -> t.Any:
    simpler = value if converter is None else converter(value)
    return simpler if isinstance(simpler, (dict, list)) else value


def _locate(error: TypeError | ValueError, value: object, step: Converter) -> None:
    """Add to the encoder's message where the fault is."""
    if type(error) not in (TypeError, ValueError, ConverterNotFoundError):
        return
    try:
        fault = find_fault(value, step)
    except Exception:
        # A converter failed, as it did before: its own error says why.
        return
    if fault is not None:
        error.args = (f"{error} ({fault})", *error.args[1:])
