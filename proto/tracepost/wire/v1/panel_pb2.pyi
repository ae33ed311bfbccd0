# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
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

class PublicationIntent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PUBLICATION_INTENT_UNSPECIFIED: _ClassVar[PublicationIntent]
    PUBLICATION_INTENT_NONE: _ClassVar[PublicationIntent]
    PUBLICATION_INTENT_AGGREGATE: _ClassVar[PublicationIntent]
    PUBLICATION_INTENT_WITHOUT_SOURCE: _ClassVar[PublicationIntent]
    PUBLICATION_INTENT_WITH_SOURCE: _ClassVar[PublicationIntent]

class PanelConfidentiality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PANEL_CONFIDENTIALITY_UNSPECIFIED: _ClassVar[PanelConfidentiality]
    PANEL_CONFIDENTIALITY_PANEL_ONLY: _ClassVar[PanelConfidentiality]
    PANEL_CONFIDENTIALITY_COMMITTEE: _ClassVar[PanelConfidentiality]
    PANEL_CONFIDENTIALITY_REPORT: _ClassVar[PanelConfidentiality]

class PublicationConsent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PUBLICATION_CONSENT_UNSPECIFIED: _ClassVar[PublicationConsent]
    PUBLICATION_CONSENT_GRANTED: _ClassVar[PublicationConsent]
    PUBLICATION_CONSENT_CHANGED: _ClassVar[PublicationConsent]
    PUBLICATION_CONSENT_DENIED: _ClassVar[PublicationConsent]

