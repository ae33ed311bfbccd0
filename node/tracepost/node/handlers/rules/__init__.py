"""What officers do, one verb a file. The table at the foot says which rule judges which kind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tracepost.node.handlers.rules import (
    acknowledge,
    amend,
    answer,
    ask,
    assist,
    check,
    conclude,
    correspond,
    deliver,
    divert,
    enquire,
    inform,
    lose,
    mandates,
    panel,
    practise,
    refer,
    seize,
    share,
    supply,
    tell_figures,
)
from tracepost.node.handlers.rules.rule import Rule

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "trace.request/1": ask.check_request,
        "trace.information-request/1": ask.check_information_request,
        "trace.acknowledgement/1": acknowledge.check,
        "trace.response/1": answer.check_response,
        "trace.refusal/1": answer.check_refusal,
        "trace.delay/1": answer.check_delay,
        "trace.information-supply/1": supply.check_supply,
        "trace.clarification/1": supply.check_clarification,
        "trace.redirect/1": refer.check_redirect,
        "trace.referral/1": refer.check_referral,
        "trace.consent/1": refer.check_consent,
        "trace.amendment/1": amend.check_amendment,
        "trace.withdrawal/1": amend.check_withdrawal,
        "trace.closure/1": conclude.check_closure,
        "trace.status/1": conclude.check_status,
        "error/1": conclude.check_error,
        "share/1": share.check,
        "object.check/1": check.check_question,
        "object.check-reply/1": check.check_reply,
        "release.notice/1": share.check_notice,
        "trace.diversion-notice/1": divert.check_notice,
        "embargo.delivery-notified/1": deliver.check_delivery,
        "customs.seizure-notice/1": seize.check,
        "trace.enquiry/1": enquire.check_enquiry,
        "trace.finding/1": enquire.check_finding,
        "trace.letter/1": correspond.check_letter,
        "mandate/1": mandates.check_mandate,
        "register.loss-notice/1": lose.check_notice,
        "register.hit/1": lose.check_hit,
        "flow.information/1": inform.check_flow,
        "ballistic.reference/1": inform.check_ballistics,
        "practice.marking/1": practise.check_marking,
        "panel.request/1": panel.check_request,
        "panel.reply/1": panel.check_reply,
        "panel.documented-item/1": panel.check_documented,
        "statistics/1": tell_figures.check_statistics,
        "assistance.need/1": assist.check_need,
        "assistance.offer/1": assist.check_offer,
    }
)
