"""To point elsewhere: redirect (no data moves), refer with consent, ask for consent and give it (ITI 15(c))."""

from __future__ import annotations

from tracepost.node.handlers.rule import (
    Saying,
    need_known_items,
    need_own_request,
    need_their_request,
    refuse,
)
from tracepost.node.handlers.thread import clear_message
from tracepost.protocol.ids import MemberId, StatementDigest, encode_b64
from tracepost.wire.v1 import trace_pb2


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
        consent = saying.thread.consent_for(member, MemberId(message.requester))
        if consent is None:
            raise refuse(
                "to",
                "no-consent",
                f"{message.requester} has not consented that {member} sees its request",
                f"Ask first: tracepost trace consent CASE --ask --third-party {member}.",
            )
        if message.consent_digest != encode_b64(consent):
            raise refuse("consent_digest", "other-consent", "that is not the consent in force")
        _check_terms(saying, consent)


def _check_terms(saying: Saying, digest: StatementDigest) -> None:
    """Refuse what goes beyond a consent: other items, another statement, a later day."""
    record = saying.thread.find(digest)
    consent = clear_message(record) if record else None
    if not isinstance(consent, trace_pb2.Consent):
        return
    message: trace_pb2.Referral = saying.message
    if consent.item_ids and not set(message.item_ids) <= set(consent.item_ids):
        raise refuse("item_ids", "beyond-consent", "the consent names other items")
    if consent.statement_digest and consent.statement_digest != message.request_digest:
        raise refuse("request_digest", "beyond-consent", "the consent is about another statement")
    if consent.until and saying.today > consent.until:
        raise refuse("consent_digest", "consent-ended", f"the consent ended on {consent.until}")


def check_consent(saying: Saying) -> None:
    """Asked by who holds the request; decided, or taken back, by who wrote it."""
    message: trace_pb2.Consent = saying.message
    if message.step == trace_pb2.CONSENT_STEP_ASKED:
        need_their_request(saying)
    else:
        need_own_request(saying)
    if message.step == trace_pb2.CONSENT_STEP_DECIDED and not message.HasField("decision"):
        raise refuse("decision", "no-decision", "a decision is granted or denied")
    need_known_items(saying, message.item_ids, "item_ids")
