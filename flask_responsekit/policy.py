"""What holds for one chain of scopes, or for one view."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import functools
import typing as t
import weakref

from flask import after_this_request
from flask import has_request_context
from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotAcceptable

from .current_request import get_accept
from .current_request import has_failed
from .current_request import is_committed
from .libraries.registrations import is_representation
from .offers import find_enabled
from .offers import find_offer
from .offers import find_pinned
from .offers import Menu
from .offers import normalize
from .offers import offer_mimetype
from .offers import offer_registration
from .offers import offer_renderer
from .offers import rename
from .offers import WritableOffer
from .problem_offers import can_be_problem
from .problem_offers import is_final
from .problem_offers import offer_error
from .problem_offers import ProblemOffer
from .registration import name_of
from .stream import Stream
from .vary import vary
from .vary import vary_later

if t.TYPE_CHECKING:
    from flask import Response

    from .registration import Registration
    from .registry import ConverterRegistry
    from .renderers.protocol import Renderer
    from .typing import ProblemsMode
    from .typing import Sniffing


# What is generated for a dataclass takes long at import: no more than what is used.
@dataclasses.dataclass(eq=False, repr=False)
class Options:
    """The configuration of an app."""

    #: ``RESPONSEKIT_RENDERERS``.
    renderers: cabc.Sequence[str | Renderer] = ("json",)
    #: ``RESPONSEKIT_NOT_ACCEPTABLE``.
    not_acceptable: str | None = None
    #: ``RESPONSEKIT_FORMAT_PARAMETER``.
    format_parameter: str | None = None
    #: ``RESPONSEKIT_PROBLEMS``.
    problems: ProblemsMode = "negotiate"
    #: ``RESPONSEKIT_SNIFF``.
    sniffing: Sniffing = True
    #: ``RESPONSEKIT_NOSNIFF``.
    nosniff: bool = True
    #: ``RESPONSEKIT_ETAG``.
    etag: bool = False
    #: ``RESPONSEKIT_CSV_FORMULAS``.
    formulas: str = "escape"
    #: ``RESPONSEKIT_JSON``.
    json: str | None = None


@dataclasses.dataclass(eq=False, repr=False)
class Policy:
    """What holds for one chain of scopes, or for one view in it."""

    options: Options
    #: What makes something simpler of a value.
    converters: ConverterRegistry
    #: What makes one media type of a value, by media type.
    formats: cabc.Mapping[str, ConverterRegistry]
    #: What the enabled renderers write, in server order.
    rendered: tuple[WritableOffer, ...]
    #: Whether to refuse a request that accepts nothing of what there is; ``None``: if
    #: it is declared what there is.
    refuses: bool | None = None
    #: Whether HTTP errors are sent as problems.
    problems: ProblemsMode = "negotiate"
    #: What responses are made of, if not of the app's class.
    response_class: type[Response] | None = None
    #: Whether the view wants an ETag.
    etag: bool = False
    #: What is declared, as media types or short names, in server order.
    produces: tuple[str, ...] | None = None
    #: What is declared was named beside a value, so it holds for an error as well.
    is_pinned: bool = False
    _menus: cabc.MutableMapping[type, Menu] = dataclasses.field(
        init=False, default_factory=weakref.WeakKeyDictionary
    )
    #: What writes data, by what was declared or registered.
    _writers: dict[str, WritableOffer | None] = dataclasses.field(
        init=False, default_factory=dict
    )
    #: What holds where a view has named a content type.
    _pins: dict[str, Policy] = dataclasses.field(init=False, default_factory=dict)
    #: What the menus were made of, as a number that grows with it.
    _generation: int = dataclasses.field(init=False, default=-1)
    _is_settled: bool = dataclasses.field(init=False, default=False)

    @functools.cached_property
    def is_enforced(self) -> bool:
        """Whether a request that accepts nothing of what there is is refused."""
        return self.produces is not None if self.refuses is None else self.refuses

    @functools.cached_property
    def is_simple(self) -> bool:
        """Whether data becomes JSON, without a choice."""
        return (
            len(self.rendered) == 1
            and self.rendered[0].is_json
            and not self.formats
            and not self.is_enforced
            and self.produces is None
            and self.options.format_parameter is None
        )

    @functools.cached_property
    def text_type(self) -> str | None:
        """The content type of text that a view returns, if it declares just one."""
        match self.produces:
            case (mimetype,):
                return self._find_anything(mimetype).content_type
        return None

    # What there is.

    def has_choice(self, registration: Registration | None) -> bool:
        """Whether there may be more than one thing to send values as that a converter
        takes.
        """
        return not self.is_simple or _has_representations(registration)

    def get_menu(self, cls: type) -> Menu:
        """What values of a type can be sent as; nothing, if they are their own body.

        :raises TypeError: if it is nothing of what the view declares.
        """
        if not self._is_settled:
            self._follow_registries()
        try:
            return self._menus[cls]
        except KeyError:
            menu = self._menus[cls] = self._make_menu(cls)
            return menu

    def _follow_registries(self) -> None:
        """Forget the menus when something was registered, or a name got a meaning."""
        registries = (self.converters, *self.formats.values())
        generation = sum(registry.generation for registry in registries)
        if generation != self._generation:
            self._menus = weakref.WeakKeyDictionary()
            self._generation = generation
        self._is_settled = all(registry.is_settled for registry in registries)

    def _make_menu(self, cls: type) -> Menu:
        registration = self.converters.lookup(cls)
        return Menu(
            self._find_offers(cls, registration),
            is_declared=self.is_enforced,
            is_data=registration is not None and registration.plain,
            is_converted=self._is_own(registration),
        )

    def _find_offers(
        self, cls: type, registration: Registration | None
    ) -> list[WritableOffer]:
        special = self._find_special(cls, registration)
        if issubclass(cls, HTTPException) and not self._is_own(registration):
            return self._find_error_offers(cls, special)
        is_stream = issubclass(cls, Stream)
        is_data = is_stream or (
            registration is not None
            and (registration.plain or self._is_own(registration))
        )
        if self.produces is None:
            rendered = [one for one in self.rendered if is_data and one.can_render(cls)]
            if is_stream and not rendered:
                rendered = [self.find_rows_writer("application/json")]
            taken = [special.pop(normalize(one.mimetype), one) for one in rendered]
            # One offer, such as the XML of an element tree, is no choice.
            return [*taken, *special.values()]
        offers = [self._find_declared(one, special, is_data) for one in self.produces]
        found = [one for one in offers if one is not None and one.can_render(cls)]
        if (is_data or _has_representations(registration)) and not found:
            raise TypeError(
                f"The view declares that it produces {', '.join(self.produces)}, but"
                f" nothing writes a {cls.__qualname__} as one of these. Register a"
                " converter with this mimetype, or a renderer."
            )
        return found

    def make_error_menu(self, error: HTTPException) -> Menu:
        """What an HTTP error can be sent as without the app's converters; nothing, if
        it is sent as without the kit.
        """
        can_be = not is_final(error) and can_be_problem(error, self.problems)
        offers = offer_error(type(error), self.problems, {}) if can_be else []
        return Menu(offers, is_declared=self.is_enforced)

    def _find_error_offers(
        self, cls: type[HTTPException], special: dict[str, WritableOffer]
    ) -> list[WritableOffer]:
        offers = offer_error(cls, self.problems, special)
        if self.produces is None or not self.is_pinned:
            # Whatever the view has declared, there is an answer.
            return offers
        found = find_enabled(self.produces[0], offers)
        return offers if found is None else [found]

    def _is_own(self, registration: Registration | None) -> bool:
        return registration is not None and self.converters.is_own(registration)

    def _find_special(
        self, cls: type, default: Registration | None
    ) -> dict[str, WritableOffer]:
        """What is registered for one media type each, in the order registered."""
        registered = [registry.lookup(cls) for registry in self.formats.values()]
        # An object that converts itself does not say to which media type.
        found = [one for one in registered if one is not None and one.mimetype]
        found.sort(key=lambda one: one.number)
        if found and default is not None and default.mimetype is not None:
            # What the built-in converter gives is there as well.
            found.insert(0, default)
        offers = [offer_registration(one, self.rendered) for one in found]
        special = {normalize(offer.mimetype): offer for offer in offers}
        if default is not None and _has_representations(default):
            # The app's own come first, and in the place of others.
            special |= {
                mimetype: offer
                for mimetype, offer in self._offer_representations(default)
                if mimetype not in special
            }
        return special

    def _offer_representations(
        self, registration: Registration
    ) -> cabc.Iterator[tuple[str, WritableOffer]]:
        """What the built-in converters offer of a type beside plain data."""
        list_representations = registration.list_representations or tuple
        for mimetype, maker in list_representations():
            if maker is None:
                yield mimetype, t.cast("WritableOffer", self.find_writer(mimetype))
            elif hasattr(maker, "render"):
                yield mimetype, offer_renderer(maker)
            else:
                made = dataclasses.replace(
                    registration, converter=maker, mimetype=mimetype, plain=False
                )
                yield mimetype, offer_registration(made, self.rendered)

    def _find_declared(
        self, mimetype: str, special: dict[str, WritableOffer], is_data: bool
    ) -> WritableOffer | None:
        for offer in special.values():
            if offer.answers(mimetype):
                return rename(offer, mimetype)
        return self.find_writer(mimetype) if is_data else None

    def find_writer(self, mimetype: str) -> WritableOffer | None:
        """Find what writes data in a media type: an enabled renderer, or a built-in
        one.

        :param mimetype: the media type, or the short name of a renderer.
        :raises ModuleNotFoundError: if a library that it needs is missing.
        """
        if mimetype not in self._writers:
            formulas = self.options.formulas
            writer = find_offer(mimetype, self.rendered, formulas=formulas)
            self._writers[mimetype] = writer
        return self._writers[mimetype]

    def find_rows_writer(self, mimetype: str) -> WritableOffer:
        """Find what writes rows one by one in a media type.

        :raises ModuleNotFoundError: if a library that it needs is missing.
        :raises TypeError: if nothing does.
        """
        writer = self.find_writer(mimetype)
        if writer is None or not writer.can_render(Stream):
            raise TypeError(
                f"Nothing writes the rows of a stream as {mimetype!r}. Choose another"
                " media type, or add a renderer that has a method 'render_rows'."
            )
        return writer

    def get_writer(self, offer: WritableOffer, data: object) -> WritableOffer:
        """What writes the data that a converter gave for an offer.

        :raises TypeError: if nothing does.
        """
        writer = offer if offer.renderer else self.find_writer(offer.mimetype)
        if writer is None:
            registration = t.cast("Registration", offer.registration)
            raise TypeError(
                f"The converter {name_of(registration.converter)} returned a"
                f" {type(data).__qualname__}, which no renderer writes as"
                f" {offer.mimetype}. Return text or bytes, or add a renderer."
            )
        return writer

    def pin(self, content_type: str, cls: type) -> Policy:
        """What holds for a value of a type beside which the view has named the content
        type.
        """
        offers = self.get_menu(cls).offers
        if not offers:
            return self
        mimetype = find_pinned(content_type, offers).mimetype
        if mimetype not in self._pins:
            options = dataclasses.replace(self.options, format_parameter=None)
            self._pins[mimetype] = dataclasses.replace(
                self,
                options=options,
                produces=(mimetype,),
                refuses=False,
                is_pinned=True,
            )
        return self._pins[mimetype]

    @functools.cached_property
    def _everything(self) -> Menu:
        """What there may be, whatever the view returns."""
        if self.produces is not None:
            offers = [self._find_anything(mimetype) for mimetype in self.produces]
        else:
            rendered = {normalize(offer.mimetype) for offer in self.rendered}
            others = [one for one in self.formats if one not in rendered]
            offers = [*self.rendered, *map(offer_mimetype, others)]
        return Menu(offers, is_declared=True)

    def _find_anything(self, mimetype: str) -> WritableOffer:
        # It may also be that the view sends this by itself.
        return self.find_writer(mimetype) or offer_mimetype(mimetype)

    # Requests.

    def check_request(self) -> None:
        """Refuse the current request before the view runs, if nothing of what there may
        be is acceptable.

        :raises NotAcceptable: if so.
        """
        if not has_request_context() or has_failed():
            return
        name = self._get_format()
        if name is not None:
            if self._everything.find(name) is None and not self._may_offer(name):
                raise self._refuse(self._everything)
        elif self.is_enforced:
            # Whatever comes of the request: with another header it may be refused.
            after_this_request(vary)
            if self._everything.choose(get_accept()) is None:
                raise self._refuse(self._everything)

    def _may_offer(self, name: str) -> bool:
        """Whether a value that the view returns may have a representation of its own
        that is called so.
        """
        return self.produces is None and is_representation(name)

    def chooses_data(self, menu: Menu) -> bool:
        """Whether a value is sent as the JSON that the app's provider makes of it as it
        is, and nothing else need be looked at.
        """
        if menu.data_offer is None:
            return False
        if self.options.format_parameter is not None and self._get_format() is not None:
            return False
        return not menu.is_negotiated or menu.choose(get_accept()) is menu.data_offer

    def choose(
        self, menu: Menu, *, is_error: bool = False
    ) -> tuple[WritableOffer, bool]:
        """Choose what is sent in answer to the current request, or outside of one.

        :param is_error: it is an error that is sent, whatever is accepted.
        :return: the offer, and whether ``Accept`` had a say.
        :raises NotAcceptable: if nothing is acceptable that is on the menu.
        """
        is_lenient = is_error or is_committed()
        name = self._get_format()
        if name is not None:
            chosen = menu.find(name)
            if chosen is None and not is_lenient:
                raise self._refuse(menu)
            if chosen is not None or not is_error:
                return chosen or menu.offers[0], False
        if not menu.is_negotiated:
            return menu.offers[0], False
        chosen = menu.choose(get_accept(), is_error=is_error)
        if chosen is None and self.is_enforced and not is_lenient:
            vary_later()
            raise self._refuse(menu)
        return chosen or menu.offers[0], True

    def sends_as_flask(self, error: HTTPException) -> bool:
        """Whether an HTTP error is sent as without the kit, whatever is accepted."""
        if is_final(error):
            return True
        menu = self.get_menu(type(error))
        if menu.is_converted:
            return False
        return not (menu.offers and can_be_problem(error, self.problems))

    def find_form(self, error: HTTPException) -> WritableOffer | None:
        """What an HTTP error is sent as: a form of a problem, or what the app has
        registered in the place of one; ``None`` if it is neither.
        """
        menu = self.get_menu(type(error))
        if not menu.offers or self.sends_as_flask(error):
            return None
        offer, _ = self.choose(menu, is_error=True)
        is_form = isinstance(offer, ProblemOffer) or offer.registration is not None
        return offer if is_form else None

    def _get_format(self) -> str | None:
        parameter = self.options.format_parameter
        if parameter is None or not has_request_context():
            return None
        if not request.environ.get("QUERY_STRING"):
            # The most frequent query, and the dearest to parse.
            return None
        return request.args.get(parameter) or None

    def _refuse(self, menu: Menu) -> NotAcceptable:
        offers = ", ".join(offer.mimetype for offer in menu.offers)
        description = f"What is here can be sent as: {offers}."
        parameter = self.options.format_parameter
        if parameter is not None:
            names = ", ".join(offer.name for offer in menu.offers)
            description += f" The parameter {parameter!r} can be one of: {names}."
        return NotAcceptable(description)


def _has_representations(registration: Registration | None) -> bool:
    return registration is not None and registration.list_representations is not None
