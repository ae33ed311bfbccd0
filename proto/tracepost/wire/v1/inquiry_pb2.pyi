# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import directory_pb2 as _directory_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from tracepost.wire.v1 import trace_pb2 as _trace_pb2
from tracepost.wire.v1 import weapon_pb2 as _weapon_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnquiryStep(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENQUIRY_STEP_UNSPECIFIED: _ClassVar[EnquiryStep]
    ENQUIRY_STEP_ASKED: _ClassVar[EnquiryStep]
    ENQUIRY_STEP_REMINDER: _ClassVar[EnquiryStep]
    ENQUIRY_STEP_WITHDRAWN: _ClassVar[EnquiryStep]

class LetterDirection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LETTER_DIRECTION_UNSPECIFIED: _ClassVar[LetterDirection]
    LETTER_DIRECTION_OUTGOING: _ClassVar[LetterDirection]
    LETTER_DIRECTION_INCOMING: _ClassVar[LetterDirection]

class LetterChannel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LETTER_CHANNEL_UNSPECIFIED: _ClassVar[LetterChannel]
    LETTER_CHANNEL_LETTER: _ClassVar[LetterChannel]
    LETTER_CHANNEL_EMAIL: _ClassVar[LetterChannel]
    LETTER_CHANNEL_IARMS: _ClassVar[LetterChannel]
    LETTER_CHANNEL_ETRACE: _ClassVar[LetterChannel]

class EnquiryStanding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENQUIRY_STANDING_UNSPECIFIED: _ClassVar[EnquiryStanding]
    ENQUIRY_STANDING_OPEN: _ClassVar[EnquiryStanding]
    ENQUIRY_STANDING_IN_PART: _ClassVar[EnquiryStanding]
    ENQUIRY_STANDING_ANSWERED: _ClassVar[EnquiryStanding]
    ENQUIRY_STANDING_WITHDRAWN: _ClassVar[EnquiryStanding]
ENQUIRY_STEP_UNSPECIFIED: EnquiryStep
ENQUIRY_STEP_ASKED: EnquiryStep
ENQUIRY_STEP_REMINDER: EnquiryStep
ENQUIRY_STEP_WITHDRAWN: EnquiryStep
LETTER_DIRECTION_UNSPECIFIED: LetterDirection
LETTER_DIRECTION_OUTGOING: LetterDirection
LETTER_DIRECTION_INCOMING: LetterDirection
LETTER_CHANNEL_UNSPECIFIED: LetterChannel
LETTER_CHANNEL_LETTER: LetterChannel
LETTER_CHANNEL_EMAIL: LetterChannel
LETTER_CHANNEL_IARMS: LetterChannel
LETTER_CHANNEL_ETRACE: LetterChannel
ENQUIRY_STANDING_UNSPECIFIED: EnquiryStanding
ENQUIRY_STANDING_OPEN: EnquiryStanding
ENQUIRY_STANDING_IN_PART: EnquiryStanding
ENQUIRY_STANDING_ANSWERED: EnquiryStanding
ENQUIRY_STANDING_WITHDRAWN: EnquiryStanding

class Enquiry(_message.Message):
    __slots__ = ("step", "reference", "to_desk", "custodian", "enquiry_digest", "reminder_number", "request_digest", "item_ids", "items", "mark_forms", "questions", "where_to_look", "ledger", "due_on", "handling_instructions", "note", "office", "withheld", "named_desks", "readers")
    STEP_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    TO_DESK_FIELD_NUMBER: _ClassVar[int]
    CUSTODIAN_FIELD_NUMBER: _ClassVar[int]
    ENQUIRY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    REMINDER_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    MARK_FORMS_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    WHERE_TO_LOOK_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    DUE_ON_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    step: EnquiryStep
    reference: str
    to_desk: str
    custodian: Custodian
    enquiry_digest: str
    reminder_number: int
    request_digest: str
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    items: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.Item]
    mark_forms: _containers.RepeatedCompositeFieldContainer[MarkForms]
    questions: _containers.RepeatedScalarFieldContainer[_trace_pb2.Question]
    where_to_look: _containers.RepeatedCompositeFieldContainer[_trace_pb2.RecordSearch]
    ledger: str
    due_on: str
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    note: str
    office: _terms_pb2.Office
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, step: _Optional[_Union[EnquiryStep, str]] = ..., reference: _Optional[str] = ..., to_desk: _Optional[str] = ..., custodian: _Optional[_Union[Custodian, _Mapping]] = ..., enquiry_digest: _Optional[str] = ..., reminder_number: _Optional[int] = ..., request_digest: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ..., items: _Optional[_Iterable[_Union[_weapon_pb2.Item, _Mapping]]] = ..., mark_forms: _Optional[_Iterable[_Union[MarkForms, _Mapping]]] = ..., questions: _Optional[_Iterable[_Union[_trace_pb2.Question, str]]] = ..., where_to_look: _Optional[_Iterable[_Union[_trace_pb2.RecordSearch, _Mapping]]] = ..., ledger: _Optional[str] = ..., due_on: _Optional[str] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., note: _Optional[str] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Custodian(_message.Message):
    __slots__ = ("id", "name", "competences", "address")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    COMPETENCES_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    competences: _containers.RepeatedScalarFieldContainer[_directory_pb2.Competence]
    address: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., competences: _Optional[_Iterable[_Union[_directory_pb2.Competence, str]]] = ..., address: _Optional[str] = ...) -> None: ...

