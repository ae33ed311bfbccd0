# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AssistanceCategory(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSISTANCE_CATEGORY_UNSPECIFIED: _ClassVar[AssistanceCategory]
    ASSISTANCE_CATEGORY_MARKING_MACHINE: _ClassVar[AssistanceCategory]
    ASSISTANCE_CATEGORY_RECORD_KEEPING: _ClassVar[AssistanceCategory]
    ASSISTANCE_CATEGORY_TRACING: _ClassVar[AssistanceCategory]
    ASSISTANCE_CATEGORY_TRAINING: _ClassVar[AssistanceCategory]
    ASSISTANCE_CATEGORY_BALLISTICS: _ClassVar[AssistanceCategory]
    ASSISTANCE_CATEGORY_LEGISLATION: _ClassVar[AssistanceCategory]
    ASSISTANCE_CATEGORY_STOCKPILE: _ClassVar[AssistanceCategory]
    ASSISTANCE_CATEGORY_DESTRUCTION: _ClassVar[AssistanceCategory]
    ASSISTANCE_CATEGORY_CONNECTIVITY: _ClassVar[AssistanceCategory]
    ASSISTANCE_CATEGORY_OTHER: _ClassVar[AssistanceCategory]

class NeedPriority(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NEED_PRIORITY_UNSPECIFIED: _ClassVar[NeedPriority]
    NEED_PRIORITY_HIGH: _ClassVar[NeedPriority]
    NEED_PRIORITY_MEDIUM: _ClassVar[NeedPriority]
    NEED_PRIORITY_LOW: _ClassVar[NeedPriority]

class NeedStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NEED_STATUS_UNSPECIFIED: _ClassVar[NeedStatus]
    NEED_STATUS_OPEN: _ClassVar[NeedStatus]
    NEED_STATUS_MET_IN_PART: _ClassVar[NeedStatus]
    NEED_STATUS_MET: _ClassVar[NeedStatus]
    NEED_STATUS_WITHDRAWN: _ClassVar[NeedStatus]

class OfferStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OFFER_STATUS_UNSPECIFIED: _ClassVar[OfferStatus]
    OFFER_STATUS_OPEN: _ClassVar[OfferStatus]
    OFFER_STATUS_TAKEN_UP: _ClassVar[OfferStatus]
    OFFER_STATUS_DONE: _ClassVar[OfferStatus]
    OFFER_STATUS_WITHDRAWN: _ClassVar[OfferStatus]

class CostKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COST_KIND_UNSPECIFIED: _ClassVar[CostKind]
    COST_KIND_FUEL: _ClassVar[CostKind]
    COST_KIND_POWER: _ClassVar[CostKind]
    COST_KIND_CONSUMABLES: _ClassVar[CostKind]
    COST_KIND_REPAIR: _ClassVar[CostKind]
    COST_KIND_STAFF: _ClassVar[CostKind]
    COST_KIND_CONNECTION: _ClassVar[CostKind]
    COST_KIND_TRAINING: _ClassVar[CostKind]
ASSISTANCE_CATEGORY_UNSPECIFIED: AssistanceCategory
ASSISTANCE_CATEGORY_MARKING_MACHINE: AssistanceCategory
ASSISTANCE_CATEGORY_RECORD_KEEPING: AssistanceCategory
ASSISTANCE_CATEGORY_TRACING: AssistanceCategory
ASSISTANCE_CATEGORY_TRAINING: AssistanceCategory
ASSISTANCE_CATEGORY_BALLISTICS: AssistanceCategory
ASSISTANCE_CATEGORY_LEGISLATION: AssistanceCategory
ASSISTANCE_CATEGORY_STOCKPILE: AssistanceCategory
ASSISTANCE_CATEGORY_DESTRUCTION: AssistanceCategory
ASSISTANCE_CATEGORY_CONNECTIVITY: AssistanceCategory
ASSISTANCE_CATEGORY_OTHER: AssistanceCategory
NEED_PRIORITY_UNSPECIFIED: NeedPriority
NEED_PRIORITY_HIGH: NeedPriority
NEED_PRIORITY_MEDIUM: NeedPriority
NEED_PRIORITY_LOW: NeedPriority
NEED_STATUS_UNSPECIFIED: NeedStatus
NEED_STATUS_OPEN: NeedStatus
NEED_STATUS_MET_IN_PART: NeedStatus
NEED_STATUS_MET: NeedStatus
NEED_STATUS_WITHDRAWN: NeedStatus
OFFER_STATUS_UNSPECIFIED: OfferStatus
OFFER_STATUS_OPEN: OfferStatus
OFFER_STATUS_TAKEN_UP: OfferStatus
OFFER_STATUS_DONE: OfferStatus
OFFER_STATUS_WITHDRAWN: OfferStatus
COST_KIND_UNSPECIFIED: CostKind
COST_KIND_FUEL: CostKind
COST_KIND_POWER: CostKind
COST_KIND_CONSUMABLES: CostKind
COST_KIND_REPAIR: CostKind
COST_KIND_STAFF: CostKind
COST_KIND_CONNECTION: CostKind
COST_KIND_TRAINING: CostKind

class AssistanceNeed(_message.Message):
    __slots__ = ("state", "need_number", "category", "priority", "quantity", "description", "languages", "status", "replaces_digest", "budget", "currency", "existing_donor", "recurring_costs", "office", "contacts", "withheld", "named_desks", "readers")
    STATE_FIELD_NUMBER: _ClassVar[int]
    NEED_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REPLACES_DIGEST_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    EXISTING_DONOR_FIELD_NUMBER: _ClassVar[int]
    RECURRING_COSTS_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    state: str
    need_number: str
    category: AssistanceCategory
    priority: NeedPriority
    quantity: int
    description: str
    languages: _containers.RepeatedScalarFieldContainer[str]
    status: NeedStatus
    replaces_digest: str
    budget: int
    currency: str
    existing_donor: str
    recurring_costs: _containers.RepeatedCompositeFieldContainer[RecurringCost]
    office: _terms_pb2.Office
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, state: _Optional[str] = ..., need_number: _Optional[str] = ..., category: _Optional[_Union[AssistanceCategory, str]] = ..., priority: _Optional[_Union[NeedPriority, str]] = ..., quantity: _Optional[int] = ..., description: _Optional[str] = ..., languages: _Optional[_Iterable[str]] = ..., status: _Optional[_Union[NeedStatus, str]] = ..., replaces_digest: _Optional[str] = ..., budget: _Optional[int] = ..., currency: _Optional[str] = ..., existing_donor: _Optional[str] = ..., recurring_costs: _Optional[_Iterable[_Union[RecurringCost, _Mapping]]] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class AssistanceOffer(_message.Message):
    __slots__ = ("offer_number", "category", "description", "quantity", "languages", "terms", "valid_until", "status", "need_digest", "replaces_digest", "covers", "office", "contacts", "withheld", "named_desks", "readers")
    OFFER_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    NEED_DIGEST_FIELD_NUMBER: _ClassVar[int]
    REPLACES_DIGEST_FIELD_NUMBER: _ClassVar[int]
    COVERS_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    offer_number: str
    category: AssistanceCategory
    description: str
    quantity: int
    languages: _containers.RepeatedScalarFieldContainer[str]
    terms: str
    valid_until: str
    status: OfferStatus
    need_digest: str
    replaces_digest: str
    covers: _containers.RepeatedCompositeFieldContainer[RecurringCost]
    office: _terms_pb2.Office
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, offer_number: _Optional[str] = ..., category: _Optional[_Union[AssistanceCategory, str]] = ..., description: _Optional[str] = ..., quantity: _Optional[int] = ..., languages: _Optional[_Iterable[str]] = ..., terms: _Optional[str] = ..., valid_until: _Optional[str] = ..., status: _Optional[_Union[OfferStatus, str]] = ..., need_digest: _Optional[str] = ..., replaces_digest: _Optional[str] = ..., covers: _Optional[_Iterable[_Union[RecurringCost, _Mapping]]] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class RecurringCost(_message.Message):
    __slots__ = ("kind", "yearly", "currency", "note")
    KIND_FIELD_NUMBER: _ClassVar[int]
    YEARLY_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    kind: CostKind
    yearly: int
    currency: str
    note: str
    def __init__(self, kind: _Optional[_Union[CostKind, str]] = ..., yearly: _Optional[int] = ..., currency: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...