class Attribution(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTRIBUTION_UNSPECIFIED: _ClassVar[Attribution]
    ATTRIBUTION_NAMED: _ClassVar[Attribution]
    ATTRIBUTION_STATE_ONLY: _ClassVar[Attribution]
    ATTRIBUTION_NOT_NAMED: _ClassVar[Attribution]

class CustodyContext(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CUSTODY_CONTEXT_UNSPECIFIED: _ClassVar[CustodyContext]
    CUSTODY_CONTEXT_STATE_FORCES: _ClassVar[CustodyContext]
    CUSTODY_CONTEXT_PEACE_OPERATION: _ClassVar[CustodyContext]
    CUSTODY_CONTEXT_NON_STATE_ARMED_GROUP: _ClassVar[CustodyContext]
    CUSTODY_CONTEXT_SURRENDERED_IN_DDR: _ClassVar[CustodyContext]
    CUSTODY_CONTEXT_SEIZED_BY_AUTHORITIES: _ClassVar[CustodyContext]
    CUSTODY_CONTEXT_CIVILIAN: _ClassVar[CustodyContext]
    CUSTODY_CONTEXT_ON_SALE: _ClassVar[CustodyContext]
    CUSTODY_CONTEXT_CACHE: _ClassVar[CustodyContext]
    CUSTODY_CONTEXT_IN_TRANSIT: _ClassVar[CustodyContext]
    CUSTODY_CONTEXT_BATTLEFIELD: _ClassVar[CustodyContext]
    CUSTODY_CONTEXT_UNKNOWN: _ClassVar[CustodyContext]

class Verification(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERIFICATION_UNSPECIFIED: _ClassVar[Verification]
    VERIFICATION_UNVERIFIED: _ClassVar[Verification]
    VERIFICATION_ONE_SOURCE: _ClassVar[Verification]
    VERIFICATION_TWO_INDEPENDENT_SOURCES: _ClassVar[Verification]
    VERIFICATION_PHYSICALLY_INSPECTED: _ClassVar[Verification]

class VerifierRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERIFIER_ROLE_UNSPECIFIED: _ClassVar[VerifierRole]
    VERIFIER_ROLE_PANEL_EXPERT: _ClassVar[VerifierRole]
    VERIFIER_ROLE_ARMS_EXPERT_OF_MISSION: _ClassVar[VerifierRole]
    VERIFIER_ROLE_MILITARY_OBSERVER: _ClassVar[VerifierRole]
    VERIFIER_ROLE_UN_POLICE: _ClassVar[VerifierRole]
    VERIFIER_ROLE_MINE_ACTION: _ClassVar[VerifierRole]
    VERIFIER_ROLE_STATE_AUTHORITY: _ClassVar[VerifierRole]
    VERIFIER_ROLE_OTHER: _ClassVar[VerifierRole]
PUBLICATION_INTENT_UNSPECIFIED: PublicationIntent
PUBLICATION_INTENT_NONE: PublicationIntent
PUBLICATION_INTENT_AGGREGATE: PublicationIntent
PUBLICATION_INTENT_WITHOUT_SOURCE: PublicationIntent
PUBLICATION_INTENT_WITH_SOURCE: PublicationIntent
PANEL_CONFIDENTIALITY_UNSPECIFIED: PanelConfidentiality
PANEL_CONFIDENTIALITY_PANEL_ONLY: PanelConfidentiality
PANEL_CONFIDENTIALITY_COMMITTEE: PanelConfidentiality
PANEL_CONFIDENTIALITY_REPORT: PanelConfidentiality
PUBLICATION_CONSENT_UNSPECIFIED: PublicationConsent
PUBLICATION_CONSENT_GRANTED: PublicationConsent
PUBLICATION_CONSENT_CHANGED: PublicationConsent
PUBLICATION_CONSENT_DENIED: PublicationConsent
ATTRIBUTION_UNSPECIFIED: Attribution
ATTRIBUTION_NAMED: Attribution
ATTRIBUTION_STATE_ONLY: Attribution
ATTRIBUTION_NOT_NAMED: Attribution
CUSTODY_CONTEXT_UNSPECIFIED: CustodyContext
CUSTODY_CONTEXT_STATE_FORCES: CustodyContext
CUSTODY_CONTEXT_PEACE_OPERATION: CustodyContext
CUSTODY_CONTEXT_NON_STATE_ARMED_GROUP: CustodyContext
CUSTODY_CONTEXT_SURRENDERED_IN_DDR: CustodyContext
CUSTODY_CONTEXT_SEIZED_BY_AUTHORITIES: CustodyContext
CUSTODY_CONTEXT_CIVILIAN: CustodyContext
CUSTODY_CONTEXT_ON_SALE: CustodyContext
CUSTODY_CONTEXT_CACHE: CustodyContext
CUSTODY_CONTEXT_IN_TRANSIT: CustodyContext
CUSTODY_CONTEXT_BATTLEFIELD: CustodyContext
CUSTODY_CONTEXT_UNKNOWN: CustodyContext
VERIFICATION_UNSPECIFIED: Verification
VERIFICATION_UNVERIFIED: Verification
VERIFICATION_ONE_SOURCE: Verification
VERIFICATION_TWO_INDEPENDENT_SOURCES: Verification
VERIFICATION_PHYSICALLY_INSPECTED: Verification
VERIFIER_ROLE_UNSPECIFIED: VerifierRole
VERIFIER_ROLE_PANEL_EXPERT: VerifierRole
VERIFIER_ROLE_ARMS_EXPERT_OF_MISSION: VerifierRole
VERIFIER_ROLE_MILITARY_OBSERVER: VerifierRole
VERIFIER_ROLE_UN_POLICE: VerifierRole
VERIFIER_ROLE_MINE_ACTION: VerifierRole
VERIFIER_ROLE_STATE_AUTHORITY: VerifierRole
VERIFIER_ROLE_OTHER: VerifierRole

class PanelRequest(_message.Message):
    __slots__ = ("file_number", "panel", "mandate_resolution", "mandate_until", "items", "questions", "question", "embargo_context", "observed_on", "observed_country", "observed_region_code", "observed_region", "reply_by", "report_on", "publication_intent", "excerpts", "texts", "confidentiality", "office", "handling_instructions", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PANEL_FIELD_NUMBER: _ClassVar[int]
    MANDATE_RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    MANDATE_UNTIL_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    EMBARGO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_ON_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_REGION_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_FIELD_NUMBER: _ClassVar[int]
    REPORT_ON_FIELD_NUMBER: _ClassVar[int]
    PUBLICATION_INTENT_FIELD_NUMBER: _ClassVar[int]
    EXCERPTS_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    CONFIDENTIALITY_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    panel: str
    mandate_resolution: str
    mandate_until: str
    items: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.Item]
    questions: _containers.RepeatedScalarFieldContainer[_trace_pb2.Question]
    question: str
    embargo_context: str
    observed_on: str
    observed_country: str
    observed_region_code: str
    observed_region: str
    reply_by: str
    report_on: str
    publication_intent: PublicationIntent
    excerpts: _containers.RepeatedCompositeFieldContainer[Excerpt]
    texts: _containers.RepeatedCompositeFieldContainer[PrintedText]
    confidentiality: PanelConfidentiality
    office: _terms_pb2.Office
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., panel: _Optional[str] = ..., mandate_resolution: _Optional[str] = ..., mandate_until: _Optional[str] = ..., items: _Optional[_Iterable[_Union[_weapon_pb2.Item, _Mapping]]] = ..., questions: _Optional[_Iterable[_Union[_trace_pb2.Question, str]]] = ..., question: _Optional[str] = ..., embargo_context: _Optional[str] = ..., observed_on: _Optional[str] = ..., observed_country: _Optional[str] = ..., observed_region_code: _Optional[str] = ..., observed_region: _Optional[str] = ..., reply_by: _Optional[str] = ..., report_on: _Optional[str] = ..., publication_intent: _Optional[_Union[PublicationIntent, str]] = ..., excerpts: _Optional[_Iterable[_Union[Excerpt, _Mapping]]] = ..., texts: _Optional[_Iterable[_Union[PrintedText, _Mapping]]] = ..., confidentiality: _Optional[_Union[PanelConfidentiality, str]] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Excerpt(_message.Message):
    __slots__ = ("text_id", "statement_digest", "field_paths")
    TEXT_ID_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    FIELD_PATHS_FIELD_NUMBER: _ClassVar[int]
    text_id: str
    statement_digest: str
    field_paths: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, text_id: _Optional[str] = ..., statement_digest: _Optional[str] = ..., field_paths: _Optional[_Iterable[str]] = ...) -> None: ...

class PrintedText(_message.Message):
    __slots__ = ("text_id", "text")
    TEXT_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text_id: str
    text: str
    def __init__(self, text_id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class PanelReply(_message.Message):
    __slots__ = ("file_number", "answers", "final", "refusal_ground", "explanation", "confidentiality", "publication", "texts", "companies", "office", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_GROUND_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    CONFIDENTIALITY_FIELD_NUMBER: _ClassVar[int]
    PUBLICATION_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    COMPANIES_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    answers: _containers.RepeatedCompositeFieldContainer[_trace_pb2.Answer]
    final: bool
    refusal_ground: _terms_pb2.WithholdingGround
    explanation: str
    confidentiality: PanelConfidentiality
    publication: _containers.RepeatedCompositeFieldContainer[PublicationDecision]
    texts: _containers.RepeatedCompositeFieldContainer[PrintedText]
    companies: _containers.RepeatedCompositeFieldContainer[_trace_pb2.Company]
    office: _terms_pb2.Office
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[_trace_pb2.Answer, _Mapping]]] = ..., final: _Optional[bool] = ..., refusal_ground: _Optional[_Union[_terms_pb2.WithholdingGround, str]] = ..., explanation: _Optional[str] = ..., confidentiality: _Optional[_Union[PanelConfidentiality, str]] = ..., publication: _Optional[_Iterable[_Union[PublicationDecision, _Mapping]]] = ..., texts: _Optional[_Iterable[_Union[PrintedText, _Mapping]]] = ..., companies: _Optional[_Iterable[_Union[_trace_pb2.Company, _Mapping]]] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class PublicationDecision(_message.Message):
    __slots__ = ("text_id", "decision", "attribution")
    TEXT_ID_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    text_id: str
    decision: PublicationConsent
    attribution: Attribution
    def __init__(self, text_id: _Optional[str] = ..., decision: _Optional[_Union[PublicationConsent, str]] = ..., attribution: _Optional[_Union[Attribution, str]] = ...) -> None: ...

class DocumentedItem(_message.Message):
    __slots__ = ("file_number", "documented_by", "mandate_resolution", "items", "custody_context", "documented_on", "country", "region_code", "region", "packaging", "verification", "verifier", "verified_on", "embargo_context", "summary", "confidentiality", "office", "handling_instructions", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTED_BY_FIELD_NUMBER: _ClassVar[int]
    MANDATE_RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CUSTODY_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTED_ON_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    PACKAGING_FIELD_NUMBER: _ClassVar[int]
    VERIFICATION_FIELD_NUMBER: _ClassVar[int]
    VERIFIER_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_ON_FIELD_NUMBER: _ClassVar[int]
    EMBARGO_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    CONFIDENTIALITY_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    documented_by: str
    mandate_resolution: str
    items: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.Item]
    custody_context: CustodyContext
    documented_on: str
    country: str
    region_code: str
    region: str
    packaging: str
    verification: Verification
    verifier: VerifierRole
    verified_on: str
    embargo_context: str
    summary: str
    confidentiality: PanelConfidentiality
    office: _terms_pb2.Office
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., documented_by: _Optional[str] = ..., mandate_resolution: _Optional[str] = ..., items: _Optional[_Iterable[_Union[_weapon_pb2.Item, _Mapping]]] = ..., custody_context: _Optional[_Union[CustodyContext, str]] = ..., documented_on: _Optional[str] = ..., country: _Optional[str] = ..., region_code: _Optional[str] = ..., region: _Optional[str] = ..., packaging: _Optional[str] = ..., verification: _Optional[_Union[Verification, str]] = ..., verifier: _Optional[_Union[VerifierRole, str]] = ..., verified_on: _Optional[str] = ..., embargo_context: _Optional[str] = ..., summary: _Optional[str] = ..., confidentiality: _Optional[_Union[PanelConfidentiality, str]] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...
