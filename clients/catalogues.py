"""Keeps the gettext catalogues: which keys there must be, the `.po` of each language, its `.mo`.

    python clients/catalogues.py update              add missing English, drop spare keys, compile
    python clients/catalogues.py check               name what differs; exit 1 when anything does
    python clients/catalogues.py report              how much of each part each language has, as a Markdown table
    python clients/catalogues.py start LANGUAGE      begin a language (Babel's name: pt, pt_BR, zh_Hans)
    python clients/catalogues.py todo LANGUAGE FILE  write a .po with what the language lacks, for any gettext editor
    python clients/catalogues.py take LANGUAGE FILE  take over what such a file says
    python clients/catalogues.py complete LANGUAGE PART…    declare parts complete

Keys come from five places: words marked in our code (`_`, `plural`, `later`) and in templates (`_`, `trans`), the
help of every command (its docstring), the wire schema (fields, codes, kinds) and the error table. A new
coded key starts with its code in plain words; a person makes them better in the `.po`.
Output depends on nothing but the input: no dates, no tool versions.

The English catalogue holds every key. Another holds what somebody has translated, and nothing else: a new English
text changes one file, and is shown in English until it is translated. A coded entry carries the English it was made
from, so that a translation is known to be behind when the English changes. A language declares in its head which
parts are complete; `check` refuses a hole in those, and `update` takes a declaration back that is no longer true.
"""

from __future__ import annotations

import ast
import inspect
import io
import struct
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typer
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from catalogue_faults import SAME, faults_of
from google.protobuf.descriptor import EnumDescriptor, FileDescriptor

