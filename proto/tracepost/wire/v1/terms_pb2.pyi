# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Purpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PURPOSE_UNSPECIFIED: _ClassVar[Purpose]
    PURPOSE_CRIMINAL_INVESTIGATION: _ClassVar[Purpose]
    PURPOSE_PROSECUTION: _ClassVar[Purpose]
    PURPOSE_DIVERSION_ANALYSIS: _ClassVar[Purpose]
    PURPOSE_EMBARGO_MONITORING: _ClassVar[Purpose]
    PURPOSE_STATISTICS: _ClassVar[Purpose]
    PURPOSE_LICENSING: _ClassVar[Purpose]
    PURPOSE_RECOVERY: _ClassVar[Purpose]
    PURPOSE_BORDER_CONTROL: _ClassVar[Purpose]
    PURPOSE_DIRECTORY: _ClassVar[Purpose]

class LegalBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEGAL_BASIS_UNSPECIFIED: _ClassVar[LegalBasis]
    LEGAL_BASIS_ITI: _ClassVar[LegalBasis]
    LEGAL_BASIS_FIREARMS_PROTOCOL: _ClassVar[LegalBasis]
    LEGAL_BASIS_PROGRAMME_OF_ACTION: _ClassVar[LegalBasis]
    LEGAL_BASIS_ARMS_TRADE_TREATY: _ClassVar[LegalBasis]
    LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION: _ClassVar[LegalBasis]
    LEGAL_BASIS_BILATERAL_AGREEMENT: _ClassVar[LegalBasis]
    LEGAL_BASIS_REGIONAL_INSTRUMENT: _ClassVar[LegalBasis]
    LEGAL_BASIS_CUSTOMS_ASSISTANCE: _ClassVar[LegalBasis]
    LEGAL_BASIS_MUTUAL_LEGAL_ASSISTANCE: _ClassVar[LegalBasis]
    LEGAL_BASIS_NATIONAL_LAW: _ClassVar[LegalBasis]

class RestrictionCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESTRICTION_CODE_UNSPECIFIED: _ClassVar[RestrictionCode]
    RESTRICTION_CODE_COMPETENT_AUTHORITIES_ONLY: _ClassVar[RestrictionCode]
    RESTRICTION_CODE_PURPOSE_LIMITED: _ClassVar[RestrictionCode]
    RESTRICTION_CODE_NO_ONWARD_RELEASE: _ClassVar[RestrictionCode]
    RESTRICTION_CODE_NO_USE_IN_COURT: _ClassVar[RestrictionCode]
    RESTRICTION_CODE_NO_PUBLICATION: _ClassVar[RestrictionCode]
    RESTRICTION_CODE_DELETE_AFTER: _ClassVar[RestrictionCode]

class HandlingInstruction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HANDLING_INSTRUCTION_UNSPECIFIED: _ClassVar[HandlingInstruction]
    HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER: _ClassVar[HandlingInstruction]
    HANDLING_INSTRUCTION_DO_NOT_ALERT: _ClassVar[HandlingInstruction]
    HANDLING_INSTRUCTION_CONTROLLED_DELIVERY: _ClassVar[HandlingInstruction]
    HANDLING_INSTRUCTION_CALL_BEFORE_ACTING: _ClassVar[HandlingInstruction]
    HANDLING_INSTRUCTION_EVIDENCE_DO_NOT_ALTER: _ClassVar[HandlingInstruction]

