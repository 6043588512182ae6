"""The extension: configures a kit, and installs it on apps."""

from __future__ import annotations

import typing as t

from flask import current_app
from flask import has_app_context

from .converters import BUILT_IN
from .install import install
from .json import KitJSONProvider
from .plain import to_plain
from .registration import check_key
from .registry import ConverterRegistry
from .response import Policy

if t.TYPE_CHECKING:
    from flask import Flask

    from .typing import Converter
    from .typing import ConverterT

_CONFIGURATION: dict[str, tuple[t.Any, tuple[t.Any, ...]]] = {
    "RESPONSEKIT_SNIFF": (True, (True, False, "strict")),
    "RESPONSEKIT_NOSNIFF": (True, (True, False)),
}


class ResponseKit:
    """Return anything from a view; the client gets the right response.

    .. code-block:: python

        kit = ResponseKit(app)

        @kit.converter(Money)
        def money(value):
            return {"amount": str(value.amount), "currency": value.currency}

    One kit serves any number of apps: see :meth:`init_app`.

    :param app: call :meth:`init_app` with this app.
    """

    def __init__(self, app: Flask | None = None) -> None:
        #: The converters by type. Works as a container of the types.
        self.converters = ConverterRegistry(built_in=BUILT_IN)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Install the kit on an app.

        These keys of :attr:`app.config <flask.Flask.config>` are read here:

        ``RESPONSEKIT_SNIFF``
            ``True`` (default): text and bytes that a view returns without a content
            type get the one that their content has. ``"strict"``: also, text that does
            not begin with ``<`` is ``text/plain``. ``False``: they get the default of
            the response class, as in Flask.

        ``RESPONSEKIT_NOSNIFF``
            ``True`` (default): send ``X-Content-Type-Options: nosniff`` with bodies
            that got their content type from the kit.

        :raises RuntimeError: if a kit is already installed on the app.
        :raises ValueError: if a key has a value that it cannot have.
        """
        if "responsekit" in app.extensions:
            raise RuntimeError(
                "A 'ResponseKit' instance has already been registered on this Flask"
                " app. Import and use that instance instead."
            )
        options = [_read(app, key) for key in _CONFIGURATION]
        install(app, Policy(self.converters, *options))

    def converter(
        self, cls: type | str, *, replace: bool = False
    ) -> t.Callable[[ConverterT], ConverterT]:
        """Register the decorated function, as :meth:`add_converter` does."""
        check_key(cls)

        def register(function: ConverterT) -> ConverterT:
            self.add_converter(cls, function, replace=replace)
            return function

        return register

    def add_converter(
        self, cls: type | str, converter: Converter, *, replace: bool = False
    ) -> None:
        """Register what makes something simpler of the values of a type.

        A converter takes the value, and returns a ``Response`` or something simpler
        that is converted again: another type, plain data, text or bytes, or a tuple of
        one of these with a status and headers.

        :param cls: the type, or its public dotted name, such as
            ``"pandas.DataFrame"``: what has that name is looked up when it is needed
            and loaded, so nothing is imported.
        :param replace: take the place of a converter that is registered for the same
            type. The built-in ones give way without it.
        :raises AssertionError: after the first request.
        :raises TypeError: if an argument is not what it should be.
        :raises ValueError: if the name is not dotted, or the type has a converter.
        """
        self.converters.add(cls, converter, replace=replace)

    def to_plain(self, value: object) -> t.Any:
        """Make plain data (``None``, bool, int, float, str, list and dict) of a value
        and all that stands in it: what the JSON of the current app says.

        :raises ConverterNotFoundError: if no converter takes a value.
        """
        provider = current_app.json if has_app_context() else None
        if isinstance(provider, KitJSONProvider):
            if provider.converters is self.converters:
                return provider.to_plain(value)
        return to_plain(value, self.converters)


def _read(app: Flask, key: str) -> t.Any:
    default, allowed = _CONFIGURATION[key]
    value = app.config.setdefault(key, default)
    # By type as well, since 1 == True.
    if not any(type(value) is type(one) and value == one for one in allowed):
        choices = ", ".join(map(repr, allowed))
        raise ValueError(f"{key} is {value!r}. It can be one of {choices}.")
    return value
