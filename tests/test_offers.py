from __future__ import annotations

import sys

import pytest

from flask_responsekit import ConverterRegistry
from flask_responsekit import CSVRenderer
from flask_responsekit import JSONRenderer
from flask_responsekit import MessagePackRenderer
from flask_responsekit import NDJSONRenderer
from flask_responsekit import XMLRenderer
from flask_responsekit.offers import find_offer
from flask_responsekit.offers import Menu
from flask_responsekit.offers import normalize
from flask_responsekit.offers import offer_all
from flask_responsekit.offers import offer_registration
from flask_responsekit.offers import offer_renderer
from flask_responsekit.offers import WritableOffer


class Log:
    """No more than a renderer needs."""

    mimetype = "text/x-log"

    def render(self, value):
        return repr(value).encode()


class Picky(Log):
    def can_render(self, cls):
        return cls is dict


def make(**attributes):
    """A renderer that says this of itself."""
    renderer = Log()
    vars(renderer).update(attributes)
    return renderer


def offer(mimetype, **options):
    return WritableOffer(mimetype, **options)


def register(mimetype):
    registry = ConverterRegistry()
    registry.add(complex, str, mimetype=mimetype)
    return registry.lookup(complex)


def get_mimetypes(offers):
    return [one.mimetype for one in offers]


# What a renderer says of itself.


def test_renderer_needs_no_more_than_a_mimetype_and_a_method():
    renderer = Log()
    made = offer_renderer(renderer)
    assert made.renderer is renderer
    assert made.mimetype == "text/x-log"
    assert made.quality == 1.0
    assert made.aliases == ()
    assert made.registration is None


def test_renderer_may_say_more():
    made = offer_renderer(make(name="log", quality=0.5, aliases=["text/log"]))
    assert (made.name, made.quality, made.aliases) == ("log", 0.5, ("text/log",))


@pytest.mark.parametrize(
    ("mimetype", "name"),
    [
        ("text/x-log", "x-log"),
        ("TEXT/X-Log", "x-log"),
        ("text/x-log; charset=utf-8", "x-log"),
        ("text/x-log ;version=1", "x-log"),
        ("application/vnd.acme.v2+json", "vnd.acme.v2+json"),
    ],
)
@pytest.mark.parametrize("given", [{}, {"name": ""}, {"name": None}], ids=repr)
def test_renderer_without_a_name_is_called_by_its_subtype(mimetype, name, given):
    assert offer_renderer(make(mimetype=mimetype, **given)).name == name


@pytest.mark.parametrize(
    "thing",
    [
        pytest.param(Log, id="class"),
        pytest.param(JSONRenderer, id="built-in-class"),
        pytest.param(None, id="None"),
        pytest.param(object(), id="object"),
        pytest.param(repr, id="function"),
        pytest.param(make(render=None), id="no-method"),
        pytest.param(make(render="text"), id="text-for-method"),
    ],
)
def test_what_is_no_renderer_is_refused_with_what_one_is(thing):
    with pytest.raises(TypeError, match="is no renderer. A renderer is an object"):
        offer_renderer(thing)


def test_class_in_place_of_a_renderer_is_named():
    with pytest.raises(TypeError, match=r"Log is no renderer.*\(not a class\)"):
        offer_renderer(Log)


@pytest.mark.parametrize("mimetype", [None, 5, b"text/csv", ["text/csv"]], ids=repr)
def test_renderer_whose_mimetype_is_no_text_is_named(mimetype):
    renderer = make(mimetype=mimetype)
    with pytest.raises(TypeError, match="is not a media type") as caught:
        offer_renderer(renderer)
    assert repr(renderer) in str(caught.value)


def test_renderer_without_a_mimetype_is_named():
    class Nameless:
        def render(self, value):
            return b""

    with pytest.raises(TypeError, match=r"Nameless.*None is not a media type"):
        offer_renderer(Nameless())


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"mimetype": ""}, id="empty"),
        pytest.param({"mimetype": "csv"}, id="no-slash"),
        pytest.param({"mimetype": "text/*"}, id="wildcard"),
        pytest.param({"mimetype": "text/csv\r\nX-A: 1"}, id="two-lines"),
        pytest.param({"mimetype": "text/csv; q=0.5"}, id="weight"),
        pytest.param({"mimetype": "text/csv,text/html"}, id="two"),
        pytest.param({"aliases": ("csv",)}, id="alias"),
        pytest.param({"quality": 0}, id="quality-0"),
        pytest.param({"quality": -1}, id="quality-negative"),
        pytest.param({"quality": 1.1}, id="quality-above-1"),
        pytest.param({"quality": float("nan")}, id="quality-nan"),
    ],
)
def test_renderer_that_says_what_cannot_be_is_named(said):
    renderer = make(**said)
    with pytest.raises(ValueError, match="cannot be used: ") as caught:
        offer_renderer(renderer)
    assert repr(renderer) in str(caught.value)
    assert caught.value.__cause__ is None


