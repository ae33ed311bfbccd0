"""What each recipient will see of a draft, as the node says that it would seal it; no second opinion is formed here.

    submission = await client.submit(as_preview(draft))
    for reader in readers_of(draft, submission, words): ...

The node answers with the paths that each desk would read; the values stand in the draft. What the node alone
adds, such as a mandate that it encloses, is shown by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import Message

from tracepost.console.forms.correction import changed_units
from tracepost.locale.values import value_words
from tracepost.locale.words import Words
from tracepost.locale.words import later as _
from tracepost.protocol.schema import flatten
from tracepost.sdk.drafts import message_of
from tracepost.wire.v1 import desk_pb2, onward_pb2, panel_pb2, terms_pb2

_BY_THE_NODE: Final = _("written by your node")
_EXHIBITS: Final = "exhibits."


@dataclass(frozen=True, slots=True)
class Line:
    """A field as it is shown: what it is called and what it says."""

    path: str
    label: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reader:
    """What one desk of a recipient sees, and which fields it does not."""

    member: str
    desk: str
    seen: tuple[Line, ...]
    hidden: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a correction changes: what it says now, and what it said before; empty: nothing."""

    label: str
    now: str = field(repr=False)
    before: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NotSent:
    """A field that does not go to a member at all, and the ground as a code."""

    member: str
    label: str
    ground: str


def as_preview(draft: desk_pb2.Draft) -> desk_pb2.Draft:
    """Return the question what would become of `draft`; nothing is stored or sent for it.

    It bears no idempotency key: under that, only the draft itself is told what became of it when it was sent.
    """
    asked = desk_pb2.Draft()
    asked.CopyFrom(draft)
    asked.ClearField("idempotency_key")
    asked.preview = True
    return asked


@dataclass(frozen=True, slots=True)
class Seal:
    """What an officer was shown, as two digests: the draft, and what the node says that would become of it.

    With the latter goes what he was shown of the case: the draft names it alone.
    """

    draft: str
    outcome: str

    @classmethod
    def of(
        cls,
        draft: desk_pb2.Draft,
        submission: desk_pb2.Submission,
        texts: Sequence[panel_pb2.PrintedText] = (),
    ) -> Seal:
        """Return the seal of a draft and its preview. How far logs go that prove an enclosure is not shown.

        Args:
            draft: what would be sent.
            submission: what the node says of it.
            texts: of a panel, as they are shown; the draft decides on them by their names.
        """
        exhibits = []
        for one in submission.exhibits:
            shown = onward_pb2.ExhibitPreview()
            shown.CopyFrom(one)
            shown.ClearField("proofs")
            exhibits.append(shown)
        notices = [desk_pb2.Submission(notices_to=submission.notices_to)]
        told: list[Sequence[Message]] = [submission.readings, submission.unsent, exhibits, notices, texts]
        return cls(_digest([[draft]]), _digest(told))

    @classmethod
    def read(cls, text: str) -> Seal:
        """Return the seal that a form brings back; of anything else, one that no draft has."""
        draft, _point, outcome = text.partition(".")
        return cls(draft, outcome)

    def __str__(self) -> str:
        return f"{self.draft}.{self.outcome}"


def _digest(lists: Sequence[Sequence[Message]]) -> str:
    """Return a digest of lists of messages; their order is the node's, and says nothing."""
    said = hashlib.sha256()
    for messages in lists:
        said.update(len(messages).to_bytes(4, "big"))
        for one in sorted(message.SerializeToString(deterministic=True) for message in messages):
            said.update(len(one).to_bytes(8, "big") + one)
    return said.hexdigest()


def author_alone_is_asked(one: onward_pb2.ExhibitPreview, member: str) -> bool:
    """Say whether every consent that an enclosed statement lacks is that of its author, another than `member`.

    What a statement encloses itself has authors of its own, and each is asked in the case that he wrote it in.
    """
    return bool(one.missing) and one.from_member != member and not _encloses(one)


