"""One answer or one item that we said, said anew: which there are, how the pages begin, and what is changed.

    part = find_part(view, "xab", "correct-answer", "DIGEST/answers.2")
    answers = begin_correction(part)             # as it reads today, twice: to be changed, and to compare with
    changed_units(present_draft(answers), draft)

What is said of it last counts, be that the statement itself, a correction that takes its place, or a correction of that
one; all stay on file.
Offered is only what this form can write back as it is: what the desk is shown whole, where no other field names its
places, under restrictions that the form can lay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.message import Message

from tracepost.console.forms.answers import PAGE_SIGN, Answers, fill_draft, texts_of
from tracepost.protocol.schema import flatten
from tracepost.sdk.drafts import message_of
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2

PRESENT_SIGN: Final = PAGE_SIGN * 2
"""Before the path of an answer: how the field reads today."""
CORRECTED: Final = "~corrected"
"""Answer that says what is corrected: the digest of the statement, a slash, the place in it."""
_LOADED: Final = "~loaded"
_PLACE: Final = "~place"
_SOURCE: Final = "~source"
_AMENDMENT: Final = "content.amendment"
_LISTS: Final = MappingProxyType(
    {"correct-answer": ("trace.response/1", "answers"), "correct-item": ("trace.request/1", "items")}
)
CORRECTING: Final = frozenset(_LISTS)
"""Names of the guides."""
_INDEXES: Final = frozenset({"event_index", "mark_index"})
_LEFT_OUT: Final = ("composed_from", "attachments")
"""What the node alone writes, and files that lie beside the statement already: they stay as they are."""


@dataclass(frozen=True, slots=True)
class Part:
    """An answer or item: in which statement of ours and where, and how it reads today.

    Args:
        statement: in which it was said first.
        source: in which it was said last.
        place: its path in the first, "answers.2".
        item_id: of the item.
        today: as it was said last.
    """

    statement: desk_pb2.StatementView
    source: desk_pb2.StatementView
    place: str
    item_id: str
    today: Message

    @property
    def name(self) -> str:
        """What a form calls it by: an item may have two answers in one statement."""
        return f"{self.statement.statement}/{self.place}"


def parts_of(view: desk_pb2.CaseView, member: str, guide: str) -> Iterator[Part]:
    """Yield what `member` can correct one by one in a case, in the order in which it was said.

    Args:
        view: the case as the officer's desk sees it.
        member: whose statements.
        guide: name of the guide.
    """
    kind, name = _LISTS[guide]
    own = sorted((one for one in view.statements if one.from_member == member), key=lambda one: one.issued_at)
    for statement in (one for one in own if one.kind == kind and not _is_recalled(one, own)):
        gone = _items_gone(statement, own) if name == "items" else frozenset()
        for part in _parts_in(statement, own, name):
            if part.item_id not in gone and not _is_recalled(part.source, own) and _is_offered(part):
                yield part


def find_part(view: desk_pb2.CaseView, member: str, guide: str, name: str) -> Part | None:
    """Return what a form names; None: there is no such thing to correct."""
    return next((one for one in parts_of(view, member, guide) if one.name == name), None)


def _parts_in(
    statement: desk_pb2.StatementView, own: Sequence[desk_pb2.StatementView], name: str
) -> Iterator[Part]:
    for index, entry in enumerate(_entries(statement, name)):
        source, at = _said_last(statement, index, own, name)
        today = _entries(source, name)[at]
        yield Part(statement, source, f"{name}.{index}", _item_of(entry), _kept(today))


def _said_last(
    statement: desk_pb2.StatementView, index: int, own: Sequence[desk_pb2.StatementView], name: str
) -> tuple[desk_pb2.StatementView, int]:
    """Return in which statement an entry was said last, and as which of its entries.

    A correction counts before what it corrects, whatever the clocks say; of several of one thing the newest.
    """
    others = [one for one in own if one is not statement]  # so the way ends, whatever names what
    after = [_said_last(one, at, others, name) for one, at in _said_anew(statement, index, others, name)]
    newest = sorted(after, key=lambda said: (said[0].issued_at, said[0].statement))
    return newest[-1] if newest else (statement, index)


def _said_anew(
    statement: desk_pb2.StatementView, index: int, own: Sequence[desk_pb2.StatementView], name: str
) -> Iterator[tuple[desk_pb2.StatementView, int]]:
    """Yield what takes the place of an entry: in which statement, and as which of its entries."""
    items = [_item_of(one) for one in _entries(statement, name)]
    for one in own:
        if _amends(one, statement, trace_pb2.AMENDMENT_EFFECT_REPLACE):
            same = [at for at, entry in enumerate(_entries(one, name)) if _item_of(entry) == items[index]]
            if same and (items.count(items[index]) == 1 or _may_be_at(one, f"{name}.{index}")):
                yield one, same[-1]


def _amends(one: desk_pb2.StatementView, statement: desk_pb2.StatementView, effect: int) -> bool:
    said = one.content.amendment
    return said.amends_digest == statement.statement and said.effect == effect


def _may_be_at(one: desk_pb2.StatementView, place: str) -> bool:
    """Say whether a correction names a place, or none."""
    list_path = place.partition(".")[0]
    named = [path.split(".")[:2] for path in one.content.amendment.changed_paths]
    places = {".".join(path) for path in named if path[0] == list_path}
    return place in places or not places - {list_path}


def _is_recalled(statement: desk_pb2.StatementView, own: Sequence[desk_pb2.StatementView]) -> bool:
    return any(_amends(one, statement, trace_pb2.AMENDMENT_EFFECT_RECALL) for one in own)


def _items_gone(statement: desk_pb2.StatementView, own: Sequence[desk_pb2.StatementView]) -> frozenset[str]:
    """Return the items of a request that its author has since removed or withdrawn."""
    gone: set[str] = set()
    for one in own:
        if one.issued_at < statement.issued_at:
            continue
        gone.update(one.content.amendment.removed_item_ids)
        taken_back = one.content.withdrawal
        if taken_back.step == trace_pb2.WITHDRAWAL_STEP_ASKED:
            gone.update(taken_back.item_ids or map(_item_of, _entries(statement, "items")))
    return frozenset(gone)


def _entries(statement: desk_pb2.StatementView, name: str) -> Any:
    return getattr(message_of(statement.content), name, ())


def _item_of(said: Any) -> str:
    return str(getattr(said, "item_id", "") or getattr(said, "id", ""))


def _is_whole(one: desk_pb2.StatementView) -> bool:
    """Say whether the desk is shown all of a statement, and all desks of a recipient may read it by its classes."""
    readers = getattr(message_of(one.content), "readers", ())
    return not (one.hidden or one.unknown or one.desk_locked or one.HasField("problem") or readers)


def _is_offered(part: Part) -> bool:
    shown = _is_whole(part.statement) and _is_whole(part.source)
    return shown and all(map(_is_asked_for, part.source.restrictions)) and _comes_back(part)


def _is_asked_for(one: terms_pb2.Restriction) -> bool:
    """Say whether a form can lay a restriction: a code, and a day where that is the last one of keeping."""
    told = {described.name for described, _ in one.ListFields()}
    dated = one.code == terms_pb2.RESTRICTION_CODE_DELETE_AFTER
    return one.code in terms_pb2.RestrictionCode.values() and told == (
        {"code", "until"} if dated else {"code"}
    )


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


def is_as_begun(answers: Answers, part: Part | None) -> bool:
    """Say whether what is corrected was said last where it was when the pages began; None: it is there no longer."""
    return part is not None and answers.first(_SOURCE) == part.source.statement


def is_outdated(answers: Answers, part: Part | None, draft: desk_pb2.Draft) -> bool:
    """Say whether a draft would undo what was said of its part meanwhile.

    A correction that says just what the draft says, it would not: that may be this draft, sent before.
    """
    if not answers.first(CORRECTED) or is_as_begun(answers, part):
        return False
    said = draft.content.amendment
    return part is None or part.today not in [*said.answers, *said.items]


def load(answers: Answers, part: Part | None) -> Answers:
    """Return the answers of a draft with what is corrected in it from now on; None: nothing that there is."""
    heads = (f"{_AMENDMENT}.answers.", f"{_AMENDMENT}.items.")
    kept = {
        path: said for path, said in answers.values.items() if not path.lstrip(PAGE_SIGN).startswith(heads)
    }
    if part is None:
        return Answers(kept).having({CORRECTED: [], _LOADED: [], _PLACE: [], _SOURCE: []})
    return Answers({**kept, **begin_correction(part).values})


def begin_correction(part: Part) -> Answers:
    """Return the answers with which a correction begins: as it reads today, on the terms of what is corrected."""
    said = _said(part)
    present = {f"{PRESENT_SIGN}{path}": texts for path, texts in said.items()}
    typed = {f"{PAGE_SIGN}{path}": texts for path, texts in said.items() if path.endswith(".text_as_seen")}
    named = {CORRECTED: (part.name,), _LOADED: (part.name,), _PLACE: (part.place,)}
    named[_SOURCE] = (part.source.statement,)
    own = {part.statement.from_member}
    terms = {"to": [one for one in part.statement.to if one not in own], **_restrictions(part.source)}
    return Answers({**said, **present, **typed, **named}).having(terms)


def _said(part: Part) -> dict[str, tuple[str, ...]]:
    said = dict(texts_of(part.today, _head(part)).values)
    why = f"{_head(part)}.stopped_because"
    if why in said:  # asked in full; what all may read follows from it
        said.setdefault(f"{why}_full", said[why])
    return said


def _restrictions(statement: desk_pb2.StatementView) -> dict[str, list[str]]:
    """Return the restrictions of what was said last: what takes its place is bound as it was, to the earliest day."""
    codes = [terms_pb2.RestrictionCode.Name(one.code) for one in statement.restrictions]
    days = [
        one.until for one in statement.restrictions if one.code == terms_pb2.RESTRICTION_CODE_DELETE_AFTER
    ]
    return {
        "~restrictions": list(dict.fromkeys(one.removeprefix("RESTRICTION_CODE_") for one in codes)),
        "~delete_after": sorted(days)[:1],
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


def name_changes(answers: Answers, draft: desk_pb2.Draft) -> None:
    """Write into a draft which statement it corrects, and which answer or item there.

    Paths stand in clear. How many persons there are, and which mark is covert, is not theirs to tell.
    """
    said, name = draft.content.amendment, answers.first(CORRECTED)
    if name:
        said.amends_digest = name.partition("/")[0]
        said.changed_paths.append(answers.first(_PLACE))


def _units(draft: desk_pb2.Draft) -> dict[str, Any]:
    message = message_of(draft.content)
    units = flatten(message) if message is not None else ()
    return {one.path: one.value for one in units if one.path.startswith(("answers.", "items."))}
