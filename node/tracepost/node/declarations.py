"""What a member declares once for all cases, as its officers write it in `node.toml`; the entry tells it to all.

    [declarations]
    manufacturing_records_years = 30
    minimum_data = ["serial-number", "make", "photograph-of-mark"]
    owner_data_by_mutual_legal_assistance = true
    confidentiality_statement = "Law 7, article 3: ..."

    [[declarations.custodians]]
    name = "Firearms Registry"
    since = "1968"

    [[contact]]                  # beside the office itself, which is the contact under the ITI
    function = "duty"
    organisation = "Ministry of the Interior, duty officer"
    telephone = "+99 00 001"

Names are those of `StandingDeclarations` and `ContactPoint` in directory.proto; codes are written as on the
command line. What the schema refuses is refused here, with the place, before anything is signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from tracepost.protocol import schema
from tracepost.protocol.errors import ConfigurationError, InvalidMessageError
from tracepost.protocol.settings import Section
from tracepost.protocol.vocabulary import code_number
from tracepost.wire.v1 import directory_pb2, terms_pb2

_ELSEWHERE = {
    "records_since": "office.records_since",
    "standing_consents": "standing_consent",
}
M = TypeVar("M", bound=Message)


def read_declarations(section: Section) -> directory_pb2.StandingDeclarations:
    """Return the declarations of the section [declarations]; raise `ConfigurationError` with the place."""
    for name, place in _ELSEWHERE.items():
        if name in section.table:
            raise section.refusal(name, f"this is said in {place}")
    wanted = section.read_all("minimum_data", lambda text: code_number(terms_pb2.InformationCode, text))
    return _message(directory_pb2.StandingDeclarations(), section, {"minimum_data": wanted})


def read_contacts(rows: Sequence[Section]) -> tuple[directory_pb2.ContactPoint, ...]:
    """Return the offices of the sections [[contact]]; raise `ConfigurationError` with the place."""
    return tuple(map(_read_contact, rows))


def _read_contact(row: Section) -> directory_pb2.ContactPoint:
    function = row.read("function", lambda text: code_number(directory_pb2.ContactFunction, text))
    return _message(directory_pb2.ContactPoint(), row, {"function": function})


def _message(message: M, section: Section, codes: Mapping[str, object]) -> M:
    """Return `message` with what the section says; `codes` are what its codes are written as there."""
    said = section.taken(message.DESCRIPTOR.fields_by_name)
    try:
        json_format.ParseDict({**said, **codes}, message)
        schema.validate(message)
    except (json_format.ParseError, TypeError, ValueError) as error:
        raise ConfigurationError("a setting is not of its type", where=section.where) from error
    except InvalidMessageError as error:
        raise section.refusal(error.where, error.message) from error
    return message