class WithholdingGround(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WITHHOLDING_GROUND_UNSPECIFIED: _ClassVar[WithholdingGround]
    WITHHOLDING_GROUND_ONGOING_INVESTIGATION: _ClassVar[WithholdingGround]
    WITHHOLDING_GROUND_CONFIDENTIALITY_LAW: _ClassVar[WithholdingGround]
    WITHHOLDING_GROUND_CONFIDENTIALITY_NOT_GUARANTEED: _ClassVar[WithholdingGround]
    WITHHOLDING_GROUND_NATIONAL_SECURITY: _ClassVar[WithholdingGround]
    WITHHOLDING_GROUND_NO_COMPETENT_DESK: _ClassVar[WithholdingGround]
    WITHHOLDING_GROUND_NOT_STATED: _ClassVar[WithholdingGround]
    WITHHOLDING_GROUND_NOT_ILLICIT: _ClassVar[WithholdingGround]
    WITHHOLDING_GROUND_MANDATE_MISSING: _ClassVar[WithholdingGround]
    WITHHOLDING_GROUND_CAPACITY: _ClassVar[WithholdingGround]
    WITHHOLDING_GROUND_CONSENT_AWAITED: _ClassVar[WithholdingGround]

class InformationCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INFORMATION_CODE_UNSPECIFIED: _ClassVar[InformationCode]
    INFORMATION_CODE_PHOTOGRAPH_OF_MARK: _ClassVar[InformationCode]
    INFORMATION_CODE_PHOTOGRAPH_OF_WEAPON: _ClassVar[InformationCode]
    INFORMATION_CODE_SERIAL_NUMBER: _ClassVar[InformationCode]
    INFORMATION_CODE_SERIAL_LOCATION: _ClassVar[InformationCode]
    INFORMATION_CODE_MAKE: _ClassVar[InformationCode]
    INFORMATION_CODE_MODEL: _ClassVar[InformationCode]
    INFORMATION_CODE_CALIBRE: _ClassVar[InformationCode]
    INFORMATION_CODE_COUNTRY_OF_MANUFACTURE: _ClassVar[InformationCode]
    INFORMATION_CODE_IMPORT_MARK: _ClassVar[InformationCode]
    INFORMATION_CODE_PROOF_MARK: _ClassVar[InformationCode]
    INFORMATION_CODE_OTHER_MARKS: _ClassVar[InformationCode]
    INFORMATION_CODE_CONTROL_COMPONENT: _ClassVar[InformationCode]
    INFORMATION_CODE_RESTORATION_RESULT: _ClassVar[InformationCode]
    INFORMATION_CODE_PACKAGING: _ClassVar[InformationCode]
    INFORMATION_CODE_LEGAL_GROUND: _ClassVar[InformationCode]
    INFORMATION_CODE_CIRCUMSTANCES: _ClassVar[InformationCode]
    INFORMATION_CODE_INTENDED_USE: _ClassVar[InformationCode]
    INFORMATION_CODE_CONFIDENTIALITY_GUARANTEE: _ClassVar[InformationCode]
    INFORMATION_CODE_HANDLING: _ClassVar[InformationCode]
    INFORMATION_CODE_CONTACT: _ClassVar[InformationCode]
    INFORMATION_CODE_OTHER: _ClassVar[InformationCode]

class Confidence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONFIDENCE_UNSPECIFIED: _ClassVar[Confidence]
    CONFIDENCE_CERTAIN: _ClassVar[Confidence]
    CONFIDENCE_PROBABLE: _ClassVar[Confidence]
    CONFIDENCE_POSSIBLE: _ClassVar[Confidence]
    CONFIDENCE_UNKNOWN: _ClassVar[Confidence]
PURPOSE_UNSPECIFIED: Purpose
PURPOSE_CRIMINAL_INVESTIGATION: Purpose
PURPOSE_PROSECUTION: Purpose
PURPOSE_DIVERSION_ANALYSIS: Purpose
PURPOSE_EMBARGO_MONITORING: Purpose
PURPOSE_STATISTICS: Purpose
PURPOSE_LICENSING: Purpose
PURPOSE_RECOVERY: Purpose
PURPOSE_BORDER_CONTROL: Purpose
PURPOSE_DIRECTORY: Purpose
LEGAL_BASIS_UNSPECIFIED: LegalBasis
LEGAL_BASIS_ITI: LegalBasis
LEGAL_BASIS_FIREARMS_PROTOCOL: LegalBasis
LEGAL_BASIS_PROGRAMME_OF_ACTION: LegalBasis
LEGAL_BASIS_ARMS_TRADE_TREATY: LegalBasis
LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION: LegalBasis
LEGAL_BASIS_BILATERAL_AGREEMENT: LegalBasis
LEGAL_BASIS_REGIONAL_INSTRUMENT: LegalBasis
LEGAL_BASIS_CUSTOMS_ASSISTANCE: LegalBasis
LEGAL_BASIS_MUTUAL_LEGAL_ASSISTANCE: LegalBasis
LEGAL_BASIS_NATIONAL_LAW: LegalBasis
RESTRICTION_CODE_UNSPECIFIED: RestrictionCode
RESTRICTION_CODE_COMPETENT_AUTHORITIES_ONLY: RestrictionCode
RESTRICTION_CODE_PURPOSE_LIMITED: RestrictionCode
RESTRICTION_CODE_NO_ONWARD_RELEASE: RestrictionCode
RESTRICTION_CODE_NO_USE_IN_COURT: RestrictionCode
RESTRICTION_CODE_NO_PUBLICATION: RestrictionCode
RESTRICTION_CODE_DELETE_AFTER: RestrictionCode
HANDLING_INSTRUCTION_UNSPECIFIED: HandlingInstruction
HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER: HandlingInstruction
HANDLING_INSTRUCTION_DO_NOT_ALERT: HandlingInstruction
HANDLING_INSTRUCTION_CONTROLLED_DELIVERY: HandlingInstruction
HANDLING_INSTRUCTION_CALL_BEFORE_ACTING: HandlingInstruction
HANDLING_INSTRUCTION_EVIDENCE_DO_NOT_ALTER: HandlingInstruction
WITHHOLDING_GROUND_UNSPECIFIED: WithholdingGround
WITHHOLDING_GROUND_ONGOING_INVESTIGATION: WithholdingGround
WITHHOLDING_GROUND_CONFIDENTIALITY_LAW: WithholdingGround
WITHHOLDING_GROUND_CONFIDENTIALITY_NOT_GUARANTEED: WithholdingGround
WITHHOLDING_GROUND_NATIONAL_SECURITY: WithholdingGround
WITHHOLDING_GROUND_NO_COMPETENT_DESK: WithholdingGround
WITHHOLDING_GROUND_NOT_STATED: WithholdingGround
WITHHOLDING_GROUND_NOT_ILLICIT: WithholdingGround
WITHHOLDING_GROUND_MANDATE_MISSING: WithholdingGround
WITHHOLDING_GROUND_CAPACITY: WithholdingGround
WITHHOLDING_GROUND_CONSENT_AWAITED: WithholdingGround
INFORMATION_CODE_UNSPECIFIED: InformationCode
INFORMATION_CODE_PHOTOGRAPH_OF_MARK: InformationCode
INFORMATION_CODE_PHOTOGRAPH_OF_WEAPON: InformationCode
INFORMATION_CODE_SERIAL_NUMBER: InformationCode
INFORMATION_CODE_SERIAL_LOCATION: InformationCode
INFORMATION_CODE_MAKE: InformationCode
INFORMATION_CODE_MODEL: InformationCode
INFORMATION_CODE_CALIBRE: InformationCode
INFORMATION_CODE_COUNTRY_OF_MANUFACTURE: InformationCode
INFORMATION_CODE_IMPORT_MARK: InformationCode
INFORMATION_CODE_PROOF_MARK: InformationCode
INFORMATION_CODE_OTHER_MARKS: InformationCode
INFORMATION_CODE_CONTROL_COMPONENT: InformationCode
INFORMATION_CODE_RESTORATION_RESULT: InformationCode
INFORMATION_CODE_PACKAGING: InformationCode
INFORMATION_CODE_LEGAL_GROUND: InformationCode
INFORMATION_CODE_CIRCUMSTANCES: InformationCode
INFORMATION_CODE_INTENDED_USE: InformationCode
INFORMATION_CODE_CONFIDENTIALITY_GUARANTEE: InformationCode
INFORMATION_CODE_HANDLING: InformationCode
INFORMATION_CODE_CONTACT: InformationCode
INFORMATION_CODE_OTHER: InformationCode
CONFIDENCE_UNSPECIFIED: Confidence
CONFIDENCE_CERTAIN: Confidence
CONFIDENCE_PROBABLE: Confidence
CONFIDENCE_POSSIBLE: Confidence
CONFIDENCE_UNKNOWN: Confidence

class Restriction(_message.Message):
    __slots__ = ("code", "until", "detail", "field_paths")
    CODE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    FIELD_PATHS_FIELD_NUMBER: _ClassVar[int]
    code: RestrictionCode
    until: str
    detail: str
    field_paths: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, code: _Optional[_Union[RestrictionCode, str]] = ..., until: _Optional[str] = ..., detail: _Optional[str] = ..., field_paths: _Optional[_Iterable[str]] = ...) -> None: ...

