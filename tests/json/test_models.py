"""What models of pydantic leave out does not show beside what a converter takes."""

from __future__ import annotations

import collections
import functools
import json
import typing as t

import pydantic
import pytest
from flask import Flask

from flask_responsekit import ResponseKit

SECRET = "1902"
SHOWN = "shown"
CONFIG = pydantic.ConfigDict(arbitrary_types_allowed=True)
RELEASE = tuple(map(int, pydantic.VERSION.split(".")[:2]))


class Money:
    """Is taken by a converter."""

    def __init__(self):
        self.secret = SECRET


class Account(pydantic.BaseModel):
    """Is taken by a converter, too."""

    secret: str = SECRET


class Public(pydantic.BaseModel):
    model_config = CONFIG
    money: t.Any


class Private(Public):
    password: str = SECRET


class Excluding(pydantic.BaseModel):
    money: t.Any
    secret: str = pydantic.Field(SECRET, exclude=True)


class Hiding(pydantic.BaseModel):
    money: t.Any
    _secret: str = pydantic.PrivateAttr(SECRET)

    @functools.cached_property
    def more(self):
        return SECRET

    def model_post_init(self, context):
        assert self.more


class OfPublic(pydantic.BaseModel):
    public: Public
    publics: list[Public] = []


class OfDict(pydantic.BaseModel):
    public: dict[str, list[Public]]


class OfOptional(pydantic.BaseModel):
    public: Public | None


class OfAny(pydantic.BaseModel):
    public: t.Any


class OfRoot(pydantic.RootModel[list[Public]]):
    pass


class BySerializer(pydantic.BaseModel):
    money: t.Any
    private: Private

    @pydantic.field_serializer("private")
    def write_private(self, value):
        return "***"


class ByAnnotation(pydantic.BaseModel):
    money: t.Any
    private: t.Annotated[Private, pydantic.PlainSerializer(lambda value: "***")]


class ByOwnModel(pydantic.BaseModel):
    money: t.Any

    @pydantic.model_serializer
    def write(self):
        return {"money": "***"}


class ByDump(pydantic.BaseModel):
    money: t.Any

    def model_dump(self, **kwargs):
        return {"money": "***"}


class OfSecret(pydantic.BaseModel):
    money: t.Any
    secret: pydantic.SecretStr = pydantic.SecretStr(SECRET)
    secrets: list[pydantic.SecretStr] = [pydantic.SecretStr(SECRET)]


@pydantic.dataclasses.dataclass(config=CONFIG)
class ExcludingData:
    money: t.Any
    secret: str = pydantic.Field(SECRET, exclude=True)


class OfExcludingData(pydantic.BaseModel):
    data: ExcludingData


class OfAccount(pydantic.BaseModel):
    account: Account
    accounts: list[Account]
    by_name: dict[str, Account]
    some: tuple[Account, ...]
    queue: collections.deque[Account]
    maybe: Account | None


