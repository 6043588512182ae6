"""What values can be sent as, and how."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import typing as t

from werkzeug.utils import get_content_type

from .libraries.registrations import MIMETYPES
from .negotiation import check_mimetype
from .negotiation import negotiate
from .negotiation import negotiate_anyhow
from .negotiation import Offer
from .registration import name_of
from .renderers.built_in import find_name
from .renderers.built_in import make_renderer
from .renderers.json import JSONRenderer
from .renderers.protocol import sees_values
from .renderers.protocol import writes_rows
from .renderers.xml import XMLRenderer
from .stream import Stream

if t.TYPE_CHECKING:
    from .registration import Registration
    from .renderers.protocol import Renderer
    from .renderers.protocol import ToPlain

_SHORT_NAMES = {mimetype: name for name, mimetype in MIMETYPES.items()}
#: How many values of ``Accept`` are kept with what was chosen, and of which length.
_MOST_CHOICES = 128
_LONGEST_ACCEPT = 512


@dataclasses.dataclass(frozen=True, eq=False)
class WritableOffer(Offer):
    """A media type, and what writes it."""

    #: What the format parameter calls it.
    name: str = ""
    #: Writes data in it.
    renderer: Renderer | None = None
    #: Is asked first, in place of the converter of the type.
    registration: Registration | None = None

    def __eq__(self, other: object) -> bool:
        # Two that are alike are two offers: what writes them need not be comparable.
        return self is other

    def __hash__(self) -> int:
        return id(self)

    @property
    def content_type(self) -> str:
        """The media type with its charset, where it has one."""
        if "charset=" in self.mimetype.lower():
            return self.mimetype
        return get_content_type(self.mimetype, "utf-8")

    def can_render(self, cls: type) -> bool:
        """Whether values of a type can be written."""
        if self.registration is not None:
            # Its converter makes what can.
            return True
        if issubclass(cls, Stream) and not writes_rows(self.renderer):
            return False
        can_render = getattr(self.renderer, "can_render", None)
        return can_render is None or bool(can_render(cls))

    @property
    def is_json(self) -> bool:
        """Whether the JSON provider of the app writes it."""
        return type(self.renderer) is JSONRenderer

    @property
    def is_plain_json(self) -> bool:
        """Whether it is all as the JSON provider of the app says, the type as well."""
        is_renamed = self.mimetype != getattr(self.renderer, "mimetype", None)
        return self.is_json and self.registration is None and not is_renamed

    def write(
        self, data: t.Any, kind: type, to_plain: ToPlain
    ) -> bytes | cabc.Iterable[bytes]:
        """Let the renderer write data.

        :param kind: the type of what the view returned.
        :raises TypeError: if it returns something else than bytes.
        """
        renderer: t.Any = self.renderer
        if sees_values(renderer):
            written = renderer.render_value(data, kind, to_plain)
        else:
            written = renderer.render(to_plain(data))
        is_text = isinstance(written, (str, cabc.Mapping))
        if is_text or not isinstance(written, cabc.Iterable):
            raise TypeError(
                f"The renderer {renderer!r} returned a {type(written).__qualname__}."
                " It has to return bytes, or an iterable of bytes."
            )
        return written

    def answers(self, mimetype: str) -> bool:
        """Whether this is the offer, or the renderer, that somebody has named."""
        essence = normalize(mimetype)
        return essence in map(normalize, (self.name, self.mimetype, *self.aliases))


def normalize(mimetype: str) -> str:
    """Make one spelling of all that mean the same media type."""
    essence, semicolon, parameters = mimetype.replace(" ", "").partition(";")
    return essence.lower() + semicolon + parameters


def offer_mimetype(mimetype: str) -> WritableOffer:
    """Offer what something else writes than a renderer."""
    name = find_name(mimetype)
    if name is None or "+" in mimetype:
        name = _SHORT_NAMES.get(mimetype) or _get_subtype(mimetype)
    return WritableOffer(mimetype, name=name)


def offer_renderer(renderer: Renderer) -> WritableOffer:
    """Offer what a renderer writes.

    :raises TypeError: if it is no renderer.
    :raises ValueError: if it says something of itself that cannot be.
    """
    mimetype = getattr(renderer, "mimetype", None)
    if isinstance(renderer, type) or not callable(getattr(renderer, "render", None)):
        raise TypeError(
            f"{name_of(renderer)} is no renderer. A renderer is an object (not a class)"
            " with an attribute 'mimetype' and a method 'render(value)' that returns"
            " bytes."
        )
    try:
        check_mimetype(mimetype)
        return WritableOffer(
            t.cast("str", mimetype),
            quality=getattr(renderer, "quality", 1.0),
            aliases=tuple(getattr(renderer, "aliases", ())),
            name=getattr(renderer, "name", None) or _get_subtype(mimetype),
            renderer=renderer,
        )
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"The renderer {renderer!r} cannot be used: {error}"
        ) from None


def offer_registration(
    registration: Registration, enabled: cabc.Iterable[WritableOffer]
) -> WritableOffer:
    """Offer what a converter gives that was registered with a media type, in the place
    of the renderer of that media type.
    """
    mimetype = t.cast("str", registration.mimetype)
    for offer in enabled:
        if normalize(offer.mimetype) == normalize(mimetype):
            return dataclasses.replace(offer, registration=registration)
    return dataclasses.replace(offer_mimetype(mimetype), registration=registration)


def _get_subtype(mimetype: t.Any) -> str:
    return str(mimetype).partition(";")[0].strip().partition("/")[2].lower()


def offer_all(
    renderers: cabc.Iterable[str | Renderer], *, formulas: str = "escape"
) -> list[WritableOffer]:
    """Offer what renderers write that are given by short name, or as objects.

    :raises ModuleNotFoundError: if a library that one of them needs is missing.
    :raises TypeError: if this is not a list of renderers.
    :raises ValueError: if there are none, two of one media type, or unknown ones.
    """
    if isinstance(renderers, str) or not isinstance(renderers, cabc.Iterable):
        raise TypeError(
            f"Renderers are given as a list of short names and objects, not as"
            f" {renderers!r}."
        )
    offers: list[WritableOffer] = []
    for renderer in renderers:
        if isinstance(renderer, str):
            renderer = make_renderer(renderer, formulas=formulas)
        offer = offer_renderer(renderer)
        if any(offer.mimetype.lower() == other.mimetype.lower() for other in offers):
            raise ValueError(
                f"There are two renderers of {offer.mimetype!r} in {renderers!r}."
                " Give one of them."
            )
        offers.append(offer)
    if not offers:
        raise ValueError("The list of renderers is empty. Give at least one, or None.")
    return offers


def find_enabled(
    mimetype: str, enabled: cabc.Iterable[WritableOffer]
) -> WritableOffer | None:
    """Find the enabled renderer that writes data in a media type, or in the format of
    its suffix.

    :param mimetype: the media type, or the short name of a renderer.
    """
    name = find_name(mimetype) if "/" in mimetype else None
    offers = list(enabled)
    by_mimetype = [offer for offer in offers if offer.answers(mimetype)]
    by_format = [offer for offer in offers if name and offer.name == name]
    found = [*by_mimetype, *by_format]
    return rename(found[0], mimetype) if found else None


def find_pinned(
    content_type: str, offers: cabc.Sequence[WritableOffer]
) -> WritableOffer:
    """Find what was meant by a content type that was named beside a value. If nothing
    of that type is offered, the name stands over what is sent without it.
    """
    mimetype = content_type.partition(";")[0].strip()
    try:
        check_mimetype(mimetype)
    except ValueError:
        return offers[0]
    return find_enabled(mimetype, offers) or offers[0]


def find_offer(
    mimetype: str, enabled: cabc.Iterable[WritableOffer], *, formulas: str
) -> WritableOffer | None:
    """Find what writes data in a media type: an enabled renderer, or a built-in one.

    :param mimetype: the media type, or the short name of a renderer.
    :raises ModuleNotFoundError: if a library that it needs is missing.
    :raises ValueError: if there is no renderer of this name.
    """
    offer = find_enabled(mimetype, enabled)
    name = find_name(mimetype) if "/" in mimetype else mimetype
    if offer is not None or name is None:
        return offer
    return rename(offer_renderer(make_renderer(name, formulas=formulas)), mimetype)


def rename(offer: WritableOffer, mimetype: str) -> WritableOffer:
    """The offer under the media type by which it was named."""
    if "/" not in mimetype or normalize(mimetype) == normalize(offer.mimetype):
        return offer
    return dataclasses.replace(offer, mimetype=mimetype, aliases=())


def _prefer_first(offers: cabc.Sequence[WritableOffer]) -> list[WritableOffer]:
    """Let XML count in full where it comes first: it stands back behind others, so that
    a browser's taste for XML does not decide.
    """
    first = offers[:1]
    if first and isinstance(first[0].renderer, XMLRenderer):
        first = [dataclasses.replace(first[0], quality=1.0)]
    return [*first, *offers[1:]]


class Menu:
    """What the values of one type can be sent as.

    :param offers: in server order.
    :param is_declared: the client is told what there is, even if it is one thing.
    :param is_data: values are data already, and need no converter to be written.
    :param is_converted: a converter of the app's makes something simpler of values.
    """

    def __init__(
        self,
        offers: cabc.Sequence[WritableOffer],
        *,
        is_declared: bool = False,
        is_data: bool = False,
        is_converted: bool = False,
    ) -> None:
        self.offers = _prefer_first(offers)
        #: What the JSON provider of the app writes of a value as it is.
        self.data_offer: WritableOffer | None = None
        if is_data:
            plain = (offer for offer in self.offers if offer.is_plain_json)
            self.data_offer = next(plain, None)
        #: Whether what is sent depends on ``Accept``.
        self.is_negotiated = bool(offers) and (is_declared or len(offers) > 1)
        #: Whether there is more than what renderers write.
        self.has_registered = any(offer.registration for offer in offers)
        #: Whether a converter of the app's has a say.
        self.is_converted = is_converted or self.has_registered
        self._choices: dict[tuple[str | None, bool], WritableOffer | None] = {}

    def choose(
        self, accept: str | None, *, is_error: bool = False
    ) -> WritableOffer | None:
        """Choose by ``Accept``; ``None`` if nothing is acceptable.

        :param is_error: something is chosen in any case.
        """
        choices = self._choices
        try:
            return choices[accept, is_error]
        except KeyError:
            choose = negotiate_anyhow if is_error else negotiate
            chosen = choose(accept, self.offers)
        if accept is None or len(accept) <= _LONGEST_ACCEPT:
            if len(choices) >= _MOST_CHOICES:
                # What clients say must not fill the memory.
                choices.clear()
            choices[accept, is_error] = chosen
        return chosen

    def find(self, name: str) -> WritableOffer | None:
        """Find the offer that the format parameter names."""
        # In a query, a plus stands for a space.
        name = name.replace(" ", "+")
        return next((offer for offer in self.offers if offer.name == name), None)
