"""The pages on which items are answered one by one: of an answer, of what a custodian found, of a letter."""

from __future__ import annotations

from tracepost.console.forms.request_guide import COUNTRY_HINT, DATE_HINT
from tracepost.console.forms.steps import Ask, Step, Way
from tracepost.locale.words import later as _


def answer_steps(
    head: str, only: tuple[str, frozenset[str]] | None = None, *, persons: bool = True
) -> tuple[Step, ...]:
    """Return the list of answers of the message at `head`, the page of one, and those below it.

    Args:
        head: path of the message that has the field `answers`.
        only: as of a `Step`: when there are such pages at all.
        persons: whether who receives it may be told of persons; a panel is not.
    """
    answer = f"{head}.answers.{{0}}"
    stopped = f"{answer}.stopped_because_full"
    event = f"{answer}.lineage.{{1}}"
    return (
        Step(
            "answers",
            _("Items"),
            way=Way.LIST,
            entry="answer",
            path=f"{head}.answers",
            lead=_("Answer item by item. Remove those that you will answer later."),
            only=only,
        ),
        Step(
            "answer",
            _("Answer on one item"),
            (
                Ask(f"{answer}.identification"),
                Ask(f"{answer}.reach"),
                Ask(stopped, title=_("Why the trace got no farther"), needed=True),
                Ask(f"{answer}.ask_member", under=(stopped, "EXPORTED")),
                Ask(f"{answer}.ask_country", under=(stopped, "EXPORTED"), hint=COUNTRY_HINT),
                Ask(f"{answer}.records_since", under=(stopped, "RECORDS_LAPSED")),
                Ask(f"{answer}.withholding_ground", under=(stopped, "WITHHELD"), needed=True),
                Ask(f"{answer}.duplicate_of", under=(stopped, "DUPLICATE")),
                Ask(f"{answer}.evidential_use"),
                Ask(f"{answer}.may_be_shown_to"),
                Ask(f"{answer}.explanation"),
                Ask(f"{answer}.follow_up"),
            ),
            depth=1,
            after="events",
        ),
        Step(
            "events",
            _("The line of supply"),
            depth=1,
            way=Way.LIST,
            entry="event",
            path=f"{answer}.lineage",
            another=_("Do you want to add an event from manufacture onwards?"),
            after="persons" if persons else "answers",
            lead=_(
                "From the maker to the present, to State and body level. Individuals come on the next page."
            )
            if persons
            else _("From the maker to the present, to State and body level. No individuals."),
            only=only,
        ),
        Step(
            "event",
            _("One event"),
            (
                Ask(f"{event}.kind"),
                Ask(f"{event}.on", hint=DATE_HINT),
                Ask(f"{event}.from_kind"),
                Ask(f"{event}.from_country", hint=COUNTRY_HINT),
                Ask(f"{event}.from_body"),
                Ask(f"{event}.to_kind"),
                Ask(f"{event}.to_country", hint=COUNTRY_HINT),
                Ask(f"{event}.to_body"),
                Ask(f"{event}.record_source"),
                Ask(f"{event}.record_period"),
                Ask(f"{event}.confidence"),
                Ask(f"{event}.note"),
            ),
            depth=2,
            after="events",
        ),
        *(_person_steps(answer, only) if persons else ()),
    )


def _person_steps(answer: str, only: tuple[str, frozenset[str]] | None) -> tuple[Step, ...]:
    return (
        Step(
            "persons",
            _("Persons"),
            depth=1,
            way=Way.LIST,
            entry="person",
            path=f"{answer}.persons",
            another=_("Do you want to add a person?"),
            after="answers",
            lead=_("Read by desks for law enforcement alone. It may wait for a second officer's word."),
            only=only,
        ),
        Step(
            "person",
            _("One person"),
            tuple(
                Ask(f"{answer}.persons.{{1}}.{name}")
                for name in ("role", "name", "born_on", "nationality", "address", "document_number", "note")
            ),
            depth=2,
            after="persons",
        ),
    )