class Aliased(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(
        serialize_by_alias=True, alias_generator=str.upper, populate_by_name=True
    )
    account: Account
    secret: str = pydantic.Field(SECRET, exclude=True)


BY_ALIAS = pydantic.ConfigDict(serialize_by_alias=True)


class OfAlias(pydantic.BaseModel):
    model_config = BY_ALIAS
    account: Account = pydantic.Field(serialization_alias="Account")


@pydantic.dataclasses.dataclass(config=BY_ALIAS)
class AliasedData:
    account: Account = pydantic.Field(serialization_alias="Account")


class OfAliasedData(pydantic.BaseModel):
    data: AliasedData


class OfIterable(pydantic.BaseModel):
    accounts: t.Iterable[Account]


class Extra(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")


class Computing(pydantic.BaseModel):
    @pydantic.computed_field
    @property
    def money(self) -> t.Any:
        return Money()


ACCOUNT = Account()
PRIVATE = Private(money=Money())
PUBLIC = {"money": SHOWN}
MODELS = [
    pytest.param(Excluding(money=Money()), PUBLIC, id="excluded"),
    pytest.param(Hiding(money=Money()), PUBLIC, id="hidden"),
    pytest.param(
        OfPublic(public=PRIVATE, publics=[PRIVATE]),
        {"public": PUBLIC, "publics": [PUBLIC]},
        id="subclass-in-field-of-base",
    ),
    pytest.param(
        OfDict(public={"a": [PRIVATE]}),
        {"public": {"a": [PUBLIC]}},
        id="subclass-in-dict-of-base",
    ),
    pytest.param(
        OfOptional(public=PRIVATE), {"public": PUBLIC}, id="subclass-in-optional-base"
    ),
    pytest.param(OfRoot([PRIVATE]), [PUBLIC], id="subclass-in-root-model-of-base"),
    pytest.param(
        OfAny(public=PRIVATE.model_copy(update={"password": "a"})),
        {"public": {"money": SHOWN, "password": "a"}},
        id="subclass-in-any",
    ),
    pytest.param(
        BySerializer(money=Money(), private=PRIVATE),
        {"money": SHOWN, "private": "***"},
        id="field-serializer",
    ),
    pytest.param(
        ByAnnotation(money=Money(), private=PRIVATE),
        {"money": SHOWN, "private": "***"},
        id="serializer-in-annotation",
    ),
    pytest.param(ByOwnModel(money=Money()), {"money": "***"}, id="model-serializer"),
    pytest.param(ByDump(money=Money()), {"money": "***"}, id="own-dump"),
    pytest.param(
        OfSecret(money=Money()),
        {"money": SHOWN, "secret": "*" * 10, "secrets": ["*" * 10]},
        id="secret-text",
    ),
    pytest.param(ExcludingData(Money()), PUBLIC, id="dataclass"),
    pytest.param(
        OfExcludingData(data=ExcludingData(Money())),
        {"data": PUBLIC},
        id="dataclass-in-model",
    ),
    pytest.param(
        OfAccount(
            account=ACCOUNT,
            accounts=[ACCOUNT],
            by_name={"a": ACCOUNT},
            some=(ACCOUNT,),
            queue=collections.deque([ACCOUNT]),
            maybe=ACCOUNT,
        ),
        {
            "account": SHOWN,
            "accounts": [SHOWN],
            "by_name": {"a": SHOWN},
            "some": [SHOWN],
            "queue": [SHOWN],
            "maybe": SHOWN,
        },
        id="models-in-model",
    ),
    pytest.param(Extra(account=ACCOUNT), {"account": SHOWN}, id="extra"),
    pytest.param(Computing(), PUBLIC, id="computed"),
]
MODELS += [
    pytest.param(
        OfAny(public=OfAlias(account=ACCOUNT)),
        {"public": {"Account" if RELEASE >= (2, 11) else "account": SHOWN}},
        id="alias-in-model",
    ),
    pytest.param(
        OfAliasedData(data=AliasedData(ACCOUNT)),
        {"data": {"Account" if RELEASE >= (2, 11) else "account": SHOWN}},
        id="alias-in-dataclass",
    ),
]
if RELEASE >= (2, 11):
    case = (Aliased(account=ACCOUNT), {"ACCOUNT": SHOWN})
    MODELS.append(pytest.param(*case, id="alias"))
if RELEASE >= (2, 12):

    class ExcludingSome(pydantic.BaseModel):
        name: str = "a"
        secret: str = pydantic.Field(SECRET, exclude_if=lambda value: value == SECRET)

    class ExcludingMoney(pydantic.BaseModel):
        account: Account
        private: t.Any = pydantic.Field(exclude_if=lambda value: True)

    MODELS += [
        pytest.param(ExcludingSome(), {"name": "a"}, id="excluded-if"),
        pytest.param(
            ExcludingMoney(account=ACCOUNT, private=PRIVATE),
            {"account": SHOWN},
            id="taken-and-excluded-if",
        ),
    ]

PLACES = {
    "top": (lambda value: value, lambda plain: plain),
    "list": (lambda value: [value], lambda plain: [plain]),
    "ten": (lambda value: [value] * 10, lambda plain: [plain] * 10),
    "dict": (lambda value: {"a": value}, lambda plain: {"a": plain}),
    "dict of ten": (
        lambda value: {"a": [value] * 10},
        lambda plain: {"a": [plain] * 10},
    ),
}


@pytest.mark.parametrize("provider", [None, "msgspec"])
@pytest.mark.parametrize(("model", "plain"), MODELS)
def test_only_what_pydantic_would_write_shows(model, plain, provider):
    app = Flask(__name__)
    kit = ResponseKit(app, json=provider)
    kit.add_converter(Money, lambda value: SHOWN)
    kit.add_converter(Account, lambda value: SHOWN)
    found = {}
    with app.app_context():
        for place, (put, expect) in PLACES.items():
            for way, written in {
                "dumps": json.loads(app.json.dumps(put(model))),
                "sorted": json.loads(app.json.dumps(put(model), sort_keys=True)),
                "response": json.loads(app.json.response(put(model)).get_data()),
                "to_plain": kit.to_plain(put(model)),
            }.items():
                if written != expect(plain):
                    found[place, way] = written
    assert found == {}


@pytest.mark.parametrize("provider", [None, "msgspec"])
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: OfIterable(accounts=[Account()]), id="iterable"),
        pytest.param(lambda: OfAny(public=iter([Account()])), id="iterator"),
        pytest.param(lambda: OfAny(public=(Account() for _ in "a")), id="generator"),
    ],
)
def test_what_comes_once_is_converted_or_refused(make, provider):
    app = Flask(__name__)
    kit = ResponseKit(app, json=provider)
    kit.add_converter(Account, lambda value: SHOWN)
    with app.app_context():
        for form in (make(), [make()], {"a": make()}, [make() for _ in range(10)]):
            try:
                written = app.json.dumps(form)
            except TypeError:
                continue
            assert SECRET not in written
            assert SHOWN in written


