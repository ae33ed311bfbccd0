"""One answer or one item that we said, said anew: which there are, how the pages begin, and what is changed.

    part = find_part(view, "xab", "correct-answer", "DIGEST/3")
    answers = begin_correction(part)             # as it reads today, twice: to be changed, and to compare with
    changed_paths(present_draft(answers), draft)

What is said of it last counts, be that the statement itself or a correction of it; both stay on file. Offered is only
what this form can write back as it is: what the desk is shown whole, and where no other field names its places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.message import Message

from tracepost.console.forms.answers import PAGE_SIGN, Answers, fill_draft, texts_of
from tracepost.protocol.schema import flatten
from tracepost.sdk.drafts import message_of
from tracepost.wire.v1 import desk_pb2, terms_pb2

PRESENT_SIGN: Final = PAGE_SIGN * 2
"""Before the path of an answer: how the field reads today."""
CORRECTED: Final = "~corrected"
"""Answer that says what is corrected: the digest of the statement, a slash, the item."""
_LOADED: Final = "~loaded"
_PLACE: Final = "~place"
_AMENDMENT: Final = "content.amendment"
_LISTS: Final = MappingProxyType(
    {"correct-answer": ("trace.response/1", "answers"), "correct-item": ("trace.request/1", "items")}
)
CORRECTING: Final = frozenset(_LISTS)
"""Names of the guides."""
_PATHS_AT_MOST: Final = 256
_INDEXES: Final = frozenset({"event_index", "mark_index"})
_LEFT_OUT: Final = ("composed_from", "attachments")
"""What the node alone writes, and files that lie beside the statement already: they stay as they are."""


@dataclass(frozen=True, slots=True)
class Part:
    """An answer or item: in which statement of ours and where, and how it reads today.

    Args:
        statement: in which it was said first.
        place: its path there, "answers.2".
        item_id: of the item.
        today: as it was said last.
    """

    statement: desk_pb2.StatementView
    place: str
    item_id: str
    today: Message

    @property
    def name(self) -> str:
        """What a form calls it by."""
        return f"{self.statement.statement}/{self.item_id}"


def parts_of(view: desk_pb2.CaseView, member: str, guide: str) -> Iterator[Part]:
    """Yield what `member` can correct one by one in a case, in the order in which it was said.

    Args:
        view: the case as the officer's desk sees it.
        member: whose statements.
        guide: name of the guide.
    """
    kind, name = _LISTS[guide]
    own = sorted((one for one in view.statements if one.from_member == member), key=lambda one: one.issued_at)
    later = _corrections(own, name)
    for statement in (one for one in own if one.kind == kind):
        for index, said in enumerate(_entries(statement, name)):
            source, today = later.get((statement.statement, _item_of(said)), (statement, said))
            part = Part(statement, f"{name}.{index}", _item_of(said), _kept(today))
            if _is_whole(statement) and _is_whole(source) and _comes_back(part):
                yield part


def find_part(view: desk_pb2.CaseView, member: str, guide: str, name: str) -> Part | None:
    """Return what a form names; None: there is no such thing to correct."""
    return next((one for one in parts_of(view, member, guide) if one.name == name), None)


def _corrections(
    own: list[desk_pb2.StatementView], name: str
) -> dict[tuple[str, str], tuple[desk_pb2.StatementView, Message]]:
    return {
        (one.content.amendment.amends_digest, _item_of(said)): (one, said)
        for one in own
        if one.content.HasField("amendment")
        for said in _entries(one, name)
    }


def _entries(statement: desk_pb2.StatementView, name: str) -> Any:
    return getattr(message_of(statement.content), name, ())


def _item_of(said: Any) -> str:
    return str(getattr(said, "item_id", "") or getattr(said, "id", ""))


def _is_whole(one: desk_pb2.StatementView) -> bool:
    """Say whether the desk is shown all of a statement, and all desks of a recipient may read it by its classes."""
    readers = getattr(message_of(one.content), "readers", ())
    return not (one.hidden or one.unknown or one.desk_locked or one.HasField("problem") or readers)


def _kept(said: Message) -> Message:
    kept = type(said)()
    kept.CopyFrom(said)
    for name in _LEFT_OUT:
        if name in kept.DESCRIPTOR.fields_by_name:
            kept.ClearField(name)
    return kept


def _comes_back(part: Part) -> bool:
    """Say whether the answers of a form make the same again, and no field of it names the place of another."""
    texts = texts_of(part.today, _head(part))
    if any(path.rpartition(".")[2] in _INDEXES for path in texts.values):
        return False
    made = fill_draft(texts)
    entries = getattr(made.draft.content.amendment, part.place.partition(".")[0])
    return not made.faults and list(entries) == [part.today]


def _head(part: Part) -> str:
    return f"{_AMENDMENT}.{part.place.partition('.')[0]}.0"


# ---------------------------------------------------------------- the pages


def is_loaded(answers: Answers) -> bool:
    """Say whether the pages hold what was chosen to be corrected."""
    heads = (f"{_AMENDMENT}.answers", f"{_AMENDMENT}.items")
    return answers.first(_LOADED) == answers.first(CORRECTED) and any(map(answers.count, heads))


def load(answers: Answers, part: Part | None) -> Answers:
    """Return the answers of a draft with what is corrected in it from now on; None: nothing that there is."""
    heads = (f"{_AMENDMENT}.answers.", f"{_AMENDMENT}.items.")
    kept = {
        path: said for path, said in answers.values.items() if not path.lstrip(PAGE_SIGN).startswith(heads)
    }
    if part is None:
        return Answers(kept).having({CORRECTED: [], _LOADED: [], _PLACE: []})
    return Answers({**kept, **begin_correction(part).values})


def begin_correction(part: Part) -> Answers:
    """Return the answers with which a correction begins: as it reads today, on the terms of what is corrected."""
    said = _said(part)
    present = {f"{PRESENT_SIGN}{path}": texts for path, texts in said.items()}
    typed = {f"{PAGE_SIGN}{path}": texts for path, texts in said.items() if path.endswith(".text_as_seen")}
    named = {CORRECTED: (part.name,), _LOADED: (part.name,), _PLACE: (part.place,)}
    own = {part.statement.from_member}
    terms = {"to": [one for one in part.statement.to if one not in own], **_restrictions(part.statement)}
    return Answers({**said, **present, **typed, **named}).having(terms)


def _said(part: Part) -> dict[str, tuple[str, ...]]:
    said = dict(texts_of(part.today, _head(part)).values)
    why = f"{_head(part)}.stopped_because"
    if why in said:  # asked in full; what all may read follows from it
        said.setdefault(f"{why}_full", said[why])
    return said


def _restrictions(statement: desk_pb2.StatementView) -> dict[str, list[str]]:
    """Return the restrictions of what is corrected: what takes its place is bound as it was."""
    codes = [terms_pb2.RestrictionCode.Name(one.code) for one in statement.restrictions]
    days = [
        one.until for one in statement.restrictions if one.code == terms_pb2.RESTRICTION_CODE_DELETE_AFTER
    ]
    return {
        "~restrictions": list(dict.fromkeys(one.removeprefix("RESTRICTION_CODE_") for one in codes)),
        "~delete_after": [one for one in days if one][:1],
    }


def present_draft(answers: Answers) -> desk_pb2.Draft:
    """Return a draft that says what is corrected as it reads today."""
    present = {
        path.removeprefix(PRESENT_SIGN): said
        for path, said in answers.values.items()
        if path.startswith(PRESENT_SIGN)
    }
    return fill_draft(Answers(present)).draft


def without_photographs(answers: Answers) -> Answers:
    """Return the answers without photographs that are no longer here; what was said of them stays on file."""
    return Answers({path: said for path, said in answers.values.items() if ".photograph." not in path})


# ---------------------------------------------------------------- what is changed


def changed_units(present: desk_pb2.Draft, draft: desk_pb2.Draft) -> list[str]:
    """Return the paths in the new message of what is said otherwise, newly, or no longer."""
    before, after = _units(present), _units(draft)
    paths = dict.fromkeys([*before, *after])
    return [path for path in paths if before.get(path) != after.get(path)]


def name_changes(answers: Answers, present: desk_pb2.Draft, draft: desk_pb2.Draft) -> None:
    """Write into a draft which statement it corrects, and at which of its paths; too many for the list: all of it."""
    said = draft.content.amendment
    place, name = answers.first(_PLACE), answers.first(CORRECTED)
    if not name:
        return
    said.amends_digest = name.partition("/")[0]
    paths = [".".join([place, *path.split(".")[2:]]) for path in changed_units(present, draft)]
    said.changed_paths.extend(paths if len(paths) <= _PATHS_AT_MOST else [place])


def _units(draft: desk_pb2.Draft) -> dict[str, Any]:
    message = message_of(draft.content)
    units = flatten(message) if message is not None else ()
    return {one.path: one.value for one in units if one.path.startswith(("answers.", "items."))}