from tracepost.cli.app import app
from tracepost.cli.render.lists import HELD_REASONS, TIMELINE_EVENTS
from tracepost.locale import DOMAIN, FALLBACK, FOLDER
from tracepost.locale.values import enum_prefix
from tracepost.paper.checking import Verdict
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
    pouch_pb2,
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
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "later": None,
    "plural": (1, 2),
    "ngettext": (1, 2),
}
_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.j2", "jinja2"), ("**.txt", "jinja2")]
_OPTIONS = {
    method: {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
    for method in ("**.html", "**.j2", "**.txt")
}
PARTS = ("codes", "fields", "errors", "console", "paper", "output", "help", "demonstration")
"""In the order of their worth to people of all states."""
_FOLDERS = {
    "console/": "console",
    "paper/": "paper",
    "cli/remedies.py": "errors",
    "cli/usage.py": "help",
    "cli/demonstration/": "demonstration",
    "cli/practice.py": "demonstration",
}
_ERRORS = ("error", "remedy", "rejection", "remark")
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
    pouch_pb2,
)
_HEADER = """# Words of Tracepost. Licence: Apache-2.0, as the project.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"
"X-Name: {name}\\n"
"X-Direction: {direction}\\n"
"X-Complete: {complete}\\n"

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
    """Return every key that the English catalogue must hold, and no other."""
    return set(parts_of_keys())


def parts_of_keys() -> dict[Key, set[str]]:
    """Return every key, and the parts of the product that show it."""
    parts: dict[Key, set[str]] = defaultdict(set)
    for part, key in _keys_by_part():
        parts[key].add(part)
    return dict(parts)


@cache
def _keys_by_part() -> frozenset[tuple[str, Key]]:
    return frozenset(_found_by_part())


def _found_by_part() -> Iterator[tuple[str, Key]]:
    yield from _keys_of_code()
    yield from (("help", key) for key in _keys_of_commands(app))
    for key in {*_keys_of_schema(), *_keys_of_tables()}:
        yield ("errors" if key.context in _ERRORS else "fields" if key.context == "field" else "codes"), key


def _keys_of_code() -> Iterator[tuple[str, Key]]:
    for file, _line, message, _comments, _context in extract_from_dir(
        SOURCES, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
    ):
        one, many = message if isinstance(message, tuple) else (message, "")
        yield _part_of(file, one), Key("", one, many)
    for path in SOURCES.rglob("*.py"):
        for key in _keys_in_strings(path):
            yield _part_of(path.relative_to(SOURCES).as_posix(), key.text), key


def _part_of(file: str, text: str) -> str:
    if file.startswith("cli/") and text in _helps(file):
        return "help"
    return next((part for start, part in _FOLDERS.items() if file.startswith(start)), "output")


def _keys_in_strings(path: Path) -> Iterator[Key]:
    """Yield what is marked inside f-strings, which Babel does not see before Python 3.12."""
    strings = (one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.JoinedStr))
    for call in (inner for one in strings for inner in ast.walk(one) if isinstance(inner, ast.Call)):
        name = _name_of(call.func)
        said = [
            one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        if name in _KEYWORDS and said:
            yield Key("", said[0], said[1] if _KEYWORDS[name] and len(said) > 1 else "")


@cache
def _helps(file: str) -> frozenset[str]:
    """Return the texts that a module gives to options and arguments as their help."""
    tree = ast.parse((SOURCES / file).read_text("utf-8"))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    options = [
        call for call in calls if _name_of(call.func).lower().endswith(("option", "argument", "typer"))
    ]
    given = [text for call in options for text in (*call.args, *(word.value for word in call.keywords))]
    return frozenset(
        text.args[0].value
        for text in given
        if isinstance(text, ast.Call)
        and _name_of(text.func) == "_"
        and isinstance(text.args[0], ast.Constant)
    )


def _name_of(called: ast.expr) -> str:
    return (
        called.id
        if isinstance(called, ast.Name)
        else called.attr
        if isinstance(called, ast.Attribute)
        else ""
    )


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
    yield from (Key("printout", verdict.value) for verdict in Verdict)
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


def declared(language: str) -> tuple[str, ...]:
    """Return the parts that the head of a catalogue declares complete; English has all."""
    if language == FALLBACK:
        return PARTS
    path = po_path(language)
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    said = next((line for line in lines if line.startswith('"X-Complete:')), "")
    return tuple(part for part in PARTS if part in said.replace("\\n", " ").replace('"', " ").split())


def updated(catalogue: Catalog, wanted: set[Key]) -> Catalog:
    """Return a catalogue of wanted keys: in English all of them, else those that `catalogue` has words for."""
    fresh, english = Catalog(locale=catalogue.locale), str(catalogue.locale) == FALLBACK
    for key in sorted(wanted):
        said = _said(catalogue, key) or (_first_said(key) if english else None)
        if said is not None:
            _add(fresh, key, said, catalogue.get(_identifier(key), key.context or None))
    return fresh


def _add(fresh: Catalog, key: Key, said: str | tuple[str, ...], known: Message | None) -> None:
    notes = (known.user_comments, known.auto_comments, known.flags) if known is not None else ((), (), ())
    user, auto, flags = notes
    fresh.add(
        _identifier(key),
        said,
        context=key.context or None,
        user_comments=list(user),
        auto_comments=list(auto),
        flags=[flag for flag in flags if flag == "fuzzy"],
    )


def _identifier(key: Key) -> str | tuple[str, str]:
    return (key.text, key.plural) if key.plural else key.text


def _said(catalogue: Catalog, key: Key) -> str | tuple[str, ...] | None:
    """Return what `catalogue` says of a key; nothing if the key had or had no plural there."""
    known = catalogue.get(key.text, key.context or None)
    if known is None or bool(key.plural) != isinstance(known.id, tuple | list):
        return None
    said = _texts(known.string)
    return (tuple(said) if key.plural else said[0]) if all(said) else None


def _first_said(key: Key) -> str | tuple[str, ...]:
    return ("", "") if key.plural else key.first_words


def write_catalogue(catalogue: Catalog, language: str, complete: Iterable[str] = ()) -> bytes:
    """Return the `.po` of a catalogue whose parts `complete` are declared complete."""
    body = io.BytesIO()
    write_po(body, catalogue, omit_header=True, no_location=True, width=110)
    return _head(catalogue, language, complete).encode() + body.getvalue()


def _head(catalogue: Catalog, language: str, complete: Iterable[str]) -> str:
    locale = Locale.parse(language)
    return _HEADER.format(
        language=language,
        plurals=catalogue.plural_forms,
        name=locale.get_display_name(locale),
        direction=locale.text_direction,
        complete=" ".join(complete),
    )


def compile_catalogue(catalogue: Catalog, language: str) -> bytes:
    """Return the `.mo` (GNU gettext manual, 10.3): keys in order, no hash table."""
    head = [
        line for line in _head(catalogue, language, declared(language)).splitlines() if line.startswith('"')
    ]
    kept = ("Language", "Content-Type", "Plural-Forms", "X-")
    lines = [line.strip('"').removesuffix("\\n") for line in head if line.strip('"').startswith(kept)]
    entries = {b"": "".join(f"{line}\n" for line in lines).encode()}
    for message in catalogue:
        said = _texts(message.string)
        if message.id and all(said) and not message.fuzzy:
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


def english_of(english: Catalog, key: Key) -> tuple[str, ...]:
    """Return what people read in English for a key: one text, or two where it has a plural."""
    if not key.context:
        return (key.text, key.plural) if key.plural else (key.text,)
    known = english.get(key.text, key.context)
    return tuple(_texts(known.string)) if known is not None else (key.text,)


def is_behind(message: Message, key: Key, english: Catalog) -> bool:
    """Return whether the English of a coded key has changed since its translation was made."""
    return (
        bool(key.context) and " ".join(message.auto_comments).split() != english_of(english, key)[0].split()
    )


def holes(language: str, parts: Mapping[Key, set[str]]) -> dict[str, list[Key]]:
    """Return for each part the keys that a language has no word for, or one that is behind the English."""
    catalogue, english = read_catalogue(language), read_catalogue(FALLBACK)
    found: dict[str, list[Key]] = {part: [] for part in PARTS}
    for key in sorted(parts):
        known = catalogue.get(_identifier(key), key.context or None)
        good = _said(catalogue, key) and known is not None and not known.fuzzy
        if not good or (language != FALLBACK and known is not None and is_behind(known, key, english)):
            for part in parts[key]:
                if language != FALLBACK or key.context:  # texts of our code are their own English
                    found[part].append(key)
    return found


def differences() -> list[str]:
    """Return what is wrong with the catalogues, a line each."""
    found: list[str] = []
    for language in languages():
        found += [*_of_keys(language), *_of_compiled(language)]
        if language != FALLBACK:
            found += [*_of_parts(language), *_of_translations(language)]
    return found


def _of_keys(language: str) -> Iterator[str]:
    wanted, present = wanted_keys(), keys_of(read_catalogue(language))
    missing = wanted - present if language == FALLBACK else set()
    yield from (f"{language}: missing {key.context} {key.text!r}" for key in sorted(missing))
    yield from (f"{language}: spare {key.context} {key.text!r}" for key in sorted(present - wanted))


def _of_compiled(language: str) -> Iterator[str]:
    compiled = po_path(language).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != compile_catalogue(
        read_catalogue(language), language
    ):
        yield f"{language}: {compiled.name} is not the compiled {DOMAIN}.po"


def _of_parts(language: str) -> Iterator[str]:
    lacking = holes(language, parts_of_keys())
    for part in declared(language):
        for key in lacking[part]:
            yield f"{language}: {part} is declared complete and lacks {key.context} {key.text!r}"


def _of_translations(language: str) -> Iterator[str]:
    catalogue, english = read_catalogue(language), read_catalogue(FALLBACK)
    for message in catalogue:
        if message.id and all(_texts(message.string)):
            key = _key_of(message.id, message.context)
            said, notes = _texts(message.string), [" ".join(message.user_comments)]
            if not is_behind(message, key, english):
                for fault in faults_of(
                    language, english_of(english, key), said, notes, catalogue.plural_forms
                ):
                    yield f"{language}: {key.context} {key.text!r} {fault}"


def update() -> None:
    """Bring every catalogue to the keys of today; say which declarations are no longer true, and take them back."""
    parts = parts_of_keys()
    for language in languages() or [FALLBACK]:
        _write(updated(read_catalogue(language), set(parts)), language, declared(language))
    for language in languages():
        lacking = holes(language, parts)
        kept = tuple(part for part in declared(language) if not lacking[part])
        if language != FALLBACK and kept != declared(language):
            for part in set(declared(language)) - set(kept):
                sys.stdout.write(f"{language}: {part} is no longer complete, it lacks {len(lacking[part])}\n")
            _write(read_catalogue(language), language, kept)


def _write(catalogue: Catalog, language: str, complete: Iterable[str]) -> None:
    po_path(language).parent.mkdir(parents=True, exist_ok=True)
    po_path(language).write_bytes(write_catalogue(catalogue, language, complete))
    po_path(language).with_suffix(".mo").write_bytes(compile_catalogue(read_catalogue(language), language))


def start(language: str) -> None:
    """Begin a language with an empty catalogue."""
    if not po_path(language).exists():
        _write(Catalog(locale=language), language, ())


def todo(language: str, target: Path) -> int:
    """Write what `language` lacks as a `.po` for a gettext editor, the dearest part first; return how many.

    A coded key shows its English as a comment; what is behind the English carries its old words, marked fuzzy.
    """
    parts, english, old = parts_of_keys(), read_catalogue(FALLBACK), read_catalogue(language)
    lacking, fresh = holes(language, parts), Catalog(locale=language)
    for part in PARTS:
        for key in lacking[part]:
            said = _said(old, key) or (("",) * old.num_plurals if key.plural else "")
            shown = [*english_of(english, key)[:1]] if key.context else []
            flags = ["fuzzy"] if _said(old, key) else []
            fresh.add(
                _identifier(key),
                said,
                context=key.context or None,
                auto_comments=shown,
                user_comments=[part],
                flags=flags,
            )
    target.write_bytes(write_catalogue(fresh, language))
    return len(fresh)


def take(language: str, source: Path) -> list[str]:
    """Take over what a `.po` says and is not fuzzy; return what is wrong with it, and take over none of that."""
    given = read_po(io.BytesIO(source.read_bytes()), locale=language)
    words = {
        _key_of(message.id, message.context): (
            _texts(message.string),
            SAME in " ".join(message.user_comments),
        )
        for message in given
        if message.id and all(_texts(message.string)) and not message.fuzzy
    }
    return take_words(language, words)


def take_words(language: str, words: Mapping[Key, tuple[list[str], bool]]) -> list[str]:
    """Take over translations, each with whether it is meant to be the same word; return what was wrong."""
    catalogue, english, wanted, wrong = read_catalogue(language), read_catalogue(FALLBACK), wanted_keys(), []
    for key, (said, same) in words.items():
        notes = [SAME] if same else []
        source = english_of(english, key)
        found = list(faults_of(language, source, said, notes, catalogue.plural_forms))
        wrong += [f"{language}: {key.context} {key.text!r} {fault}" for fault in found]
        if key in wanted and not found:
            catalogue.delete(_identifier(key), key.context or None)
            made_from = source[:1] if key.context else ()
            text = tuple(said) if key.plural else said[0]
            catalogue.add(
                _identifier(key),
                text,
                context=key.context or None,
                user_comments=notes,
                auto_comments=made_from,
            )
    _write(updated(catalogue, wanted), language, declared(language))
    return wrong


def declare(language: str, parts: Iterable[str]) -> None:
    """Declare parts complete; `update` and `check` see whether it is true."""
    said = {*declared(language), *parts}
    _write(read_catalogue(language), language, [part for part in PARTS if part in said])


def report() -> str:
    """Return a Markdown table: how much of each part each language has, in hundredths, and what is complete."""
    parts = parts_of_keys()
    sizes = {part: sum(part in shown for shown in parts.values()) for part in PARTS}
    shown = [part for part in PARTS if sizes[part]]
    lines = [
        "| language | " + " | ".join(f"{part} ({sizes[part]})" for part in shown) + " |",
        "|---|" + "---|" * len(shown),
    ]
    for language in languages():
        lacking = holes(language, parts)
        cells = [
            "complete"
            if part in declared(language)
            else f"{100 * (1 - len(lacking[part]) / sizes[part]):.0f} %"
            for part in shown
        ]
        name = Locale.parse(language).get_display_name("en")
        lines.append(f"| {name} ({language}) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Do what the first argument says; return the exit code."""
    match arguments:
        case ["update"]:
            update()
        case ["check"]:
            pass
        case ["report"]:
            sys.stdout.write(report() + "\n")
            return 0
        case ["start", language]:
            start(language)
        case ["todo", language, file]:
            sys.stdout.write(f"{todo(language, Path(file))} texts in {file}\n")
            return 0
        case ["take", language, file]:
            sys.stdout.write("".join(f"{line}\n" for line in take(language, Path(file))))
            update()
        case ["complete", language, *parts] if parts and set(parts) <= set(PARTS):
            declare(language, parts)
        case _:
            sys.stderr.write(__doc__ or "")
            return 2
    found = differences()
    sys.stdout.write("\n".join(found or ["catalogues are current"]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