class Withheld(_message.Message):
    __slots__ = ("path", "ground")
    PATH_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    path: str
    ground: WithholdingGround
    def __init__(self, path: _Optional[str] = ..., ground: _Optional[_Union[WithholdingGround, str]] = ...) -> None: ...

class FieldReaders(_message.Message):
    __slots__ = ("path", "desks", "of_class", "units")
    PATH_FIELD_NUMBER: _ClassVar[int]
    DESKS_FIELD_NUMBER: _ClassVar[int]
    OF_CLASS_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    path: str
    desks: _containers.RepeatedScalarFieldContainer[str]
    of_class: _options_pb2.Sensitivity
    units: int
    def __init__(self, path: _Optional[str] = ..., desks: _Optional[_Iterable[str]] = ..., of_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ..., units: _Optional[int] = ...) -> None: ...

class Office(_message.Message):
    __slots__ = ("organisation", "unit", "telephone", "mailbox", "address", "duty_hours")
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    TELEPHONE_FIELD_NUMBER: _ClassVar[int]
    MAILBOX_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    DUTY_HOURS_FIELD_NUMBER: _ClassVar[int]
    organisation: str
    unit: str
    telephone: str
    mailbox: str
    address: str
    duty_hours: str
    def __init__(self, organisation: _Optional[str] = ..., unit: _Optional[str] = ..., telephone: _Optional[str] = ..., mailbox: _Optional[str] = ..., address: _Optional[str] = ..., duty_hours: _Optional[str] = ...) -> None: ...

class Contact(_message.Message):
    __slots__ = ("name", "function", "telephone", "mailbox", "languages")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    TELEPHONE_FIELD_NUMBER: _ClassVar[int]
    MAILBOX_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    name: str
    function: str
    telephone: str
    mailbox: str
    languages: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., function: _Optional[str] = ..., telephone: _Optional[str] = ..., mailbox: _Optional[str] = ..., languages: _Optional[_Iterable[str]] = ...) -> None: ...