def test_quality_that_is_no_number_is_named():
    renderer = make(quality="high")
    with pytest.raises(TypeError, match="cannot be used: ") as caught:
        offer_renderer(renderer)
    assert repr(renderer) in str(caught.value)


# What an offer is.


@pytest.mark.parametrize(
    ("mimetype", "content_type"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/xml", "application/xml; charset=utf-8"),
        ("application/vnd.acme+xml", "application/vnd.acme+xml; charset=utf-8"),
        ("application/json", "application/json"),
        ("application/vnd.msgpack", "application/vnd.msgpack"),
        ("text/csv; charset=latin-1", "text/csv; charset=latin-1"),
        ("text/csv; Charset=UTF-8", "text/csv; Charset=UTF-8"),
        ("text/csv; header=present", "text/csv; header=present; charset=utf-8"),
    ],
)
def test_content_type_has_a_charset_where_text_has_one(mimetype, content_type):
    assert offer(mimetype).content_type == content_type


@pytest.mark.parametrize(
    ("renderer", "cls", "expected"),
    [
        pytest.param(Log(), int, True, id="says-nothing"),
        pytest.param(Picky(), dict, True, id="can"),
        pytest.param(Picky(), list, False, id="cannot"),
        pytest.param(make(can_render=lambda cls: 0), dict, False, id="number"),
    ],
)
def test_renderer_says_what_types_it_can_write(renderer, cls, expected):
    assert offer_renderer(renderer).can_render(cls) is expected


def test_registered_converter_makes_what_its_renderer_can_write():
    enabled = [offer_renderer(make(mimetype="text/x", can_render=lambda cls: False))]
    assert offer_registration(register("text/x"), enabled).can_render(complex)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("csv", True),
        ("CSV", True),
        ("text/csv", True),
        ("Text/CSV", True),
        ("text/x-csv", True),
        ("text/html", False),
        ("html", False),
        ("text/csv; header=present", False),
    ],
)
def test_offer_answers_to_its_name_and_its_media_types(named, expected):
    made = offer("text/csv", name="csv", aliases=("text/x-csv",))
    assert made.answers(named) is expected


def test_spellings_of_one_media_type_are_normalized():
    spellings = ["text/csv;header=present", "Text/CSV; header=present"]
    assert len({*map(normalize, spellings)}) == 1
    assert normalize("text/csv") != normalize(spellings[0])


def test_offers_are_kept_by_identity():
    # What writes them need not be comparable.
    first, second = offer("text/csv", renderer=Log()), offer("text/csv")
    assert first != second
    assert {first: 1, second: 2}[first] == 1


# What a converter with a media type offers.


def test_registered_converter_takes_the_place_of_its_renderer():
    enabled = offer_all(["json", "xml"])
    made = offer_registration(registration := register("Application/XML"), enabled)
    assert made.registration is registration
    assert made.renderer is enabled[1].renderer
    assert (made.mimetype, made.name) == ("application/xml", "xml")
    assert made.quality == enabled[1].quality < 1
    assert made.aliases == enabled[1].aliases


@pytest.mark.parametrize(
    ("mimetype", "name"),
    [
        ("text/html", "html"),
        ("text/csv", "csv"),
        ("text/plain", "text"),
        ("application/yaml", "yaml"),
        ("application/vnd.acme.v2+json", "vnd.acme.v2+json"),
        ("image/svg+xml", "svg"),
        ("text/html; version=2", "html"),
    ],
)
def test_registered_converter_is_called_as_its_renderer_or_by_its_subtype(
    mimetype, name
):
    made = offer_registration(register(mimetype), offer_all(["json"]))
    assert (made.mimetype, made.name, made.renderer) == (mimetype, name, None)


# What is enabled.


def test_renderers_are_offered_in_order():
    log = Log()
    offers = offer_all(["csv", log, "json"])
    assert get_mimetypes(offers) == ["text/csv", "text/x-log", "application/json"]
    assert type(offers[0].renderer) is CSVRenderer
    assert offers[1].renderer is log


