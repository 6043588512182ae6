from __future__ import annotations

import dataclasses
import json
import subprocess
import sys

import pytest
import sqlalchemy as sa
from flask import Flask
from flask import jsonify
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import orm
from sqlalchemy.engine import Row
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Mapped

from flask_responsekit import ConverterNotFoundError
from flask_responsekit import ResponseKit
from flask_responsekit.libraries.sqlalchemy import make_error_message
from flask_responsekit.libraries.sqlalchemy import refuse_result
from flask_responsekit.libraries.sqlalchemy import to_dict


class Base(orm.DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"

    id: Mapped[int] = orm.mapped_column(primary_key=True)
    name: Mapped[str]
    password: Mapped[str]


class Admin(User):
    pass


class DataBase(orm.MappedAsDataclass, orm.DeclarativeBase):
    pass


class Item(DataBase):
    __tablename__ = "item"

    id: Mapped[int] = orm.mapped_column(primary_key=True)


class Place:
    pass


class Mixin:
    id: Mapped[int] = orm.mapped_column(primary_key=True)


class Imposter:
    """It has the attribute, but SQLAlchemy does not map it."""

    __mapper__ = "mapper"


PLACES = sa.Table(
    "place",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(sa.sql.quoted_name("Name", True), sa.String),
)
orm.registry(metadata=Base.metadata).map_imperatively(Place, PLACES)


@pytest.fixture(scope="module")
def engine():
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    Base.metadata.create_all(engine)
    with orm.Session(engine) as session, session.begin():
        session.add(User(id=1, name="Ann", password="secret"))
        session.execute(PLACES.insert(), [{"id": 7, "Name": "here"}])
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine):
    with orm.Session(engine) as session:
        yield session


# Rows


@pytest.mark.parametrize("is_mapping", [False, True], ids=["Row", "RowMapping"])
@pytest.mark.parametrize(
    ("query", "record"),
    [
        pytest.param(
            sa.select(User.id, User.name), {"id": 1, "name": "Ann"}, id="columns"
        ),
        pytest.param(
            sa.select(User.id.label("a"), User.name.label("b")),
            {"a": 1, "b": "Ann"},
            id="labels",
        ),
        pytest.param(
            sa.text("SELECT 1 AS one, NULL AS two"),
            {"one": 1, "two": None},
            id="text",
        ),
        pytest.param(
            sa.select(User.id, sa.func.count().label("number")),
            {"id": 1, "number": 1},
            id="function",
        ),
        pytest.param(
            sa.select(User.id, PLACES.c.id).join(PLACES, sa.true()),
            {"id": 1, "id_1": 7},
            id="same-name-in-two-tables",
        ),
        pytest.param(
            sa.select(PLACES, PLACES.c.id),
            {"id": 7, "Name": "here", "id__1": 7},
            id="same-column-twice",
        ),
        pytest.param(
            sa.text("SELECT 1 AS _fields, 2 AS _mapping, 3 AS keys, 4 AS count"),
            {"_fields": 1, "_mapping": 2, "keys": 3, "count": 4},
            id="names-of-attributes",
        ),
    ],
)
def test_row_is_a_dict_by_the_names_of_its_columns(session, query, record, is_mapping):
    result = session.execute(query)
    (row,) = result.mappings().all() if is_mapping else result.all()
    assert type(row) is (RowMapping if is_mapping else Row)
    assert to_dict(row) == record
    assert list(to_dict(row)) == list(record)


@pytest.mark.parametrize("is_mapping", [False, True], ids=["Row", "RowMapping"])
def test_names_are_plain_text(session, is_mapping):
    result = session.execute(sa.select(PLACES))
    row = result.mappings().one() if is_mapping else result.one()
    assert {*map(type, row.keys() if is_mapping else row._fields)} != {str}
    assert {*map(type, to_dict(row))} == {str}


@pytest.mark.parametrize("is_mapping", [False, True], ids=["Row", "RowMapping"])
@pytest.mark.parametrize(
    "query",
    [
        pytest.param(sa.text("SELECT 1 AS a, 2 AS b, 3 AS b"), id="text"),
        pytest.param(
            sa.select(*(sa.literal(1).label(name) for name in "abb")),
            id="labels",
        ),
    ],
)
def test_columns_of_one_name_are_refused(session, query, is_mapping):
    result = session.execute(query)
    row = result.mappings().one() if is_mapping else result.one()
    with pytest.raises(ValueError, match=r"column named 'b'.*\.label\("):
        to_dict(row)


def test_row_of_an_entity_holds_the_object(session):
    row = session.execute(sa.select(User, User.id)).one()
    record = to_dict(row)
    assert record == {"User": row.User, "id": 1}
    assert type(record["User"]) is User


