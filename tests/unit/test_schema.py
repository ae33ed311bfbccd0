"""The schema: what every field must say about itself, and how a message is taken apart and built."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tracepost.wire.v1 as wire
from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.schema import Field, Sensitivity, assemble, declared_class, flatten
from tracepost.wire.buf.validate import validate_pb2
from tracepost.wire.v1 import (
    desk_pb2,
    directory_pb2,
    options_pb2,
    share_pb2,
    terms_pb2,
    trace_pb2,
    weapon_pb2,
)

CANARY = "CANARY-7f3a"


def wire_modules() -> Iterator[Any]:
    for found in pkgutil.iter_modules(wire.__path__):
        if found.name.endswith("_pb2"):
            yield importlib.import_module(f"tracepost.wire.v1.{found.name}")


def messages_of(module: Any) -> Iterator[Descriptor]:
    yield from module.DESCRIPTOR.message_types_by_name.values()


def statement_messages() -> dict[str, Descriptor]:
    """Every message that a signed statement can hold."""
    found: dict[str, Descriptor] = {}

    def visit(descriptor: Any) -> None:
        if descriptor.full_name not in found:
            found[descriptor.full_name] = descriptor
            for field in descriptor.fields:
                if field.message_type is not None:
                    visit(field.message_type)

    for type_ in schema.KINDS.values():
        visit(type_.DESCRIPTOR)
    return found


ALL_FIELDS = [
    field for module in wire_modules() for message in messages_of(module) for field in message.fields
]
STATEMENT_FIELDS = [field for message in statement_messages().values() for field in message.fields]


def option(described: Any, extension: Any) -> Any:
    return described.GetOptions().Extensions[extension]


def class_name(field: FieldDescriptor) -> str:
    return options_pb2.Sensitivity.Name(option(field, options_pb2.sensitivity)).removeprefix("SENSITIVITY_")


def is_unit(descriptor: Any) -> bool:
    return bool(option(descriptor, options_pb2.disclosed_as_one))


# ---------------------------------------------------------------- what every field says


def test_kinds_are_those_of_the_protocol() -> None:
    """A kind is part of the signed statement: it is never renamed."""
    assert set(schema.KINDS) == {
        "trace.request/1",
        "trace.acknowledgement/1",
        "trace.information-request/1",
        "trace.information-supply/1",
        "trace.redirect/1",
        "trace.referral/1",
        "trace.status/1",
        "trace.delay/1",
        "trace.response/1",
        "trace.refusal/1",
        "trace.clarification/1",
        "trace.amendment/1",
        "trace.withdrawal/1",
        "trace.closure/1",
        "trace.consent/1",
        "trace.enquiry/1",
        "trace.finding/1",
        "trace.letter/1",
        "share/1",
        "object.check/1",
        "object.check-reply/1",
        "release.notice/1",
        "error/1",
        "directory.entry/1",
        "trace.diversion-notice/1",
        "embargo.delivery-notified/1",
        "customs.seizure-notice/1",
        "mandate/1",
        "register.loss-notice/1",
        "register.hit/1",
        "flow.information/1",
        "ballistic.reference/1",
        "practice.marking/1",
        "panel.request/1",
        "panel.reply/1",
        "panel.documented-item/1",
        "statistics/1",
        "assistance.need/1",
        "assistance.offer/1",
    }


def test_the_kinds_that_never_travel_are_known_by_name() -> None:
    assert {"trace.enquiry/1", "trace.finding/1", "trace.letter/1"} == schema.INNER_KINDS


def offenders(fields: list[FieldDescriptor], holds: Callable[[FieldDescriptor], bool]) -> list[str]:
    return [field.full_name for field in fields if not holds(field)]


def test_every_field_has_a_class() -> None:
    """A field that nobody classed cannot enter the schema."""
    assert offenders(ALL_FIELDS, lambda field: class_name(field) != "UNSPECIFIED") == []


def test_every_field_can_be_told_absent() -> None:
    """Absent is not false and not empty."""
    assert offenders(ALL_FIELDS, lambda field: field.is_repeated or field.has_presence) == []


def test_every_field_has_a_rule() -> None:
    """What is said of a field stands beside it, also that it may hold anything or be absent."""
    rules: Any = validate_pb2.field
    assert offenders(ALL_FIELDS, lambda field: field.GetOptions().HasExtension(rules)) == []


def test_no_field_is_a_map_or_a_float() -> None:
    """Maps have no order to sign, floats no single form."""
    floats = {FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE}
    assert offenders(ALL_FIELDS, lambda field: field.type not in floats) == []
    assert offenders(ALL_FIELDS, lambda field: not is_map(field)) == []


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def test_every_leaf_of_a_statement_has_one_of_the_nine_classes() -> None:
    """A container has no value and no class; everything else is somebody's to read or not."""
    assert (
        offenders(
            STATEMENT_FIELDS,
            lambda field: (class_name(field) in Sensitivity.__members__) != is_container(field),
        )
        == []
    )
    assert (
        offenders(STATEMENT_FIELDS, lambda field: (class_name(field) == "STRUCTURE") == is_container(field))
        == []
    )