def test_any_iterable_of_renderers_is_taken():
    assert len(offer_all({"json", "csv"})) == 2
    assert len(offer_all(name for name in ("json", "csv"))) == 2


@pytest.mark.parametrize("given", ["json", "", None, 5, JSONRenderer()], ids=repr)
def test_what_is_no_list_of_renderers_is_named(given):
    with pytest.raises(TypeError, match="as a list of short names") as caught:
        offer_all(given)
    assert repr(given) in str(caught.value)


def test_no_renderers_are_refused():
    with pytest.raises(ValueError, match="list of renderers is empty"):
        offer_all([])


def test_unknown_name_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"'jsn' is not the name.*'json'.*'text'"):
        offer_all(["json", "jsn"])


@pytest.mark.parametrize(
    "renderers",
    [
        pytest.param(["json", "json"], id="name-twice"),
        pytest.param(["json", JSONRenderer()], id="name-and-object"),
        pytest.param([Log(), make(mimetype="Text/X-LOG")], id="other-case"),
    ],
)
def test_two_renderers_of_one_media_type_are_refused(renderers):
    with pytest.raises(ValueError, match="two renderers of .*Give one of them"):
        offer_all(renderers)


def test_thing_in_the_list_that_is_no_renderer_is_named():
    with pytest.raises(TypeError, match="Log is no renderer"):
        offer_all(["json", Log])


def test_csv_does_with_formulas_what_it_is_told():
    escaping, raw = offer_all(["csv"]), offer_all(["csv"], formulas="raw")
    assert escaping[0].renderer.render([["=1"]]) == b"'=1\r\n"
    assert raw[0].renderer.render([["=1"]]) == b"=1\r\n"


@pytest.mark.parametrize(
    ("name", "library", "extra"),
    [("yaml", "yaml", "yaml"), ("msgpack", "msgspec", "msgspec")],
)
def test_missing_library_is_named_with_what_installs_it(
    name, library, extra, monkeypatch
):
    monkeypatch.setitem(sys.modules, library, None)
    command = rf"pip install 'Flask-ResponseKit\[{extra}\]'"
    with pytest.raises(ModuleNotFoundError, match=command) as caught:
        offer_all(["json", name])
    assert caught.value.name == library


@pytest.mark.parametrize("first", ["xml", XMLRenderer(root="a")], ids=["name", "own"])
def test_xml_counts_in_full_only_where_it_is_first(first):
    browser = "application/xml;q=0.9, */*;q=0.8"
    for renderers, mimetype in [
        ([first, "json"], "application/xml"),
        (["json", first], "application/json"),
    ]:
        menu = Menu(offer_all(renderers))
        assert menu.choose(browser).mimetype == mimetype
        assert menu.choose("application/json, application/xml").is_json is (
            mimetype == "application/json"
        )


def test_own_renderer_of_xml_keeps_its_quality_where_it_is_first():
    own = make(mimetype="application/xml", quality=0.5)
    menu = Menu(offer_all([own, "json"]))
    assert menu.choose("*/*").mimetype == "application/json"


# What writes a media type that is named.

ENABLED = offer_all(["json", MessagePackRenderer(), XMLRenderer(root="enabled")])


@pytest.mark.parametrize(
    ("mimetype", "index"),
    [
        pytest.param("json", 0, id="name"),
        pytest.param("application/json", 0, id="mimetype"),
        pytest.param("APPLICATION/Json", 0, id="other-case"),
        pytest.param("xml", 2, id="name-of-third"),
    ],
)
def test_enabled_renderer_is_found_as_it_is(mimetype, index):
    found = find_offer(mimetype, ENABLED, formulas="escape")
    assert found is ENABLED[index]


@pytest.mark.parametrize(
    ("mimetype", "index"),
    [
        pytest.param("application/msgpack", 1, id="alias"),
        pytest.param("text/xml", 2, id="alias-of-xml"),
        pytest.param("application/vnd.acme.v2+json", 0, id="suffix"),
        pytest.param("image/svg+xml", 2, id="suffix-xml"),
        pytest.param("application/json; version=2", 0, id="parameter"),
    ],
)
def test_enabled_renderer_is_found_under_the_name_that_was_given(mimetype, index):
    found = find_offer(mimetype, ENABLED, formulas="escape")
    assert found.renderer is ENABLED[index].renderer
    assert found.mimetype == mimetype
    assert found.aliases == ()


