"""What an authority must never forget: intents, certificates, revocations, lists, tokens.

SQLite with a write-ahead log, synced at every commit. Each public method that writes is one
transaction, taken with the write lock from its first statement, so that two processes
on one directory (the service and a command) follow one another. Triggers refuse what no
method here does either: deleting a certificate, undoing or moving a revocation,
lowering the number of a list.

Tokens and nonces are kept as SHA-256 only; both are random 32 bytes, so this needs no salt.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from tracepost.ca.profile import Draft, Profile
from tracepost.protocol.errors import ConflictError, EnrolmentError, NotFoundError, StoreError
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import DeskId

SCHEMA_VERSION: Final = 1

_BUSY_S: Final = 30

_META = sa.MetaData()

_ABOUT = sa.Table(
    "about",
    _META,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
_TOKENS = sa.Table(
    "tokens",
    _META,
    sa.Column("secret_sha256", sa.LargeBinary, primary_key=True),
    sa.Column("profile", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("serial", sa.Text, comment="the certificate that used it up"),
)
_ENROLMENTS = sa.Table(
    "enrolments",
    _META,
    sa.Column("session", sa.Text, primary_key=True),
    sa.Column("secret_sha256", sa.LargeBinary, comment="of its token; none if an operator spoke"),
    sa.Column("profile", sa.Text, nullable=False),
    sa.Column("request", sa.LargeBinary, nullable=False),
    sa.Column("desk_key_sha256", sa.LargeBinary),
    sa.Column("nonce_sha256", sa.LargeBinary),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("serial", sa.Text, comment="the certificate that ended it"),
)
_CERTIFICATES = sa.Table(
    "certificates",
    _META,
    sa.Column("position", sa.Integer, primary_key=True, comment="in the order of intents"),
    sa.Column("serial", sa.Text, nullable=False, unique=True, comment="40 hexadecimal digits"),
    sa.Column("state", sa.Text, nullable=False, comment="intended, published or abandoned"),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("profile", sa.Text),
    sa.Column("public_key", sa.LargeBinary, nullable=False, index=True),
    sa.Column("desk_key_sha256", sa.LargeBinary, index=True),
    sa.Column("not_before", sa.BigInteger, nullable=False),
    sa.Column("not_after", sa.BigInteger, nullable=False),
    sa.Column("intended", sa.BigInteger, nullable=False),
    sa.Column("certificate", sa.LargeBinary, comment="DER, once it is published"),
)
_REVOCATIONS = sa.Table(
    "revocations",
    _META,
    sa.Column("serial", sa.Text, primary_key=True),
    sa.Column("revoked", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
_LISTS = sa.Table(
    "lists",
    _META,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("this_update", sa.BigInteger, nullable=False),
    sa.Column("next_update", sa.BigInteger, nullable=False),
    sa.Column("crl", sa.LargeBinary, comment="DER, once it is signed"),
)

_FOREVER = {
    "certificates_stay": "BEFORE DELETE ON certificates",
    "revocations_stay": "BEFORE DELETE ON revocations",
    "revocations_hold": "BEFORE UPDATE ON revocations",
    "lists_stay": "BEFORE DELETE ON lists",
}


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token handed out: who its bearer may be, until when (unix seconds), what used it up."""

    secret_sha256: bytes
    profile: Profile
    created: int
    expires: int
    serial: int | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """An enrolment under way: what was shown, and what is still to be shown."""

    session: str
    secret_sha256: bytes | None
    profile: Profile
    request: bytes = field(repr=False)
    desk_key_sha256: bytes | None
    nonce_sha256: bytes | None
    expires: int
    serial: int | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate of this authority: `state` is intended, published or abandoned."""

    draft: Draft
    state: str
    intended: int
    certificate: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Revocation:
    """A certificate taken back, for ever, at unix time `revoked`."""

    serial: int
    revoked: int
    reason: str


@dataclass(frozen=True, slots=True)
class ListRow:
    """A revocation list: reserved by its number, then signed (`crl`, DER)."""

    number: int
    this_update: int
    next_update: int
    crl: bytes | None = field(repr=False)


class AuthorityStore:
    """The database of one authority. Methods may be called from several threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Give the files back."""
        self._engine.dispose()

    # ── tokens and enrolments ────────────────────────────────────────────────────────

    def add_token(self, token: TokenRow) -> None:
        """Keep a new token; durable on return."""
        with self._write() as connection:
            connection.execute(sa.insert(_TOKENS).values(**_token_values(token)))

    def token(self, secret_sha256: bytes) -> TokenRow | None:
        """Return the token with this digest, used or not."""
        with self._read() as connection:
            row = connection.execute(
                sa.select(_TOKENS).where(_TOKENS.c.secret_sha256 == secret_sha256)
            ).first()
        return _token(row) if row else None

    def add_enrolment(self, enrolment: EnrolmentRow, *, now: int) -> None:
        """Keep an enrolment under way and forget the unfinished ones whose time is over."""
        with self._write() as connection:
            over = (_ENROLMENTS.c.expires < now) & _ENROLMENTS.c.serial.is_(None)
            connection.execute(sa.delete(_ENROLMENTS).where(over))
            connection.execute(sa.insert(_ENROLMENTS).values(**_enrolment_values(enrolment)))

    def enrolment(self, session: str) -> EnrolmentRow | None:
        """Return an enrolment under way or ended."""
        with self._read() as connection:
            row = connection.execute(sa.select(_ENROLMENTS).where(_ENROLMENTS.c.session == session)).first()
        return _enrolment(row) if row else None

    # ── certificates ─────────────────────────────────────────────────────────────────

    def record_intent(self, draft: Draft, *, now: int, session: str | None = None) -> None:
        """Record that this certificate will be signed, and use up enrolment and token with it.

        Raises `EnrolmentError` if another certificate ended the enrolment or used the token.
        """
        with self._write() as connection:
            if session is not None:
                _end_enrolment(connection, session, draft.serial)
            values = _draft_values(draft) | {"state": "intended", "intended": now}
            connection.execute(sa.insert(_CERTIFICATES).values(**values))

    def publish(self, serial: int, certificate: bytes) -> None:
        """Record that an intended certificate is out; once more does nothing."""
        with self._write() as connection:
            _set_state(connection, serial, state="published", certificate=certificate)

    def abandon(self, serial: int) -> None:
        """Record that an intended certificate never goes out."""
        with self._write() as connection:
            _set_state(connection, serial, state="abandoned")

    def certificates(self, state: str | None = None) -> list[Issued]:
        """Return all certificates, or those in one state, oldest first."""
        query = sa.select(_CERTIFICATES).order_by(_CERTIFICATES.c.position)
        if state is not None:
            query = query.where(_CERTIFICATES.c.state == state)
        with self._read() as connection:
            return [_issued(row) for row in connection.execute(query)]

    def certificate(self, serial: int) -> Issued | None:
        """Return the certificate with this serial number."""
        with self._read() as connection:
            row = connection.execute(
                sa.select(_CERTIFICATES).where(_CERTIFICATES.c.serial == _hex(serial))
            ).first()
        return _issued(row) if row else None

    def with_keys(self, public_key: bytes, desk_key_sha256: bytes | None) -> list[Issued]:
        """Return the certificates that ever used one of these keys."""
        same = _CERTIFICATES.c.public_key == public_key
        if desk_key_sha256 is not None:
            same |= _CERTIFICATES.c.desk_key_sha256 == desk_key_sha256
        with self._read() as connection:
            return [_issued(row) for row in connection.execute(sa.select(_CERTIFICATES).where(same))]

    def adopt_certificate(self, draft: Draft, certificate: bytes, *, now: int) -> None:
        """Take in a certificate that was published before this database was restored."""
        with self._write() as connection:
            known = connection.execute(
                sa.select(_CERTIFICATES.c.state).where(_CERTIFICATES.c.serial == _hex(draft.serial))
            ).first()
            if known is None:
                values = _draft_values(draft) | {"state": "published", "intended": now}
                connection.execute(sa.insert(_CERTIFICATES).values(**values, certificate=certificate))

    def void_open_tokens(self) -> None:
        """Let every token end that is not used yet, and every enrolment under way."""
        with self._write() as connection:
            connection.execute(sa.update(_TOKENS).where(_TOKENS.c.serial.is_(None)).values(expires=0))
            connection.execute(sa.delete(_ENROLMENTS).where(_ENROLMENTS.c.serial.is_(None)))

    # ── revocations and lists ────────────────────────────────────────────────────────

    def revoke(self, revocation: Revocation) -> Revocation:
        """Record a revocation and return it; what was revoked before stays as it was."""
        with self._write() as connection:
            return _add_revocation(connection, revocation)

    def revocations(self) -> list[Revocation]:
        """Return all revocations, oldest first."""
        query = sa.select(_REVOCATIONS).order_by(_REVOCATIONS.c.revoked, _REVOCATIONS.c.serial)
        with self._read() as connection:
            return [_revocation(row) for row in connection.execute(query)]

    def reserve_list(self, *, this_update: int, next_update: int) -> ListRow:
        """Take the next list number, which no other list will ever have."""
        with self._write() as connection:
            last = connection.execute(sa.select(sa.func.max(_LISTS.c.number))).scalar()
            row = ListRow((last or 0) + 1, this_update, next_update, None)
            connection.execute(
                sa.insert(_LISTS).values(
                    number=row.number, this_update=row.this_update, next_update=row.next_update
                )
            )
        return row

    def keep_list(self, number: int, crl: bytes) -> None:
        """Keep the signed list (DER) under the number that was reserved for it; once only."""
        with self._write() as connection:
            unsigned = (_LISTS.c.number == number) & _LISTS.c.crl.is_(None)
            if connection.execute(sa.update(_LISTS).where(unsigned).values(crl=crl)).rowcount != 1:
                raise ConflictError("another list has this number", where="revocation list")

    def adopt_list(self, row: ListRow, revocations: Sequence[Revocation]) -> None:
        """Take in a list that was published before this database was restored, with all its entries."""
        with self._write() as connection:
            for revocation in revocations:
                _add_revocation(connection, revocation)
            known = sa.select(_LISTS.c.number).where(_LISTS.c.number == row.number)
            if connection.execute(known).first() is None:
                connection.execute(sa.insert(_LISTS).values(**asdict(row)))

    def last_list(self) -> ListRow | None:
        """Return the list with the highest number, signed or only reserved."""
        with self._read() as connection:
            row = connection.execute(sa.select(_LISTS).order_by(_LISTS.c.number.desc()).limit(1)).first()
        return ListRow(row.number, row.this_update, row.next_update, row.crl) if row else None

    # ── connections ──────────────────────────────────────────────────────────────────

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with _told_as_store_error(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with _told_as_store_error(), self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()


def create_store(path: Path) -> AuthorityStore:
    """Make a new database file; raise `StoreError`."""
    engine = _engine(path)
    with _told_as_store_error(), _let_go_if_refused(engine), engine.connect() as connection:
        _META.create_all(connection)
        for name, event in _FOREVER.items():
            connection.exec_driver_sql(
                f"CREATE TRIGGER {name} {event} BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
        connection.execute(sa.insert(_ABOUT).values(name="schema", value=str(SCHEMA_VERSION)))
        connection.commit()
    return AuthorityStore(engine)


def open_store(path: Path) -> AuthorityStore:
    """Open a database file; raise `StoreError` if it is none of ours or of another version."""
    if not path.is_file():
        raise StoreError("the authority has no database", where="authority database", reason="missing")
    engine = _engine(path)
    with _told_as_store_error(), _let_go_if_refused(engine):
        with engine.connect() as connection:
            version = connection.execute(sa.select(_ABOUT.c.value).where(_ABOUT.c.name == "schema")).scalar()
        if version != str(SCHEMA_VERSION):
            raise StoreError(
                "the database is of another version", where="authority database", reason="schema-version"
            )
    return AuthorityStore(engine)


@contextmanager
def _let_go_if_refused(engine: Engine) -> Iterator[None]:
    """Close the connections of an engine that nobody is going to get."""
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def _engine(path: Path) -> Engine:
    url = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(
        url, hide_parameters=True, connect_args={"timeout": _BUSY_S, "isolation_level": None}
    )
    sa.event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _told_as_store_error() -> Iterator[None]:
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise StoreError(
            "the database of the authority failed", where="authority database", reason="database"
        ) from error


# ── rows and values ──────────────────────────────────────────────────────────────────


def _end_enrolment(connection: Connection, session: str, serial: int) -> None:
    same = _ENROLMENTS.c.session == session
    row = connection.execute(sa.select(_ENROLMENTS).where(same)).first()
    if row is None or row.serial is not None:
        raise EnrolmentError("this enrolment is over", where="session", reason="session-used")
    connection.execute(sa.update(_ENROLMENTS).where(same).values(serial=_hex(serial)))
    if row.secret_sha256 is not None:
        _use_token(connection, row.secret_sha256, serial)


def _use_token(connection: Connection, secret_sha256: bytes, serial: int) -> None:
    unused = (_TOKENS.c.secret_sha256 == secret_sha256) & _TOKENS.c.serial.is_(None)
    used = connection.execute(sa.update(_TOKENS).where(unused).values(serial=_hex(serial)))
    if used.rowcount != 1:
        raise EnrolmentError("this token was used before", where="token", reason="token-used")


def _add_revocation(connection: Connection, revocation: Revocation) -> Revocation:
    same = _REVOCATIONS.c.serial == _hex(revocation.serial)
    row = connection.execute(sa.select(_REVOCATIONS).where(same)).first()
    if row is not None:
        return _revocation(row)
    values = asdict(revocation) | {"serial": _hex(revocation.serial)}
    connection.execute(sa.insert(_REVOCATIONS).values(**values))
    return revocation


def _set_state(connection: Connection, serial: int, *, state: str, **values: object) -> None:
    same = _CERTIFICATES.c.serial == _hex(serial)
    row = connection.execute(sa.select(_CERTIFICATES.c.state).where(same)).first()
    if row is None:
        raise NotFoundError("no such certificate", where="certificate", reason="unknown-certificate")
    if row.state == "intended":
        connection.execute(sa.update(_CERTIFICATES).where(same).values(state=state, **values))
    elif row.state != state:
        raise ConflictError("the certificate has another state", where="certificate", reason=row.state)


def _hex(serial: int) -> str:
    return f"{serial:040x}"


def _profile_text(profile: Profile) -> str:
    return json.dumps(
        {
            "role": profile.role,
            "desk": profile.desk,
            "desks": profile.desks,
            "officer": profile.officer,
        }
    )


def _profile(text: str) -> Profile:
    values = json.loads(text)
    return Profile(
        role=Role(values["role"]),
        desk=values["desk"],
        desks=tuple(DeskId(desk) for desk in values["desks"]),
        officer=values["officer"],
    )


def _token_values(token: TokenRow) -> dict[str, object]:
    return {
        "secret_sha256": token.secret_sha256,
        "profile": _profile_text(token.profile),
        "created": token.created,
        "expires": token.expires,
    }


def _token(row: Row[Any]) -> TokenRow:
    return TokenRow(
        secret_sha256=row.secret_sha256,
        profile=_profile(row.profile),
        created=row.created,
        expires=row.expires,
        serial=_number(row.serial),
    )


def _enrolment_values(enrolment: EnrolmentRow) -> dict[str, object]:
    return {
        "session": enrolment.session,
        "secret_sha256": enrolment.secret_sha256,
        "profile": _profile_text(enrolment.profile),
        "request": enrolment.request,
        "desk_key_sha256": enrolment.desk_key_sha256,
        "nonce_sha256": enrolment.nonce_sha256,
        "expires": enrolment.expires,
    }


def _enrolment(row: Row[Any]) -> EnrolmentRow:
    return EnrolmentRow(
        session=row.session,
        secret_sha256=row.secret_sha256,
        profile=_profile(row.profile),
        request=row.request,
        desk_key_sha256=row.desk_key_sha256,
        nonce_sha256=row.nonce_sha256,
        expires=row.expires,
        serial=_number(row.serial),
    )


def _draft_values(draft: Draft) -> dict[str, object]:
    return {
        "serial": _hex(draft.serial),
        "label": draft.label,
        "profile": _profile_text(draft.profile) if draft.profile else None,
        "public_key": draft.public_key,
        "desk_key_sha256": draft.desk_key_sha256,
        "not_before": draft.not_before,
        "not_after": draft.not_after,
    }


def _issued(row: Row[Any]) -> Issued:
    draft = Draft(
        serial=int(row.serial, 16),
        label=row.label,
        profile=_profile(row.profile) if row.profile else None,
        public_key=row.public_key,
        desk_key_sha256=row.desk_key_sha256,
        not_before=row.not_before,
        not_after=row.not_after,
    )
    return Issued(draft, row.state, row.intended, row.certificate)


def _revocation(row: Row[Any]) -> Revocation:
    return Revocation(int(row.serial, 16), row.revoked, row.reason)


def _number(serial: str | None) -> int | None:
    return None if serial is None else int(serial, 16)


def serials(revocations: Sequence[Revocation]) -> frozenset[int]:
    """Return the serial numbers of these revocations."""
    return frozenset(revocation.serial for revocation in revocations)
