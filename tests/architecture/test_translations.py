"""What a translation may not be: a hole in a complete part, a copy, a plural too few, another placeholder."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

CLIENTS = Path(__file__).parents[2] / "clients"


@pytest.fixture
def catalogues(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, imported as it is by whoever keeps the catalogues."""
    monkeypatch.syspath_prepend(str(CLIENTS))
    import catalogues

    return catalogues


@pytest.fixture
def elsewhere(catalogues: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script over a folder of its own: English as it is, Russian and French begun."""
    english = catalogues.po_path("en").read_bytes()
    compiled = catalogues.po_path("en").with_suffix(".mo").read_bytes()
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    catalogues.po_path("en").parent.mkdir(parents=True)
    catalogues.po_path("en").write_bytes(english)
    catalogues.po_path("en").with_suffix(".mo").write_bytes(compiled)
    for language in ("fr", "ru"):
        catalogues.start(language)
    return catalogues


def _faults(
    english: list[str], said: list[str], language: str = "fr", notes: list[str] | None = None
) -> list[str]:
    import catalogue_faults
    from babel.messages.catalog import Catalog

    return list(
        catalogue_faults.faults_of(
            language, english, said, notes or [], Catalog(locale=language).plural_forms
        )
    )


@pytest.mark.usefixtures("catalogues")
class TestFaults:
    @pytest.mark.parametrize(
        ("english", "said", "told"),
        [
            ("Case {case} waits.", "L'affaire attend.", "placeholders"),
            ("Case {case} waits.", "L'affaire {cas} attend.", "placeholders"),
            ("Hello %(name)s", "Bonjour %(nom)s", "placeholders"),
            ("<b>Now</b>", "<b>Maintenant", "markup"),
            ("[bold]Now[/bold]", "Maintenant", "markup"),
            ("Say it with --to MEMBER.", "Dites-le avec --to MEMBRE.", "commands"),
            ("tracepost case list shows them.", "La liste les montre.", "commands"),
            ("Nothing was sent.", "Rien n'a été envoyé", "ends with"),
            ("from ", "de", "white space"),
            ("trace request", "trace request", "English text"),
        ],
    )
    def test_each_is_found(self, english: str, said: str, told: str) -> None:
        assert [fault for fault in _faults([english], [said]) if told in fault]

    def test_a_faithful_one_has_none(self) -> None:
        assert _faults(["Case {case} <b>waits</b>."], ["L'affaire {case} <b>attend</b>."]) == []

    def test_the_same_word_is_no_copy_when_the_translator_says_so(self) -> None:
        assert _faults(["type"], ["type"])
        assert _faults(["type"], ["type"], notes=["the same word"]) == []

    def test_another_script_is_asked_for(self) -> None:
        assert _faults(["photograph"], ["fotografiya"], "ru")
        assert _faults(["photograph"], ["фотография"], "ru") == []

    def test_russian_needs_three_forms_and_each_its_number(self) -> None:
        items = ["{n} item", "{n} items"]
        assert _faults(items, ["{n} предмет", "{n} предмета"], "ru")
        assert _faults(items, ["предмет", "{n} предмета", "{n} предметов"], "ru")  # it also stands for 21
        assert _faults(items, ["{n} предмет", "{n} предмета", "{n} предметов"], "ru") == []

    def test_arabic_tells_none_one_and_two_in_words(self) -> None:
        items = ["{n} item", "{n} items"]
        forms = ["لا مواد", "مادة واحدة", "مادتان", "{n} مواد", "{n} مادة", "{n} مادة"]
        assert _faults(items, forms, "ar") == []
        assert _faults(items, [*forms[:3], "مواد", *forms[4:]], "ar")


class TestDeclarations:
    def test_a_hole_in_a_complete_part_is_refused_and_updating_takes_the_word_back(
        self, elsewhere: ModuleType, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert elsewhere.differences() == []
        elsewhere.declare("fr", ["errors"])
        assert "fr: errors is declared complete and lacks error 'busy'" in elsewhere.differences()
        elsewhere.update()
        assert "fr: errors is no longer complete" in capsys.readouterr().out
        assert (elsewhere.declared("fr"), elsewhere.differences()) == ((), [])

    def test_english_that_changed_leaves_its_translation_behind(self, elsewhere: ModuleType) -> None:
        key = elsewhere.Key("error", "busy")
        assert (
            elsewhere.take_words("fr", {key: (["Le nœud est en cours d'arrêt ou en maintenance."], False)})
            == []
        )
        parts = elsewhere.parts_of_keys()
        assert key not in elsewhere.holes("fr", parts)["errors"]
        english = elsewhere.po_path("en")
        text = english.read_text("utf-8")
        english.write_text(
            text.replace("The node is draining or in maintenance.", "The node rests."), "utf-8"
        )
        assert key in elsewhere.holes("fr", parts)["errors"]

    def test_a_wrong_translation_is_not_taken(self, elsewhere: ModuleType) -> None:
        key = elsewhere.Key("error", "busy")
        assert elsewhere.take_words("fr", {key: (["sans point"], False)})
        assert key in elsewhere.holes("fr", elsewhere.parts_of_keys())["errors"]


def test_what_a_translator_fills_in_comes_back(elsewhere: ModuleType, tmp_path: Path) -> None:
    """The road of a new language: start, todo, an editor, take."""
    elsewhere.start("pt")
    file = tmp_path / "pt.po"
    lacking = elsewhere.todo("pt", file)
    assert lacking == len(elsewhere.wanted_keys())
    text = file.read_text("utf-8")
    assert 'msgid "Show the version."\nmsgstr ""' in text
    file.write_text(
        text.replace(
            'msgid "Show the version."\nmsgstr ""', 'msgid "Show the version."\nmsgstr "Mostra a versão."'
        )
    )
    assert elsewhere.take("pt", file) == []
    assert elsewhere.todo("pt", file) == lacking - 1
    assert elsewhere.differences() == []
    assert "| Portuguese (pt) |" in elsewhere.report()


def test_templates_are_read(catalogues: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of a page stand in its template; they belong to the part that the folder names."""
    page = tmp_path / "console" / "templates" / "case.html"
    page.parent.mkdir(parents=True)
    page.write_text(
        '<h1>{{ _("Your inbox") }}</h1>{{ plural("{n} item", "{n} items", count) }}'
        "{% trans %}\n  From {{ who }}\n{% endtrans %}"
    )
    monkeypatch.setattr(catalogues, "SOURCES", tmp_path)
    found = set(catalogues._keys_of_code())
    assert found == {
        ("console", catalogues.Key("", "Your inbox")),
        ("console", catalogues.Key("", "{n} item", "{n} items")),
        ("console", catalogues.Key("", "From %(who)s")),
    }


def test_every_language_is_of_the_united_nations_or_added_by_somebody(catalogues: ModuleType) -> None:
    assert {"ar", "en", "es", "fr", "ru", "zh_Hans"} <= set(catalogues.languages())


GLOSSARY = tomllib.loads((CLIENTS.parent / "docs" / "languages" / "glossary.toml").read_text("utf-8"))["term"]
COMMAND = re.compile(r"\btracepost(?: [a-z]+){1,3}")
OFFICIAL = {"ar", "en", "es", "fr", "ru", "zh_Hans"}


def _missed(language: str, english: str, said: str) -> list[str]:
    """Return the terms that stand in the English and not in what is said."""
    said, english = said.casefold(), COMMAND.sub(" ", english)
    return [
        term["en"]
        for term in GLOSSARY
        if re.search(term["english"], english, re.IGNORECASE)
        and not any(stem.casefold() in said for stem in term.get("stems", {}).get(language, [term[language]]))
    ]


def test_each_term_of_the_glossary_is_in_six_languages_with_its_source() -> None:
    for term in GLOSSARY:
        assert {*term} - {"stems"} == {*OFFICIAL, "english", "source"}, term["en"]
        for language in OFFICIAL - {"en"}:
            stems = term.get("stems", {}).get(language, [term[language]])
            assert any(stem.casefold() in term[language].casefold() for stem in stems), (term["en"], language)


def test_translations_keep_to_the_terms_of_the_instruments(catalogues: ModuleType) -> None:
    english, found, used = catalogues.read_catalogue("en"), [], set()
    for language in sorted(OFFICIAL - {"en"}):
        for message in catalogues.read_catalogue(language):
            if message.id:
                key = catalogues._key_of(message.id, message.context)
                source = " ".join(catalogues.english_of(english, key))
                used |= {term["en"] for term in GLOSSARY if re.search(term["english"], source, re.IGNORECASE)}
                missed = _missed(language, source, " ".join(catalogues._texts(message.string)))
                found += [f"{language}: {key.context} {key.text!r} lacks {term}" for term in missed]
    assert found == []
    assert used == {term["en"] for term in GLOSSARY}, "a term that no text uses is not judged"


def test_another_word_for_a_term_is_found() -> None:
    assert _missed("fr", "trace request", "demande de recherche") == ["tracing"]
    assert _missed("ru", "trace request", "запрос об отслеживании") == []
