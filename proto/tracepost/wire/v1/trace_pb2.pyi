# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import attachment_pb2 as _attachment_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import share_pb2 as _share_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from tracepost.wire.v1 import weapon_pb2 as _weapon_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Urgency(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    URGENCY_UNSPECIFIED: _ClassVar[Urgency]
    URGENCY_ROUTINE: _ClassVar[Urgency]
    URGENCY_URGENT: _ClassVar[Urgency]

class UrgencyReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    URGENCY_REASON_UNSPECIFIED: _ClassVar[UrgencyReason]
    URGENCY_REASON_DANGER_TO_LIFE: _ClassVar[UrgencyReason]
    URGENCY_REASON_DETENTION: _ClassVar[UrgencyReason]
    URGENCY_REASON_ONGOING_OPERATION: _ClassVar[UrgencyReason]
    URGENCY_REASON_COURT_DATE: _ClassVar[UrgencyReason]
    URGENCY_REASON_ITEM_LEAVES_CUSTODY: _ClassVar[UrgencyReason]
    URGENCY_REASON_OTHER: _ClassVar[UrgencyReason]

class Question(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUESTION_UNSPECIFIED: _ClassVar[Question]
    QUESTION_CONFIRM_IDENTIFICATION: _ClassVar[Question]
    QUESTION_FIRST_RECIPIENT: _ClassVar[Question]
    QUESTION_LAST_RECORDED_HOLDER: _ClassVar[Question]
    QUESTION_EXPORTER: _ClassVar[Question]
    QUESTION_LICENCE: _ClassVar[Question]
    QUESTION_POINT_OF_DIVERSION: _ClassVar[Question]
    QUESTION_LOST_OR_STOLEN: _ClassVar[Question]
    QUESTION_CONSIGNMENT: _ClassVar[Question]

class AddressedBecause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ADDRESSED_BECAUSE_UNSPECIFIED: _ClassVar[AddressedBecause]
    ADDRESSED_BECAUSE_MANUFACTURE: _ClassVar[AddressedBecause]
    ADDRESSED_BECAUSE_LAST_IMPORT: _ClassVar[AddressedBecause]
    ADDRESSED_BECAUSE_PROPERTY_MARK: _ClassVar[AddressedBecause]
    ADDRESSED_BECAUSE_REDIRECTED: _ClassVar[AddressedBecause]
    ADDRESSED_BECAUSE_OTHER_LINK: _ClassVar[AddressedBecause]

class MovementDirection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MOVEMENT_DIRECTION_UNSPECIFIED: _ClassVar[MovementDirection]
    MOVEMENT_DIRECTION_IMPORT: _ClassVar[MovementDirection]
    MOVEMENT_DIRECTION_EXPORT: _ClassVar[MovementDirection]
    MOVEMENT_DIRECTION_TRANSIT: _ClassVar[MovementDirection]
    MOVEMENT_DIRECTION_INTERNAL: _ClassVar[MovementDirection]

class TransportMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSPORT_MODE_UNSPECIFIED: _ClassVar[TransportMode]
    TRANSPORT_MODE_SEA: _ClassVar[TransportMode]
    TRANSPORT_MODE_AIR: _ClassVar[TransportMode]
    TRANSPORT_MODE_ROAD: _ClassVar[TransportMode]
    TRANSPORT_MODE_RAIL: _ClassVar[TransportMode]
    TRANSPORT_MODE_POST_OR_EXPRESS: _ClassVar[TransportMode]
    TRANSPORT_MODE_FOOT: _ClassVar[TransportMode]

class PersonRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERSON_ROLE_UNSPECIFIED: _ClassVar[PersonRole]
    PERSON_ROLE_OWNER: _ClassVar[PersonRole]
    PERSON_ROLE_BUYER: _ClassVar[PersonRole]
    PERSON_ROLE_POSSESSOR: _ClassVar[PersonRole]
    PERSON_ROLE_SUSPECT: _ClassVar[PersonRole]
    PERSON_ROLE_ASSOCIATE: _ClassVar[PersonRole]
    PERSON_ROLE_WITNESS: _ClassVar[PersonRole]
    PERSON_ROLE_VICTIM: _ClassVar[PersonRole]
    PERSON_ROLE_SELLER: _ClassVar[PersonRole]
    PERSON_ROLE_CONSIGNOR: _ClassVar[PersonRole]
    PERSON_ROLE_CONSIGNEE: _ClassVar[PersonRole]
    PERSON_ROLE_CARRIER: _ClassVar[PersonRole]

class CompanyRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMPANY_ROLE_UNSPECIFIED: _ClassVar[CompanyRole]
    COMPANY_ROLE_MANUFACTURER: _ClassVar[CompanyRole]
    COMPANY_ROLE_EXPORTER: _ClassVar[CompanyRole]
    COMPANY_ROLE_IMPORTER: _ClassVar[CompanyRole]
    COMPANY_ROLE_DEALER: _ClassVar[CompanyRole]
    COMPANY_ROLE_BROKER: _ClassVar[CompanyRole]
    COMPANY_ROLE_CARRIER: _ClassVar[CompanyRole]
    COMPANY_ROLE_CONSIGNOR: _ClassVar[CompanyRole]
    COMPANY_ROLE_CONSIGNEE: _ClassVar[CompanyRole]
    COMPANY_ROLE_HOLDER: _ClassVar[CompanyRole]

class ParallelSystem(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PARALLEL_SYSTEM_UNSPECIFIED: _ClassVar[ParallelSystem]
    PARALLEL_SYSTEM_IARMS: _ClassVar[ParallelSystem]
    PARALLEL_SYSTEM_ETRACE: _ClassVar[ParallelSystem]
    PARALLEL_SYSTEM_PANEL: _ClassVar[ParallelSystem]
    PARALLEL_SYSTEM_BALLISTICS: _ClassVar[ParallelSystem]
    PARALLEL_SYSTEM_LETTER: _ClassVar[ParallelSystem]
    PARALLEL_SYSTEM_OTHER: _ClassVar[ParallelSystem]

class FormalCheck(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FORMAL_CHECK_UNSPECIFIED: _ClassVar[FormalCheck]
    FORMAL_CHECK_COMPLETE: _ClassVar[FormalCheck]
    FORMAL_CHECK_INCOMPLETE: _ClassVar[FormalCheck]

class ObjectionReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OBJECTION_REASON_UNSPECIFIED: _ClassVar[ObjectionReason]
    OBJECTION_REASON_LEGAL: _ClassVar[ObjectionReason]
    OBJECTION_REASON_CONSTITUTIONAL: _ClassVar[ObjectionReason]
    OBJECTION_REASON_ADMINISTRATIVE: _ClassVar[ObjectionReason]

class SupplyState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUPPLY_STATE_UNSPECIFIED: _ClassVar[SupplyState]
    SUPPLY_STATE_SUPPLIED: _ClassVar[SupplyState]
    SUPPLY_STATE_NOT_AVAILABLE: _ClassVar[SupplyState]
    SUPPLY_STATE_LATER: _ClassVar[SupplyState]

class RedirectReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REDIRECT_REASON_UNSPECIFIED: _ClassVar[RedirectReason]
    REDIRECT_REASON_EXPORTED_TO: _ClassVar[RedirectReason]
    REDIRECT_REASON_IMPORTED_FROM: _ClassVar[RedirectReason]
    REDIRECT_REASON_MADE_UNDER_LICENCE_IN: _ClassVar[RedirectReason]
    REDIRECT_REASON_NOT_OURS: _ClassVar[RedirectReason]
    REDIRECT_REASON_OTHER_POINT_OF_CONTACT: _ClassVar[RedirectReason]

class ReferralMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REFERRAL_MODE_UNSPECIFIED: _ClassVar[ReferralMode]
    REFERRAL_MODE_HAND_OVER: _ClassVar[ReferralMode]
    REFERRAL_MODE_COPY: _ClassVar[ReferralMode]

class ProcessingState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROCESSING_STATE_UNSPECIFIED: _ClassVar[ProcessingState]
    PROCESSING_STATE_NOT_STARTED: _ClassVar[ProcessingState]
    PROCESSING_STATE_UNDER_TRACE: _ClassVar[ProcessingState]
    PROCESSING_STATE_WAITING_FOR_CUSTODIAN: _ClassVar[ProcessingState]
    PROCESSING_STATE_WAITING_FOR_YOU: _ClassVar[ProcessingState]
    PROCESSING_STATE_REMINDER: _ClassVar[ProcessingState]
    PROCESSING_STATE_ESCALATED: _ClassVar[ProcessingState]
    PROCESSING_STATE_REOPENED: _ClassVar[ProcessingState]

class Identification(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IDENTIFICATION_UNSPECIFIED: _ClassVar[Identification]
    IDENTIFICATION_CONFIRMED: _ClassVar[Identification]
    IDENTIFICATION_CORRECTED: _ClassVar[Identification]
    IDENTIFICATION_SEVERAL_CANDIDATES: _ClassVar[Identification]
    IDENTIFICATION_NOT_IDENTIFIED: _ClassVar[Identification]
    IDENTIFICATION_COPY_OR_FALSE_MARKS: _ClassVar[Identification]
    IDENTIFICATION_CRAFT_PRINTED_OR_CONVERTED: _ClassVar[Identification]

class Reach(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REACH_UNSPECIFIED: _ClassVar[Reach]
    REACH_NONE: _ClassVar[Reach]
    REACH_MAKER: _ClassVar[Reach]
    REACH_FIRST_RECIPIENT: _ClassVar[Reach]
    REACH_LAST_RECORDED_HOLDER: _ClassVar[Reach]
    REACH_POINT_OF_DIVERSION: _ClassVar[Reach]

class StoppedBecause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STOPPED_BECAUSE_UNSPECIFIED: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_NOT_STOPPED: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_EXPORTED: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_RECORDS_LAPSED: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_NEVER_RECORDED: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_NOT_OURS: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_STILL_LAWFULLY_HELD: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_DESTROYED_OR_DEACTIVATED: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_LOST_OR_STOLEN: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_HOLDER_OR_MAKER_SILENT: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_WITHHELD: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_DATA_INSUFFICIENT: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_DUPLICATE: _ClassVar[StoppedBecause]
    STOPPED_BECAUSE_OTHER: _ClassVar[StoppedBecause]

class EvidentialUse(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVIDENTIAL_USE_UNSPECIFIED: _ClassVar[EvidentialUse]
    EVIDENTIAL_USE_LEAD_ONLY: _ClassVar[EvidentialUse]
    EVIDENTIAL_USE_MAY_BE_USED_IN_COURT: _ClassVar[EvidentialUse]
    EVIDENTIAL_USE_ASK_BY_MUTUAL_LEGAL_ASSISTANCE: _ClassVar[EvidentialUse]

class MayBeShownTo(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MAY_BE_SHOWN_TO_UNSPECIFIED: _ClassVar[MayBeShownTo]
    MAY_BE_SHOWN_TO_INVESTIGATORS: _ClassVar[MayBeShownTo]
    MAY_BE_SHOWN_TO_PROSECUTORS: _ClassVar[MayBeShownTo]
    MAY_BE_SHOWN_TO_COURTS: _ClassVar[MayBeShownTo]
    MAY_BE_SHOWN_TO_CUSTOMS: _ClassVar[MayBeShownTo]
    MAY_BE_SHOWN_TO_LICENSING: _ClassVar[MayBeShownTo]
    MAY_BE_SHOWN_TO_MAKER: _ClassVar[MayBeShownTo]
    MAY_BE_SHOWN_TO_PANEL: _ClassVar[MayBeShownTo]
    MAY_BE_SHOWN_TO_MEMBERS_ASKED_NEXT: _ClassVar[MayBeShownTo]

class LineageEventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LINEAGE_EVENT_KIND_UNSPECIFIED: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_MADE: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_PROOFED: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_EXPORTED: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_IMPORTED: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_SOLD_TO_STATE: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_SOLD_TO_DEALER: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_SOLD_TO_INDIVIDUAL: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_TRANSFERRED: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_REEXPORTED: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_LOST: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_STOLEN: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_WRITTEN_OFF: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_DESTROYED: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_DEACTIVATED: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_DIVERTED: _ClassVar[LineageEventKind]
    LINEAGE_EVENT_KIND_SEIZED: _ClassVar[LineageEventKind]

class HolderKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HOLDER_KIND_UNSPECIFIED: _ClassVar[HolderKind]
    HOLDER_KIND_MAKER: _ClassVar[HolderKind]
    HOLDER_KIND_ARMED_FORCES: _ClassVar[HolderKind]
    HOLDER_KIND_POLICE: _ClassVar[HolderKind]
    HOLDER_KIND_OTHER_STATE_BODY: _ClassVar[HolderKind]
    HOLDER_KIND_DEALER: _ClassVar[HolderKind]
    HOLDER_KIND_COMPANY: _ClassVar[HolderKind]
    HOLDER_KIND_INDIVIDUAL: _ClassVar[HolderKind]
    HOLDER_KIND_PEACE_OPERATION: _ClassVar[HolderKind]
    HOLDER_KIND_NON_STATE_ARMED_GROUP: _ClassVar[HolderKind]
    HOLDER_KIND_UNKNOWN: _ClassVar[HolderKind]

class RecordSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECORD_SOURCE_UNSPECIFIED: _ClassVar[RecordSource]
    RECORD_SOURCE_LEDGER: _ClassVar[RecordSource]
    RECORD_SOURCE_DATABASE: _ClassVar[RecordSource]
    RECORD_SOURCE_MAKERS_LETTER: _ClassVar[RecordSource]
    RECORD_SOURCE_LICENCE_FILE: _ClassVar[RecordSource]
    RECORD_SOURCE_CUSTOMS_FILE: _ClassVar[RecordSource]
    RECORD_SOURCE_POLICE_FILE: _ClassVar[RecordSource]
    RECORD_SOURCE_STATEMENT: _ClassVar[RecordSource]
    RECORD_SOURCE_OTHER: _ClassVar[RecordSource]

class DiversionCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DIVERSION_CAUSE_UNSPECIFIED: _ClassVar[DiversionCause]
    DIVERSION_CAUSE_THEFT: _ClassVar[DiversionCause]
    DIVERSION_CAUSE_LOSS: _ClassVar[DiversionCause]
    DIVERSION_CAUSE_CORRUPT_SALE: _ClassVar[DiversionCause]
    DIVERSION_CAUSE_UNAUTHORISED_RETRANSFER: _ClassVar[DiversionCause]
    DIVERSION_CAUSE_FALSE_END_USER_CERTIFICATE: _ClassVar[DiversionCause]
    DIVERSION_CAUSE_DIVERSION_IN_TRANSIT: _ClassVar[DiversionCause]
    DIVERSION_CAUSE_BATTLEFIELD_CAPTURE: _ClassVar[DiversionCause]
    DIVERSION_CAUSE_STRAW_PURCHASE: _ClassVar[DiversionCause]
    DIVERSION_CAUSE_CONVERSION: _ClassVar[DiversionCause]
    DIVERSION_CAUSE_UNKNOWN: _ClassVar[DiversionCause]

class Fate(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FATE_UNSPECIFIED: _ClassVar[Fate]
    FATE_LAWFULLY_HELD: _ClassVar[Fate]
    FATE_IN_STOCK: _ClassVar[Fate]
    FATE_DESTROYED: _ClassVar[Fate]
    FATE_DEACTIVATED: _ClassVar[Fate]
    FATE_LOST: _ClassVar[Fate]
    FATE_STOLEN: _ClassVar[Fate]

class ClarificationStep(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLARIFICATION_STEP_UNSPECIFIED: _ClassVar[ClarificationStep]
    CLARIFICATION_STEP_QUESTION: _ClassVar[ClarificationStep]
    CLARIFICATION_STEP_REPLY: _ClassVar[ClarificationStep]

class ClarificationCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLARIFICATION_CODE_UNSPECIFIED: _ClassVar[ClarificationCode]
    CLARIFICATION_CODE_REASONS: _ClassVar[ClarificationCode]
    CLARIFICATION_CODE_IDENTIFICATION: _ClassVar[ClarificationCode]
    CLARIFICATION_CODE_LINEAGE: _ClassVar[ClarificationCode]
    CLARIFICATION_CODE_DATES: _ClassVar[ClarificationCode]
    CLARIFICATION_CODE_RESTRICTIONS: _ClassVar[ClarificationCode]
    CLARIFICATION_CODE_OTHER: _ClassVar[ClarificationCode]

class AmendmentReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AMENDMENT_REASON_UNSPECIFIED: _ClassVar[AmendmentReason]
    AMENDMENT_REASON_TRANSCRIPTION_ERROR: _ClassVar[AmendmentReason]
    AMENDMENT_REASON_WRONG_IDENTIFICATION: _ClassVar[AmendmentReason]
    AMENDMENT_REASON_NEW_INFORMATION: _ClassVar[AmendmentReason]
    AMENDMENT_REASON_WRONG_RELEASE: _ClassVar[AmendmentReason]
    AMENDMENT_REASON_HANDLING_CHANGED: _ClassVar[AmendmentReason]

class AmendmentEffect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AMENDMENT_EFFECT_UNSPECIFIED: _ClassVar[AmendmentEffect]
    AMENDMENT_EFFECT_REPLACE: _ClassVar[AmendmentEffect]
    AMENDMENT_EFFECT_ADD: _ClassVar[AmendmentEffect]
    AMENDMENT_EFFECT_RECALL: _ClassVar[AmendmentEffect]

class WithdrawalStep(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WITHDRAWAL_STEP_UNSPECIFIED: _ClassVar[WithdrawalStep]
    WITHDRAWAL_STEP_ASKED: _ClassVar[WithdrawalStep]
    WITHDRAWAL_STEP_DELETED: _ClassVar[WithdrawalStep]
    WITHDRAWAL_STEP_KEPT_BY_LAW: _ClassVar[WithdrawalStep]

class WithdrawalReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WITHDRAWAL_REASON_UNSPECIFIED: _ClassVar[WithdrawalReason]
    WITHDRAWAL_REASON_SENT_IN_ERROR: _ClassVar[WithdrawalReason]
    WITHDRAWAL_REASON_SOLVED_OTHERWISE: _ClassVar[WithdrawalReason]
    WITHDRAWAL_REASON_DUPLICATE: _ClassVar[WithdrawalReason]
    WITHDRAWAL_REASON_NO_LONGER_NEEDED: _ClassVar[WithdrawalReason]
    WITHDRAWAL_REASON_WRONG_ADDRESSEE: _ClassVar[WithdrawalReason]

class ClosureCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLOSURE_CODE_UNSPECIFIED: _ClassVar[ClosureCode]
    CLOSURE_CODE_ANSWERED: _ClassVar[ClosureCode]
    CLOSURE_CODE_ANSWERED_IN_PART: _ClassVar[ClosureCode]
    CLOSURE_CODE_REFUSED: _ClassVar[ClosureCode]
    CLOSURE_CODE_NO_RESPONSE: _ClassVar[ClosureCode]
    CLOSURE_CODE_WITHDRAWN: _ClassVar[ClosureCode]
    CLOSURE_CODE_DUPLICATE: _ClassVar[ClosureCode]
    CLOSURE_CODE_INVALID_REQUEST: _ClassVar[ClosureCode]
    CLOSURE_CODE_REFERRED_OUT: _ClassVar[ClosureCode]

class ClosureResult(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLOSURE_RESULT_UNSPECIFIED: _ClassVar[ClosureResult]
    CLOSURE_RESULT_LEAD: _ClassVar[ClosureResult]
    CLOSURE_RESULT_PROSECUTION: _ClassVar[ClosureResult]
    CLOSURE_RESULT_EMBARGO_FINDING: _ClassVar[ClosureResult]
    CLOSURE_RESULT_NONE: _ClassVar[ClosureResult]

class ConsentStep(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_STEP_UNSPECIFIED: _ClassVar[ConsentStep]
    CONSENT_STEP_ASKED: _ClassVar[ConsentStep]
    CONSENT_STEP_DECIDED: _ClassVar[ConsentStep]
    CONSENT_STEP_REVOKED: _ClassVar[ConsentStep]

class ConsentDecision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_DECISION_UNSPECIFIED: _ClassVar[ConsentDecision]
    CONSENT_DECISION_GRANTED: _ClassVar[ConsentDecision]
    CONSENT_DECISION_DENIED: _ClassVar[ConsentDecision]
URGENCY_UNSPECIFIED: Urgency
URGENCY_ROUTINE: Urgency
URGENCY_URGENT: Urgency
URGENCY_REASON_UNSPECIFIED: UrgencyReason
URGENCY_REASON_DANGER_TO_LIFE: UrgencyReason
URGENCY_REASON_DETENTION: UrgencyReason
URGENCY_REASON_ONGOING_OPERATION: UrgencyReason
URGENCY_REASON_COURT_DATE: UrgencyReason
URGENCY_REASON_ITEM_LEAVES_CUSTODY: UrgencyReason
URGENCY_REASON_OTHER: UrgencyReason
QUESTION_UNSPECIFIED: Question
QUESTION_CONFIRM_IDENTIFICATION: Question
QUESTION_FIRST_RECIPIENT: Question
QUESTION_LAST_RECORDED_HOLDER: Question
QUESTION_EXPORTER: Question
QUESTION_LICENCE: Question
QUESTION_POINT_OF_DIVERSION: Question
QUESTION_LOST_OR_STOLEN: Question
QUESTION_CONSIGNMENT: Question
ADDRESSED_BECAUSE_UNSPECIFIED: AddressedBecause
ADDRESSED_BECAUSE_MANUFACTURE: AddressedBecause
ADDRESSED_BECAUSE_LAST_IMPORT: AddressedBecause
ADDRESSED_BECAUSE_PROPERTY_MARK: AddressedBecause
ADDRESSED_BECAUSE_REDIRECTED: AddressedBecause
ADDRESSED_BECAUSE_OTHER_LINK: AddressedBecause
MOVEMENT_DIRECTION_UNSPECIFIED: MovementDirection
MOVEMENT_DIRECTION_IMPORT: MovementDirection
MOVEMENT_DIRECTION_EXPORT: MovementDirection
MOVEMENT_DIRECTION_TRANSIT: MovementDirection
MOVEMENT_DIRECTION_INTERNAL: MovementDirection
TRANSPORT_MODE_UNSPECIFIED: TransportMode
TRANSPORT_MODE_SEA: TransportMode
TRANSPORT_MODE_AIR: TransportMode
TRANSPORT_MODE_ROAD: TransportMode
TRANSPORT_MODE_RAIL: TransportMode
TRANSPORT_MODE_POST_OR_EXPRESS: TransportMode
TRANSPORT_MODE_FOOT: TransportMode
PERSON_ROLE_UNSPECIFIED: PersonRole
PERSON_ROLE_OWNER: PersonRole
PERSON_ROLE_BUYER: PersonRole
PERSON_ROLE_POSSESSOR: PersonRole
PERSON_ROLE_SUSPECT: PersonRole
PERSON_ROLE_ASSOCIATE: PersonRole
PERSON_ROLE_WITNESS: PersonRole
PERSON_ROLE_VICTIM: PersonRole
PERSON_ROLE_SELLER: PersonRole
PERSON_ROLE_CONSIGNOR: PersonRole
PERSON_ROLE_CONSIGNEE: PersonRole
PERSON_ROLE_CARRIER: PersonRole
COMPANY_ROLE_UNSPECIFIED: CompanyRole
COMPANY_ROLE_MANUFACTURER: CompanyRole
COMPANY_ROLE_EXPORTER: CompanyRole
COMPANY_ROLE_IMPORTER: CompanyRole
COMPANY_ROLE_DEALER: CompanyRole
COMPANY_ROLE_BROKER: CompanyRole
COMPANY_ROLE_CARRIER: CompanyRole
COMPANY_ROLE_CONSIGNOR: CompanyRole
COMPANY_ROLE_CONSIGNEE: CompanyRole
COMPANY_ROLE_HOLDER: CompanyRole
PARALLEL_SYSTEM_UNSPECIFIED: ParallelSystem
PARALLEL_SYSTEM_IARMS: ParallelSystem
PARALLEL_SYSTEM_ETRACE: ParallelSystem
PARALLEL_SYSTEM_PANEL: ParallelSystem
PARALLEL_SYSTEM_BALLISTICS: ParallelSystem
PARALLEL_SYSTEM_LETTER: ParallelSystem
PARALLEL_SYSTEM_OTHER: ParallelSystem
FORMAL_CHECK_UNSPECIFIED: FormalCheck
FORMAL_CHECK_COMPLETE: FormalCheck
FORMAL_CHECK_INCOMPLETE: FormalCheck
OBJECTION_REASON_UNSPECIFIED: ObjectionReason
OBJECTION_REASON_LEGAL: ObjectionReason
OBJECTION_REASON_CONSTITUTIONAL: ObjectionReason
OBJECTION_REASON_ADMINISTRATIVE: ObjectionReason
SUPPLY_STATE_UNSPECIFIED: SupplyState
SUPPLY_STATE_SUPPLIED: SupplyState
SUPPLY_STATE_NOT_AVAILABLE: SupplyState
SUPPLY_STATE_LATER: SupplyState
REDIRECT_REASON_UNSPECIFIED: RedirectReason
REDIRECT_REASON_EXPORTED_TO: RedirectReason
REDIRECT_REASON_IMPORTED_FROM: RedirectReason
REDIRECT_REASON_MADE_UNDER_LICENCE_IN: RedirectReason
REDIRECT_REASON_NOT_OURS: RedirectReason
REDIRECT_REASON_OTHER_POINT_OF_CONTACT: RedirectReason
REFERRAL_MODE_UNSPECIFIED: ReferralMode
REFERRAL_MODE_HAND_OVER: ReferralMode
REFERRAL_MODE_COPY: ReferralMode
PROCESSING_STATE_UNSPECIFIED: ProcessingState
PROCESSING_STATE_NOT_STARTED: ProcessingState
PROCESSING_STATE_UNDER_TRACE: ProcessingState
PROCESSING_STATE_WAITING_FOR_CUSTODIAN: ProcessingState
PROCESSING_STATE_WAITING_FOR_YOU: ProcessingState
PROCESSING_STATE_REMINDER: ProcessingState
PROCESSING_STATE_ESCALATED: ProcessingState
PROCESSING_STATE_REOPENED: ProcessingState
IDENTIFICATION_UNSPECIFIED: Identification
IDENTIFICATION_CONFIRMED: Identification
IDENTIFICATION_CORRECTED: Identification
IDENTIFICATION_SEVERAL_CANDIDATES: Identification
IDENTIFICATION_NOT_IDENTIFIED: Identification
IDENTIFICATION_COPY_OR_FALSE_MARKS: Identification
IDENTIFICATION_CRAFT_PRINTED_OR_CONVERTED: Identification
REACH_UNSPECIFIED: Reach
REACH_NONE: Reach
REACH_MAKER: Reach
REACH_FIRST_RECIPIENT: Reach
REACH_LAST_RECORDED_HOLDER: Reach
REACH_POINT_OF_DIVERSION: Reach
STOPPED_BECAUSE_UNSPECIFIED: StoppedBecause
STOPPED_BECAUSE_NOT_STOPPED: StoppedBecause
STOPPED_BECAUSE_EXPORTED: StoppedBecause
STOPPED_BECAUSE_RECORDS_LAPSED: StoppedBecause
STOPPED_BECAUSE_NEVER_RECORDED: StoppedBecause
STOPPED_BECAUSE_NOT_OURS: StoppedBecause
STOPPED_BECAUSE_STILL_LAWFULLY_HELD: StoppedBecause
STOPPED_BECAUSE_DESTROYED_OR_DEACTIVATED: StoppedBecause
STOPPED_BECAUSE_LOST_OR_STOLEN: StoppedBecause
STOPPED_BECAUSE_HOLDER_OR_MAKER_SILENT: StoppedBecause
STOPPED_BECAUSE_WITHHELD: StoppedBecause
STOPPED_BECAUSE_DATA_INSUFFICIENT: StoppedBecause
STOPPED_BECAUSE_DUPLICATE: StoppedBecause
STOPPED_BECAUSE_OTHER: StoppedBecause
EVIDENTIAL_USE_UNSPECIFIED: EvidentialUse
EVIDENTIAL_USE_LEAD_ONLY: EvidentialUse
EVIDENTIAL_USE_MAY_BE_USED_IN_COURT: EvidentialUse
EVIDENTIAL_USE_ASK_BY_MUTUAL_LEGAL_ASSISTANCE: EvidentialUse
MAY_BE_SHOWN_TO_UNSPECIFIED: MayBeShownTo
MAY_BE_SHOWN_TO_INVESTIGATORS: MayBeShownTo
MAY_BE_SHOWN_TO_PROSECUTORS: MayBeShownTo
MAY_BE_SHOWN_TO_COURTS: MayBeShownTo
MAY_BE_SHOWN_TO_CUSTOMS: MayBeShownTo
MAY_BE_SHOWN_TO_LICENSING: MayBeShownTo
MAY_BE_SHOWN_TO_MAKER: MayBeShownTo
MAY_BE_SHOWN_TO_PANEL: MayBeShownTo
MAY_BE_SHOWN_TO_MEMBERS_ASKED_NEXT: MayBeShownTo
LINEAGE_EVENT_KIND_UNSPECIFIED: LineageEventKind
LINEAGE_EVENT_KIND_MADE: LineageEventKind
LINEAGE_EVENT_KIND_PROOFED: LineageEventKind
LINEAGE_EVENT_KIND_EXPORTED: LineageEventKind
LINEAGE_EVENT_KIND_IMPORTED: LineageEventKind
LINEAGE_EVENT_KIND_SOLD_TO_STATE: LineageEventKind
LINEAGE_EVENT_KIND_SOLD_TO_DEALER: LineageEventKind
LINEAGE_EVENT_KIND_SOLD_TO_INDIVIDUAL: LineageEventKind
LINEAGE_EVENT_KIND_TRANSFERRED: LineageEventKind
LINEAGE_EVENT_KIND_REEXPORTED: LineageEventKind
LINEAGE_EVENT_KIND_LOST: LineageEventKind
LINEAGE_EVENT_KIND_STOLEN: LineageEventKind
LINEAGE_EVENT_KIND_WRITTEN_OFF: LineageEventKind
LINEAGE_EVENT_KIND_DESTROYED: LineageEventKind
LINEAGE_EVENT_KIND_DEACTIVATED: LineageEventKind
LINEAGE_EVENT_KIND_DIVERTED: LineageEventKind
LINEAGE_EVENT_KIND_SEIZED: LineageEventKind
HOLDER_KIND_UNSPECIFIED: HolderKind
HOLDER_KIND_MAKER: HolderKind
HOLDER_KIND_ARMED_FORCES: HolderKind
HOLDER_KIND_POLICE: HolderKind
HOLDER_KIND_OTHER_STATE_BODY: HolderKind
HOLDER_KIND_DEALER: HolderKind
HOLDER_KIND_COMPANY: HolderKind
HOLDER_KIND_INDIVIDUAL: HolderKind
HOLDER_KIND_PEACE_OPERATION: HolderKind
HOLDER_KIND_NON_STATE_ARMED_GROUP: HolderKind
HOLDER_KIND_UNKNOWN: HolderKind
RECORD_SOURCE_UNSPECIFIED: RecordSource
RECORD_SOURCE_LEDGER: RecordSource
RECORD_SOURCE_DATABASE: RecordSource
RECORD_SOURCE_MAKERS_LETTER: RecordSource
RECORD_SOURCE_LICENCE_FILE: RecordSource
RECORD_SOURCE_CUSTOMS_FILE: RecordSource
RECORD_SOURCE_POLICE_FILE: RecordSource
RECORD_SOURCE_STATEMENT: RecordSource
RECORD_SOURCE_OTHER: RecordSource
DIVERSION_CAUSE_UNSPECIFIED: DiversionCause
DIVERSION_CAUSE_THEFT: DiversionCause
DIVERSION_CAUSE_LOSS: DiversionCause
DIVERSION_CAUSE_CORRUPT_SALE: DiversionCause
DIVERSION_CAUSE_UNAUTHORISED_RETRANSFER: DiversionCause
DIVERSION_CAUSE_FALSE_END_USER_CERTIFICATE: DiversionCause
DIVERSION_CAUSE_DIVERSION_IN_TRANSIT: DiversionCause
DIVERSION_CAUSE_BATTLEFIELD_CAPTURE: DiversionCause
DIVERSION_CAUSE_STRAW_PURCHASE: DiversionCause
DIVERSION_CAUSE_CONVERSION: DiversionCause
DIVERSION_CAUSE_UNKNOWN: DiversionCause
FATE_UNSPECIFIED: Fate
FATE_LAWFULLY_HELD: Fate
FATE_IN_STOCK: Fate
FATE_DESTROYED: Fate
FATE_DEACTIVATED: Fate
FATE_LOST: Fate
FATE_STOLEN: Fate
CLARIFICATION_STEP_UNSPECIFIED: ClarificationStep
CLARIFICATION_STEP_QUESTION: ClarificationStep
CLARIFICATION_STEP_REPLY: ClarificationStep
CLARIFICATION_CODE_UNSPECIFIED: ClarificationCode
CLARIFICATION_CODE_REASONS: ClarificationCode
CLARIFICATION_CODE_IDENTIFICATION: ClarificationCode
CLARIFICATION_CODE_LINEAGE: ClarificationCode
CLARIFICATION_CODE_DATES: ClarificationCode
CLARIFICATION_CODE_RESTRICTIONS: ClarificationCode
CLARIFICATION_CODE_OTHER: ClarificationCode
AMENDMENT_REASON_UNSPECIFIED: AmendmentReason
AMENDMENT_REASON_TRANSCRIPTION_ERROR: AmendmentReason
AMENDMENT_REASON_WRONG_IDENTIFICATION: AmendmentReason
AMENDMENT_REASON_NEW_INFORMATION: AmendmentReason
AMENDMENT_REASON_WRONG_RELEASE: AmendmentReason
AMENDMENT_REASON_HANDLING_CHANGED: AmendmentReason
AMENDMENT_EFFECT_UNSPECIFIED: AmendmentEffect
AMENDMENT_EFFECT_REPLACE: AmendmentEffect
AMENDMENT_EFFECT_ADD: AmendmentEffect
AMENDMENT_EFFECT_RECALL: AmendmentEffect
WITHDRAWAL_STEP_UNSPECIFIED: WithdrawalStep
WITHDRAWAL_STEP_ASKED: WithdrawalStep
WITHDRAWAL_STEP_DELETED: WithdrawalStep
WITHDRAWAL_STEP_KEPT_BY_LAW: WithdrawalStep
WITHDRAWAL_REASON_UNSPECIFIED: WithdrawalReason
WITHDRAWAL_REASON_SENT_IN_ERROR: WithdrawalReason
WITHDRAWAL_REASON_SOLVED_OTHERWISE: WithdrawalReason
WITHDRAWAL_REASON_DUPLICATE: WithdrawalReason
WITHDRAWAL_REASON_NO_LONGER_NEEDED: WithdrawalReason
WITHDRAWAL_REASON_WRONG_ADDRESSEE: WithdrawalReason
CLOSURE_CODE_UNSPECIFIED: ClosureCode
CLOSURE_CODE_ANSWERED: ClosureCode
CLOSURE_CODE_ANSWERED_IN_PART: ClosureCode
CLOSURE_CODE_REFUSED: ClosureCode
CLOSURE_CODE_NO_RESPONSE: ClosureCode
CLOSURE_CODE_WITHDRAWN: ClosureCode
CLOSURE_CODE_DUPLICATE: ClosureCode
CLOSURE_CODE_INVALID_REQUEST: ClosureCode
CLOSURE_CODE_REFERRED_OUT: ClosureCode
CLOSURE_RESULT_UNSPECIFIED: ClosureResult
CLOSURE_RESULT_LEAD: ClosureResult
CLOSURE_RESULT_PROSECUTION: ClosureResult
CLOSURE_RESULT_EMBARGO_FINDING: ClosureResult
CLOSURE_RESULT_NONE: ClosureResult
CONSENT_STEP_UNSPECIFIED: ConsentStep
CONSENT_STEP_ASKED: ConsentStep
CONSENT_STEP_DECIDED: ConsentStep
CONSENT_STEP_REVOKED: ConsentStep
CONSENT_DECISION_UNSPECIFIED: ConsentDecision
CONSENT_DECISION_GRANTED: ConsentDecision
CONSENT_DECISION_DENIED: ConsentDecision

class TraceRequest(_message.Message):
    __slots__ = ("file_number", "items", "handling_instructions", "urgency", "urgency_reason", "reply_by", "questions", "addressed_because", "illicit_grounds", "ground_text", "legal_provision", "intended_use_detail", "guarantees_restrictions", "no_guarantee_reason", "languages", "office", "contacts", "circumstances", "persons", "companies", "parallel_requests", "previous_attempts", "referral_consents", "withheld", "named_desks", "readers", "on_behalf_of", "mandate_digest", "exhibits")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    URGENCY_FIELD_NUMBER: _ClassVar[int]
    URGENCY_REASON_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    ADDRESSED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    ILLICIT_GROUNDS_FIELD_NUMBER: _ClassVar[int]
    GROUND_TEXT_FIELD_NUMBER: _ClassVar[int]
    LEGAL_PROVISION_FIELD_NUMBER: _ClassVar[int]
    INTENDED_USE_DETAIL_FIELD_NUMBER: _ClassVar[int]
    GUARANTEES_RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    NO_GUARANTEE_REASON_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    CIRCUMSTANCES_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    COMPANIES_FIELD_NUMBER: _ClassVar[int]
    PARALLEL_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_CONSENTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    ON_BEHALF_OF_FIELD_NUMBER: _ClassVar[int]
    MANDATE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    EXHIBITS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    items: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.Item]
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    urgency: Urgency
    urgency_reason: UrgencyReason
    reply_by: str
    questions: _containers.RepeatedScalarFieldContainer[Question]
    addressed_because: _containers.RepeatedScalarFieldContainer[AddressedBecause]
    illicit_grounds: _containers.RepeatedScalarFieldContainer[_weapon_pb2.IllicitGround]
    ground_text: str
    legal_provision: str
    intended_use_detail: str
    guarantees_restrictions: bool
    no_guarantee_reason: str
    languages: _containers.RepeatedScalarFieldContainer[str]
    office: _terms_pb2.Office
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    circumstances: Circumstances
    persons: _containers.RepeatedCompositeFieldContainer[Person]
    companies: _containers.RepeatedCompositeFieldContainer[Company]
    parallel_requests: _containers.RepeatedCompositeFieldContainer[ParallelRequest]
    previous_attempts: int
    referral_consents: _containers.RepeatedScalarFieldContainer[str]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    on_behalf_of: str
    mandate_digest: str
    exhibits: _containers.RepeatedCompositeFieldContainer[_share_pb2.Exhibit]
    def __init__(self, file_number: _Optional[str] = ..., items: _Optional[_Iterable[_Union[_weapon_pb2.Item, _Mapping]]] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., urgency: _Optional[_Union[Urgency, str]] = ..., urgency_reason: _Optional[_Union[UrgencyReason, str]] = ..., reply_by: _Optional[str] = ..., questions: _Optional[_Iterable[_Union[Question, str]]] = ..., addressed_because: _Optional[_Iterable[_Union[AddressedBecause, str]]] = ..., illicit_grounds: _Optional[_Iterable[_Union[_weapon_pb2.IllicitGround, str]]] = ..., ground_text: _Optional[str] = ..., legal_provision: _Optional[str] = ..., intended_use_detail: _Optional[str] = ..., guarantees_restrictions: _Optional[bool] = ..., no_guarantee_reason: _Optional[str] = ..., languages: _Optional[_Iterable[str]] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., circumstances: _Optional[_Union[Circumstances, _Mapping]] = ..., persons: _Optional[_Iterable[_Union[Person, _Mapping]]] = ..., companies: _Optional[_Iterable[_Union[Company, _Mapping]]] = ..., parallel_requests: _Optional[_Iterable[_Union[ParallelRequest, _Mapping]]] = ..., previous_attempts: _Optional[int] = ..., referral_consents: _Optional[_Iterable[str]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ..., on_behalf_of: _Optional[str] = ..., mandate_digest: _Optional[str] = ..., exhibits: _Optional[_Iterable[_Union[_share_pb2.Exhibit, _Mapping]]] = ...) -> None: ...

class Circumstances(_message.Message):
    __slots__ = ("found_situation", "found_on", "country", "region_code", "region", "border_point", "exact_place", "summary", "narrative", "crime_category", "crime_number", "court_number", "investigating_office", "ballistics_reference", "direction", "transport_mode", "route_countries", "conveyance", "container_numbers", "waybill_number", "parcel_number", "concealment", "scene_photographs", "scene_attachments")
    FOUND_SITUATION_FIELD_NUMBER: _ClassVar[int]
    FOUND_ON_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    BORDER_POINT_FIELD_NUMBER: _ClassVar[int]
    EXACT_PLACE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    NARRATIVE_FIELD_NUMBER: _ClassVar[int]
    CRIME_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    CRIME_NUMBER_FIELD_NUMBER: _ClassVar[int]
    COURT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    INVESTIGATING_OFFICE_FIELD_NUMBER: _ClassVar[int]
    BALLISTICS_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_MODE_FIELD_NUMBER: _ClassVar[int]
    ROUTE_COUNTRIES_FIELD_NUMBER: _ClassVar[int]
    CONVEYANCE_FIELD_NUMBER: _ClassVar[int]
    CONTAINER_NUMBERS_FIELD_NUMBER: _ClassVar[int]
    WAYBILL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PARCEL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CONCEALMENT_FIELD_NUMBER: _ClassVar[int]
    SCENE_PHOTOGRAPHS_FIELD_NUMBER: _ClassVar[int]
    SCENE_ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    found_situation: _weapon_pb2.FoundSituation
    found_on: str
    country: str
    region_code: str
    region: str
    border_point: str
    exact_place: str
    summary: str
    narrative: str
    crime_category: str
    crime_number: str
    court_number: str
    investigating_office: str
    ballistics_reference: str
    direction: MovementDirection
    transport_mode: TransportMode
    route_countries: _containers.RepeatedScalarFieldContainer[str]
    conveyance: str
    container_numbers: _containers.RepeatedScalarFieldContainer[str]
    waybill_number: str
    parcel_number: str
    concealment: str
    scene_photographs: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.ScenePhotograph]
    scene_attachments: _containers.RepeatedCompositeFieldContainer[_attachment_pb2.SceneAttachment]
    def __init__(self, found_situation: _Optional[_Union[_weapon_pb2.FoundSituation, str]] = ..., found_on: _Optional[str] = ..., country: _Optional[str] = ..., region_code: _Optional[str] = ..., region: _Optional[str] = ..., border_point: _Optional[str] = ..., exact_place: _Optional[str] = ..., summary: _Optional[str] = ..., narrative: _Optional[str] = ..., crime_category: _Optional[str] = ..., crime_number: _Optional[str] = ..., court_number: _Optional[str] = ..., investigating_office: _Optional[str] = ..., ballistics_reference: _Optional[str] = ..., direction: _Optional[_Union[MovementDirection, str]] = ..., transport_mode: _Optional[_Union[TransportMode, str]] = ..., route_countries: _Optional[_Iterable[str]] = ..., conveyance: _Optional[str] = ..., container_numbers: _Optional[_Iterable[str]] = ..., waybill_number: _Optional[str] = ..., parcel_number: _Optional[str] = ..., concealment: _Optional[str] = ..., scene_photographs: _Optional[_Iterable[_Union[_weapon_pb2.ScenePhotograph, _Mapping]]] = ..., scene_attachments: _Optional[_Iterable[_Union[_attachment_pb2.SceneAttachment, _Mapping]]] = ...) -> None: ...

class Person(_message.Message):
    __slots__ = ("role", "name", "other_names", "born_on", "address", "nationality", "document_number", "item_ids", "event_index", "note", "source_digest")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OTHER_NAMES_FIELD_NUMBER: _ClassVar[int]
    BORN_ON_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NATIONALITY_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    EVENT_INDEX_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    role: PersonRole
    name: str
    other_names: _containers.RepeatedScalarFieldContainer[str]
    born_on: str
    address: str
    nationality: str
    document_number: str
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    event_index: int
    note: str
    source_digest: str
    def __init__(self, role: _Optional[_Union[PersonRole, str]] = ..., name: _Optional[str] = ..., other_names: _Optional[_Iterable[str]] = ..., born_on: _Optional[str] = ..., address: _Optional[str] = ..., nationality: _Optional[str] = ..., document_number: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ..., event_index: _Optional[int] = ..., note: _Optional[str] = ..., source_digest: _Optional[str] = ...) -> None: ...

class Company(_message.Message):
    __slots__ = ("role", "name", "country", "registration_number", "address", "item_ids")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    role: CompanyRole
    name: str
    country: str
    registration_number: str
    address: str
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, role: _Optional[_Union[CompanyRole, str]] = ..., name: _Optional[str] = ..., country: _Optional[str] = ..., registration_number: _Optional[str] = ..., address: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ParallelRequest(_message.Message):
    __slots__ = ("system", "reference", "sent_on")
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    SENT_ON_FIELD_NUMBER: _ClassVar[int]
    system: ParallelSystem
    reference: str
    sent_on: str
    def __init__(self, system: _Optional[_Union[ParallelSystem, str]] = ..., reference: _Optional[str] = ..., sent_on: _Optional[str] = ...) -> None: ...

class Acknowledgement(_message.Message):
    __slots__ = ("received_at", "file_number", "office", "contacts", "items_counted", "formal_check", "missing", "restrictions_accepted", "restrictions_not_accepted", "confidentiality_accepted", "expected_on", "no_date", "languages", "automatic", "withheld", "named_desks", "readers")
    RECEIVED_AT_FIELD_NUMBER: _ClassVar[int]
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_COUNTED_FIELD_NUMBER: _ClassVar[int]
    FORMAL_CHECK_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    RESTRICTIONS_ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    RESTRICTIONS_NOT_ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    CONFIDENTIALITY_ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_ON_FIELD_NUMBER: _ClassVar[int]
    NO_DATE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    AUTOMATIC_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    received_at: str
    file_number: str
    office: _terms_pb2.Office
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    items_counted: int
    formal_check: FormalCheck
    missing: _containers.RepeatedCompositeFieldContainer[NeededInformation]
    restrictions_accepted: _containers.RepeatedScalarFieldContainer[_terms_pb2.RestrictionCode]
    restrictions_not_accepted: _containers.RepeatedCompositeFieldContainer[RestrictionObjection]
    confidentiality_accepted: bool
    expected_on: str
    no_date: bool
    languages: _containers.RepeatedScalarFieldContainer[str]
    automatic: bool
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, received_at: _Optional[str] = ..., file_number: _Optional[str] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., items_counted: _Optional[int] = ..., formal_check: _Optional[_Union[FormalCheck, str]] = ..., missing: _Optional[_Iterable[_Union[NeededInformation, _Mapping]]] = ..., restrictions_accepted: _Optional[_Iterable[_Union[_terms_pb2.RestrictionCode, str]]] = ..., restrictions_not_accepted: _Optional[_Iterable[_Union[RestrictionObjection, _Mapping]]] = ..., confidentiality_accepted: _Optional[bool] = ..., expected_on: _Optional[str] = ..., no_date: _Optional[bool] = ..., languages: _Optional[_Iterable[str]] = ..., automatic: _Optional[bool] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class NeededInformation(_message.Message):
    __slots__ = ("item_id", "code")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    code: _terms_pb2.InformationCode
    def __init__(self, item_id: _Optional[str] = ..., code: _Optional[_Union[_terms_pb2.InformationCode, str]] = ...) -> None: ...

class RestrictionObjection(_message.Message):
    __slots__ = ("code", "reason", "detail")
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    code: _terms_pb2.RestrictionCode
    reason: ObjectionReason
    detail: str
    def __init__(self, code: _Optional[_Union[_terms_pb2.RestrictionCode, str]] = ..., reason: _Optional[_Union[ObjectionReason, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class InformationRequest(_message.Message):
    __slots__ = ("file_number", "needed", "reply_by", "explanation", "candidates", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    NEEDED_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    needed: _containers.RepeatedCompositeFieldContainer[NeededInformation]
    reply_by: str
    explanation: str
    candidates: _containers.RepeatedCompositeFieldContainer[CandidateCount]
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., needed: _Optional[_Iterable[_Union[NeededInformation, _Mapping]]] = ..., reply_by: _Optional[str] = ..., explanation: _Optional[str] = ..., candidates: _Optional[_Iterable[_Union[CandidateCount, _Mapping]]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class CandidateCount(_message.Message):
    __slots__ = ("item_id", "count")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    count: int
    def __init__(self, item_id: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class InformationSupply(_message.Message):
    __slots__ = ("file_number", "supplied", "items", "ground_text", "legal_provision", "illicit_grounds", "intended_use_detail", "guarantees_restrictions", "circumstances", "persons", "companies", "explanation", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    SUPPLIED_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    GROUND_TEXT_FIELD_NUMBER: _ClassVar[int]
    LEGAL_PROVISION_FIELD_NUMBER: _ClassVar[int]
    ILLICIT_GROUNDS_FIELD_NUMBER: _ClassVar[int]
    INTENDED_USE_DETAIL_FIELD_NUMBER: _ClassVar[int]
    GUARANTEES_RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    CIRCUMSTANCES_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    COMPANIES_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    supplied: _containers.RepeatedCompositeFieldContainer[SuppliedInformation]
    items: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.Item]
    ground_text: str
    legal_provision: str
    illicit_grounds: _containers.RepeatedScalarFieldContainer[_weapon_pb2.IllicitGround]
    intended_use_detail: str
    guarantees_restrictions: bool
    circumstances: Circumstances
    persons: _containers.RepeatedCompositeFieldContainer[Person]
    companies: _containers.RepeatedCompositeFieldContainer[Company]
    explanation: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., supplied: _Optional[_Iterable[_Union[SuppliedInformation, _Mapping]]] = ..., items: _Optional[_Iterable[_Union[_weapon_pb2.Item, _Mapping]]] = ..., ground_text: _Optional[str] = ..., legal_provision: _Optional[str] = ..., illicit_grounds: _Optional[_Iterable[_Union[_weapon_pb2.IllicitGround, str]]] = ..., intended_use_detail: _Optional[str] = ..., guarantees_restrictions: _Optional[bool] = ..., circumstances: _Optional[_Union[Circumstances, _Mapping]] = ..., persons: _Optional[_Iterable[_Union[Person, _Mapping]]] = ..., companies: _Optional[_Iterable[_Union[Company, _Mapping]]] = ..., explanation: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class SuppliedInformation(_message.Message):
    __slots__ = ("item_id", "code", "state")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    code: _terms_pb2.InformationCode
    state: SupplyState
    def __init__(self, item_id: _Optional[str] = ..., code: _Optional[_Union[_terms_pb2.InformationCode, str]] = ..., state: _Optional[_Union[SupplyState, str]] = ...) -> None: ...

class Redirect(_message.Message):
    __slots__ = ("file_number", "redirections", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REDIRECTIONS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    redirections: _containers.RepeatedCompositeFieldContainer[Redirection]
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., redirections: _Optional[_Iterable[_Union[Redirection, _Mapping]]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Redirection(_message.Message):
    __slots__ = ("item_id", "ask_member", "ask_country", "reason", "event_on", "consignment_reference", "note")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    ASK_MEMBER_FIELD_NUMBER: _ClassVar[int]
    ASK_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EVENT_ON_FIELD_NUMBER: _ClassVar[int]
    CONSIGNMENT_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    ask_member: str
    ask_country: str
    reason: RedirectReason
    event_on: str
    consignment_reference: str
    note: str
    def __init__(self, item_id: _Optional[str] = ..., ask_member: _Optional[str] = ..., ask_country: _Optional[str] = ..., reason: _Optional[_Union[RedirectReason, str]] = ..., event_on: _Optional[str] = ..., consignment_reference: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class Referral(_message.Message):
    __slots__ = ("file_number", "requester", "request_thread", "request_digest", "item_ids", "reason", "reason_text", "mode", "consent_digest", "lineage_visible_to", "exhibits", "answers", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_THREAD_FIELD_NUMBER: _ClassVar[int]
    REQUEST_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REASON_TEXT_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    CONSENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    LINEAGE_VISIBLE_TO_FIELD_NUMBER: _ClassVar[int]
    EXHIBITS_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    requester: str
    request_thread: str
    request_digest: str
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    reason: RedirectReason
    reason_text: str
    mode: ReferralMode
    consent_digest: str
    lineage_visible_to: _containers.RepeatedScalarFieldContainer[str]
    exhibits: _containers.RepeatedCompositeFieldContainer[_share_pb2.Exhibit]
    answers: _containers.RepeatedCompositeFieldContainer[Answer]
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., requester: _Optional[str] = ..., request_thread: _Optional[str] = ..., request_digest: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ..., reason: _Optional[_Union[RedirectReason, str]] = ..., reason_text: _Optional[str] = ..., mode: _Optional[_Union[ReferralMode, str]] = ..., consent_digest: _Optional[str] = ..., lineage_visible_to: _Optional[_Iterable[str]] = ..., exhibits: _Optional[_Iterable[_Union[_share_pb2.Exhibit, _Mapping]]] = ..., answers: _Optional[_Iterable[_Union[Answer, _Mapping]]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Status(_message.Message):
    __slots__ = ("file_number", "state", "as_of", "expected_on", "reminder_number", "escalated_to", "items", "note", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_ON_FIELD_NUMBER: _ClassVar[int]
    REMINDER_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ESCALATED_TO_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    state: ProcessingState
    as_of: str
    expected_on: str
    reminder_number: int
    escalated_to: str
    items: _containers.RepeatedCompositeFieldContainer[ItemProgress]
    note: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., state: _Optional[_Union[ProcessingState, str]] = ..., as_of: _Optional[str] = ..., expected_on: _Optional[str] = ..., reminder_number: _Optional[int] = ..., escalated_to: _Optional[str] = ..., items: _Optional[_Iterable[_Union[ItemProgress, _Mapping]]] = ..., note: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class ItemProgress(_message.Message):
    __slots__ = ("item_id", "state")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    state: ProcessingState
    def __init__(self, item_id: _Optional[str] = ..., state: _Optional[_Union[ProcessingState, str]] = ...) -> None: ...

class Delay(_message.Message):
    __slots__ = ("file_number", "ground", "reason_text", "new_date", "review_on", "item_ids", "part_available_now", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    REASON_TEXT_FIELD_NUMBER: _ClassVar[int]
    NEW_DATE_FIELD_NUMBER: _ClassVar[int]
    REVIEW_ON_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    PART_AVAILABLE_NOW_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    ground: _terms_pb2.WithholdingGround
    reason_text: str
    new_date: str
    review_on: str
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    part_available_now: bool
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., ground: _Optional[_Union[_terms_pb2.WithholdingGround, str]] = ..., reason_text: _Optional[str] = ..., new_date: _Optional[str] = ..., review_on: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ..., part_available_now: _Optional[bool] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Response(_message.Message):
    __slots__ = ("file_number", "answers", "final", "records_searched", "central_authority", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    RECORDS_SEARCHED_FIELD_NUMBER: _ClassVar[int]
    CENTRAL_AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    answers: _containers.RepeatedCompositeFieldContainer[Answer]
    final: bool
    records_searched: _containers.RepeatedCompositeFieldContainer[RecordSearch]
    central_authority: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[Answer, _Mapping]]] = ..., final: _Optional[bool] = ..., records_searched: _Optional[_Iterable[_Union[RecordSearch, _Mapping]]] = ..., central_authority: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Answer(_message.Message):
    __slots__ = ("item_id", "identification", "reach", "stopped_because", "stopped_because_full", "ask_member", "ask_country", "withholding_ground", "records_since", "duplicate_of", "evidential_use", "may_be_shown_to", "may_be_shown_to_members", "object", "candidates", "lineage", "lineage_dealings", "persons", "point_of_diversion", "point_of_diversion_exact_place", "recorded_fate", "crime_report_number", "stock_record", "explanation", "follow_up", "composed_from")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFICATION_FIELD_NUMBER: _ClassVar[int]
    REACH_FIELD_NUMBER: _ClassVar[int]
    STOPPED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    STOPPED_BECAUSE_FULL_FIELD_NUMBER: _ClassVar[int]
    ASK_MEMBER_FIELD_NUMBER: _ClassVar[int]
    ASK_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    WITHHOLDING_GROUND_FIELD_NUMBER: _ClassVar[int]
    RECORDS_SINCE_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_OF_FIELD_NUMBER: _ClassVar[int]
    EVIDENTIAL_USE_FIELD_NUMBER: _ClassVar[int]
    MAY_BE_SHOWN_TO_FIELD_NUMBER: _ClassVar[int]
    MAY_BE_SHOWN_TO_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    LINEAGE_FIELD_NUMBER: _ClassVar[int]
    LINEAGE_DEALINGS_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    POINT_OF_DIVERSION_FIELD_NUMBER: _ClassVar[int]
    POINT_OF_DIVERSION_EXACT_PLACE_FIELD_NUMBER: _ClassVar[int]
    RECORDED_FATE_FIELD_NUMBER: _ClassVar[int]
    CRIME_REPORT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STOCK_RECORD_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_UP_FIELD_NUMBER: _ClassVar[int]
    COMPOSED_FROM_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    identification: Identification
    reach: Reach
    stopped_because: StoppedBecause
    stopped_because_full: StoppedBecause
    ask_member: str
    ask_country: str
    withholding_ground: _terms_pb2.WithholdingGround
    records_since: str
    duplicate_of: str
    evidential_use: EvidentialUse
    may_be_shown_to: _containers.RepeatedScalarFieldContainer[MayBeShownTo]
    may_be_shown_to_members: _containers.RepeatedScalarFieldContainer[str]
    object: _weapon_pb2.Object
    candidates: _containers.RepeatedCompositeFieldContainer[Candidate]
    lineage: _containers.RepeatedCompositeFieldContainer[LineageEvent]
    lineage_dealings: _containers.RepeatedCompositeFieldContainer[LineageDealing]
    persons: _containers.RepeatedCompositeFieldContainer[Person]
    point_of_diversion: PointOfDiversion
    point_of_diversion_exact_place: str
    recorded_fate: RecordedFate
    crime_report_number: str
    stock_record: str
    explanation: str
    follow_up: str
    composed_from: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, item_id: _Optional[str] = ..., identification: _Optional[_Union[Identification, str]] = ..., reach: _Optional[_Union[Reach, str]] = ..., stopped_because: _Optional[_Union[StoppedBecause, str]] = ..., stopped_because_full: _Optional[_Union[StoppedBecause, str]] = ..., ask_member: _Optional[str] = ..., ask_country: _Optional[str] = ..., withholding_ground: _Optional[_Union[_terms_pb2.WithholdingGround, str]] = ..., records_since: _Optional[str] = ..., duplicate_of: _Optional[str] = ..., evidential_use: _Optional[_Union[EvidentialUse, str]] = ..., may_be_shown_to: _Optional[_Iterable[_Union[MayBeShownTo, str]]] = ..., may_be_shown_to_members: _Optional[_Iterable[str]] = ..., object: _Optional[_Union[_weapon_pb2.Object, _Mapping]] = ..., candidates: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ..., lineage: _Optional[_Iterable[_Union[LineageEvent, _Mapping]]] = ..., lineage_dealings: _Optional[_Iterable[_Union[LineageDealing, _Mapping]]] = ..., persons: _Optional[_Iterable[_Union[Person, _Mapping]]] = ..., point_of_diversion: _Optional[_Union[PointOfDiversion, _Mapping]] = ..., point_of_diversion_exact_place: _Optional[str] = ..., recorded_fate: _Optional[_Union[RecordedFate, _Mapping]] = ..., crime_report_number: _Optional[str] = ..., stock_record: _Optional[str] = ..., explanation: _Optional[str] = ..., follow_up: _Optional[str] = ..., composed_from: _Optional[_Iterable[str]] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("object", "confidence", "note")
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    object: _weapon_pb2.Object
    confidence: _terms_pb2.Confidence
    note: str
    def __init__(self, object: _Optional[_Union[_weapon_pb2.Object, _Mapping]] = ..., confidence: _Optional[_Union[_terms_pb2.Confidence, str]] = ..., note: _Optional[str] = ...) -> None: ...

class LineageEvent(_message.Message):
    __slots__ = ("kind", "on", "from_kind", "from_country", "from_body", "to_kind", "to_country", "to_body", "record_source", "record_period", "confidence", "note", "source_digest")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ON_FIELD_NUMBER: _ClassVar[int]
    FROM_KIND_FIELD_NUMBER: _ClassVar[int]
    FROM_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    FROM_BODY_FIELD_NUMBER: _ClassVar[int]
    TO_KIND_FIELD_NUMBER: _ClassVar[int]
    TO_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    TO_BODY_FIELD_NUMBER: _ClassVar[int]
    RECORD_SOURCE_FIELD_NUMBER: _ClassVar[int]
    RECORD_PERIOD_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    kind: LineageEventKind
    on: str
    from_kind: HolderKind
    from_country: str
    from_body: str
    to_kind: HolderKind
    to_country: str
    to_body: str
    record_source: RecordSource
    record_period: str
    confidence: _terms_pb2.Confidence
    note: str
    source_digest: str
    def __init__(self, kind: _Optional[_Union[LineageEventKind, str]] = ..., on: _Optional[str] = ..., from_kind: _Optional[_Union[HolderKind, str]] = ..., from_country: _Optional[str] = ..., from_body: _Optional[str] = ..., to_kind: _Optional[_Union[HolderKind, str]] = ..., to_country: _Optional[str] = ..., to_body: _Optional[str] = ..., record_source: _Optional[_Union[RecordSource, str]] = ..., record_period: _Optional[str] = ..., confidence: _Optional[_Union[_terms_pb2.Confidence, str]] = ..., note: _Optional[str] = ..., source_digest: _Optional[str] = ...) -> None: ...

class LineageDealing(_message.Message):
    __slots__ = ("event_index", "from_company", "to_company", "broker", "carrier", "intermediate_consignee", "contract_number", "export_licence_number", "import_licence_number", "end_user_certificate_number", "end_user", "quantity", "from_serial", "to_serial", "range_complete", "note", "source_digest")
    EVENT_INDEX_FIELD_NUMBER: _ClassVar[int]
    FROM_COMPANY_FIELD_NUMBER: _ClassVar[int]
    TO_COMPANY_FIELD_NUMBER: _ClassVar[int]
    BROKER_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    INTERMEDIATE_CONSIGNEE_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    EXPORT_LICENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    IMPORT_LICENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    END_USER_CERTIFICATE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    END_USER_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FROM_SERIAL_FIELD_NUMBER: _ClassVar[int]
    TO_SERIAL_FIELD_NUMBER: _ClassVar[int]
    RANGE_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    event_index: int
    from_company: str
    to_company: str
    broker: str
    carrier: str
    intermediate_consignee: str
    contract_number: str
    export_licence_number: str
    import_licence_number: str
    end_user_certificate_number: str
    end_user: str
    quantity: int
    from_serial: str
    to_serial: str
    range_complete: bool
    note: str
    source_digest: str
    def __init__(self, event_index: _Optional[int] = ..., from_company: _Optional[str] = ..., to_company: _Optional[str] = ..., broker: _Optional[str] = ..., carrier: _Optional[str] = ..., intermediate_consignee: _Optional[str] = ..., contract_number: _Optional[str] = ..., export_licence_number: _Optional[str] = ..., import_licence_number: _Optional[str] = ..., end_user_certificate_number: _Optional[str] = ..., end_user: _Optional[str] = ..., quantity: _Optional[int] = ..., from_serial: _Optional[str] = ..., to_serial: _Optional[str] = ..., range_complete: _Optional[bool] = ..., note: _Optional[str] = ..., source_digest: _Optional[str] = ...) -> None: ...

class PointOfDiversion(_message.Message):
    __slots__ = ("country", "region", "on", "cause", "last_lawful_holder_kind", "last_lawful_holder_body", "confidence", "note", "source_digest")
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    ON_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    LAST_LAWFUL_HOLDER_KIND_FIELD_NUMBER: _ClassVar[int]
    LAST_LAWFUL_HOLDER_BODY_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    country: str
    region: str
    on: str
    cause: DiversionCause
    last_lawful_holder_kind: HolderKind
    last_lawful_holder_body: str
    confidence: _terms_pb2.Confidence
    note: str
    source_digest: str
    def __init__(self, country: _Optional[str] = ..., region: _Optional[str] = ..., on: _Optional[str] = ..., cause: _Optional[_Union[DiversionCause, str]] = ..., last_lawful_holder_kind: _Optional[_Union[HolderKind, str]] = ..., last_lawful_holder_body: _Optional[str] = ..., confidence: _Optional[_Union[_terms_pb2.Confidence, str]] = ..., note: _Optional[str] = ..., source_digest: _Optional[str] = ...) -> None: ...

class RecordedFate(_message.Message):
    __slots__ = ("fate", "on", "country", "body", "reference", "source_digest")
    FATE_FIELD_NUMBER: _ClassVar[int]
    ON_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    fate: Fate
    on: str
    country: str
    body: str
    reference: str
    source_digest: str
    def __init__(self, fate: _Optional[_Union[Fate, str]] = ..., on: _Optional[str] = ..., country: _Optional[str] = ..., body: _Optional[str] = ..., reference: _Optional[str] = ..., source_digest: _Optional[str] = ...) -> None: ...

class RecordSearch(_message.Message):
    __slots__ = ("source", "from_year", "to_year", "item_ids")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FROM_YEAR_FIELD_NUMBER: _ClassVar[int]
    TO_YEAR_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    source: RecordSource
    from_year: str
    to_year: str
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, source: _Optional[_Union[RecordSource, str]] = ..., from_year: _Optional[str] = ..., to_year: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("file_number", "ground", "reason_text", "reasons_cannot_be_told", "item_ids", "office", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    REASON_TEXT_FIELD_NUMBER: _ClassVar[int]
    REASONS_CANNOT_BE_TOLD_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    ground: _terms_pb2.WithholdingGround
    reason_text: str
    reasons_cannot_be_told: bool
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    office: _terms_pb2.Office
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., ground: _Optional[_Union[_terms_pb2.WithholdingGround, str]] = ..., reason_text: _Optional[str] = ..., reasons_cannot_be_told: _Optional[bool] = ..., item_ids: _Optional[_Iterable[str]] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Clarification(_message.Message):
    __slots__ = ("file_number", "step", "code", "item_ids", "ground", "text", "reply_by", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    step: ClarificationStep
    code: ClarificationCode
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    ground: _terms_pb2.WithholdingGround
    text: str
    reply_by: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., step: _Optional[_Union[ClarificationStep, str]] = ..., code: _Optional[_Union[ClarificationCode, str]] = ..., item_ids: _Optional[_Iterable[str]] = ..., ground: _Optional[_Union[_terms_pb2.WithholdingGround, str]] = ..., text: _Optional[str] = ..., reply_by: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Amendment(_message.Message):
    __slots__ = ("file_number", "amends_digest", "reason", "effect", "changed_paths", "items", "removed_item_ids", "answers", "circumstances", "text", "handling_instructions", "referral_consents", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    AMENDS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EFFECT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_PATHS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    REMOVED_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    CIRCUMSTANCES_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_CONSENTS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    amends_digest: str
    reason: AmendmentReason
    effect: AmendmentEffect
    changed_paths: _containers.RepeatedScalarFieldContainer[str]
    items: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.Item]
    removed_item_ids: _containers.RepeatedScalarFieldContainer[str]
    answers: _containers.RepeatedCompositeFieldContainer[Answer]
    circumstances: Circumstances
    text: str
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    referral_consents: _containers.RepeatedScalarFieldContainer[str]
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., amends_digest: _Optional[str] = ..., reason: _Optional[_Union[AmendmentReason, str]] = ..., effect: _Optional[_Union[AmendmentEffect, str]] = ..., changed_paths: _Optional[_Iterable[str]] = ..., items: _Optional[_Iterable[_Union[_weapon_pb2.Item, _Mapping]]] = ..., removed_item_ids: _Optional[_Iterable[str]] = ..., answers: _Optional[_Iterable[_Union[Answer, _Mapping]]] = ..., circumstances: _Optional[_Union[Circumstances, _Mapping]] = ..., text: _Optional[str] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., referral_consents: _Optional[_Iterable[str]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Withdrawal(_message.Message):
    __slots__ = ("file_number", "step", "reason", "item_ids", "deletion_asked", "deleted_at", "kept_under", "kept_until", "passed_on_to", "text", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    DELETION_ASKED_FIELD_NUMBER: _ClassVar[int]
    DELETED_AT_FIELD_NUMBER: _ClassVar[int]
    KEPT_UNDER_FIELD_NUMBER: _ClassVar[int]
    KEPT_UNTIL_FIELD_NUMBER: _ClassVar[int]
    PASSED_ON_TO_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    step: WithdrawalStep
    reason: WithdrawalReason
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    deletion_asked: bool
    deleted_at: str
    kept_under: str
    kept_until: str
    passed_on_to: _containers.RepeatedScalarFieldContainer[str]
    text: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., step: _Optional[_Union[WithdrawalStep, str]] = ..., reason: _Optional[_Union[WithdrawalReason, str]] = ..., item_ids: _Optional[_Iterable[str]] = ..., deletion_asked: _Optional[bool] = ..., deleted_at: _Optional[str] = ..., kept_under: _Optional[str] = ..., kept_until: _Optional[str] = ..., passed_on_to: _Optional[_Iterable[str]] = ..., text: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Closure(_message.Message):
    __slots__ = ("file_number", "code", "outcomes", "result", "result_text", "diversion_confirmed", "preventive_action", "retention_until", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    RESULT_TEXT_FIELD_NUMBER: _ClassVar[int]
    DIVERSION_CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    PREVENTIVE_ACTION_FIELD_NUMBER: _ClassVar[int]
    RETENTION_UNTIL_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    code: ClosureCode
    outcomes: _containers.RepeatedCompositeFieldContainer[ItemOutcome]
    result: ClosureResult
    result_text: str
    diversion_confirmed: bool
    preventive_action: str
    retention_until: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., code: _Optional[_Union[ClosureCode, str]] = ..., outcomes: _Optional[_Iterable[_Union[ItemOutcome, _Mapping]]] = ..., result: _Optional[_Union[ClosureResult, str]] = ..., result_text: _Optional[str] = ..., diversion_confirmed: _Optional[bool] = ..., preventive_action: _Optional[str] = ..., retention_until: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class ItemOutcome(_message.Message):
    __slots__ = ("item_id", "identification", "reach", "stopped_because", "stopped_because_full", "answered_by")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFICATION_FIELD_NUMBER: _ClassVar[int]
    REACH_FIELD_NUMBER: _ClassVar[int]
    STOPPED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    STOPPED_BECAUSE_FULL_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_BY_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    identification: Identification
    reach: Reach
    stopped_because: StoppedBecause
    stopped_because_full: StoppedBecause
    answered_by: str
    def __init__(self, item_id: _Optional[str] = ..., identification: _Optional[_Union[Identification, str]] = ..., reach: _Optional[_Union[Reach, str]] = ..., stopped_because: _Optional[_Union[StoppedBecause, str]] = ..., stopped_because_full: _Optional[_Union[StoppedBecause, str]] = ..., answered_by: _Optional[str] = ...) -> None: ...

class Consent(_message.Message):
    __slots__ = ("file_number", "step", "third_party", "statement_digest", "item_ids", "field_paths", "purpose", "until", "decision", "conditions", "notify_before_disclosure", "text", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    THIRD_PARTY_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    FIELD_PATHS_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_BEFORE_DISCLOSURE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    step: ConsentStep
    third_party: str
    statement_digest: str
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    field_paths: _containers.RepeatedScalarFieldContainer[str]
    purpose: _terms_pb2.Purpose
    until: str
    decision: ConsentDecision
    conditions: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Restriction]
    notify_before_disclosure: bool
    text: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., step: _Optional[_Union[ConsentStep, str]] = ..., third_party: _Optional[str] = ..., statement_digest: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ..., field_paths: _Optional[_Iterable[str]] = ..., purpose: _Optional[_Union[_terms_pb2.Purpose, str]] = ..., until: _Optional[str] = ..., decision: _Optional[_Union[ConsentDecision, str]] = ..., conditions: _Optional[_Iterable[_Union[_terms_pb2.Restriction, _Mapping]]] = ..., notify_before_disclosure: _Optional[bool] = ..., text: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ("code", "statement_digest", "envelope_id", "where", "classes", "unread_kind")
    CODE_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    UNREAD_KIND_FIELD_NUMBER: _ClassVar[int]
    code: str
    statement_digest: str
    envelope_id: bytes
    where: str
    classes: _containers.RepeatedScalarFieldContainer[_options_pb2.Sensitivity]
    unread_kind: str
    def __init__(self, code: _Optional[str] = ..., statement_digest: _Optional[str] = ..., envelope_id: _Optional[bytes] = ..., where: _Optional[str] = ..., classes: _Optional[_Iterable[_Union[_options_pb2.Sensitivity, str]]] = ..., unread_kind: _Optional[str] = ...) -> None: ...