def test_row_is_no_tuple_for_the_interpreter(session):
    # A tuple would be written as a list by encoders, which do not ask then.
    row = session.execute(sa.select(User.id)).one()
    assert not isinstance(row, tuple)
    with pytest.raises(TypeError):
        json.dumps(row)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_ .]{0,8}", fullmatch=True),
        st.integers(0, 2**31),
        min_size=1,
    )
)
def test_any_names_and_values_arrive(record):
    columns = [sa.literal_column(str(v)).label(k) for k, v in record.items()]
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        result = connection.execute(sa.select(*columns))
        assert to_dict(result.one()) == record
    engine.dispose()


# Objects


@pytest.mark.parametrize("cls", [User, Admin, Place, Item])
def test_error_of_a_mapped_class_says_what_to_do(cls):
    message = make_error_message(cls)
    assert f"kit.add_converter({cls.__name__}, lambda value:" in message
    assert f"select({cls.__name__}.id, {cls.__name__}.name)" in message
    assert message.startswith(f"{cls.__name__} is mapped by SQLAlchemy")


@pytest.mark.parametrize(
    "cls", [int, dict, type, Base, DataBase, Mixin, Imposter, Row, sa.Table]
)
def test_other_classes_have_no_error_of_their_own(cls):
    assert make_error_message(cls) is None


def test_error_does_not_show_the_columns():
    assert "password" not in make_error_message(User)


def test_sqlalchemy_is_not_imported():
    code = (
        "import sys\n"
        "from flask_responsekit.libraries.sqlalchemy import make_error_message\n"
        "class Imposter:\n"
        "    __mapper__ = None\n"
        "assert make_error_message(int) is make_error_message(Imposter) is None\n"
        "assert 'sqlalchemy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_mapped_dataclass_is_a_dataclass_with_fields_of_its_attributes():
    # So that it is taken by its declared fields, as any dataclass.
    assert dataclasses.is_dataclass(Item)
    assert [field.name for field in dataclasses.fields(Item)] == ["id"]
    assert not dataclasses.is_dataclass(User)


# Through an app


def write(value, provider=None):
    app = Flask("example", static_folder=None)
    ResponseKit(app, json=provider)
    with app.test_request_context():
        return app.make_response(value).json


PROVIDERS = pytest.mark.parametrize("provider", [None, "msgspec"])


@PROVIDERS
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda user: user, id="alone"),
        pytest.param(lambda user: [user], id="in-list"),
        pytest.param(lambda user: [user] * 10, id="in-long-list"),
        pytest.param(lambda user: {"a": {"b": user}}, id="in-dict"),
    ],
)
def test_mapped_object_is_an_error_with_a_recipe(make, provider):
    user = User(id=1, name="Ann", password="secret")
    with pytest.raises(ConverterNotFoundError) as caught:
        write(make(user), provider)
    assert "kit.add_converter(User, lambda value:" in str(caught.value)
    assert "return the rows" in str(caught.value)
    assert "secret" not in str(caught.value)


@PROVIDERS
def test_mapped_object_in_a_row_is_an_error_with_a_recipe(session, provider):
    rows = session.execute(sa.select(User)).all()
    with pytest.raises(ConverterNotFoundError, match="User is mapped by SQLAlchemy"):
        write(rows, provider)


@PROVIDERS
def test_recipe_works(session, provider):
    app = Flask("example", static_folder=None)
    kit = ResponseKit(app, json=provider)
    kit.add_converter(User, lambda value: {"id": value.id})
    with app.test_request_context():
        users = session.scalars(sa.select(User)).all()
        assert app.make_response(users).json == [{"id": 1}]
        rows = session.execute(sa.select(User)).all()
        assert app.make_response(rows).json == [{"User": {"id": 1}}]
    assert write(session.execute(sa.select(User.id, User.name)).all(), provider) == [
        {"id": 1, "name": "Ann"}
    ]


@PROVIDERS
def test_mapped_dataclass_is_taken_by_its_fields_as_by_flask(provider):
    app = Flask("plain", static_folder=None)
    with app.test_request_context():
        expected = jsonify(Item(id=5)).json
    assert expected == {"id": 5}
    assert write(Item(id=5), provider) == expected
    assert write([Item(id=5)] * 10, provider) == [expected] * 10
    assert write({"a": Item(id=5)}, provider) == {"a": expected}


@pytest.mark.parametrize("method", ["all", "mappings", "scalars"])
def test_result_is_refused_with_what_to_do(session, method):
    result = session.execute(sa.select(User.id))
    result = result if method == "all" else getattr(result, method)()
    kind = type(result).__qualname__
    with pytest.raises(TypeError, match=rf"^A {kind} gives its rows once.*kit\.stream"):
        refuse_result(result)
    with pytest.raises(TypeError, match=r"Return result\.all\(\)"):
        write(result)
