"""An officer's word on the member's own policies, signed with the key of his certificate.

    view = await client.show_policies()
    await client.propose_policy(make_proposal(view, text, "Nobody prints persons.", papers, domain=domain, now=now))

    [proposed] = [v for v in view.versions if v.version == 3]          # the other officer, elsewhere
    await client.decide_policy(make_decision(proposed, Decision.APPROVED, papers, now))

What is signed is the digest of the policy document: text, version, base set, who proposed it and when. The
node is not believed: it is computed here, from what the officer was shown.
"""

from __future__ import annotations

from tracepost.protocol import policy
from tracepost.protocol.approval import Decision, Subject, of_policy
from tracepost.protocol.errors import ConfigurationError, PolicyError
from tracepost.protocol.identity import read_identity
from tracepost.protocol.ids import parse_member
from tracepost.protocol.policy import PolicyVersion, text_digest
from tracepost.sdk.approvals import approve, certificates_of
from tracepost.sdk.papers import OfficerPapers
from tracepost.wire.v1 import desk_pb2


def make_proposal(
    view: desk_pb2.PolicyView, text: str, note: str, papers: OfficerPapers, *, domain: str, now: int
) -> desk_pb2.ProposePolicyRequest:
    """Return the proposal of `text` as the next version, approved by the officer of `papers`.

    Args:
        view: what the node has now.
        text: Cedar, checked (`tracepost policy check`).
        note: why, one line of at most 400 characters.
        papers: the officer's.
        domain: of the network.
        now: unix seconds.

    Raises:
        InvalidInputError: the note is not well formed.
        ConfigurationError: the papers are not an officer's.
    """
    said = PolicyVersion(
        member=parse_member(view.member),
        version=max((v.version for v in view.versions), default=0) + 1,
        base_sha256=bytes.fromhex(view.base_sha256),
        text_sha256=text_digest(text),
        proposed_by=_officer(papers, domain),
        time=now,
        note=note,
    )
    return desk_pb2.ProposePolicyRequest(
        version=said.version,
        base_sha256=view.base_sha256,
        text=text,
        time=now,
        note=note,
        approval=approve(of_policy(said.digest), Decision.APPROVED, papers, now),
        certificates=certificates_of(papers),
    )


def make_decision(
    proposed: desk_pb2.PolicyVersion, decision: Decision, papers: OfficerPapers, now: int
) -> desk_pb2.DecidePolicyRequest:
    """Return the word of the officer of `papers` on a proposal that was shown with its text.

    Raises:
        PolicyError: as `subject_of`.
    """
    return desk_pb2.DecidePolicyRequest(
        version=proposed.version,
        approval=approve(subject_of(proposed), decision, papers, now),
        certificates=certificates_of(papers),
    )


def subject_of(proposed: desk_pb2.PolicyVersion) -> Subject:
    """Return what is approved where a proposal is that was shown with its text.

    Raises:
        PolicyError: the document is not about the text and the version that were shown.
    """
    said = policy.read(proposed.document)
    if said.version != proposed.version or said.text_sha256 != text_digest(proposed.text):
        raise PolicyError("the document is about another text than was shown", reason="other-text")
    return of_policy(policy.digest_of(proposed.document))


def _officer(papers: OfficerPapers, domain: str) -> str:
    officer = read_identity(papers.certificates()[0], domain).officer
    if officer is None:
        raise ConfigurationError("the certificate is not an officer's", where="certificate")
    return officer
