"""Keeps the gettext catalogues: which keys there must be, the `.po` of each language, its `.mo`.

    python clients/catalogues.py update     add missing keys, drop spare ones, compile
    python clients/catalogues.py check      name what differs; exit 1 when anything does

Keys come from four places: words marked in our code (`_`, `plural`), the help of every
command (its docstring), the wire schema (fields, codes, kinds) and the error table. A new
coded key starts with its code in plain words; a person makes them better in the `.po`.
Output depends on nothing but the input: no dates, no tool versions.
"""

from __future__ import annotations

import inspect
import io
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from google.protobuf.descriptor import EnumDescriptor, FileDescriptor

from tracepost.cli.app import app
from tracepost.cli.render.fields import enum_prefix
from tracepost.cli.render.lists import HELD_REASONS, TIMELINE_EVENTS
from tracepost.locale import DOMAIN, FOLDER
from tracepost.protocol.casefile import DeletionCause, Remark
from tracepost.protocol.errors import all_errors
from tracepost.protocol.lots import Basis
from tracepost.protocol.schema import KINDS
from tracepost.protocol.trustlist import Freshness, MemberType
from tracepost.sdk.intake.rejections import Reason
from tracepost.wire.v1 import (
    assistance_pb2,
    attachment_pb2,
    ballistic_pb2,
    check_pb2,
    delivery_pb2,
    desk_pb2,
    directory_pb2,
    diversion_pb2,
    embargo_pb2,
    envelope_pb2,
    flow_pb2,
    inquiry_pb2,
    loss_pb2,
    mandate_pb2,
    office_pb2,
    onward_pb2,
    options_pb2,
    panel_pb2,
    practice_pb2,
    publish_pb2,
    register_pb2,
    report_pb2,
    search_pb2,
    seizure_pb2,
    share_pb2,
    statistics_pb2,
    terms_pb2,
    trace_pb2,
    weapon_pb2,
)

SOURCES = Path(__file__).parent / "tracepost"
_KEYWORDS = {"_": None, "plural": (1, 2)}
_SCHEMA = (
    options_pb2,
    terms_pb2,
    attachment_pb2,
    weapon_pb2,
    trace_pb2,
    directory_pb2,
    envelope_pb2,
    search_pb2,
    register_pb2,
    report_pb2,
    check_pb2,
    delivery_pb2,
    delivery_pb2,
    desk_pb2,
    diversion_pb2,
    share_pb2,
    onward_pb2,
    embargo_pb2,
    seizure_pb2,
    panel_pb2,
    publish_pb2,
    office_pb2,
    inquiry_pb2,
    mandate_pb2,
    loss_pb2,
    flow_pb2,
    ballistic_pb2,
    practice_pb2,
    assistance_pb2,
    statistics_pb2,
)
_HEADER = """# Words of Tracepost. Licence: Apache-2.0, as the project.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What is looked up: a context for codes, the text or code, its plural form where it has one."""

    context: str
    text: str
    plural: str = ""

    @property
    def first_words(self) -> str:
        """What a new coded key says until a person says it better; nothing for texts of our code."""
        return self.text.replace("_", " ").replace("-", " ").lower() if self.context else ""


def wanted_keys() -> set[Key]:
    """Return every key that a catalogue must hold, and no other."""
    return {*_keys_of_code(), *_keys_of_commands(app), *_keys_of_schema(), *_keys_of_tables()}


def _keys_of_code() -> Iterator[Key]:
    for _file, _line, message, _comments, _context in extract_from_dir(
        SOURCES, method_map=[("**.py", "python")], keywords=_KEYWORDS
    ):
        one, many = message if isinstance(message, tuple) else (message, "")
        yield Key("", one, many)


def _keys_of_commands(group: typer.Typer) -> Iterator[Key]:
    for command in group.registered_commands:
        yield Key("", inspect.getdoc(command.callback) or "")
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            yield from _keys_of_commands(inner.typer_instance)


def _keys_of_schema() -> Iterator[Key]:
    for module in _SCHEMA:
        file: FileDescriptor = module.DESCRIPTOR
        for enum in _enums_of(file):
            prefix = enum_prefix(enum)
            yield from (
                Key(enum.name, value.name.removeprefix(prefix)) for value in enum.values if value.number
            )
    yield from (Key("field", name) for name in _field_names(desk_pb2.CaseView.DESCRIPTOR, set()))
    yield from (Key("field", name) for name in _field_names(directory_pb2.DirectoryEntry.DESCRIPTOR, set()))
    yield from (Key("kind", kind) for kind in KINDS)


def _enums_of(file: FileDescriptor) -> Iterable[EnumDescriptor]:
    return file.enum_types_by_name.values()


def _field_names(descriptor: Any, seen: set[str]) -> Iterator[str]:
    if descriptor.full_name in seen:
        return
    seen.add(descriptor.full_name)
    for field in descriptor.fields:
        yield field.name
        if field.message_type is not None:
            yield from _field_names(field.message_type, seen)


