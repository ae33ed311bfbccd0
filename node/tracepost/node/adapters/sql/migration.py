"""Brings a database to the tables of this version, in steps that do not stop the service.

The steps are Alembic revisions in `migrations/versions`, named by number, in one line. A step adds something
and takes nothing away, so that the version before works on with it (*pre*); or it takes away what only older
versions used (*post*, a file `NNNN_post_….py`). An upgrade of several processes on one database:

    1  tracepost node migrate FOLDER --pre     old processes serve on
    2  replace the processes, one after the other
    3  tracepost node migrate FOLDER --post    refused while an older version is connected

Of a new database of a server the floor is the step since which parts have their ends apart (`ends`).

A file has one process: it does all steps when it starts, and so does whoever opens an empty database. A
program does not open a database that lacks a step it needs, nor one whose post steps it does not know: what
they took away it may still use. What newer versions have added does not disturb it.

The steps of one run are one transaction. Alembic is loaded when there is a step to do: a node that has
nothing to do saves its 10 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, column, inspect, select, table, text

from tracepost.node.adapters.sql.ends import ENDS_STEP
from tracepost.node.adapters.sql.tables import SETTING
from tracepost.protocol.errors import BusyError, ConfigurationError
from tracepost.serving.storage.rows import upsert_rows

_FOLDER = Path(__file__).parent / "migrations"
_VERSION = table("alembic_version", column("version_num"))
_FLOOR: Final = "schema-floor"
_PROGRAM: Final = "tracepost schema "
_POST: Final = "post_"
_CONNECTED = text(
    "SELECT min(application_name) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name LIKE 'tracepost schema %'"
)


@dataclass(frozen=True, slots=True)
class Step:
    """A revision: its number, and whether it takes away what older versions use."""

    number: str
    is_post: bool


def all_steps() -> list[Step]:
    """Return the steps that this version knows, in their order."""
    names = sorted(path.name for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))
    parts = [name.partition("_") for name in names]
    return [Step(number, rest.startswith(_POST)) for number, _, rest in parts]


@dataclass(frozen=True, slots=True)
class Schema:
    """Which steps a database has seen: the newest, and the newest that took something away; empty: none."""

    newest: str
    floor: str


def read_schema(engine: Engine) -> Schema:
    """Return how far the database of `engine` is; nothing is changed."""
    with engine.connect() as connection:
        newest = _read_version(connection)
        return Schema(newest or "", _read_floor(connection) if newest else "")


def program_name() -> str:
    """Return how a process of this version names itself to the database."""
    return _PROGRAM + all_steps()[-1].number


def open_up_to_date(engine: Engine) -> None:
    """See that the database of `engine` is one for this version; do all steps on a file, or an empty one.

    Raises:
        ConfigurationError: it lacks a step, or a newer version has taken away what this one may use.
    """
    with engine.begin() as connection:
        found = _read_version(connection)
        if engine.dialect.name == "sqlite" or found is None:
            _upgrade(connection, _pending(found), is_new=found is None)
        _require_fit(connection)


def migrate(engine: Engine, *, pre: bool = True, post: bool = True) -> list[str]:
    """Do the steps of these kinds that the database of `engine` has not seen; return their numbers.

    An empty database is filled: nobody used what was taken away on the way.

    Raises:
        BusyError: a process of an older version is connected, and would miss what a post step takes away.
        ConfigurationError: steps of the other kind come first, or a newer version has gone further.
    """
    with engine.begin() as connection:
        found = _read_version(connection)
        todo = _pending(None) if found is None else _choose(_pending(found), pre=pre, post=post)
        if any(step.is_post for step in todo):
            _require_no_older(connection)
        _upgrade(connection, todo, is_new=found is None)
        _require_floor(connection)
    return [step.number for step in todo]


def _choose(pending: Sequence[Step], *, pre: bool, post: bool) -> list[Step]:
    """Return the steps to do now: an unbroken run from the first, up to the last of the wanted kinds."""
    wanted = [place for place, step in enumerate(pending) if (post if step.is_post else pre)]
    chosen = list(pending[: wanted[-1] + 1]) if wanted else []
    if any(not (post if step.is_post else pre) for step in chosen):
        first = "post" if pre else "pre"
        raise ConfigurationError(
            f"steps of the other kind come first ({first})",
            where="store",
            reason="steps-in-order",
            remedy=f"Run tracepost node migrate FOLDER --{first}; with --pre --post all are done, while nobody serves.",
        )
    return chosen


def _pending(found: str | None) -> list[Step]:
    return [step for step in all_steps() if found is None or step.number > found]


def _require_fit(connection: Connection) -> None:
    _require_floor(connection)
    needed = [step.number for step in all_steps() if not step.is_post][-1]
    if (_read_version(connection) or "") < needed:
        raise ConfigurationError(
            "the database lacks steps that this version needs",
            where="store",
            reason="schema-too-old",
            remedy="Run tracepost node migrate FOLDER --pre; processes of the version before serve on meanwhile.",
        )


def _require_floor(connection: Connection) -> None:
    """Refuse a database from which newer versions have taken something away."""
    if _read_floor(connection) > all_steps()[-1].number:
        raise ConfigurationError(
            "the database was used by a newer version of this program",
            where="store",
            reason="schema-too-new",
            remedy="Start that version, or restore the backup that was made before the update.",
        )


def _read_floor(connection: Connection) -> str:
    query = select(SETTING.c.value).where(SETTING.c.name == _FLOOR)
    floor = connection.execute(query).scalar()
    return "" if floor is None else bytes(floor).decode("ascii")


def _require_no_older(connection: Connection) -> None:
    """Refuse while a process of an older version is connected; a file has none beside us."""
    if connection.dialect.name != "postgresql":
        return
    oldest = connection.execute(_CONNECTED).scalar()
    if oldest is not None and oldest < program_name():
        raise BusyError(
            "a process of an older version is still connected to the database",
            where="store",
            reason="older-version-connected",
            remedy="Replace it first.",
        )


def _read_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar()


def _upgrade(connection: Connection, steps: Sequence[Step], *, is_new: bool = False) -> None:
    """Do `steps`; in a new database of a server parts have their ends apart, so that older versions are kept out."""
    if not steps:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, steps[-1].number)
    floors = [step.number for step in steps if step.is_post]
    if is_new and connection.dialect.name == "postgresql":
        floors.append(ENDS_STEP)
    if floors:
        upsert_rows(connection, SETTING, [(_FLOOR, max(floors).encode("ascii"))])