def _encloses(one: onward_pb2.ExhibitPreview) -> bool:
    paths = [told.path for told in one.fields]
    paths += [told.path for told in one.left_out] + [told.path for told in one.withheld]
    return one.kind in _ENCLOSING or any(path.startswith(_EXHIBITS) for path in paths)


_ENCLOSING: Final = frozenset({"share/1", "trace.referral/1"})


def readers_of(draft: desk_pb2.Draft, submission: desk_pb2.Submission, words: Words) -> list[Reader]:
    """Return the desks of all recipients with what each would see, in the order of the node."""
    lines = {one.path: one for one in lines_of(draft, words)}
    told = (
        [_without_exhibits(one) for one in submission.readings]
        if submission.exhibits
        else submission.readings
    )
    return [_reader(one, lines, words) for one in told]


def changes_for(
    reading: desk_pb2.Reading, present: desk_pb2.Draft, draft: desk_pb2.Draft, words: Words
) -> list[Change]:
    """Return what a desk will see as changed by a correction: what it reads, and what is said no longer.

    What is said no longer is told to a desk that reads something of the same class: another may never have read it.

    Args:
        reading: what the desk would read, as the node says.
        present: what is corrected, as it reads today.
        draft: the correction.
        words: of the visitor.
    """
    before, after = ({one.path: one for one in lines_of(said, words)} for said in (present, draft))
    shown, classes = {*reading.paths}, _classes_of(present) | _classes_of(draft)
    read = {classes[path] for path in _classes_of(draft).keys() & shown}
    changes = ((path, after.get(path), before.get(path)) for path in changed_units(present, draft))
    return [
        Change(label_of(path, words), now.text if now else "", then.text if then else "")
        for path, now, then in changes
        if path in shown or (now is None and classes[path] in read)
    ]


def _classes_of(draft: desk_pb2.Draft) -> dict[str, str]:
    message = message_of(draft.content)
    units = flatten(message) if message is not None else ()
    return {one.path: one.sensitivity for one in units}


def _without_exhibits(reading: desk_pb2.Reading) -> desk_pb2.Reading:
    """Leave out the wrapping of what is enclosed: that is told statement by statement (`enclosed`)."""
    paths = [one for one in reading.paths if not one.startswith(_EXHIBITS)]
    return desk_pb2.Reading(member=reading.member, desk=reading.desk, paths=paths)


def _reader(reading: desk_pb2.Reading, lines: Mapping[str, Line], words: Words) -> Reader:
    unknown = words.gettext(_BY_THE_NODE)
    seen = [lines.get(path) or Line(path, label_of(path, words), unknown) for path in reading.paths]
    shown = set(reading.paths)
    hidden = [one for path, one in lines.items() if path not in shown]
    return Reader(reading.member, reading.desk, tuple(seen), tuple(hidden))


def not_sent_of(submission: desk_pb2.Submission, words: Words) -> list[NotSent]:
    """Return what would not be sent, and to whom."""
    return [NotSent(one.to, label_of(one.path, words), _ground(one.ground)) for one in submission.unsent]


def _ground(number: int) -> str:
    return terms_pb2.WithholdingGround.Name(_any(number)).removeprefix("WITHHOLDING_GROUND_")


def _any(value: Any) -> Any:
    return value


def lines_of(draft: desk_pb2.Draft, words: Words) -> Iterator[Line]:
    """Yield every unit of what a draft says, labelled, with its value in words."""
    message = message_of(draft.content)
    for unit in flatten(message) if message is not None else ():
        yield Line(unit.path, label_of(unit.path, words), value_words(unit.value, words))


def label_of(path: str, words: Words) -> str:
    """Return what a field is called with where it stands: "Items 1, object, mark 2"."""
    parts: list[str] = []
    for step in path.split("."):
        if step.isdecimal():
            parts[-1] = f"{parts[-1]} {int(step) + 1}"
        else:
            parts.append(words.coded("field", step))
    label = ", ".join(parts)
    return label[:1].upper() + label[1:]
