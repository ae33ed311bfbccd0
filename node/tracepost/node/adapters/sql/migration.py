"""Brings a database to the tables of this version, step by step, at every start.

The steps are Alembic revisions in `migrations/versions`, named by number. They run in
one transaction; a database that a newer version has touched is not opened.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from tracepost.protocol.errors import ConfigurationError

_FOLDER = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Run the revisions that the database of `engine` has not seen.

    Raises:
        ConfigurationError: the database was used by a newer version.
    """
    with engine.begin() as connection:
        try:
            command.upgrade(alembic_config(connection), "head")
        except CommandError as error:
            raise ConfigurationError(
                "the database was used by a newer version of this program",
                where="store",
                remedy="Start that version, or restore the backup that was made before the update.",
            ) from error


def alembic_config(connection: Connection) -> Config:
    """Return the configuration for running Alembic's commands on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
