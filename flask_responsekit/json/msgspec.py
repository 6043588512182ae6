"""A JSON provider by msgspec."""

from __future__ import annotations

import json
import typing as t

from ..converters import BUILT_IN
from ..faults import name_fault
from ..plain import write_key
from ..registry import ConverterRegistry
from ..registry import mark_classes
from ..requirement import require
from ..typing import SCALAR_TYPES
from .fields import exist_amiss
from .fields import has_fields
from .msgspec_plain import MsgspecPlain
from .msgspec_plain import NATIVE_TYPES
from .msgspec_plain import PartlyPlain
from .provider import Encoding
from .provider import KitJSONProvider

if t.TYPE_CHECKING:
    import collections.abc as cabc

    from flask import Flask
    from flask import Response

    from ..plain import Plain

#: Separators that say what is written anyhow.
_COMPACT = (",", ":")


class MsgspecJSONProvider(KitJSONProvider):
    """Writes JSON by msgspec, as bytes that become the body of a response as they are.

    Install it by ``ResponseKit(app, json="msgspec")``, by ``RESPONSEKIT_JSON``, or by
    ``app.json = MsgspecJSONProvider(app)``. What no encoder knows becomes what the
    kit's converters say, and so does what msgspec knows, if a converter takes it.

    Times and dates are written as in RFC 3339, durations as in ISO 8601, bytes in
    base64 (RFC 4648, section 4), NaN and the infinities as ``null``. Text is not
    escaped to ASCII.

    :raises ModuleNotFoundError: if msgspec is not installed.
    """

    #: Whether to sort the keys of objects. By default they come in the order of the
    #: dict, or of the declaration; and members of sets in no order.
    sort_keys: bool = False
    #: Whether responses have no line breaks and blanks. By default they have in debug
    #: mode only.
    compact: bool | None = None
    #: The media type of responses.
    mimetype: str = "application/json"

    def __init__(self, app: Flask) -> None:
        require("msgspec", "msgspec", "MsgspecJSONProvider")
        super().__init__(app)
        self._encodings = {}

    def find_converters(self) -> ConverterRegistry:
        """The converters that hold for the current request: those that every kit starts
        with, if there is none.
        """
        return _NOTHING_REGISTERED

    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """Serialize data as JSON.

        :param kwargs: what :func:`json.dumps` takes. With anything but ``sort_keys``,
            the standard library writes what msgspec would.
        """
        sort_keys = kwargs.pop("sort_keys", self.sort_keys)
        if kwargs.get("separators") == _COMPACT and kwargs.get("indent") is None:
            del kwargs["separators"]
        if not kwargs:
            return self._encode(obj, sort_keys).decode()
        default = kwargs.pop("default", None) or self._get_theirs()
        plain = MsgspecPlain(self.find_converters(), default, text_keys=True)
        options = {"ensure_ascii": False, **kwargs, "sort_keys": sort_keys}
        return _write_plain(obj, plain, options)

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        """Deserialize JSON as the standard library does.

        :param kwargs: what :func:`json.loads` takes.
        """
        import msgspec

        if not kwargs:
            try:
                return msgspec.json.decode(s)
            except (msgspec.MsgspecError, ValueError, TypeError):
                # It takes less, such as no byte order mark and no number that is too
                # large, and its errors are none that Flask knows.
                return json.loads(s)
        return json.loads(s, **kwargs)

    def response(self, *args: t.Any, **kwargs: t.Any) -> Response:
        """Serialize the arguments as the body of a response."""
        is_one = len(args) == 1 and not kwargs
        value = args[0] if is_one else self._prepare_response_obj(args, kwargs)
        body = self._encode(value, self.sort_keys)
        if self._app.debug if self.compact is None else not self.compact:
            body = _spread(body)
        # Type checkers know no more than that it is a class.
        response_class: t.Any = self._app.response_class
        response: Response = response_class(body, mimetype=self.mimetype)
        return response

    def _encode(self, value: t.Any, sort_keys: bool) -> bytes:
        encoding = self._follow_registry()
        encoder = encoding.encoders.get(sort_keys) or _add_encoder(encoding, sort_keys)
        try:
            # Any other value is written as it is: there is nothing to make ready.
            if encoding.walks or isinstance(value, (list, dict)):
                value = encoding.plain.ready(value, encoding.walks, sort_keys)
            written: bytes = encoder.encode(value)
            return written
        except Exception as error:
            return _encode_slowly(value, encoding, sort_keys, error)

    def _make_encoding(
        self, converters: ConverterRegistry, generation: int
    ) -> Encoding:
        classes = mark_classes()
        return Encoding(
            generation,
            exist_amiss() or converters.claims(NATIVE_TYPES, has_fields),
            PartlyPlain(converters, self._get_theirs()),
            MsgspecPlain(converters, self._get_theirs(), text_keys=True),
            {},
            classes,
        )


_NOTHING_REGISTERED = ConverterRegistry(built_in=BUILT_IN)


def replace_provider(app: Flask) -> None:
    """Let msgspec write the JSON of an app, with the options that were set."""
    provider = MsgspecJSONProvider(app)
    for option in ("sort_keys", "compact", "mimetype", "default"):
        if option in vars(app.json):
            setattr(provider, option, vars(app.json)[option])
    app.json = provider


def _add_encoder(encoding: Encoding, sort_keys: bool) -> t.Any:
    import msgspec

    order: t.Literal["sorted"] | None = "sorted" if sort_keys else None
    encoder = msgspec.json.Encoder(
        enc_hook=_make_hook(encoding.plain, sort_keys), order=order
    )
    encoding.encoders[sort_keys] = encoder
    return encoder


def _make_hook(plain: Plain, sort_keys: bool) -> cabc.Callable[[t.Any], t.Any]:
    """What msgspec asks about a value that it does not know."""
    from msgspec import Raw

    step = plain.step

    def hook(value: t.Any) -> t.Any:
        if type(value) in SCALAR_TYPES:
            # It is a key, or the value of an enum that is one.
            return value if type(value) is str else write_key(value)
        written = None if sort_keys else plain.write_json(value)
        return step(value) if written is None else Raw(written)

    return hook


def _encode_slowly(
    value: t.Any, encoding: Encoding, sort_keys: bool, error: Exception
) -> bytes:
    """Write what msgspec has refused, such as keys of several types; or say what is
    wrong.
    """
    import msgspec

    if not isinstance(error, (*_REFUSALS, msgspec.MsgspecError)):
        raise error
    options = {"separators": _COMPACT, "sort_keys": sort_keys}
    return _write_plain(value, encoding.to_plain, options).encode()


#: What msgspec raises for what it cannot write.
_REFUSALS = (TypeError, ValueError, RecursionError, BufferError)


def _write_plain(value: t.Any, plain: Plain, options: dict[str, t.Any]) -> str:
    """Let the standard library write what msgspec would."""
    try:
        return json.dumps(plain(value), **options)
    except (TypeError, ValueError, RecursionError) as error:
        named = name_fault(error, value, plain.step, has_constants=True)
        if named is error:
            raise
        raise named from error


def _spread(body: bytes) -> bytes:
    """Write JSON in lines."""
    import msgspec

    try:
        return msgspec.json.format(body, indent=2)
    except msgspec.MsgspecError:
        # What it does not read, such as half a surrogate pair, it has not written.
        return json.dumps(json.loads(body), indent=2).encode()