class MarkForms(_message.Message):
    __slots__ = ("item_id", "text_as_seen", "in_latin", "in_cyrillic", "confusable")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_AS_SEEN_FIELD_NUMBER: _ClassVar[int]
    IN_LATIN_FIELD_NUMBER: _ClassVar[int]
    IN_CYRILLIC_FIELD_NUMBER: _ClassVar[int]
    CONFUSABLE_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    text_as_seen: str
    in_latin: str
    in_cyrillic: str
    confusable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, item_id: _Optional[str] = ..., text_as_seen: _Optional[str] = ..., in_latin: _Optional[str] = ..., in_cyrillic: _Optional[str] = ..., confusable: _Optional[_Iterable[str]] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("enquiry_digest", "custodian_reference", "answers", "final", "records_searched", "found_in", "note", "contacts", "transcribed", "withheld", "named_desks", "readers")
    ENQUIRY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CUSTODIAN_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    RECORDS_SEARCHED_FIELD_NUMBER: _ClassVar[int]
    FOUND_IN_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIBED_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    enquiry_digest: str
    custodian_reference: str
    answers: _containers.RepeatedCompositeFieldContainer[_trace_pb2.Answer]
    final: bool
    records_searched: _containers.RepeatedCompositeFieldContainer[_trace_pb2.RecordSearch]
    found_in: str
    note: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    transcribed: Transcription
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, enquiry_digest: _Optional[str] = ..., custodian_reference: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[_trace_pb2.Answer, _Mapping]]] = ..., final: _Optional[bool] = ..., records_searched: _Optional[_Iterable[_Union[_trace_pb2.RecordSearch, _Mapping]]] = ..., found_in: _Optional[str] = ..., note: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., transcribed: _Optional[_Union[Transcription, _Mapping]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Transcription(_message.Message):
    __slots__ = ("scan_sha256", "pages", "dated", "received_on", "kept_by")
    SCAN_SHA256_FIELD_NUMBER: _ClassVar[int]
    PAGES_FIELD_NUMBER: _ClassVar[int]
    DATED_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_ON_FIELD_NUMBER: _ClassVar[int]
    KEPT_BY_FIELD_NUMBER: _ClassVar[int]
    scan_sha256: bytes
    pages: int
    dated: str
    received_on: str
    kept_by: str
    def __init__(self, scan_sha256: _Optional[bytes] = ..., pages: _Optional[int] = ..., dated: _Optional[str] = ..., received_on: _Optional[str] = ..., kept_by: _Optional[str] = ...) -> None: ...

class Letter(_message.Message):
    __slots__ = ("correspondent", "direction", "channel", "dated", "references", "transcribed", "text", "withheld", "named_desks", "readers", "request", "acknowledgement", "information_request", "information_supply", "status", "delay", "response", "refusal", "withdrawal")
    CORRESPONDENT_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    DATED_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIBED_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGEMENT_FIELD_NUMBER: _ClassVar[int]
    INFORMATION_REQUEST_FIELD_NUMBER: _ClassVar[int]
    INFORMATION_SUPPLY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWAL_FIELD_NUMBER: _ClassVar[int]
    correspondent: Correspondent
    direction: LetterDirection
    channel: LetterChannel
    dated: str
    references: _containers.RepeatedCompositeFieldContainer[ExternalReference]
    transcribed: Transcription
    text: str
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    request: _trace_pb2.TraceRequest
    acknowledgement: _trace_pb2.Acknowledgement
    information_request: _trace_pb2.InformationRequest
    information_supply: _trace_pb2.InformationSupply
    status: _trace_pb2.Status
    delay: _trace_pb2.Delay
    response: _trace_pb2.Response
    refusal: _trace_pb2.Refusal
    withdrawal: _trace_pb2.Withdrawal
    def __init__(self, correspondent: _Optional[_Union[Correspondent, _Mapping]] = ..., direction: _Optional[_Union[LetterDirection, str]] = ..., channel: _Optional[_Union[LetterChannel, str]] = ..., dated: _Optional[str] = ..., references: _Optional[_Iterable[_Union[ExternalReference, _Mapping]]] = ..., transcribed: _Optional[_Union[Transcription, _Mapping]] = ..., text: _Optional[str] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ..., request: _Optional[_Union[_trace_pb2.TraceRequest, _Mapping]] = ..., acknowledgement: _Optional[_Union[_trace_pb2.Acknowledgement, _Mapping]] = ..., information_request: _Optional[_Union[_trace_pb2.InformationRequest, _Mapping]] = ..., information_supply: _Optional[_Union[_trace_pb2.InformationSupply, _Mapping]] = ..., status: _Optional[_Union[_trace_pb2.Status, _Mapping]] = ..., delay: _Optional[_Union[_trace_pb2.Delay, _Mapping]] = ..., response: _Optional[_Union[_trace_pb2.Response, _Mapping]] = ..., refusal: _Optional[_Union[_trace_pb2.Refusal, _Mapping]] = ..., withdrawal: _Optional[_Union[_trace_pb2.Withdrawal, _Mapping]] = ...) -> None: ...

class Correspondent(_message.Message):
    __slots__ = ("id", "name", "country", "point_of_contact", "address")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    POINT_OF_CONTACT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    country: str
    point_of_contact: bool
    address: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., country: _Optional[str] = ..., point_of_contact: _Optional[bool] = ..., address: _Optional[str] = ...) -> None: ...