def is_container(field: FieldDescriptor) -> bool:
    return field.message_type is not None and not is_unit(field.message_type)


def test_a_unit_has_exactly_one_class_and_holds_no_message() -> None:
    """What is disclosed as one is shown whole: one class, the class of every field that holds it."""
    for message in filter(is_unit, statement_messages().values()):
        holders = [field for field in STATEMENT_FIELDS if field.message_type is message]
        assert len({class_name(field) for field in [*message.fields, *holders]}) == 1, message.name
        assert all(field.message_type is None for field in message.fields), message.name


def test_every_text_of_a_statement_is_bounded() -> None:
    """A rule that lets any length pass bounds nothing."""
    texts = {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}
    assert offenders([field for field in STATEMENT_FIELDS if field.type in texts], is_bounded) == []


def is_bounded(field: FieldDescriptor) -> bool:
    rules = option(field, validate_pb2.field)
    if field.is_repeated:
        assert rules.repeated.max_items
        rules = rules.repeated.items
    text, data = rules.string, rules.bytes
    fixed_pattern = text.pattern and not set("*+") & set(text.pattern)
    return bool(text.max_len or fixed_pattern or getattr(text, "in") or data.max_len or data.len)


def test_a_statement_message_has_no_oneof() -> None:
    """Two disclosures could set one oneof; which of them holds would depend on their order."""
    for message in statement_messages().values():
        assert all(len(oneof.fields) == 1 for oneof in message.oneofs), message.name


def test_no_kind_has_a_field_called_fields() -> None:
    """`fields` is the claim that counts the disclosures of a class."""
    assert not [
        kind for kind, units in schema.UNITS.items() if "fields" in {path.split(".")[0] for path in units}
    ]


def enums() -> Iterator[EnumDescriptor]:
    for module in wire_modules():
        yield from module.DESCRIPTOR.enum_types_by_name.values()


def test_every_code_list_begins_unspecified_and_is_prefixed() -> None:
    """Names stand in signed JSON; they must say which list they are of."""
    for described in enums():
        prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", described.name).upper() + "_"
        names = [value.name for value in described.values]
        assert (described.values[0].number, names[0]) == (0, f"{prefix}UNSPECIFIED")
        assert all(name.startswith(prefix) for name in names), described.name


def test_the_directory_entry_is_public_throughout() -> None:
    """Relays pass entries on: an officer's name in one would be published."""
    assert set(schema.UNITS["directory.entry/1"].values()) == {Sensitivity.PUBLIC}


def test_an_exhibit_lists_disclosures_of_each_class_under_that_class() -> None:
    """What was withheld from a desk in a statement stays withheld in an exhibit."""
    for sensitivity in Sensitivity:
        path = f"exhibits.*.{sensitivity.lower()}_disclosures"
        assert schema.UNITS["share/1"][path] is sensitivity


@pytest.mark.parametrize("kind", sorted(schema.KINDS))
def test_whose_desks_can_be_named_can_keep_its_fields_to_some_of_them(kind: str) -> None:
    """NATIONAL_SECURITY fields have `named_desks`, all others have `readers`: never the one without the other."""
    described = schema.KINDS[kind].DESCRIPTOR.fields_by_name
    assert ("named_desks" in described) == ("readers" in described)
    if "readers" in described:
        readers = described["readers"]
        assert readers.number == 90
        assert readers.message_type is not None
        assert readers.message_type.name == "FieldReaders"


