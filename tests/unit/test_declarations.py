"""What a member declares in its settings, and what its directory entry then says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fakes.house import Identities
from fakes.town import POC
from tracepost.node.config import NodeConfig, read_config
from tracepost.node.directory_entry import write_entry
from tracepost.protocol import schema
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.settings import Section
from tracepost.wire.v1 import directory_pb2, terms_pb2

DECLARED: dict[str, Any] = {
    "manufacturing_records_years": 30,
    "other_records_years": 20,
    "minimum_data": ["serial-number", "photograph of mark"],
    "owner_data_by_mutual_legal_assistance": True,
    "guarantees_restrictions": True,
    "confidentiality_statement": "Law 7, article 3",
    "central_authority": "Ministry of Justice",
    "custodians": [{"name": "Firearms Registry", "records": "civilian arms", "since": "1968"}],
}
CONTACTS: list[dict[str, Any]] = [
    {"function": "duty", "organisation": "Duty officer", "telephone": "+99 00 001"},
    {"function": "non-members", "organisation": "Mail room", "mailbox": "mail@xaa.example"},
    {"function": "technical", "organisation": "Computing centre", "holidays": "1 January"},
    {"function": "firearms-protocol", "organisation": "Police"},
]


def config(**more: Any) -> NodeConfig:
    table: dict[str, Any] = {
        "member": "xaa",
        "domain": "tracepost.example",
        "listen": {"post": "127.0.0.1:1", "desk": "127.0.0.1:2"},
        "office": {"name": "Office", "records_since": "1950"},
        "desk": [{"id": "poc", "point_of_contact": True}],
        **more,
    }
    return read_config(Section(table), Path())


def entry_of(settings: NodeConfig) -> directory_pb2.DirectoryEntry:
    people = Identities.make("xaa", (POC,))
    keys = {desk: bundle.public.opening for desk, bundle in people.bundles.items()}
    return write_entry(settings, keys, dict.fromkeys(keys, bytes(32)), ["hub"], 1_790_000_000)


def test_the_entry_says_what_the_settings_declare() -> None:
    entry = entry_of(config(declarations=DECLARED, contact=CONTACTS))
    schema.validate(entry)
    said = entry.declarations
    assert (said.records_since, said.manufacturing_records_years) == ("1950", 30)
    assert list(said.minimum_data) == [
        terms_pb2.INFORMATION_CODE_SERIAL_NUMBER,
        terms_pb2.INFORMATION_CODE_PHOTOGRAPH_OF_MARK,
    ]
    assert said.owner_data_by_mutual_legal_assistance
    assert said.custodians[0].since == "1968"
    functions = [directory_pb2.ContactFunction.Name(one.function) for one in entry.contact_points]
    assert functions == [
        "CONTACT_FUNCTION_ITI",
        "CONTACT_FUNCTION_DUTY",
        "CONTACT_FUNCTION_NON_MEMBERS",
        "CONTACT_FUNCTION_TECHNICAL",
        "CONTACT_FUNCTION_FIREARMS_PROTOCOL",
    ]


def test_consents_that_stand_are_declared_beside_it() -> None:
    settings = config(declarations=DECLARED, standing_consent=[{"member": "xac"}])
    said = entry_of(settings).declarations
    assert [one.member for one in said.standing_consents] == ["xac"]
    assert said.confidentiality_statement == "Law 7, article 3"


def test_an_office_is_the_contact_under_each_instrument_that_it_names() -> None:
    """They differ from State to State (ITI 25; Firearms Protocol 13(2))."""
    office = {"name": "Office", "instruments": ["iti", "programme-of-action"], "phone": "+99 1"}
    points = entry_of(config(office=office)).contact_points
    assert [(one.function, one.telephone) for one in points] == [
        (directory_pb2.CONTACT_FUNCTION_ITI, "+99 1"),
        (directory_pb2.CONTACT_FUNCTION_PROGRAMME_OF_ACTION, "+99 1"),
    ]


def test_who_declares_nothing_has_no_declarations() -> None:
    assert not entry_of(config(office={"name": "Office"})).HasField("declarations")


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"declarations": {"minimum_data": ["everything"]}}, "declarations.minimum_data"),
        ({"declarations": {"records_since": "1950"}}, "declarations.records_since"),
        ({"declarations": {"standing_consents": []}}, "declarations.standing_consents"),
        ({"declarations": {"colour": "green"}}, "declarations.colour"),
        ({"declarations": {"manufacturing_records_years": 0}}, "declarations.manufacturing_records_years"),
        ({"declarations": {"other_records_years": "twenty"}}, "declarations"),
        ({"declarations": {"custodians": [{"since": "1968"}]}}, "declarations.custodians.0.name"),
        ({"office": {"name": "Office", "instruments": ["a treaty"]}}, "office.instruments"),
        ({"contact": [{"organisation": "Office"}]}, "contact.function"),
        ({"contact": [{"function": "duty"}]}, "contact.organisation"),
        ({"contact": [{"function": "duty", "organisation": "O", "fax": "1"}]}, "contact.fax"),
    ],
)
def test_what_the_schema_refuses_is_refused_with_its_place(more: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        config(**more)
    assert caught.value.where == where