class ExternalReference(_message.Message):
    __slots__ = ("system", "number")
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    system: _trace_pb2.ParallelSystem
    number: str
    def __init__(self, system: _Optional[_Union[_trace_pb2.ParallelSystem, str]] = ..., number: _Optional[str] = ...) -> None: ...

class AddressEntry(_message.Message):
    __slots__ = ("id", "name", "country", "address", "mailbox", "telephone", "channel", "point_of_contact", "competences", "language", "retired", "changed_at", "changed_by")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    MAILBOX_FIELD_NUMBER: _ClassVar[int]
    TELEPHONE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    POINT_OF_CONTACT_FIELD_NUMBER: _ClassVar[int]
    COMPETENCES_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    RETIRED_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_BY_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    country: str
    address: str
    mailbox: str
    telephone: str
    channel: LetterChannel
    point_of_contact: bool
    competences: _containers.RepeatedScalarFieldContainer[_directory_pb2.Competence]
    language: str
    retired: bool
    changed_at: str
    changed_by: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., country: _Optional[str] = ..., address: _Optional[str] = ..., mailbox: _Optional[str] = ..., telephone: _Optional[str] = ..., channel: _Optional[_Union[LetterChannel, str]] = ..., point_of_contact: _Optional[bool] = ..., competences: _Optional[_Iterable[_Union[_directory_pb2.Competence, str]]] = ..., language: _Optional[str] = ..., retired: _Optional[bool] = ..., changed_at: _Optional[str] = ..., changed_by: _Optional[str] = ...) -> None: ...