@pytest.mark.parametrize(
    ("mimetype", "cls", "sent"),
    [
        pytest.param("csv", CSVRenderer, "text/csv", id="name"),
        pytest.param("text/csv", CSVRenderer, "text/csv", id="mimetype"),
        pytest.param(
            "application/jsonl", NDJSONRenderer, "application/jsonl", id="alias"
        ),
        pytest.param(
            "text/csv; header=present",
            CSVRenderer,
            "text/csv; header=present",
            id="parameter",
        ),
    ],
)
def test_built_in_renderer_need_not_be_enabled(mimetype, cls, sent):
    found = find_offer(mimetype, ENABLED, formulas="escape")
    assert type(found.renderer) is cls
    assert found.mimetype == sent


def test_built_in_renderer_does_with_formulas_what_it_is_told():
    found = find_offer("text/csv", [], formulas="raw")
    assert found.renderer.render([["=1"]]) == b"=1\r\n"


@pytest.mark.parametrize("mimetype", ["text/html", "image/png", "application/a+zip"])
def test_nothing_is_found_for_a_media_type_that_nothing_writes(mimetype):
    assert find_offer(mimetype, ENABLED, formulas="escape") is None


def test_name_that_means_nothing_is_refused():
    with pytest.raises(ValueError, match="'html' is not the name of a renderer"):
        find_offer("html", ENABLED, formulas="escape")


def test_own_renderer_is_found_before_a_built_in_one():
    own = make(mimetype="text/csv")
    found = find_offer("text/csv", offer_all([own]), formulas="escape")
    assert found.renderer is own


def test_own_renderer_of_a_built_in_name_writes_its_other_media_types():
    own = make(mimetype="application/json", name="json")
    found = find_offer("application/a+json", offer_all([own]), formulas="escape")
    assert found.renderer is own


# What there is for one type.

JSON, CSV = offer_all(["json", "csv"])


@pytest.mark.parametrize(
    ("offers", "is_declared", "expected"),
    [
        pytest.param([], False, False, id="nothing"),
        pytest.param([], True, False, id="nothing-declared"),
        pytest.param([JSON], False, False, id="one"),
        pytest.param([JSON], True, True, id="one-declared"),
        pytest.param([JSON, CSV], False, True, id="two"),
        pytest.param([JSON, CSV], True, True, id="two-declared"),
    ],
)
def test_there_is_a_choice_among_two_or_where_one_is_declared(
    offers, is_declared, expected
):
    assert Menu(offers, is_declared=is_declared).is_negotiated is expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param(None, JSON, id="missing"),
        pytest.param("", JSON, id="empty"),
        pytest.param("text/csv", CSV, id="second"),
        pytest.param("text/csv;q=0", None, id="refused"),
        pytest.param("image/png", None, id="other"),
        pytest.param("text/csv" + " " * 600, CSV, id="long"),
    ],
)
def test_offer_is_chosen_by_accept_each_time_alike(accept, expected):
    menu = Menu([JSON, CSV])
    assert [menu.choose(accept) for _ in range(3)] == [expected] * 3


@pytest.mark.parametrize(
    ("name", "expected"),
    [("csv", CSV), ("json", JSON), ("xml", None), ("", None), ("text/csv", None)],
)
def test_offer_is_found_by_its_short_name(name, expected):
    assert Menu([JSON, CSV]).find(name) is expected


def test_menu_knows_whether_there_is_more_than_renderers():
    registered = offer_registration(register("text/html"), [])
    assert not Menu([JSON, CSV]).has_registered
    assert Menu([JSON, registered]).has_registered


def get_sizes(menu):
    return [len(value) for value in vars(menu).values() if hasattr(value, "__len__")]


def test_distinct_headers_grow_nothing():
    menu = Menu([JSON, CSV])
    largest = 0
    for number in range(100_000):
        assert menu.choose(f"text/csv, a/{number:x}") is CSV
        if number % 100 == 99:
            largest = max(largest, *get_sizes(menu))
    # Something is kept, or the choice would be made anew each time.
    assert 2 < largest <= 128


def test_long_header_is_not_kept():
    menu = Menu([JSON, CSV])
    sizes = get_sizes(menu)
    for number in range(10):
        assert menu.choose("text/csv, " + "a" * 512 + f"/{number}") is CSV
    assert get_sizes(menu) == sizes
    assert menu.choose("text/csv") is CSV
    assert get_sizes(menu) != sizes
