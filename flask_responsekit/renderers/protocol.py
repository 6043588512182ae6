"""What a renderer is."""

from __future__ import annotations

import collections.abc as cabc
import typing as t


class Renderer(t.Protocol):
    """Writes plain data in one media type.

    Two members are needed. These may be there as well:

    ``name``
        A short name, for the configuration and the format parameter. The subtype of the
        media type if there is none.
    ``quality``
        How much the server likes to send this, above 0 and up to 1: it is multiplied
        with what the client says of the media type. 1.0 if there is none.
    ``aliases``
        Other media types in ``Accept`` that are answered with this one.
    ``can_render(cls)``
        Whether values of a type can be written, asked once for each type that a view
        returns. All can if there is none.
    ``render_rows(batches, to_plain)``
        Writes the rows of a :class:`Stream`, as a
        :class:`~flask_responsekit.renderers.protocol.RowRenderer` does. If there is
        none, streams are not written in this media type.

    One object serves all threads and requests, so it keeps nothing of a response.
    """

    @property
    def mimetype(self) -> str:
        """The media type that is sent."""
        ...

    def render(self, value: t.Any, /) -> bytes | cabc.Iterable[bytes]:
        """Write plain data: ``None``, bool, int, float, str, and lists and dicts of
        these, with text as keys.
        """
        ...


class ToPlain(t.Protocol):
    """Makes plain data."""

    #: Whether scalars (``None``, bool, int, float, str) stay what they are.
    leaves_scalars: bool

    def __call__(self, value: object, /) -> t.Any:
        """Make plain data of a value and of all that stands in it."""

    def shallow(self, value: object, /) -> t.Any:
        """Make a scalar of a value, or a dict or list whose items are as they were."""

    def each(self, values: list[t.Any], /) -> list[t.Any]:
        """Make plain data of each of many values, which is to be read only."""
        ...

    def get_attributes(self, cls: type, /) -> tuple[str, ...] | None:
        """The names of the attributes of which a dict is made of instances of a class;
        ``None`` if something else is made of them.
        """

    def is_converted(self, cls: type, /) -> bool:
        """Whether a converter of the user's takes values of a class."""
        ...


class _AsItIs:
    """What makes plain data of plain data."""

    leaves_scalars = True

    def __call__(self, value: object, /) -> t.Any:
        return value

    shallow = each = __call__

    def get_attributes(self, cls: type, /) -> None:
        return None

    def is_converted(self, cls: type, /) -> bool:
        return False


#: Makes plain data of what is plain already.
as_it_is: t.Final[ToPlain] = _AsItIs()


class ValueRenderer(Renderer, t.Protocol):
    """A renderer that is to see the value before it is plain."""

    def render_value(
        self, value: t.Any, cls: type, to_plain: ToPlain, /
    ) -> bytes | cabc.Iterable[bytes]:
        """Write a value.

        :param cls: the type that the view returned, of which the value was made.
        """
        ...


class RowRenderer(Renderer, t.Protocol):
    """A renderer that can write rows before all of them are there."""

    def render_rows(
        self, batches: cabc.Iterable[list[t.Any]], to_plain: ToPlain, /
    ) -> cabc.Iterable[bytes]:
        """Write rows that come in batches, which may be empty, and give what was
        written of each batch.

        :param to_plain: makes plain data of a row.
        """
        ...


def sees_values(renderer: Renderer) -> bool:
    """Whether a renderer is one that is to see the value before it is plain."""
    return _has_last_word(renderer, "render_value", ("render",))


def writes_rows(renderer: object) -> bool:
    """Whether a renderer can write rows before all of them are there."""
    return _has_last_word(renderer, "render_rows", ("render", "render_value"))


def _has_last_word(renderer: object, method: str, others: tuple[str, ...]) -> bool:
    """Whether a renderer has a method, and no subclass has overridden others without
    it: these are what is called then.
    """
    for cls in type(renderer).__mro__:
        if method in vars(cls):
            return True
        if any(other in vars(cls) for other in others):
            return False
    return False