class KeepAddressRequest(_message.Message):
    __slots__ = ("entry", "desk")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    entry: AddressEntry
    desk: str
    def __init__(self, entry: _Optional[_Union[AddressEntry, _Mapping]] = ..., desk: _Optional[str] = ...) -> None: ...

class ListAddressesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListAddressesResponse(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[AddressEntry]
    def __init__(self, entries: _Optional[_Iterable[_Union[AddressEntry, _Mapping]]] = ...) -> None: ...

class Composed(_message.Message):
    __slots__ = ("finding", "from_path", "to_path")
    FINDING_FIELD_NUMBER: _ClassVar[int]
    FROM_PATH_FIELD_NUMBER: _ClassVar[int]
    TO_PATH_FIELD_NUMBER: _ClassVar[int]
    finding: str
    from_path: str
    to_path: str
    def __init__(self, finding: _Optional[str] = ..., from_path: _Optional[str] = ..., to_path: _Optional[str] = ...) -> None: ...

class EnquirySummary(_message.Message):
    __slots__ = ("enquiry", "reference", "to_desk", "custodian_id", "custodian_name", "asked_at", "due_on", "item_ids", "answered_item_ids", "in_part_item_ids", "findings", "reminders", "last_reminder_at", "standing", "overdue")
    ENQUIRY_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    TO_DESK_FIELD_NUMBER: _ClassVar[int]
    CUSTODIAN_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTODIAN_NAME_FIELD_NUMBER: _ClassVar[int]
    ASKED_AT_FIELD_NUMBER: _ClassVar[int]
    DUE_ON_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    IN_PART_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    REMINDERS_FIELD_NUMBER: _ClassVar[int]
    LAST_REMINDER_AT_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_FIELD_NUMBER: _ClassVar[int]
    enquiry: str
    reference: str
    to_desk: str
    custodian_id: str
    custodian_name: str
    asked_at: str
    due_on: str
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    answered_item_ids: _containers.RepeatedScalarFieldContainer[str]
    in_part_item_ids: _containers.RepeatedScalarFieldContainer[str]
    findings: int
    reminders: int
    last_reminder_at: str
    standing: EnquiryStanding
    overdue: bool
    def __init__(self, enquiry: _Optional[str] = ..., reference: _Optional[str] = ..., to_desk: _Optional[str] = ..., custodian_id: _Optional[str] = ..., custodian_name: _Optional[str] = ..., asked_at: _Optional[str] = ..., due_on: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ..., answered_item_ids: _Optional[_Iterable[str]] = ..., in_part_item_ids: _Optional[_Iterable[str]] = ..., findings: _Optional[int] = ..., reminders: _Optional[int] = ..., last_reminder_at: _Optional[str] = ..., standing: _Optional[_Union[EnquiryStanding, str]] = ..., overdue: _Optional[bool] = ...) -> None: ...

class ListEnquiriesRequest(_message.Message):
    __slots__ = ("case", "desk", "overdue", "settled")
    CASE_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    case: str
    desk: str
    overdue: bool
    settled: bool
    def __init__(self, case: _Optional[str] = ..., desk: _Optional[str] = ..., overdue: _Optional[bool] = ..., settled: _Optional[bool] = ...) -> None: ...

class ListEnquiriesResponse(_message.Message):
    __slots__ = ("lines", "more")
    LINES_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[EnquiryLine]
    more: bool
    def __init__(self, lines: _Optional[_Iterable[_Union[EnquiryLine, _Mapping]]] = ..., more: _Optional[bool] = ...) -> None: ...

class EnquiryLine(_message.Message):
    __slots__ = ("thread", "urgent", "enquiry")
    THREAD_FIELD_NUMBER: _ClassVar[int]
    URGENT_FIELD_NUMBER: _ClassVar[int]
    ENQUIRY_FIELD_NUMBER: _ClassVar[int]
    thread: str
    urgent: bool
    enquiry: EnquirySummary
    def __init__(self, thread: _Optional[str] = ..., urgent: _Optional[bool] = ..., enquiry: _Optional[_Union[EnquirySummary, _Mapping]] = ...) -> None: ...
