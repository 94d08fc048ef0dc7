"""The databases that other tests build on."""

import psycopg

from kiosk_server.postgres import ConnectionAddress
from tests.kiosk_server.conftest import ScratchPostgres


def test_new_database_is_empty(database: ConnectionAddress) -> None:
    """A test's database holds no table of anybody."""
    with psycopg.connect(database.url()) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_new_database_copies_its_template(postgres: ScratchPostgres) -> None:
    """A database made from another one has its rows, and its own life from then on."""
    original = postgres.new_database()
    with psycopg.connect(original.url()) as connection:
        connection.execute("CREATE TABLE door AS SELECT 'north' AS name")
    copy = postgres.new_database(template=original.database)
    with psycopg.connect(copy.url()) as connection:
        connection.execute("INSERT INTO door VALUES ('south')")
    with psycopg.connect(original.url()) as connection:
        doors = connection.execute("SELECT name FROM door").fetchall()
    postgres.drop_database(copy.database)
    postgres.drop_database(original.database)
    assert doors == [("north",)]