def test_raising_never_lowers_and_may_be_done_in_one_step() -> None:
    """The table is a strict order: no way back, and what two steps reach one does."""
    for lower, higher in schema.RAISES.items():
        assert lower not in higher
        for middle in higher:
            assert schema.RAISES[middle] <= higher
    assert set(schema.RAISES) == set(Sensitivity)


def test_classes_that_are_not_nested_are_not_raised_to_one_another() -> None:
    """COMMERCIAL and LAW_ENFORCEMENT, PERSONAL and CRIMINAL_JUSTICE: no readers contain the other's."""
    for one, other in [("COMMERCIAL", "LAW_ENFORCEMENT"), ("PERSONAL", "CRIMINAL_JUSTICE")]:
        assert Sensitivity(other) not in schema.RAISES[Sensitivity(one)]
        assert Sensitivity(one) not in schema.RAISES[Sensitivity(other)]


# ---------------------------------------------------------------- apart and together


def some_value(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    match field.type:
        case FieldDescriptor.TYPE_STRING:
            return st.text(max_size=12)
        case FieldDescriptor.TYPE_BYTES:
            return st.binary(max_size=6)
        case FieldDescriptor.TYPE_BOOL:
            return st.booleans()
        case FieldDescriptor.TYPE_ENUM:
            assert field.enum_type is not None
            return st.sampled_from(sorted(field.enum_type.values_by_number))
        case FieldDescriptor.TYPE_UINT64:
            return st.integers(0, 2**53 - 1)
        case _:
            return st.integers(0, 2**32 - 1)


@st.composite
def filled(draw: st.DrawFn, type_: type[Message]) -> Message:
    """A message in which no container is empty: emptiness of containers is not signed."""
    message = type_()
    fill(draw, message)
    return message


def fill(draw: st.DrawFn, message: Any) -> None:
    for field in draw(
        st.lists(st.sampled_from(list(message.DESCRIPTOR.fields)), min_size=1, max_size=5, unique=True)
    ):
        count = draw(st.integers(1, 2)) if field.is_repeated else 1
        if field.message_type is None:
            values = [draw(some_value(field)) for _ in range(count)]
            if field.is_repeated:
                getattr(message, field.name).extend(values)
            else:
                setattr(message, field.name, values[0])
        elif field.is_repeated:
            for _ in range(count):
                fill(draw, getattr(message, field.name).add())
        else:
            fill(draw, getattr(message, field.name))


@pytest.mark.parametrize("kind", list(schema.KINDS))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_message_taken_apart_is_put_together_again(kind: str, data: st.DataObject) -> None:
    """Through JSON, in any order, every field of every kind comes back as it was."""
    message = data.draw(filled(schema.KINDS[kind]))
    units = flatten(message)
    travelled = [Field(u.path, u.sensitivity, json.loads(json.dumps(u.value))) for u in units]
    assert travelled == units
    built = assemble(kind, data.draw(st.permutations(travelled)))
    assert built.message == message
    assert built.unknown == ()
    assert [declared_class(kind, unit.path) for unit in units] == [unit.sensitivity for unit in units]


def request_with_marks() -> Any:
    request: Any = trace_pb2.TraceRequest(file_number="T-1")
    request.handling_instructions.extend([1, 5])
    for number in ("1", "2"):
        mark = request.items.add(id=number, kind=1).object.mark.add(role=1, text_as_seen="ЕА 1234")
        mark.photograph_sha256 = bytes(32)
    return request


def test_units_are_paths_classes_and_json_values() -> None:
    """Scalars and lists of scalars are units; a mark is one; containers are walked."""
    request = request_with_marks()
    del request.items[1]
    assert [(unit.path, str(unit.sensitivity), unit.value) for unit in flatten(request)] == [
        ("file_number", "ADMINISTRATIVE", "T-1"),
        ("items.0.id", "ADMINISTRATIVE", "1"),
        ("items.0.kind", "OBJECT", "ITEM_KIND_WEAPON"),
        (
            "items.0.object.mark.0",
            "OBJECT",
            {
                "role": "MARK_ROLE_MANUFACTURER_SERIAL",
                "text_as_seen": "ЕА 1234",
                "photograph_sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            },
        ),
        (
            "handling_instructions",
            "ADMINISTRATIVE",
            ["HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER", "HANDLING_INSTRUCTION_EVIDENCE_DO_NOT_ALTER"],
        ),
    ]


def test_absent_is_not_false_nor_empty() -> None:
    """A false and an empty text are said; an absent one is not."""
    assert flatten(trace_pb2.TraceRequest()) == []
    said = flatten(trace_pb2.TraceRequest(guarantees_restrictions=False, file_number=""))
    assert [(unit.path, unit.value) for unit in said] == [
        ("file_number", ""),
        ("guarantees_restrictions", False),
    ]


def test_what_is_withheld_is_absent_and_indexes_hold() -> None:
    """A reading names a mark by its index, which must not move when others are withheld."""
    units = [unit for unit in flatten(request_with_marks()) if unit.path == "items.1.object.mark.0"]
    built: Any = assemble("trace.request/1", units).message
    assert len(built.items) == 2
    assert not built.items[0].ListFields()
    assert built.items[1].object.mark[0].text_as_seen == "ЕА 1234"
    assert not built.items[1].HasField("id")


def test_a_message_without_kind_is_carried_by_no_statement() -> None:
    with pytest.raises(InvalidMessageError) as caught:
        flatten(desk_pb2.Draft())
    assert caught.value.reason == "no-kind"


def test_a_code_outside_its_list_is_not_taken_apart() -> None:
    """A name that is not in the list could not be signed."""
    request: Any = trace_pb2.TraceRequest()
    request.items.add(id="1").object.mark.add(role=99)
    with pytest.raises(InvalidMessageError) as caught:
        flatten(request)
    assert (caught.value.where, caught.value.reason) == ("items.0.object.mark.0", "enum.defined_only")


# ---------------------------------------------------------------- what is not known


def administrative(path: str, value: schema.JsonValue) -> Field:
    return Field(path, Sensitivity.ADMINISTRATIVE, value)


@pytest.mark.parametrize(
    "path",
    [
        "colour",
        "items",
        "items.0",
        "items.00.id",
        "items.*.id",
        "items.-1.id",
        "items.1e1.id",
        "items.²․id",
        "items.٣.id",
        "items.0.id\n",
        "items.0.object",
        "items.0.object.mark",
        "items.0.object.mark.0.role",
        "questions.0",
        "file_number.0",
        "items.123456.id",
        "",
        ".",
        "file_number.",
        "fields",
    ],
)
def test_a_path_that_is_no_unit_is_kept_as_unknown(path: str) -> None:
    """A newer schema may know it: it is signed, kept and shown as unknown."""
    assert declared_class("trace.request/1", path) is None
    unit = administrative(path, CANARY)
    built = assemble("trace.request/1", [unit])
    assert built.unknown == (unit,)
    assert built.message == trace_pb2.TraceRequest()


def test_a_path_longer_than_the_limit_is_no_unit() -> None:
    assert declared_class("trace.request/1", "items." + "0" * 300 + ".id") is None


def test_an_unknown_code_is_kept_and_the_known_ones_beside_it_are_shown() -> None:
    """An officer must see `do not contact the owner` even beside an instruction of next year."""
    unit = administrative(
        "handling_instructions",
        ["HANDLING_INSTRUCTION_NEW", "HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER"],
    )
    built: Any = assemble("trace.request/1", [unit])
    assert built.unknown == (unit,)
    assert list(built.message.handling_instructions) == [terms_pb2.HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER]


def test_an_unknown_single_code_leaves_its_field_absent() -> None:
    built: Any = assemble("trace.request/1", [administrative("urgency", "URGENCY_NEW")])
    assert [unit.path for unit in built.unknown] == ["urgency"]
    assert not built.message.HasField("urgency")


def test_an_unknown_member_of_a_unit_is_kept_beside_the_known_ones() -> None:
    """A newer mark says more; what is known of it is shown, the rest is shown as unknown."""
    value: schema.JsonValue = {"role": "MARK_ROLE_IMPORT", "depth_um": 80, "legibility": "LEGIBILITY_NEW"}
    built: Any = assemble("trace.request/1", [Field("items.0.object.mark.0", Sensitivity.OBJECT, value)])
    assert built.message.items[0].object.mark[0].role == weapon_pb2.MARK_ROLE_IMPORT
    assert built.unknown == (
        Field("items.0.object.mark.0.depth_um", Sensitivity.OBJECT, 80),
        Field("items.0.object.mark.0.legibility", Sensitivity.OBJECT, "LEGIBILITY_NEW"),
    )


def test_an_unknown_kind_is_refused_by_name() -> None:
    """Whoever holds such mail for an officer looks at KINDS first."""
    with pytest.raises(InvalidMessageError) as caught:
        assemble("trace.forecast/1", [])
    assert caught.value.reason == "unknown-kind"
    assert declared_class("trace.forecast/1", "file_number") is None


# ---------------------------------------------------------------- what no version can mean


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("file_number", 7),
        ("file_number", None),
        ("file_number", ["T"]),
        ("file_number", "\ud800" + CANARY),
        ("guarantees_restrictions", 1),
        ("guarantees_restrictions", "true"),
        ("previous_attempts", True),
        ("previous_attempts", "1"),
        ("previous_attempts", -1),
        ("previous_attempts", 2**32),
        ("previous_attempts", 2**53),
        ("previous_attempts", 1.0),
        ("urgency", 1),
        ("languages", CANARY),
        ("languages", []),
        ("languages", ["en", 1]),
        ("handling_instructions", ["HANDLING_INSTRUCTION_NEW", 4]),
        ("office", "unit"),
        ("items.0.object.mark.0", []),
        ("items.0.object.mark.0", {"role": 1}),
        ("items.0.object.mark.0", {"photograph_sha256": "AAA"}),
        ("items.0.object.mark.0", {"photograph_sha256": "AAB="}),
        ("items.0.object.mark.0", {"photograph_sha256": "AA-_"}),
        ("items.0.object.mark.0", {"photograph_sha256": "AAAA\n"}),
    ],
)
def test_a_value_of_another_type_is_refused_without_telling_it(path: str, value: Any) -> None:
    """Each value has one form; a second form of it would be a second reading."""
    with pytest.raises(InvalidMessageError) as caught:
        assemble("trace.request/1", [administrative(path, value)])
    assert caught.value.reason == "type"
    assert caught.value.where.startswith(path)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_same_path_twice_is_refused() -> None:
    """Which of two values holds must never depend on their order."""
    unit = administrative("file_number", "T-1")
    with pytest.raises(InvalidMessageError) as caught:
        assemble("trace.request/1", [unit, unit])
    assert (caught.value.where, caught.value.reason) == ("file_number", "duplicate-path")


