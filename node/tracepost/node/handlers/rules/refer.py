"""To point elsewhere: redirect (no data moves), refer with consent, ask for consent and give it (ITI 15(c))."""

from __future__ import annotations

from tracepost.node.handlers.rules.rule import (
    Saying,
    need_known_items,
    need_own_opening,
    need_their_mail,
    need_their_request,
    refuse,
)
from tracepost.protocol import schema
from tracepost.protocol.consent import Release, covers, lineage_in
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import MemberId, StatementDigest, encode_b64, parse_digest
from tracepost.wire.v1 import trace_pb2

# Where a draft goes beyond a consent, and what to say of it.
_GAPS = {
    "other-statement": ("request_digest", "beyond-consent", "the consent is about another statement"),
    "other-items": ("item_ids", "beyond-consent", "the consent names other items"),
    "other-purpose": ("purpose", "beyond-consent", "the consent is for another purpose"),
    "consent-ended": ("consent_digest", "consent-ended", "the consent has ended"),
}


def check_redirect(saying: Saying) -> None:
    """Each redirection is about an item of the case and names whom to ask."""
    need_their_request(saying)
    message: trace_pb2.Redirect = saying.message
    need_known_items(saying, {r.item_id for r in message.redirections}, "redirections")
    for index, one in enumerate(message.redirections):
        if not one.ask_member and not one.ask_country:
            raise refuse(f"redirections.{index}.ask_member", "ask-whom", "a redirection names whom to ask")


def check_referral(saying: Saying) -> None:
    """A request goes to a third state only with its author's consent for exactly that state."""
    need_their_request(saying)
    message: trace_pb2.Referral = saying.message
    need_known_items(saying, message.item_ids, "item_ids")
    for member in saying.to:
        consent = _find_consent(saying, member)
        if message.consent_digest != encode_b64(consent):
            raise refuse("consent_digest", "other-consent", "that is not the consent in force")
    _check_lineage(saying)
    if message.request_thread != saying.thread.id:
        raise refuse("request_thread", "other-case", "the request that is referred is one of this case")


def _check_lineage(saying: Saying) -> None:
    """Refuse what contradicts itself: our lineage, for a member that is not to see it."""
    message: trace_pb2.Referral = saying.message
    kept_from = [member for member in saying.to if member not in message.lineage_visible_to]
    if kept_from and (told := lineage_in(message, schema.flatten(message))):
        raise refuse(
            told[0].path,
            "lineage-not-for-them",
            f"lineage_visible_to does not name {kept_from[0]}, which would read our lineage",
            "Name the member, or leave the lineage out.",
        )


def _find_consent(saying: Saying, member: MemberId) -> StatementDigest:
    """Return the consent by which `member` may see what is referred; refuse, if there is none."""
    message: trace_pb2.Referral = saying.message
    release = Release(
        digest=parse_digest(message.request_digest, "request_digest"),
        issuer=MemberId(message.requester),
        thread=saying.thread.id,
        forwarder=saying.thread.us,
        third_party=member,
        day=saying.today,
        item_ids=frozenset(message.item_ids),
        purpose=saying.purpose,
    )
    try:
        standing = (one for one in saying.relied_on if one.standing and covers(one, release))
        return (next(standing, None) or saying.thread.need_grant(release)).digest
    except PermissionError_ as error:
        where, reason, words = _GAPS.get(error.reason, ("to", error.reason, error.message))
        raise refuse(where, reason, words, error.what_to_do) from None


def _author_of(saying: Saying, digest: str) -> MemberId | None:
    """Return who wrote the statement that a consent is about; None if it names none that is here."""
    record = saying.thread.find(parse_digest(digest, "statement_digest")) if digest else None
    return record.iss if record else None


def _need_author(saying: Saying, author: MemberId, *, asks: bool) -> None:
    """Refuse to ask anybody but the author, or to decide on what another wrote."""
    if asks and list(saying.to) != [author]:
        raise refuse("to", "not-its-author", f"the consent of {author} is needed: that member wrote it")
    if not asks and author != saying.thread.us:
        raise refuse("statement_digest", "not-ours", "who wrote it consents, or does not")


def check_consent(saying: Saying) -> None:
    """Asked by who holds the request, the notice or the answer; decided, or taken back, by who wrote it."""
    message: trace_pb2.Consent = saying.message
    asks = message.step == trace_pb2.CONSENT_STEP_ASKED
    author = _author_of(saying, message.statement_digest)
    if author is not None:
        _need_author(saying, author, asks=asks)
    elif asks:
        need_their_mail(saying)
    else:
        need_own_opening(saying)
    if message.step == trace_pb2.CONSENT_STEP_DECIDED and not message.HasField("decision"):
        raise refuse("decision", "no-decision", "a decision is granted or denied")
    need_known_items(saying, message.item_ids, "item_ids")
