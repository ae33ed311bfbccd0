"""Who owes what to whom, from the facts of a case."""

from __future__ import annotations

from collections.abc import Iterator

from tracepost.protocol.ids import MemberId
from tracepost.protocol.lifecycle.case import Deletion, Duty, DutyKind
from tracepost.protocol.lifecycle.facts import Facts


def duties_of(facts: Facts, *, closed: bool, done: frozenset[MemberId]) -> tuple[Duty, ...]:
    """Return every duty, in a fixed order.

    Args:
        facts: what was said.
        closed: the case is closed; then only deletion is still owed.
        done: members that have closed their own part; they owe no answer.
    """
    owed = [*_deletions(facts)]
    if not closed:
        owed += [*_answers(facts, done), *_questions(facts)]
    return tuple(
        sorted(owed, key=lambda duty: (duty.by, duty.to, duty.kind.value, duty.item_ids, duty.due or ""))
    )


def deletions_of(facts: Facts) -> dict[MemberId, Deletion]:
    """Return what each holder said to the withdrawal."""
    return {
        holder: facts.confirmations.get(holder, Deletion.NOT_CONFIRMED) for holder in sorted(facts.holders)
    }


def _deletions(facts: Facts) -> Iterator[Duty]:
    for holder, said in deletions_of(facts).items():
        if said is Deletion.NOT_CONFIRMED:
            yield Duty(DutyKind.DELETION, holder, facts.holders[holder])


def _answers(facts: Facts, done: frozenset[MemberId]) -> Iterator[Duty]:
    pending: dict[tuple[MemberId, MemberId], list[str]] = {}
    due: dict[MemberId, str | None] = {}
    for (item, member), asked in facts.asked.items():
        if member not in done and _is_pending(facts, item, member):
            pending.setdefault((member, asked.requester), []).append(item)
            due[member] = facts.promises.get(member) or asked.reply_by
    for (member, requester), items in pending.items():
        yield Duty(DutyKind.ANSWER, member, requester, tuple(sorted(items)), due[member])


def _is_pending(facts: Facts, item: str, member: MemberId) -> bool:
    answer = facts.answers.get((item, member))
    answered = answer is not None and answer.final
    return not (
        answered or item in facts.withdrawn or item in facts.removed or _waits_itself(facts, item, member)
    )


def _waits_itself(facts: Facts, item: str, member: MemberId) -> bool:
    # ITI 21: the clock of an answer rests while its giver waits for what it asked back.
    return any(
        question.kind is DutyKind.INFORMATION
        and question.asker == member
        and (not question.item_ids or item in question.item_ids)
        for question in facts.questions
    )


def _questions(facts: Facts) -> Iterator[Duty]:
    for question in facts.questions:
        items = tuple(sorted(question.item_ids))
        yield Duty(question.kind, question.askee, question.asker, items, question.due)