def test_the_same_unknown_path_twice_is_refused() -> None:
    with pytest.raises(InvalidMessageError):
        assemble("trace.request/1", [administrative("colour", 1), administrative("colour", 2)])


def test_an_index_beyond_the_limit_of_its_list_is_refused() -> None:
    """One disclosure must not make a message of ten thousand empty items."""
    with pytest.raises(InvalidMessageError) as caught:
        assemble("trace.request/1", [administrative("items.300.id", "1")])
    assert caught.value.reason == "repeated.max_items"
    last: Any = assemble("trace.request/1", [administrative("items.299.id", "1")]).message
    assert len(last.items) == 300


def test_a_field_does_not_show_its_value() -> None:
    """Fields end in tracebacks and logs."""
    assert CANARY not in repr(administrative("file_number", CANARY))
    assert CANARY not in repr(assemble("trace.request/1", [administrative("file_number", CANARY)]))


# ---------------------------------------------------------------- rules


def valid_request() -> Any:
    request = trace_pb2.TraceRequest(
        file_number="T-1", urgency=trace_pb2.URGENCY_ROUTINE, guarantees_restrictions=True
    )
    request.items.add(id="1", kind=weapon_pb2.ITEM_KIND_WEAPON).object.mark.add(role=1, text_as_seen="A 1")
    return request


