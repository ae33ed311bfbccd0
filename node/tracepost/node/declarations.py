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

from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from tracepost.protocol import schema
from tracepost.protocol.errors import ConfigurationError, InvalidInputError, InvalidMessageError
from tracepost.protocol.vocabulary import code_number
from tracepost.wire.v1 import directory_pb2, terms_pb2

_ELSEWHERE = {
    "records_since": "office.records_since",
    "standing_consents": "standing_consent",
}
M = TypeVar("M", bound=Message)


def read_declarations(table: dict[str, Any]) -> directory_pb2.StandingDeclarations:
    """Return the declarations of the section [declarations]; raise `ConfigurationError` with the place."""
    for name, place in _ELSEWHERE.items():
        if name in table:
            raise ConfigurationError(f"this is said in {place}", where=f"declarations.{name}")
    said = dict(table)
    wanted = said.get("minimum_data", [])
    said["minimum_data"] = [_code(terms_pb2.InformationCode, one, "minimum_data") for one in wanted]
    return _message(directory_pb2.StandingDeclarations(), said, "declarations")


def read_contacts(rows: list[dict[str, Any]]) -> tuple[directory_pb2.ContactPoint, ...]:
    """Return the offices of the sections [[contact]]; raise `ConfigurationError` with the place."""
    return tuple(_contact(row) for row in rows)


def _contact(row: dict[str, Any]) -> directory_pb2.ContactPoint:
    said = {
        **row,
        "function": _code(directory_pb2.ContactFunction, row.get("function", ""), "contact.function"),
    }
    return _message(directory_pb2.ContactPoint(), said, "contact")


def _code(codes: Any, text: object, where: str) -> int:
    try:
        return code_number(codes, str(text))
    except InvalidInputError as error:
        raise ConfigurationError(error.message, where=where) from error


def _message(message: M, said: dict[str, Any], where: str) -> M:
    strange = sorted(said.keys() - message.DESCRIPTOR.fields_by_name.keys())
    if strange:
        raise ConfigurationError("there is no such setting", where=f"{where}.{strange[0]}")
    try:
        json_format.ParseDict(said, message)
        schema.validate(message)
    except json_format.ParseError as error:
        raise ConfigurationError("a setting is not of its type", where=where) from error
    except InvalidMessageError as error:
        raise ConfigurationError(error.message, where=f"{where}.{error.where}") from error
    return message
