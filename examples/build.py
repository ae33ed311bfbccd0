"""Writes the example requests, tables and pictures from the real rows in `data/`.

    python examples/build.py            writes them beside this file

Makes, models, calibres, register rows and the shape of serial numbers are real (README.md
names each source). Where only the shape is published, a number is made from it by a seeded
generator and is nobody's. States, offices, file numbers, dates and places are made up; there
are no persons. A test builds all of it anew and compares.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drawing import draw_mark

from tracepost.protocol.vocabulary import normalise_mark, script_of
from tracepost.wire.v1 import weapon_pb2

HERE = Path(__file__).parent
Json = dict[str, Any]
OFFICE = {
    "organisation": "Firearms Tracing Office of XAA",
    "telephone": "+99 00 000 000",
    "mailbox": "tracing@xaa.example",
    "duty_hours": "Mon-Fri 08:00-16:00 UTC+1",
}


# ---------------------------------------------------------------- real rows


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of a file in `data/`."""
    with (HERE / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def row_of(name: str, **wanted: str) -> dict[str, str]:
    """Return the one row of a file that has these values."""
    (found,) = [row for row in rows_of(name) if all(row[key] == value for key, value in wanted.items())]
    return found


def serial_like(mask: str, seed: str) -> str:
    """Return a number of the shape `mask` (A a letter, 9 a digit), the same for the same seed."""
    draw = random.Random(f"tracepost examples: {seed}")  # noqa: S311 - not a secret, and must repeat
    signs = {"A": "ABCDEFGHJKLMNPRSTUVWXYZ", "9": "0123456789"}
    return "".join(draw.choice(signs[sign]) if sign in signs else sign for sign in mask)


# ---------------------------------------------------------------- parts of a request


def mark(role: str, text: str | None, place: str | None = None, **more: Any) -> Json:
    """Return a mark; what can be told from its text is filled in."""
    said: Json = {"role": f"MARK_ROLE_{role}"}
    if text is not None:
        said |= {"text_as_seen": text, "script": weapon_pb2.Script.Name(script_of(text))}
        said |= {"normalised": normalise_mark(text)} if normalise_mark(text) else {}
    if place is not None:
        said["location"] = f"MARK_LOCATION_{place}"
    return said | more


def picture(view: str, file: str) -> Json:
    """Return a photograph named by its file."""
    kept_by = {"kept_by": OFFICE["organisation"]}
    return {"view": f"PHOTOGRAPH_VIEW_{view}", "file": f"photographs/{file}"} | kept_by


def weapon(id_: str, **thing: Any) -> Json:
    """Return an item that is a weapon."""
    held = {"custody": "CUSTODY_HELD", "can_be_reexamined_until": "2027-11-30"}
    return {"id": id_, "kind": "ITEM_KIND_WEAPON", "object": thing} | held


def request(number: str, items: list[Json], **more: Any) -> Json:
    """Return a draft with a trace request for `items`."""
    asked = {
        "file_number": number,
        "items": items,
        "urgency": "URGENCY_ROUTINE",
        "questions": ["QUESTION_CONFIRM_IDENTIFICATION", "QUESTION_LAST_RECORDED_HOLDER"],
        "addressed_because": ["ADDRESSED_BECAUSE_MANUFACTURE"],
        "illicit_grounds": ["ILLICIT_GROUND_NATIONAL_LAW"],
        "legal_provision": "Firearms Act of XAA, section 12 (unlicensed possession)",
        "guarantees_restrictions": True,
        "languages": ["en"],
        "office": OFFICE,
        "circumstances": {
            "found_situation": "FOUND_SITUATION_SEIZED",
            "found_on": "2026-10-02",
            "country": "XAA",
            "region_code": "XA-01",
            "summary": "Found in a vehicle at a control on a main road.",
        },
    }
    cover = {
        "to": ["xab"],
        "purpose": "PURPOSE_CRIMINAL_INVESTIGATION",
        "legal_basis": "LEGAL_BASIS_ITI",
        "restrictions": [{"code": "RESTRICTION_CODE_NO_ONWARD_RELEASE"}],
    }
    return cover | {"content": {"trace_request": asked | more}}


# ---------------------------------------------------------------- the requests


def requests() -> Iterator[tuple[str, Json]]:
    """Yield each example: name of its file, and draft."""
    yield "cyrillic-series", request("XAA-2026-0101", [nagant("1"), makarov("2"), aks("3")])
    yield "modular-rifle", request("XAA-2026-0102", [modular_rifle("1")])
    yield "polymer-frame", request("XAA-2026-0103", [polymer_pistol("1")])
    yield (
        "import-mark",
        request("XAA-2026-0104", [imported_pistol("1")], addressed_because=["ADDRESSED_BECAUSE_LAST_IMPORT"]),
    )
    yield "obliterated-serial", request("XAA-2026-0105", [filed_revolver("1"), read_in_part("2")])
    yield (
        "property-mark",
        request("XAA-2026-0106", [police_rifle("1")], addressed_because=["ADDRESSED_BECAUSE_PROPERTY_MARK"]),
    )
    yield (
        "craft-made",
        request(
            "XAA-2026-0107", [craft_made("1")], illicit_grounds=["ILLICIT_GROUND_UNLICENSED_MANUFACTURE"]
        ),
    )
    yield "ammunition-lot", ammunition_request()
    yield "six-weapons", six_weapons()


def nagant(id_: str) -> Json:
    """A register row with a Cyrillic series and a short number."""
    row = row_of("lost_stolen_register.csv", register_row="0")
    seen = f"{row['weaponseries']} {row['weaponnumber']}"
    return weapon(
        id_,
        category="CATEGORY_REVOLVER",
        type=row["weaponkind"],
        model=row["brandmodel"],
        calibre_as_marked=row["weaponcaliber"],
        calibre="7.62x38mmr-nagant",
        country_of_manufacture="SUN",
        country_of_manufacture_confidence="CONFIDENCE_PROBABLE",
        mark=[
            mark(
                "MANUFACTURER_SERIAL",
                seen,
                "FRAME",
                legibility="LEGIBILITY_CLEAR",
                confidence="CONFIDENCE_CERTAIN",
                read_from="READ_FROM_WEAPON",
                photograph_file="photographs/nagant-serial.png",
            )
        ],
        photograph=[picture("SERIAL", "nagant-serial.png")],
    )


def makarov(id_: str) -> Json:
    """A register row whose series mixes a Latin B with a Cyrillic Б."""
    row = row_of("lost_stolen_register.csv", register_row="55728")
    return weapon(
        id_,
        category="CATEGORY_SELF_LOADING_PISTOL",
        type=row["weaponkind"],
        model=row["brandmodel"],
        calibre_as_marked=row["weaponcaliber"],
        calibre="9x18mm-makarov",
        year_of_manufacture=row["graduationyear"],
        country_of_manufacture="SUN",
        mark=[
            mark("MANUFACTURER_SERIAL", f"{row['weaponseries']} {row['weaponnumber']}", "FRAME"),
            mark("DATE_CODE", row["graduationyear"], "FRAME", year=row["graduationyear"]),
        ],
    )


def aks(id_: str) -> Json:
    """A register row with a number and a year."""
    row = row_of("lost_stolen_register.csv", register_row="496735")
    return weapon(
        id_,
        category="CATEGORY_ASSAULT_RIFLE",
        type=row["weaponkind"],
        model=row["brandmodel"],
        calibre_as_marked=row["weaponcaliber"],
        calibre="5.45x39mm",
        year_of_manufacture=row["graduationyear"],
        country_of_manufacture="SUN",
        mark=[mark("MANUFACTURER_SERIAL", row["weaponnumber"], "RECEIVER")],
    )


def modular_rifle(id_: str) -> Json:
    """Two serials on one rifle; "(1)" on the control component, "(2)" on the other (seed 003 §22)."""
    model = row_of("models.csv", text="SIG MCX Rattler")
    mask = row_of("serial_masks_traces.csv", manufacturer_name="SIG SAUER")["serial_mask"]
    lower, upper = serial_like(mask, "modular lower"), serial_like(mask, "modular upper")
    first = {"control_component_prefix": "CONTROL_COMPONENT_PREFIX_ONE"}
    second = {"control_component_prefix": "CONTROL_COMPONENT_PREFIX_TWO"}
    return weapon(
        id_,
        category="CATEGORY_CARBINE",
        make="SIG Sauer",
        model=model["text"],
        calibre_as_marked=".300 BLK",
        calibre="300-aac-blackout",
        modular=True,
        mark=[mark("MANUFACTURER_SERIAL", lower, "LOWER_RECEIVER", **first)],
        part=[
            {
                "kind": "PART_KIND_LOWER_RECEIVER",
                "control_component": True,
                "mark": [mark("CONTROL_COMPONENT", lower, "LOWER_RECEIVER", **first)],
            },
            {
                "kind": "PART_KIND_UPPER_RECEIVER",
                "control_component": False,
                "mark": [mark("MANUFACTURER_SERIAL", upper, "UPPER_RECEIVER", **second)],
            },
        ],
        photograph=[picture("SERIAL", "modular-lower.png"), picture("OTHER_MARK", "modular-upper.png")],
    )


def polymer_pistol(id_: str) -> Json:
    """A polymer frame with the number on an embedded metal tag, and once more on slide and barrel."""
    make = row_of("makes.csv", code="GLC")
    mask = row_of("serial_masks_traces.csv", manufacturer_name="GLOCK")["serial_mask"]
    number = serial_like(mask, "polymer")
    return weapon(
        id_,
        category="CATEGORY_SELF_LOADING_PISTOL",
        make="Glock",
        make_code=make["code"],
        calibre_as_marked="9 mm Luger",
        calibre="9x19mm-parabellum",
        country_of_manufacture="AUT",
        frame_material="MATERIAL_POLYMER_WITH_METAL_TAG",
        mark=[
            mark("MANUFACTURER_SERIAL", number, "TAG", method="MARKING_METHOD_ENGRAVED"),
            mark("MANUFACTURER_SERIAL", number, "SLIDE"),
            mark("MANUFACTURER_SERIAL", number, "BARREL"),
        ],
        photograph=[picture("SERIAL", "polymer-tag.png")],
    )


def imported_pistol(id_: str) -> Json:
    """An import mark beside the manufacture mark: two countries on one pistol."""
    make, importer = row_of("makes.csv", code="NON"), row_of("makes.csv", code="CIA")
    mask = row_of("serial_masks_seizures.csv", make="NORINCO")["mask"]
    return weapon(
        id_,
        category="CATEGORY_SELF_LOADING_PISTOL",
        make=make["name_guess"],
        make_code=make["code"],
        calibre_as_marked="9mm",
        country_of_manufacture="CHN",
        importer_as_marked="CIA ST ALBANS VT",
        description=f"Importer read as {importer['name_guess']}",
        mark=[
            mark("MANUFACTURER_SERIAL", serial_like(mask, "imported"), "FRAME"),
            mark("COUNTRY", "MADE IN CHINA", "SLIDE", country="CHN"),
            mark("IMPORT", "CIA ST ALBANS VT", "FRAME", country="USA"),
        ],
        photograph=[picture("SERIAL", "import-serial.png"), picture("OTHER_MARK", "import-mark.png")],
    )


def filed_revolver(id_: str) -> Json:
    """A serial that was ground off and not brought back; other marks stand."""
    return weapon(
        id_,
        category="CATEGORY_REVOLVER",
        make="Taurus",
        calibre_as_marked=".38 SPL",
        calibre="38-smith-and-wesson-special",
        country_of_manufacture="BRA",
        mark=[
            {
                "role": "MARK_ROLE_MANUFACTURER_SERIAL",
                "location": "MARK_LOCATION_FRAME",
                "legibility": "LEGIBILITY_OBLITERATED",
            },
            mark("MAKE", "TAURUS BRASIL", "BARREL", legibility="LEGIBILITY_CLEAR"),
        ],
        restoration=[
            {
                "mark_index": 0,
                "method": "RESTORATION_METHOD_CHEMICAL_ETCHING",
                "result": "RESTORATION_RESULT_NOT_RESTORED",
            }
        ],
        photograph=[picture("SERIAL", "filed-serial.png")],
    )


def read_in_part(id_: str) -> Json:
    """A serial of which the last three characters cannot be read, as police records have them."""
    return weapon(
        id_,
        category="CATEGORY_SELF_LOADING_PISTOL",
        make="Taurus",
        calibre_as_marked="9mm",
        country_of_manufacture="BRA",
        mark=[mark("MANUFACTURER_SERIAL", "TJY24???", "FRAME", legibility="LEGIBILITY_PARTIAL")],
        photograph=[picture("SERIAL", "partial-serial.png")],
    )


def police_rifle(id_: str) -> Json:
    """A property mark in the form of RECSA (star, country, user, number of its own) beside the maker's."""
    mask = row_of("serial_masks_seizures.csv", make="AK")["mask"]
    return weapon(
        id_,
        category="CATEGORY_ASSAULT_RIFLE",
        type=row_of("weapon_kinds.csv", weaponkind_uk="АВТОМАТ")["weaponkind_uk"],
        calibre_as_marked=row_of("calibre_names.csv", id="762x39_m43")["cip_name"],
        calibre="7.62x39mm",
        mark=[
            mark("MANUFACTURER_SERIAL", serial_like(mask, "police rifle"), "RECEIVER"),
            mark(
                "REGIONAL",
                f"* XB POL {serial_like('99999', 'property')}",
                "RECEIVER",
                country="XAB",
                symbol="five-pointed star",
            ),
        ],
        photograph=[picture("OTHER_MARK", "property-mark.png")],
    )


def craft_made(id_: str) -> Json:
    """No mark at all: made by hand."""
    row = row_of("weapon_kinds.csv", weaponkind_uk="ПІСТОЛЕТ САМОРОБНИЙ")
    return weapon(
        id_,
        category="CATEGORY_OTHER_SMALL_ARM",
        type=row["weaponkind_uk"],
        calibre_as_marked="12 gauge",
        calibre="12-gauge",
        action="ACTION_SINGLE_SHOT",
        craft_made=True,
        unmarked=True,
        description="Barrel of water pipe, hardwood grip; examined, no mark found.",
        photograph=[picture("LEFT", "craft-made.png")],
    )


def ammunition_request() -> Json:
    """An ammunition lot: not under the ITI, so no ground of ITI 6 and another legal basis."""
    name = row_of("calibre_names.csv", id="762x39_m43")["cip_name"]
    lot = {
        "headstamp": f"{serial_like('99', 'factory')} {serial_like('99', 'year')}",
        "headstamp_script": "SCRIPT_COMMON",
        "calibre_as_marked": name,
        "calibre": "7.62x39mm",
        "lot_number": serial_like("A99-99", "lot"),
        "colour_code": "no colour on tip, red primer annulus",
        "quantity": 1320,
        "state": "AMMUNITION_STATE_LIVE",
        "photograph": [picture("OTHER_MARK", "headstamp.png")],
    }
    items = [{"id": "1", "kind": "ITEM_KIND_AMMUNITION", "ammunition": lot, "custody": "CUSTODY_HELD"}]
    draft = request("XAA-2026-0108", items, questions=["QUESTION_CONSIGNMENT", "QUESTION_EXPORTER"])
    del draft["content"]["trace_request"]["illicit_grounds"]
    return draft | {"legal_basis": "LEGAL_BASIS_BILATERAL_AGREEMENT"}


def six_weapons() -> Json:
    """The request of the demonstration: six weapons, photographs, one handling instruction."""
    items = [
        aks("1"),
        nagant("2"),
        imported_pistol("3"),
        read_in_part("4"),
        police_rifle("5"),
        modular_rifle("6"),
    ]
    return request(
        "XAA-2026-0117",
        items,
        handling_instructions=["HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER"],
        questions=["QUESTION_CONFIRM_IDENTIFICATION", "QUESTION_POINT_OF_DIVERSION", "QUESTION_CONSIGNMENT"],
        reply_by="2026-12-31",
    )


# ---------------------------------------------------------------- tables

HEADING = (
    "serial", "obliterated", "manufacturer", "type", "calibre", "model", "country of origin", "importer",
    "additional markings", "illicit ground", "found situation", "found date", "photographs",
)  # fmt: skip


def items_table() -> Iterator[list[str]]:
    """Yield the rows of items.csv: nine that are good, then one of each kind of fault."""
    traces = {row["row"]: row for row in rows_of("traces.csv")}
    for number, country in (("3", "Brazil"), ("8", "USA"), ("11", "US"), ("20", "Austria")):
        row = traces[number]
        serial = serial_like(row["serial_mask"], f"table {number}")
        yield _line(serial, "N", row["manufacturer_name"], "P", row["firearm_caliber"], "", country)
    rossi = serial_like(row_of("serial_masks_seizures.csv", make="ROSSI")["mask"], "table rossi")
    yield _line(rossi, "", "ROSSI", "revolver", ".38 Spl", "", "BRA")
    norinco = serial_like(row_of("serial_masks_seizures.csv", make="NORINCO")["mask"], "imported")
    marks = "country@slide: MADE IN CHINA; import@frame: CIA ST ALBANS VT"
    yield _line(norinco, "N", "NORINCO", "P", "9mm", "", "CHN", "CIA ST ALBANS VT", marks)
    yield _line(
        "TJY24???",
        "Y",
        "TAURUS",
        "P",
        "9mm",
        "",
        "Brazil",
        photographs="serial=photographs/partial-serial.png",
    )
    yield _line("filed off", "Y", "TAURUS", "revolver", ".38 Special", "", "Brazil")
    yield _line("no number", "", "", "pistol", "12 gauge", "", "", ground="unlicensed-manufacture")
    # What a spreadsheet, a form and a hurry make of it:
    ruger = serial_like("999-99999", "table ruger")
    yield _line(ruger, "N", "RUGER", "R", ".22 LR", "Oct-22", "USA")
    yield _line("1.23457E+11", "N", "RUGER", "R", ".22 LR", "", "USA")
    yield _line(serial_like("AAA9999", "table full"), "Y", "SMITH & WESSON", "P", ".40", "", "USA")
    yield _line("", "N", "GLOCK", "P", "9mm", "", "Austria")
    yield _line(serial_like("AAAA999", "table nowhere"), "N", "GLOCK", "P", "9mm", "", "Atlantis")
    yield _line(
        serial_like("AAAA999", "table date"), "N", "GLOCK", "P", "9mm", "", "Austria", found="5/12/26"
    )
    yield _line(
        serial_like("AAAA999", "table photo"), "N", "GLOCK", "P", "9mm", "", "Austria", photographs="none.jpg"
    )


def _line(*cells: str, ground: str = "a", found: str = "2026-10-02", photographs: str = "") -> list[str]:
    return [*cells, *[""] * (9 - len(cells)), ground, "seized", found, photographs]


def register_table() -> Iterator[list[str]]:
    """Yield the rows of items-cyrillic.csv: register rows as their own office would export them."""
    for row in rows_of("lost_stolen_register.csv"):
        yield [
            row["weaponseries"],
            row["weaponnumber"],
            row["weaponkind"],
            row["weaponcaliber"],
            row["brandmodel"],
            row["graduationyear"],
        ]


def table(heading: tuple[str, ...], rows: Iterator[list[str]], delimiter: str) -> str:
    """Return a table as a spreadsheet writes it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()


# ---------------------------------------------------------------- pictures


def pictures() -> Iterator[tuple[str, str, str]]:
    """Yield each picture: name of its file, the mark it shows, the part that bears it."""
    sauer = row_of("serial_masks_traces.csv", manufacturer_name="SIG SAUER")["serial_mask"]
    yield "nagant-serial.png", "ЛЯ 36", "FRAME, LEFT SIDE"
    yield "modular-lower.png", f"(1) {serial_like(sauer, 'modular lower')}", "LOWER RECEIVER"
    yield "modular-upper.png", f"(2) {serial_like(sauer, 'modular upper')}", "UPPER RECEIVER"
    yield "polymer-tag.png", serial_like("AAAA999", "polymer"), "METAL TAG IN THE FRAME"
    yield "import-serial.png", serial_like("9999999", "imported"), "FRAME"
    yield "import-mark.png", "CIA ST ALBANS VT", "FRAME, RIGHT SIDE"
    yield "filed-serial.png", "######", "FRAME, BELOW THE CRANE"
    yield "partial-serial.png", "TJY24###", "FRAME"
    yield "cleaned-serial.png", "TJY24913", "FRAME, CLEANED, LIT FROM THE SIDE"
    yield "property-mark.png", f"* XB POL {serial_like('99999', 'property')}", "RECEIVER"
    yield "craft-made.png", "", "NO MARK FOUND"
    yield "headstamp.png", f"{serial_like('99', 'factory')} {serial_like('99', 'year')}", "CARTRIDGE HEAD"


def build(folder: Path) -> None:
    """Write every example into `folder`."""
    (folder / "photographs").mkdir(parents=True, exist_ok=True)
    for name, draft in requests():
        text = json.dumps(draft, ensure_ascii=False, indent=2) + "\n"
        (folder / f"{name}.json").write_text(text, "utf-8")
    for file, shown, place in pictures():
        (folder / "photographs" / file).write_bytes(draw_mark(shown, place))
    (folder / "items.csv").write_bytes(table(HEADING, items_table(), ",").encode("utf-8-sig"))
    columns = ("Серія", "Номер", "type", "calibre", "model", "year")
    (folder / "items-cyrillic.csv").write_bytes(table(columns, register_table(), ";").encode("windows-1251"))


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