def test_a_valid_message_is_accepted() -> None:
    schema.validate(valid_request())


def break_file_number(request: Any) -> None:
    request.file_number = CANARY * 20


def break_mark(request: Any) -> None:
    request.items[0].object.mark[0].text_as_seen = CANARY * 20


def break_item_id(request: Any) -> None:
    request.items[0].id = f"{CANARY} with spaces"


def break_date(request: Any) -> None:
    request.reply_by = f"2026-02-30{CANARY}"


def break_country(request: Any) -> None:
    request.items[0].object.country_of_manufacture = CANARY


def break_repetition(request: Any) -> None:
    request.handling_instructions.extend([1, 1])


def leave_out_items(request: Any) -> None:
    del request.items[:]


def leave_out_urgency(request: Any) -> None:
    request.ClearField("urgency")


def name_two_items_alike(request: Any) -> None:
    request.items.add(id="1", kind=1)


@pytest.mark.parametrize(
    ("broken", "where", "reason"),
    [
        (break_file_number, "file_number", "string.max_len"),
        (break_mark, "items.0.object.mark.0.text_as_seen", "string.max_len"),
        (break_item_id, "items.0.id", "string.pattern"),
        (break_date, "reply_by", "string.pattern"),
        (break_country, "items.0.object.country_of_manufacture", "string.pattern"),
        (break_repetition, "handling_instructions", "repeated.unique"),
        (leave_out_items, "items", "repeated.min_items"),
        (leave_out_urgency, "urgency", "required"),
        (name_two_items_alike, "items", "repeated.unique"),
    ],
)
def test_a_broken_rule_is_refused_by_field_and_rule_without_the_value(
    broken: Any, where: str, reason: str
) -> None:
    """The officer learns which field to correct; the log learns nothing of what stood there."""
    request = valid_request()
    broken(request)
    with pytest.raises(InvalidMessageError) as caught:
        schema.validate(request)
    assert (caught.value.where, caught.value.reason) == (where, reason)
    assert CANARY not in str(caught.value)


