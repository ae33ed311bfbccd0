"""What would go along with a message: in the words of who sends it, in every language."""

from __future__ import annotations

import pytest

from tracepost.console.forms.enclosed import Enclosed, enclosed_of
from tracepost.locale import languages
from tracepost.locale.words import words_of
from tracepost.wire.v1 import desk_pb2, onward_pb2, post_pb2, terms_pb2

REASONS = (
    "no-consent",
    "other-statement",
    "other-purpose",
    "consent-ended",
    "other-items",
    "other-fields",
    "other-classes",
)


def told(preview: onward_pb2.ExhibitPreview, tag: str = "en") -> Enclosed:
    [one] = enclosed_of(desk_pb2.Submission(exhibits=[preview]), desk_pb2.CaseView(), words_of(tag))
    return one


def lacking(reason: str) -> onward_pb2.ExhibitPreview:
    problem = post_pb2.Problem(
        code="PERMISSION",
        reason=reason,
        words="xab has not consented that xac sees this for criminal-investigation: items.0.object",
        remedy="Ask first: tracepost trace consent CASE --ask --third-party xac.",
    )
    return onward_pb2.ExhibitPreview(kind="trace.request/1", from_member="xab", missing=[problem])


@pytest.mark.parametrize("tag", [one.tag for one in languages()])
def test_what_is_missing_is_said_in_the_words_of_the_page_by_its_reason(tag: str) -> None:
    said = [told(lacking(reason), tag).missing for reason in REASONS]
    assert len(set(said)) == len(REASONS), "each is told from the others"
    for [words] in said:
        assert words
        assert "tracepost" not in words
        assert "xac sees" not in words
    english = {told(lacking(reason)).missing for reason in REASONS}
    assert tag == "en" or not english & set(said)


def test_who_has_not_consented_is_named_where_the_node_says_it() -> None:
    preview = lacking("no-consent")
    assert "xab" not in told(preview).missing[0]
    preview.missing[0].members.append("xab")
    assert "(xab)" in told(preview).missing[0].replace("\u2068", "").replace("\u2069", "")


def test_a_reason_of_a_later_version_is_want_of_consent() -> None:
    assert told(lacking("other-moon")).missing == told(lacking("no-consent")).missing


def test_until_when_is_read_among_words_from_the_right_as_it_was_written() -> None:
    code = terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE
    one = onward_pb2.ExhibitPreview(
        kind="trace.request/1",
        from_member="xab",
        restrictions=[terms_pb2.Restriction(code=code, until="2026-11-05")],
        consents=[{"from_member": "xab", "third_party": "xac", "until": "2027-01-31"}],
    )
    bound, consent = told(one, "ar").notes
    assert "\u20682026-11-05\u2069" in bound
    assert "\u20682027-01-31\u2069" in consent