class Simple(pydantic.BaseModel):
    """What pydantic and msgspec write alike."""

    b: int
    a: str | None = None
    day: t.Any = None


class Loose(pydantic.BaseModel):
    numbers: list[float] = [float("nan")]
    texts: dict[str, str] = {}


@pytest.mark.parametrize(
    ("model", "plain"),
    [
        pytest.param(Simple(b=1), {"b": 1, "a": None, "day": None}, id="simple"),
        pytest.param(Loose(), {"numbers": [None], "texts": {}}, id="constant"),
        pytest.param(
            Loose(numbers=[]).model_copy(update={"texts": {"b": "1", "a": "2"}}),
            {"numbers": [], "texts": {"b": "1", "a": "2"}},
            id="dict",
        ),
        pytest.param(
            ExcludingData(1), {"money": 1}, id="dataclass-without-a-converter"
        ),
        pytest.param(
            OfPublic(public=Private(money=1)),
            {"public": {"money": 1}, "publics": []},
            id="subclass-without-a-converter",
        ),
        pytest.param(
            *(MODELS[-2].values if RELEASE >= (2, 12) else (Extra(), {})),
            id="excluded-if-without-a-converter",
        ),
    ],
)
def test_many_models_are_written_as_one_is(model, plain):
    app = Flask(__name__)
    kit = ResponseKit(app, json="msgspec")
    with app.app_context():
        for put, expect in PLACES.values():
            for sort_keys in (False, True):
                written = app.json.dumps(put(model), sort_keys=sort_keys)
                separators = (",", ":")
                assert written == json.dumps(
                    expect(plain), sort_keys=sort_keys, separators=separators
                )
            assert kit.to_plain(put(model)) == expect(plain)
