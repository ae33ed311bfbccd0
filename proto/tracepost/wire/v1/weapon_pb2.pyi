# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import attachment_pb2 as _attachment_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ItemKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ITEM_KIND_UNSPECIFIED: _ClassVar[ItemKind]
    ITEM_KIND_WEAPON: _ClassVar[ItemKind]
    ITEM_KIND_ESSENTIAL_PART: _ClassVar[ItemKind]
    ITEM_KIND_SILENCER: _ClassVar[ItemKind]
    ITEM_KIND_MAGAZINE: _ClassVar[ItemKind]
    ITEM_KIND_AMMUNITION: _ClassVar[ItemKind]
    ITEM_KIND_PACKAGING: _ClassVar[ItemKind]
    ITEM_KIND_LAUNCHER_AND_MISSILE: _ClassVar[ItemKind]
    ITEM_KIND_SERIAL_RANGE: _ClassVar[ItemKind]

class IllicitGround(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ILLICIT_GROUND_UNSPECIFIED: _ClassVar[IllicitGround]
    ILLICIT_GROUND_NATIONAL_LAW: _ClassVar[IllicitGround]
    ILLICIT_GROUND_EMBARGO: _ClassVar[IllicitGround]
    ILLICIT_GROUND_NOT_MARKED: _ClassVar[IllicitGround]
    ILLICIT_GROUND_UNLICENSED_MANUFACTURE: _ClassVar[IllicitGround]
    ILLICIT_GROUND_UNLICENSED_TRANSFER: _ClassVar[IllicitGround]

class FoundSituation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FOUND_SITUATION_UNSPECIFIED: _ClassVar[FoundSituation]
    FOUND_SITUATION_SEIZED: _ClassVar[FoundSituation]
    FOUND_SITUATION_FOUND: _ClassVar[FoundSituation]
    FOUND_SITUATION_SURRENDERED: _ClassVar[FoundSituation]
    FOUND_SITUATION_BATTLEFIELD_RECOVERY: _ClassVar[FoundSituation]
    FOUND_SITUATION_MISSION_INSPECTION: _ClassVar[FoundSituation]
    FOUND_SITUATION_STOCK_CHECK: _ClassVar[FoundSituation]
    FOUND_SITUATION_BORDER: _ClassVar[FoundSituation]
    FOUND_SITUATION_CACHE: _ClassVar[FoundSituation]

class Custody(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CUSTODY_UNSPECIFIED: _ClassVar[Custody]
    CUSTODY_HELD: _ClassVar[Custody]
    CUSTODY_DESTROYED: _ClassVar[Custody]
    CUSTODY_RETURNED: _ClassVar[Custody]
    CUSTODY_DEACTIVATED: _ClassVar[Custody]

class Category(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CATEGORY_UNSPECIFIED: _ClassVar[Category]
    CATEGORY_REVOLVER: _ClassVar[Category]
    CATEGORY_SELF_LOADING_PISTOL: _ClassVar[Category]
    CATEGORY_RIFLE: _ClassVar[Category]
    CATEGORY_CARBINE: _ClassVar[Category]
    CATEGORY_SUB_MACHINE_GUN: _ClassVar[Category]
    CATEGORY_ASSAULT_RIFLE: _ClassVar[Category]
    CATEGORY_LIGHT_MACHINE_GUN: _ClassVar[Category]
    CATEGORY_SHOTGUN: _ClassVar[Category]
    CATEGORY_OTHER_SMALL_ARM: _ClassVar[Category]
    CATEGORY_HEAVY_MACHINE_GUN: _ClassVar[Category]
    CATEGORY_GRENADE_LAUNCHER: _ClassVar[Category]
    CATEGORY_ANTI_AIRCRAFT_GUN: _ClassVar[Category]
    CATEGORY_ANTI_TANK_GUN: _ClassVar[Category]
    CATEGORY_RECOILLESS_RIFLE: _ClassVar[Category]
    CATEGORY_ANTI_TANK_LAUNCHER: _ClassVar[Category]
    CATEGORY_ANTI_AIRCRAFT_LAUNCHER: _ClassVar[Category]
    CATEGORY_MORTAR: _ClassVar[Category]
    CATEGORY_OTHER_LIGHT_WEAPON: _ClassVar[Category]
    CATEGORY_NOT_IDENTIFIED: _ClassVar[Category]

class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTION_UNSPECIFIED: _ClassVar[Action]
    ACTION_SINGLE_SHOT: _ClassVar[Action]
    ACTION_MANUAL_REPEATING: _ClassVar[Action]
    ACTION_REVOLVING: _ClassVar[Action]
    ACTION_SELF_LOADING: _ClassVar[Action]
    ACTION_SELECTIVE_FIRE: _ClassVar[Action]
    ACTION_AUTOMATIC: _ClassVar[Action]
    ACTION_MUZZLE_LOADING: _ClassVar[Action]
    ACTION_OTHER: _ClassVar[Action]

class Material(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MATERIAL_UNSPECIFIED: _ClassVar[Material]
    MATERIAL_STEEL: _ClassVar[Material]
    MATERIAL_ALLOY: _ClassVar[Material]
    MATERIAL_POLYMER: _ClassVar[Material]
    MATERIAL_POLYMER_WITH_METAL_TAG: _ClassVar[Material]
    MATERIAL_WOOD: _ClassVar[Material]
    MATERIAL_OTHER: _ClassVar[Material]

class MarkRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MARK_ROLE_UNSPECIFIED: _ClassVar[MarkRole]
    MARK_ROLE_MANUFACTURER_SERIAL: _ClassVar[MarkRole]
    MARK_ROLE_MAKE: _ClassVar[MarkRole]
    MARK_ROLE_MODEL: _ClassVar[MarkRole]
    MARK_ROLE_CALIBRE: _ClassVar[MarkRole]
    MARK_ROLE_COUNTRY: _ClassVar[MarkRole]
    MARK_ROLE_IMPORT: _ClassVar[MarkRole]
    MARK_ROLE_PROOF: _ClassVar[MarkRole]
    MARK_ROLE_PROPERTY: _ClassVar[MarkRole]
    MARK_ROLE_REGIONAL: _ClassVar[MarkRole]
    MARK_ROLE_DATE_CODE: _ClassVar[MarkRole]
    MARK_ROLE_ASSEMBLY: _ClassVar[MarkRole]
    MARK_ROLE_PATENT: _ClassVar[MarkRole]
    MARK_ROLE_CONTROL_COMPONENT: _ClassVar[MarkRole]
    MARK_ROLE_ELECTRONIC: _ClassVar[MarkRole]
    MARK_ROLE_OTHER: _ClassVar[MarkRole]
    MARK_ROLE_UNKNOWN: _ClassVar[MarkRole]

class Script(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCRIPT_UNSPECIFIED: _ClassVar[Script]
    SCRIPT_LATIN: _ClassVar[Script]
    SCRIPT_CYRILLIC: _ClassVar[Script]
    SCRIPT_GREEK: _ClassVar[Script]
    SCRIPT_ARABIC: _ClassVar[Script]
    SCRIPT_HEBREW: _ClassVar[Script]
    SCRIPT_HAN: _ClassVar[Script]
    SCRIPT_HANGUL: _ClassVar[Script]
    SCRIPT_KANA: _ClassVar[Script]
    SCRIPT_THAI: _ClassVar[Script]
    SCRIPT_DEVANAGARI: _ClassVar[Script]
    SCRIPT_ARMENIAN: _ClassVar[Script]
    SCRIPT_GEORGIAN: _ClassVar[Script]
    SCRIPT_ETHIOPIC: _ClassVar[Script]
    SCRIPT_COMMON: _ClassVar[Script]
    SCRIPT_MIXED: _ClassVar[Script]
    SCRIPT_OTHER: _ClassVar[Script]

class MarkLocation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MARK_LOCATION_UNSPECIFIED: _ClassVar[MarkLocation]
    MARK_LOCATION_FRAME: _ClassVar[MarkLocation]
    MARK_LOCATION_RECEIVER: _ClassVar[MarkLocation]
    MARK_LOCATION_UPPER_RECEIVER: _ClassVar[MarkLocation]
    MARK_LOCATION_LOWER_RECEIVER: _ClassVar[MarkLocation]
    MARK_LOCATION_SLIDE: _ClassVar[MarkLocation]
    MARK_LOCATION_BARREL: _ClassVar[MarkLocation]
    MARK_LOCATION_CYLINDER: _ClassVar[MarkLocation]
    MARK_LOCATION_BOLT: _ClassVar[MarkLocation]
    MARK_LOCATION_TAG: _ClassVar[MarkLocation]
    MARK_LOCATION_TRIGGER_GUARD: _ClassVar[MarkLocation]
    MARK_LOCATION_GRIP: _ClassVar[MarkLocation]
    MARK_LOCATION_STOCK: _ClassVar[MarkLocation]
    MARK_LOCATION_MAGAZINE: _ClassVar[MarkLocation]
    MARK_LOCATION_LAUNCH_TUBE: _ClassVar[MarkLocation]
    MARK_LOCATION_GRIP_STOCK: _ClassVar[MarkLocation]
    MARK_LOCATION_MISSILE: _ClassVar[MarkLocation]
    MARK_LOCATION_CARTRIDGE_HEAD: _ClassVar[MarkLocation]
    MARK_LOCATION_PACKAGING: _ClassVar[MarkLocation]
    MARK_LOCATION_OTHER: _ClassVar[MarkLocation]

class Legibility(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEGIBILITY_UNSPECIFIED: _ClassVar[Legibility]
    LEGIBILITY_CLEAR: _ClassVar[Legibility]
    LEGIBILITY_PARTIAL: _ClassVar[Legibility]
    LEGIBILITY_OBLITERATED: _ClassVar[Legibility]
    LEGIBILITY_RESTORED: _ClassVar[Legibility]
    LEGIBILITY_ALTERED: _ClassVar[Legibility]
    LEGIBILITY_SUSPECTED_COPY: _ClassVar[Legibility]

class ControlComponentPrefix(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTROL_COMPONENT_PREFIX_UNSPECIFIED: _ClassVar[ControlComponentPrefix]
    CONTROL_COMPONENT_PREFIX_ONE: _ClassVar[ControlComponentPrefix]
    CONTROL_COMPONENT_PREFIX_TWO: _ClassVar[ControlComponentPrefix]

class ReadFrom(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    READ_FROM_UNSPECIFIED: _ClassVar[ReadFrom]
    READ_FROM_WEAPON: _ClassVar[ReadFrom]
    READ_FROM_PHOTOGRAPH: _ClassVar[ReadFrom]
    READ_FROM_EARLIER_PAPER: _ClassVar[ReadFrom]

class MarkingMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MARKING_METHOD_UNSPECIFIED: _ClassVar[MarkingMethod]
    MARKING_METHOD_STAMPED: _ClassVar[MarkingMethod]
    MARKING_METHOD_ENGRAVED: _ClassVar[MarkingMethod]
    MARKING_METHOD_LASER: _ClassVar[MarkingMethod]
    MARKING_METHOD_DOT_PEEN: _ClassVar[MarkingMethod]
    MARKING_METHOD_CAST: _ClassVar[MarkingMethod]
    MARKING_METHOD_ETCHED: _ClassVar[MarkingMethod]
    MARKING_METHOD_PAINTED: _ClassVar[MarkingMethod]
    MARKING_METHOD_OTHER: _ClassVar[MarkingMethod]

class PartKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PART_KIND_UNSPECIFIED: _ClassVar[PartKind]
    PART_KIND_FRAME: _ClassVar[PartKind]
    PART_KIND_RECEIVER: _ClassVar[PartKind]
    PART_KIND_UPPER_RECEIVER: _ClassVar[PartKind]
    PART_KIND_LOWER_RECEIVER: _ClassVar[PartKind]
    PART_KIND_SLIDE: _ClassVar[PartKind]
    PART_KIND_BARREL: _ClassVar[PartKind]
    PART_KIND_CYLINDER: _ClassVar[PartKind]
    PART_KIND_BOLT: _ClassVar[PartKind]
    PART_KIND_MAGAZINE: _ClassVar[PartKind]
    PART_KIND_SILENCER: _ClassVar[PartKind]
    PART_KIND_LAUNCH_TUBE: _ClassVar[PartKind]
    PART_KIND_GRIP_STOCK: _ClassVar[PartKind]
    PART_KIND_MISSILE: _ClassVar[PartKind]
    PART_KIND_SIGHT: _ClassVar[PartKind]
    PART_KIND_STOCK: _ClassVar[PartKind]
    PART_KIND_OTHER: _ClassVar[PartKind]

class PhotographView(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PHOTOGRAPH_VIEW_UNSPECIFIED: _ClassVar[PhotographView]
    PHOTOGRAPH_VIEW_LEFT: _ClassVar[PhotographView]
    PHOTOGRAPH_VIEW_RIGHT: _ClassVar[PhotographView]
    PHOTOGRAPH_VIEW_SERIAL: _ClassVar[PhotographView]
    PHOTOGRAPH_VIEW_OTHER_MARK: _ClassVar[PhotographView]
    PHOTOGRAPH_VIEW_SCALE: _ClassVar[PhotographView]
    PHOTOGRAPH_VIEW_PACKAGING: _ClassVar[PhotographView]
    PHOTOGRAPH_VIEW_OTHER: _ClassVar[PhotographView]

class ElectronicKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ELECTRONIC_KIND_UNSPECIFIED: _ClassVar[ElectronicKind]
    ELECTRONIC_KIND_RFID: _ClassVar[ElectronicKind]
    ELECTRONIC_KIND_CHIP: _ClassVar[ElectronicKind]
    ELECTRONIC_KIND_BARCODE: _ClassVar[ElectronicKind]
    ELECTRONIC_KIND_MATRIX_CODE: _ClassVar[ElectronicKind]
    ELECTRONIC_KIND_OTHER: _ClassVar[ElectronicKind]

class RestorationMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESTORATION_METHOD_UNSPECIFIED: _ClassVar[RestorationMethod]
    RESTORATION_METHOD_CHEMICAL_ETCHING: _ClassVar[RestorationMethod]
    RESTORATION_METHOD_ELECTROLYTIC: _ClassVar[RestorationMethod]
    RESTORATION_METHOD_MAGNETIC_PARTICLE: _ClassVar[RestorationMethod]
    RESTORATION_METHOD_MAGNETO_OPTICAL: _ClassVar[RestorationMethod]
    RESTORATION_METHOD_HEAT: _ClassVar[RestorationMethod]
    RESTORATION_METHOD_OTHER: _ClassVar[RestorationMethod]

class RestorationResult(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESTORATION_RESULT_UNSPECIFIED: _ClassVar[RestorationResult]
    RESTORATION_RESULT_RESTORED: _ClassVar[RestorationResult]
    RESTORATION_RESULT_PARTLY_RESTORED: _ClassVar[RestorationResult]
    RESTORATION_RESULT_NOT_RESTORED: _ClassVar[RestorationResult]
    RESTORATION_RESULT_PENDING: _ClassVar[RestorationResult]

class AmmunitionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AMMUNITION_STATE_UNSPECIFIED: _ClassVar[AmmunitionState]
    AMMUNITION_STATE_LIVE: _ClassVar[AmmunitionState]
    AMMUNITION_STATE_FIRED: _ClassVar[AmmunitionState]
    AMMUNITION_STATE_BOTH: _ClassVar[AmmunitionState]
ITEM_KIND_UNSPECIFIED: ItemKind
ITEM_KIND_WEAPON: ItemKind
ITEM_KIND_ESSENTIAL_PART: ItemKind
ITEM_KIND_SILENCER: ItemKind
ITEM_KIND_MAGAZINE: ItemKind
ITEM_KIND_AMMUNITION: ItemKind
ITEM_KIND_PACKAGING: ItemKind
ITEM_KIND_LAUNCHER_AND_MISSILE: ItemKind
ITEM_KIND_SERIAL_RANGE: ItemKind
ILLICIT_GROUND_UNSPECIFIED: IllicitGround
ILLICIT_GROUND_NATIONAL_LAW: IllicitGround
ILLICIT_GROUND_EMBARGO: IllicitGround
ILLICIT_GROUND_NOT_MARKED: IllicitGround
ILLICIT_GROUND_UNLICENSED_MANUFACTURE: IllicitGround
ILLICIT_GROUND_UNLICENSED_TRANSFER: IllicitGround
FOUND_SITUATION_UNSPECIFIED: FoundSituation
FOUND_SITUATION_SEIZED: FoundSituation
FOUND_SITUATION_FOUND: FoundSituation
FOUND_SITUATION_SURRENDERED: FoundSituation
FOUND_SITUATION_BATTLEFIELD_RECOVERY: FoundSituation
FOUND_SITUATION_MISSION_INSPECTION: FoundSituation
FOUND_SITUATION_STOCK_CHECK: FoundSituation
FOUND_SITUATION_BORDER: FoundSituation
FOUND_SITUATION_CACHE: FoundSituation
CUSTODY_UNSPECIFIED: Custody
CUSTODY_HELD: Custody
CUSTODY_DESTROYED: Custody
CUSTODY_RETURNED: Custody
CUSTODY_DEACTIVATED: Custody
CATEGORY_UNSPECIFIED: Category
CATEGORY_REVOLVER: Category
CATEGORY_SELF_LOADING_PISTOL: Category
CATEGORY_RIFLE: Category
CATEGORY_CARBINE: Category
CATEGORY_SUB_MACHINE_GUN: Category
CATEGORY_ASSAULT_RIFLE: Category
CATEGORY_LIGHT_MACHINE_GUN: Category
CATEGORY_SHOTGUN: Category
CATEGORY_OTHER_SMALL_ARM: Category
CATEGORY_HEAVY_MACHINE_GUN: Category
CATEGORY_GRENADE_LAUNCHER: Category
CATEGORY_ANTI_AIRCRAFT_GUN: Category
CATEGORY_ANTI_TANK_GUN: Category
CATEGORY_RECOILLESS_RIFLE: Category
CATEGORY_ANTI_TANK_LAUNCHER: Category
CATEGORY_ANTI_AIRCRAFT_LAUNCHER: Category
CATEGORY_MORTAR: Category
CATEGORY_OTHER_LIGHT_WEAPON: Category
CATEGORY_NOT_IDENTIFIED: Category
ACTION_UNSPECIFIED: Action
ACTION_SINGLE_SHOT: Action
ACTION_MANUAL_REPEATING: Action
ACTION_REVOLVING: Action
ACTION_SELF_LOADING: Action
ACTION_SELECTIVE_FIRE: Action
ACTION_AUTOMATIC: Action
ACTION_MUZZLE_LOADING: Action
ACTION_OTHER: Action
MATERIAL_UNSPECIFIED: Material
MATERIAL_STEEL: Material
MATERIAL_ALLOY: Material
MATERIAL_POLYMER: Material
MATERIAL_POLYMER_WITH_METAL_TAG: Material
MATERIAL_WOOD: Material
MATERIAL_OTHER: Material
MARK_ROLE_UNSPECIFIED: MarkRole
MARK_ROLE_MANUFACTURER_SERIAL: MarkRole
MARK_ROLE_MAKE: MarkRole
MARK_ROLE_MODEL: MarkRole
MARK_ROLE_CALIBRE: MarkRole
MARK_ROLE_COUNTRY: MarkRole
MARK_ROLE_IMPORT: MarkRole
MARK_ROLE_PROOF: MarkRole
MARK_ROLE_PROPERTY: MarkRole
MARK_ROLE_REGIONAL: MarkRole
MARK_ROLE_DATE_CODE: MarkRole
MARK_ROLE_ASSEMBLY: MarkRole
MARK_ROLE_PATENT: MarkRole
MARK_ROLE_CONTROL_COMPONENT: MarkRole
MARK_ROLE_ELECTRONIC: MarkRole
MARK_ROLE_OTHER: MarkRole
MARK_ROLE_UNKNOWN: MarkRole
SCRIPT_UNSPECIFIED: Script
SCRIPT_LATIN: Script
SCRIPT_CYRILLIC: Script
SCRIPT_GREEK: Script
SCRIPT_ARABIC: Script
SCRIPT_HEBREW: Script
SCRIPT_HAN: Script
SCRIPT_HANGUL: Script
SCRIPT_KANA: Script
SCRIPT_THAI: Script
SCRIPT_DEVANAGARI: Script
SCRIPT_ARMENIAN: Script
SCRIPT_GEORGIAN: Script
SCRIPT_ETHIOPIC: Script
SCRIPT_COMMON: Script
SCRIPT_MIXED: Script
SCRIPT_OTHER: Script
MARK_LOCATION_UNSPECIFIED: MarkLocation
MARK_LOCATION_FRAME: MarkLocation
MARK_LOCATION_RECEIVER: MarkLocation
MARK_LOCATION_UPPER_RECEIVER: MarkLocation
MARK_LOCATION_LOWER_RECEIVER: MarkLocation
MARK_LOCATION_SLIDE: MarkLocation
MARK_LOCATION_BARREL: MarkLocation
MARK_LOCATION_CYLINDER: MarkLocation
MARK_LOCATION_BOLT: MarkLocation
MARK_LOCATION_TAG: MarkLocation
MARK_LOCATION_TRIGGER_GUARD: MarkLocation
MARK_LOCATION_GRIP: MarkLocation
MARK_LOCATION_STOCK: MarkLocation
MARK_LOCATION_MAGAZINE: MarkLocation
MARK_LOCATION_LAUNCH_TUBE: MarkLocation
MARK_LOCATION_GRIP_STOCK: MarkLocation
MARK_LOCATION_MISSILE: MarkLocation
MARK_LOCATION_CARTRIDGE_HEAD: MarkLocation
MARK_LOCATION_PACKAGING: MarkLocation
MARK_LOCATION_OTHER: MarkLocation
LEGIBILITY_UNSPECIFIED: Legibility
LEGIBILITY_CLEAR: Legibility
LEGIBILITY_PARTIAL: Legibility
LEGIBILITY_OBLITERATED: Legibility
LEGIBILITY_RESTORED: Legibility
LEGIBILITY_ALTERED: Legibility
LEGIBILITY_SUSPECTED_COPY: Legibility
CONTROL_COMPONENT_PREFIX_UNSPECIFIED: ControlComponentPrefix
CONTROL_COMPONENT_PREFIX_ONE: ControlComponentPrefix
CONTROL_COMPONENT_PREFIX_TWO: ControlComponentPrefix
READ_FROM_UNSPECIFIED: ReadFrom
READ_FROM_WEAPON: ReadFrom
READ_FROM_PHOTOGRAPH: ReadFrom
READ_FROM_EARLIER_PAPER: ReadFrom
MARKING_METHOD_UNSPECIFIED: MarkingMethod
MARKING_METHOD_STAMPED: MarkingMethod
MARKING_METHOD_ENGRAVED: MarkingMethod
MARKING_METHOD_LASER: MarkingMethod
MARKING_METHOD_DOT_PEEN: MarkingMethod
MARKING_METHOD_CAST: MarkingMethod
MARKING_METHOD_ETCHED: MarkingMethod
MARKING_METHOD_PAINTED: MarkingMethod
MARKING_METHOD_OTHER: MarkingMethod
PART_KIND_UNSPECIFIED: PartKind
PART_KIND_FRAME: PartKind
PART_KIND_RECEIVER: PartKind
PART_KIND_UPPER_RECEIVER: PartKind
PART_KIND_LOWER_RECEIVER: PartKind
PART_KIND_SLIDE: PartKind
PART_KIND_BARREL: PartKind
PART_KIND_CYLINDER: PartKind
PART_KIND_BOLT: PartKind
PART_KIND_MAGAZINE: PartKind
PART_KIND_SILENCER: PartKind
PART_KIND_LAUNCH_TUBE: PartKind
PART_KIND_GRIP_STOCK: PartKind
PART_KIND_MISSILE: PartKind
PART_KIND_SIGHT: PartKind
PART_KIND_STOCK: PartKind
PART_KIND_OTHER: PartKind
PHOTOGRAPH_VIEW_UNSPECIFIED: PhotographView
PHOTOGRAPH_VIEW_LEFT: PhotographView
PHOTOGRAPH_VIEW_RIGHT: PhotographView
PHOTOGRAPH_VIEW_SERIAL: PhotographView
PHOTOGRAPH_VIEW_OTHER_MARK: PhotographView
PHOTOGRAPH_VIEW_SCALE: PhotographView
PHOTOGRAPH_VIEW_PACKAGING: PhotographView
PHOTOGRAPH_VIEW_OTHER: PhotographView
ELECTRONIC_KIND_UNSPECIFIED: ElectronicKind
ELECTRONIC_KIND_RFID: ElectronicKind
ELECTRONIC_KIND_CHIP: ElectronicKind
ELECTRONIC_KIND_BARCODE: ElectronicKind
ELECTRONIC_KIND_MATRIX_CODE: ElectronicKind
ELECTRONIC_KIND_OTHER: ElectronicKind
RESTORATION_METHOD_UNSPECIFIED: RestorationMethod
RESTORATION_METHOD_CHEMICAL_ETCHING: RestorationMethod
RESTORATION_METHOD_ELECTROLYTIC: RestorationMethod
RESTORATION_METHOD_MAGNETIC_PARTICLE: RestorationMethod
RESTORATION_METHOD_MAGNETO_OPTICAL: RestorationMethod
RESTORATION_METHOD_HEAT: RestorationMethod
RESTORATION_METHOD_OTHER: RestorationMethod
RESTORATION_RESULT_UNSPECIFIED: RestorationResult
RESTORATION_RESULT_RESTORED: RestorationResult
RESTORATION_RESULT_PARTLY_RESTORED: RestorationResult
RESTORATION_RESULT_NOT_RESTORED: RestorationResult
RESTORATION_RESULT_PENDING: RestorationResult
AMMUNITION_STATE_UNSPECIFIED: AmmunitionState
AMMUNITION_STATE_LIVE: AmmunitionState
AMMUNITION_STATE_FIRED: AmmunitionState
AMMUNITION_STATE_BOTH: AmmunitionState

class Item(_message.Message):
    __slots__ = ("id", "kind", "object", "ammunition", "packaging", "serial_range", "illicit_grounds", "found_situation", "found_on", "custody", "can_be_reexamined_until", "exhibit_number", "attachments")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    AMMUNITION_FIELD_NUMBER: _ClassVar[int]
    PACKAGING_FIELD_NUMBER: _ClassVar[int]
    SERIAL_RANGE_FIELD_NUMBER: _ClassVar[int]
    ILLICIT_GROUNDS_FIELD_NUMBER: _ClassVar[int]
    FOUND_SITUATION_FIELD_NUMBER: _ClassVar[int]
    FOUND_ON_FIELD_NUMBER: _ClassVar[int]
    CUSTODY_FIELD_NUMBER: _ClassVar[int]
    CAN_BE_REEXAMINED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    EXHIBIT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: ItemKind
    object: Object
    ammunition: Ammunition
    packaging: Packaging
    serial_range: SerialRange
    illicit_grounds: _containers.RepeatedScalarFieldContainer[IllicitGround]
    found_situation: FoundSituation
    found_on: str
    custody: Custody
    can_be_reexamined_until: str
    exhibit_number: str
    attachments: _containers.RepeatedCompositeFieldContainer[_attachment_pb2.Attachment]
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[_Union[ItemKind, str]] = ..., object: _Optional[_Union[Object, _Mapping]] = ..., ammunition: _Optional[_Union[Ammunition, _Mapping]] = ..., packaging: _Optional[_Union[Packaging, _Mapping]] = ..., serial_range: _Optional[_Union[SerialRange, _Mapping]] = ..., illicit_grounds: _Optional[_Iterable[_Union[IllicitGround, str]]] = ..., found_situation: _Optional[_Union[FoundSituation, str]] = ..., found_on: _Optional[str] = ..., custody: _Optional[_Union[Custody, str]] = ..., can_be_reexamined_until: _Optional[str] = ..., exhibit_number: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[_attachment_pb2.Attachment, _Mapping]]] = ...) -> None: ...

class Object(_message.Message):
    __slots__ = ("category", "type", "type_code", "make", "make_code", "model", "variant", "calibre_as_marked", "calibre", "action", "country_of_manufacture", "country_of_manufacture_confidence", "year_of_manufacture", "frame_material", "modular", "copy_suspected", "craft_made", "converted", "three_d_printed", "unmarked", "mark", "mark_reading", "part", "photograph", "electronic_identifier", "restoration", "description", "barrel_length_mm", "finish", "importer_as_marked", "covert_mark")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TYPE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAKE_FIELD_NUMBER: _ClassVar[int]
    MAKE_CODE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VARIANT_FIELD_NUMBER: _ClassVar[int]
    CALIBRE_AS_MARKED_FIELD_NUMBER: _ClassVar[int]
    CALIBRE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_OF_MANUFACTURE_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_OF_MANUFACTURE_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    YEAR_OF_MANUFACTURE_FIELD_NUMBER: _ClassVar[int]
    FRAME_MATERIAL_FIELD_NUMBER: _ClassVar[int]
    MODULAR_FIELD_NUMBER: _ClassVar[int]
    COPY_SUSPECTED_FIELD_NUMBER: _ClassVar[int]
    CRAFT_MADE_FIELD_NUMBER: _ClassVar[int]
    CONVERTED_FIELD_NUMBER: _ClassVar[int]
    THREE_D_PRINTED_FIELD_NUMBER: _ClassVar[int]
    UNMARKED_FIELD_NUMBER: _ClassVar[int]
    MARK_FIELD_NUMBER: _ClassVar[int]
    MARK_READING_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    PHOTOGRAPH_FIELD_NUMBER: _ClassVar[int]
    ELECTRONIC_IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    RESTORATION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    BARREL_LENGTH_MM_FIELD_NUMBER: _ClassVar[int]
    FINISH_FIELD_NUMBER: _ClassVar[int]
    IMPORTER_AS_MARKED_FIELD_NUMBER: _ClassVar[int]
    COVERT_MARK_FIELD_NUMBER: _ClassVar[int]
    category: Category
    type: str
    type_code: str
    make: str
    make_code: str
    model: str
    variant: str
    calibre_as_marked: str
    calibre: str
    action: Action
    country_of_manufacture: str
    country_of_manufacture_confidence: _terms_pb2.Confidence
    year_of_manufacture: str
    frame_material: Material
    modular: bool
    copy_suspected: bool
    craft_made: bool
    converted: bool
    three_d_printed: bool
    unmarked: bool
    mark: _containers.RepeatedCompositeFieldContainer[Mark]
    mark_reading: _containers.RepeatedCompositeFieldContainer[MarkReading]
    part: _containers.RepeatedCompositeFieldContainer[Part]
    photograph: _containers.RepeatedCompositeFieldContainer[Photograph]
    electronic_identifier: _containers.RepeatedCompositeFieldContainer[ElectronicIdentifier]
    restoration: _containers.RepeatedCompositeFieldContainer[Restoration]
    description: str
    barrel_length_mm: int
    finish: str
    importer_as_marked: str
    covert_mark: _containers.RepeatedCompositeFieldContainer[CovertMark]
    def __init__(self, category: _Optional[_Union[Category, str]] = ..., type: _Optional[str] = ..., type_code: _Optional[str] = ..., make: _Optional[str] = ..., make_code: _Optional[str] = ..., model: _Optional[str] = ..., variant: _Optional[str] = ..., calibre_as_marked: _Optional[str] = ..., calibre: _Optional[str] = ..., action: _Optional[_Union[Action, str]] = ..., country_of_manufacture: _Optional[str] = ..., country_of_manufacture_confidence: _Optional[_Union[_terms_pb2.Confidence, str]] = ..., year_of_manufacture: _Optional[str] = ..., frame_material: _Optional[_Union[Material, str]] = ..., modular: _Optional[bool] = ..., copy_suspected: _Optional[bool] = ..., craft_made: _Optional[bool] = ..., converted: _Optional[bool] = ..., three_d_printed: _Optional[bool] = ..., unmarked: _Optional[bool] = ..., mark: _Optional[_Iterable[_Union[Mark, _Mapping]]] = ..., mark_reading: _Optional[_Iterable[_Union[MarkReading, _Mapping]]] = ..., part: _Optional[_Iterable[_Union[Part, _Mapping]]] = ..., photograph: _Optional[_Iterable[_Union[Photograph, _Mapping]]] = ..., electronic_identifier: _Optional[_Iterable[_Union[ElectronicIdentifier, _Mapping]]] = ..., restoration: _Optional[_Iterable[_Union[Restoration, _Mapping]]] = ..., description: _Optional[str] = ..., barrel_length_mm: _Optional[int] = ..., finish: _Optional[str] = ..., importer_as_marked: _Optional[str] = ..., covert_mark: _Optional[_Iterable[_Union[CovertMark, _Mapping]]] = ...) -> None: ...

class Mark(_message.Message):
    __slots__ = ("role", "text_as_seen", "script", "normalised", "location", "component", "legibility", "confidence", "photograph_sha256", "control_component_prefix", "read_from", "method", "country", "year", "symbol")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    TEXT_AS_SEEN_FIELD_NUMBER: _ClassVar[int]
    SCRIPT_FIELD_NUMBER: _ClassVar[int]
    NORMALISED_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    LEGIBILITY_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    PHOTOGRAPH_SHA256_FIELD_NUMBER: _ClassVar[int]
    CONTROL_COMPONENT_PREFIX_FIELD_NUMBER: _ClassVar[int]
    READ_FROM_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    YEAR_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    role: MarkRole
    text_as_seen: str
    script: Script
    normalised: str
    location: MarkLocation
    component: str
    legibility: Legibility
    confidence: _terms_pb2.Confidence
    photograph_sha256: bytes
    control_component_prefix: ControlComponentPrefix
    read_from: ReadFrom
    method: MarkingMethod
    country: str
    year: str
    symbol: str
    def __init__(self, role: _Optional[_Union[MarkRole, str]] = ..., text_as_seen: _Optional[str] = ..., script: _Optional[_Union[Script, str]] = ..., normalised: _Optional[str] = ..., location: _Optional[_Union[MarkLocation, str]] = ..., component: _Optional[str] = ..., legibility: _Optional[_Union[Legibility, str]] = ..., confidence: _Optional[_Union[_terms_pb2.Confidence, str]] = ..., photograph_sha256: _Optional[bytes] = ..., control_component_prefix: _Optional[_Union[ControlComponentPrefix, str]] = ..., read_from: _Optional[_Union[ReadFrom, str]] = ..., method: _Optional[_Union[MarkingMethod, str]] = ..., country: _Optional[str] = ..., year: _Optional[str] = ..., symbol: _Optional[str] = ...) -> None: ...

class MarkReading(_message.Message):
    __slots__ = ("mark_index", "read_by", "read_on")
    MARK_INDEX_FIELD_NUMBER: _ClassVar[int]
    READ_BY_FIELD_NUMBER: _ClassVar[int]
    READ_ON_FIELD_NUMBER: _ClassVar[int]
    mark_index: int
    read_by: str
    read_on: str
    def __init__(self, mark_index: _Optional[int] = ..., read_by: _Optional[str] = ..., read_on: _Optional[str] = ...) -> None: ...

class Part(_message.Message):
    __slots__ = ("kind", "material", "control_component", "make", "model", "mark", "mark_reading", "description")
    KIND_FIELD_NUMBER: _ClassVar[int]
    MATERIAL_FIELD_NUMBER: _ClassVar[int]
    CONTROL_COMPONENT_FIELD_NUMBER: _ClassVar[int]
    MAKE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MARK_FIELD_NUMBER: _ClassVar[int]
    MARK_READING_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    kind: PartKind
    material: Material
    control_component: bool
    make: str
    model: str
    mark: _containers.RepeatedCompositeFieldContainer[Mark]
    mark_reading: _containers.RepeatedCompositeFieldContainer[MarkReading]
    description: str
    def __init__(self, kind: _Optional[_Union[PartKind, str]] = ..., material: _Optional[_Union[Material, str]] = ..., control_component: _Optional[bool] = ..., make: _Optional[str] = ..., model: _Optional[str] = ..., mark: _Optional[_Iterable[_Union[Mark, _Mapping]]] = ..., mark_reading: _Optional[_Iterable[_Union[MarkReading, _Mapping]]] = ..., description: _Optional[str] = ...) -> None: ...

class Photograph(_message.Message):
    __slots__ = ("view", "media_type", "sha256", "size", "original_sha256", "kept_by")
    VIEW_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_SHA256_FIELD_NUMBER: _ClassVar[int]
    KEPT_BY_FIELD_NUMBER: _ClassVar[int]
    view: PhotographView
    media_type: str
    sha256: bytes
    size: int
    original_sha256: bytes
    kept_by: str
    def __init__(self, view: _Optional[_Union[PhotographView, str]] = ..., media_type: _Optional[str] = ..., sha256: _Optional[bytes] = ..., size: _Optional[int] = ..., original_sha256: _Optional[bytes] = ..., kept_by: _Optional[str] = ...) -> None: ...

class ScenePhotograph(_message.Message):
    __slots__ = ("caption", "media_type", "sha256", "size", "original_sha256", "kept_by")
    CAPTION_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_SHA256_FIELD_NUMBER: _ClassVar[int]
    KEPT_BY_FIELD_NUMBER: _ClassVar[int]
    caption: str
    media_type: str
    sha256: bytes
    size: int
    original_sha256: bytes
    kept_by: str
    def __init__(self, caption: _Optional[str] = ..., media_type: _Optional[str] = ..., sha256: _Optional[bytes] = ..., size: _Optional[int] = ..., original_sha256: _Optional[bytes] = ..., kept_by: _Optional[str] = ...) -> None: ...

class ElectronicIdentifier(_message.Message):
    __slots__ = ("kind", "value", "location")
    KIND_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    kind: ElectronicKind
    value: str
    location: MarkLocation
    def __init__(self, kind: _Optional[_Union[ElectronicKind, str]] = ..., value: _Optional[str] = ..., location: _Optional[_Union[MarkLocation, str]] = ...) -> None: ...

class Restoration(_message.Message):
    __slots__ = ("mark_index", "method", "result", "done_on")
    MARK_INDEX_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    DONE_ON_FIELD_NUMBER: _ClassVar[int]
    mark_index: int
    method: RestorationMethod
    result: RestorationResult
    done_on: str
    def __init__(self, mark_index: _Optional[int] = ..., method: _Optional[_Union[RestorationMethod, str]] = ..., result: _Optional[_Union[RestorationResult, str]] = ..., done_on: _Optional[str] = ...) -> None: ...

class CovertMark(_message.Message):
    __slots__ = ("text", "method", "location")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    text: str
    method: str
    location: str
    def __init__(self, text: _Optional[str] = ..., method: _Optional[str] = ..., location: _Optional[str] = ...) -> None: ...

class Ammunition(_message.Message):
    __slots__ = ("headstamp", "headstamp_script", "calibre_as_marked", "calibre", "lot_number", "colour_code", "quantity", "state", "year_of_manufacture", "photograph")
    HEADSTAMP_FIELD_NUMBER: _ClassVar[int]
    HEADSTAMP_SCRIPT_FIELD_NUMBER: _ClassVar[int]
    CALIBRE_AS_MARKED_FIELD_NUMBER: _ClassVar[int]
    CALIBRE_FIELD_NUMBER: _ClassVar[int]
    LOT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    COLOUR_CODE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    YEAR_OF_MANUFACTURE_FIELD_NUMBER: _ClassVar[int]
    PHOTOGRAPH_FIELD_NUMBER: _ClassVar[int]
    headstamp: str
    headstamp_script: Script
    calibre_as_marked: str
    calibre: str
    lot_number: str
    colour_code: str
    quantity: int
    state: AmmunitionState
    year_of_manufacture: str
    photograph: _containers.RepeatedCompositeFieldContainer[Photograph]
    def __init__(self, headstamp: _Optional[str] = ..., headstamp_script: _Optional[_Union[Script, str]] = ..., calibre_as_marked: _Optional[str] = ..., calibre: _Optional[str] = ..., lot_number: _Optional[str] = ..., colour_code: _Optional[str] = ..., quantity: _Optional[int] = ..., state: _Optional[_Union[AmmunitionState, str]] = ..., year_of_manufacture: _Optional[str] = ..., photograph: _Optional[_Iterable[_Union[Photograph, _Mapping]]] = ...) -> None: ...

class Packaging(_message.Message):
    __slots__ = ("crate_number", "contract_mark", "lot_number", "consignor_mark", "consignee_mark", "gross_weight_g", "quantity", "description", "photograph")
    CRATE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_MARK_FIELD_NUMBER: _ClassVar[int]
    LOT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CONSIGNOR_MARK_FIELD_NUMBER: _ClassVar[int]
    CONSIGNEE_MARK_FIELD_NUMBER: _ClassVar[int]
    GROSS_WEIGHT_G_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PHOTOGRAPH_FIELD_NUMBER: _ClassVar[int]
    crate_number: str
    contract_mark: str
    lot_number: str
    consignor_mark: str
    consignee_mark: str
    gross_weight_g: int
    quantity: int
    description: str
    photograph: _containers.RepeatedCompositeFieldContainer[Photograph]
    def __init__(self, crate_number: _Optional[str] = ..., contract_mark: _Optional[str] = ..., lot_number: _Optional[str] = ..., consignor_mark: _Optional[str] = ..., consignee_mark: _Optional[str] = ..., gross_weight_g: _Optional[int] = ..., quantity: _Optional[int] = ..., description: _Optional[str] = ..., photograph: _Optional[_Iterable[_Union[Photograph, _Mapping]]] = ...) -> None: ...

class SerialRange(_message.Message):
    __slots__ = ("from_serial", "to_serial", "quantity", "complete")
    FROM_SERIAL_FIELD_NUMBER: _ClassVar[int]
    TO_SERIAL_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    from_serial: str
    to_serial: str
    quantity: int
    complete: bool
    def __init__(self, from_serial: _Optional[str] = ..., to_serial: _Optional[str] = ..., quantity: _Optional[int] = ..., complete: _Optional[bool] = ...) -> None: ...