def test_what_is_withheld_breaks_no_rule_but_what_is_shown_must_hold() -> None:
    """A redacted message lacks required fields by right."""
    shown: Any = trace_pb2.TraceRequest(file_number="T-1")
    schema.validate_fields(shown)
    with pytest.raises(InvalidMessageError):
        schema.validate(shown)
    shown.reply_by = "soon"
    with pytest.raises(InvalidMessageError) as caught:
        schema.validate_fields(shown)
    assert caught.value.where == "reply_by"


def response_that_stopped(administrative: str, full: str | None = None) -> Message:
    answer = trace_pb2.Answer(
        item_id="1",
        identification="IDENTIFICATION_CONFIRMED",
        reach="REACH_NONE",
        stopped_because=administrative,
        stopped_because_full=full,
    )
    return trace_pb2.Response(answers=[answer], final=True)


@pytest.mark.parametrize("code", ["STILL_LAWFULLY_HELD", "DESTROYED_OR_DEACTIVATED", "LOST_OR_STOLEN"])
def test_the_telling_outcomes_never_stand_in_an_administrative_field(code: str) -> None:
    """That a weapon is reported stolen is law-enforcement data; lists say `other`."""
    name = f"STOPPED_BECAUSE_{code}"
    with pytest.raises(InvalidMessageError) as caught:
        schema.validate(response_that_stopped(name))
    assert (caught.value.where, caught.value.reason) == ("answers.0.stopped_because", "enum.not_in")
    schema.validate(response_that_stopped("STOPPED_BECAUSE_OTHER", name))
    assert declared_class("trace.response/1", "answers.0.stopped_because_full") is Sensitivity.LAW_ENFORCEMENT


def test_a_call_without_content_is_refused() -> None:
    """Messages of calls are checked by the same rules."""
    with pytest.raises(InvalidMessageError) as caught:
        schema.validate(desk_pb2.Draft(content=desk_pb2.Content()))
    assert caught.value.where == "content.kind"


def test_a_desk_key_of_another_length_is_refused() -> None:
    """An X-Wing public key has 1,216 bytes."""
    entry = directory_pb2.DeskEntry(desk="node", public_key=bytes(1216), certificate_sha256=bytes(32))
    schema.validate(entry)
    entry.public_key = bytes(1215)
    with pytest.raises(InvalidMessageError) as caught:
        schema.validate(entry)
    assert caught.value.where == "public_key"


def test_an_exhibit_names_its_statement() -> None:
    with pytest.raises(InvalidMessageError) as caught:
        schema.validate(share_pb2.Exhibit(jws="a.b.c", issuer_certificates=[b"x"]))
    assert (caught.value.where, caught.value.reason) == ("statement_digest", "required")


def test_the_example_in_the_module_runs() -> None:
    assert doctest.testmod(schema).failed == 0
