"""Brings a database to the tables of this version, step by step, at every start.

The steps are Alembic revisions in `migrations/versions`, named by number. They run in
one transaction; a database that a newer version has touched is not opened. Alembic is
loaded when there is a step to do: a node that has nothing to do saves its 10 MB.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table

from tracepost.protocol.errors import ConfigurationError

_FOLDER = Path(__file__).parent / "migrations"
_VERSION = table("alembic_version", column("version_num"))


def migrate(engine: Engine) -> None:
    """Run the revisions that the database of `engine` has not seen.

    Raises:
        ConfigurationError: the database was used by a newer version.
    """
    with engine.begin() as connection:
        if _read_version(connection) != _newest_revision():
            _upgrade(connection)


def _read_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar()


def _newest_revision() -> str:
    return max(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigurationError(
            "the database was used by a newer version of this program",
            where="store",
            remedy="Start that version, or restore the backup that was made before the update.",
        ) from error