def _keys_of_tables() -> Iterator[Key]:
    yield from (Key("error", error.code) for error in all_errors())
    yield from (Key("remedy", error.code) for error in all_errors())
    yield from (Key("rejection", reason.value) for reason in Reason)
    yield from (Key("held", code) for code in HELD_REASONS)
    yield from (Key("event", code) for code in TIMELINE_EVENTS)
    yield from (Key("member_type", kind.value) for kind in MemberType)
    yield from (Key("issued", state) for state in ("intended", "published", "abandoned", "revoked"))
    yield from (Key("remark", remark.value) for remark in Remark)
    yield from (Key("deletion", cause.value) for cause in DeletionCause)
    yield from (Key("entry", entry) for entry in ("sent/1", "custody/1", "received/1"))
    yield from (Key("verdict", verdict) for verdict in ("accepted", "refused"))
    yield from (Key("freshness", freshness.value) for freshness in Freshness)
    yield from (Key("lot_basis", basis.value) for basis in Basis)
    yield from (Key("standing", standing) for standing in ("own", "addressee", "author", "other"))


def keys_of(catalogue: Catalog) -> set[Key]:
    """Return the keys that `catalogue` holds."""
    return {_key_of(message.id, message.context) for message in catalogue if message.id}


def _key_of(identifier: object, context: str | None) -> Key:
    one, many = identifier if isinstance(identifier, tuple | list) else (identifier, "")
    return Key(context or "", str(one), str(many))


def languages() -> list[str]:
    """Return the languages that have a catalogue."""
    return sorted(path.parents[1].name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def po_path(language: str) -> Path:
    """Return where the catalogue of `language` stands."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalogue(language: str) -> Catalog:
    """Return the catalogue of `language`, empty when it has none yet."""
    path = po_path(language)
    return read_po(io.BytesIO(path.read_bytes() if path.exists() else b""), locale=language)


def updated(catalogue: Catalog, wanted: set[Key]) -> Catalog:
    """Return a catalogue with the wanted keys and what `catalogue` says of them."""
    fresh = Catalog(locale=catalogue.locale)
    for key in sorted(wanted):
        identifier = (key.text, key.plural) if key.plural else key.text
        fresh.add(identifier, _said(catalogue, key) or _first_said(key), context=key.context or None)
    return fresh


def _said(catalogue: Catalog, key: Key) -> str | tuple[str, ...] | None:
    """Return what `catalogue` says of a key; nothing if the key had or had no plural there."""
    known = catalogue.get(key.text, key.context or None)
    if known is None or bool(key.plural) != isinstance(known.id, tuple | list):
        return None
    said = _texts(known.string)
    return (tuple(said) if key.plural else said[0]) if all(said) else None


def _first_said(key: Key) -> str | tuple[str, ...]:
    return ("", "") if key.plural else key.first_words


def write_catalogue(catalogue: Catalog, language: str) -> bytes:
    """Return the `.po` of a catalogue."""
    body = io.BytesIO()
    write_po(body, catalogue, omit_header=True, no_location=True, width=110)
    header = _HEADER.format(language=language, plurals=catalogue.plural_forms)
    return header.encode() + body.getvalue()


def compile_catalogue(catalogue: Catalog, language: str) -> bytes:
    """Return the `.mo` (GNU gettext manual, 10.3): keys in order, no hash table."""
    plurals = catalogue.plural_forms
    header = f"Language: {language}\nContent-Type: text/plain; charset=utf-8\nPlural-Forms: {plurals}\n"
    entries = {b"": header.encode()}
    for message in catalogue:
        said = _texts(message.string)
        if message.id and all(said):
            key = _key_of(message.id, message.context)
            identifier = "\x00".join(text for text in (key.text, key.plural) if text)
            context = f"{key.context}\x04" if key.context else ""
            entries[(context + identifier).encode()] = "\x00".join(said).encode()
    return _layout(sorted(entries.items()))


def _texts(string: Any) -> list[str]:
    return list(string) if isinstance(string, tuple | list) else [string]


def _layout(entries: list[tuple[bytes, bytes]]) -> bytes:
    count, tables = len(entries), 28
    offset = tables + 16 * count
    indexes, blobs = [], []
    for blob in [key for key, _said in entries] + [said for _key, said in entries]:
        indexes.append(struct.pack("<II", len(blob), offset))
        blobs.append(blob + b"\x00")
        offset += len(blob) + 1
    head = struct.pack("<7I", 0x950412DE, 0, count, tables, tables + 8 * count, 0, 0)
    return head + b"".join(indexes) + b"".join(blobs)


def differences() -> list[str]:
    """Return what is wrong with the catalogues, a line each."""
    wanted, found = wanted_keys(), []
    for language in languages():
        catalogue = read_catalogue(language)
        present = keys_of(catalogue)
        found += [f"{language}: missing {key.context} {key.text!r}" for key in sorted(wanted - present)]
        found += [f"{language}: spare {key.context} {key.text!r}" for key in sorted(present - wanted)]
        compiled = po_path(language).with_suffix(".mo")
        if not compiled.exists() or compiled.read_bytes() != compile_catalogue(catalogue, language):
            found.append(f"{language}: {compiled.name} is not the compiled {DOMAIN}.po")
    return found


def main(arguments: list[str]) -> int:
    """Update or check; return the exit code."""
    if arguments == ["update"]:
        wanted = wanted_keys()
        for language in languages() or ["en"]:
            catalogue = updated(read_catalogue(language), wanted)
            po_path(language).write_bytes(write_catalogue(catalogue, language))
            written = read_catalogue(language)
            po_path(language).with_suffix(".mo").write_bytes(compile_catalogue(written, language))
    elif arguments != ["check"]:
        sys.stderr.write(__doc__ or "")
        return 2
    found = differences()
    sys.stdout.write("\n".join(found or ["catalogues are current"]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
