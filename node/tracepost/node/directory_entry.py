"""Our own directory entry: written from the settings, signed when it changes or is about to lapse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracepost.node.config import ConsentSettings, DeskSettings, NodeConfig
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.papers import ENTRY_LIFE_S
from tracepost.protocol import schema, statement
from tracepost.protocol.envelope import SUITE
from tracepost.protocol.ids import NODE_DESK, DeskId, ThreadId, new_uuid7
from tracepost.protocol.sealing import DeskPublicKey, Random
from tracepost.protocol.statement import Claims, Signer
from tracepost.wire.v1 import directory_pb2, terms_pb2


def write_entry(
    config: NodeConfig,
    keys: Mapping[DeskId, DeskPublicKey],
    certificates: Mapping[DeskId, bytes],
    relays: Sequence[str],
    now: int,
) -> directory_pb2.DirectoryEntry:
    """Return what the settings say of us; `keys` open mail, `certificates` are their SHA-256."""
    office = config.office
    points = [
        directory_pb2.ContactPoint(
            function=directory_pb2.ContactFunction.Name(function),
            organisation=office.name,
            telephone=office.phone or None,
            mailbox=office.email or None,
            duty_hours=office.duty_hours or None,
        )
        for function in office.functions
    ]
    return directory_pb2.DirectoryEntry(
        member=config.member,
        name=office.name,
        sequence=now,
        expires_at=instant(now + ENTRY_LIFE_S),
        desks=[_desk(d, keys[d.desk], certificates[d.desk]) for d in (_NODE, *config.desks) if d.outward],
        direct_addresses=[office.reachable_at] if office.reachable_at else [],
        relays=relays,
        contact_points=[*points, *config.contacts],
        languages=office.languages,
        kinds_read=sorted(schema.KINDS),
        suites=[SUITE],
        declarations=_declarations(config),
        opens_bytes=True,
    )


def sign_entry(
    entry: directory_pb2.DirectoryEntry, config: NodeConfig, signer: Signer, now: int, random: Random
) -> str:
    """Return the entry as a compact statement, all fields disclosed."""
    claims = Claims(
        iss=config.member,
        aud=(config.member,),
        iat=now,
        jti=new_uuid7(now * 1000, random(10)),
        kind=schema.kind_of(entry),
        thread=ThreadId(new_uuid7(now * 1000, random(10))),
        in_reply_to=None,
        desk=NODE_DESK,
        purpose="PURPOSE_DIRECTORY",
        legal_basis="LEGAL_BASIS_ITI",
    )
    schema.validate(entry)
    return statement.to_compact(statement.sign(claims, schema.flatten(entry), signer, random))


_NODE = DeskSettings(NODE_DESK)


def _desk(settings: DeskSettings, key: DeskPublicKey, certificate_sha256: bytes) -> directory_pb2.DeskEntry:
    return directory_pb2.DeskEntry(
        desk=settings.desk,
        competences=[f"COMPETENCE_{c}" for c in settings.competences],
        legal_basis=settings.legal_basis or None,
        public_key=bytes(key),
        certificate_sha256=certificate_sha256,
        point_of_contact=settings.point_of_contact,
        copied_on_panel_mail=settings.copied_on_panel_mail or None,
        on_every_case=settings.point_of_contact or "LAW_ENFORCEMENT" in settings.competences,
    )


def _declarations(config: NodeConfig) -> directory_pb2.StandingDeclarations | None:
    said = directory_pb2.StandingDeclarations()
    said.CopyFrom(config.declarations)
    if config.office.records_since:
        said.records_since = config.office.records_since
    said.standing_consents.extend(_consent(one) for one in config.standing_consents)
    return said if said.ListFields() else None


def _consent(settings: ConsentSettings) -> directory_pb2.StandingConsent:
    return directory_pb2.StandingConsent(
        member=settings.member,
        purpose=terms_pb2.Purpose.Name(settings.purpose) if settings.purpose else None,
        until=settings.until or None,
        classes=[f"SENSITIVITY_{name}" for name in settings.classes],
    )
