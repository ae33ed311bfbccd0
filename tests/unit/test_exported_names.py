"""What the SDK promises to keep: its public names, and the signatures of its client."""

from __future__ import annotations

import inspect

from tracepost import sdk
from tracepost.sdk import Client, Cover, OfficerPapers, testing
from tracepost.sdk.testing import LocalNetwork, local_network

PUBLIC = {"Client", "Cover", "OfficerPapers", "build_draft", "message_of", "wrap_content"}
CALLS = {
    "notify_loss", "report_hit", "ask_as_panel", "reply_to_panel", "document",
    "acknowledge", "amend", "ask", "clarify", "close", "close_connection", "connect", "consent", "decide_held",
    "compare_policy", "decide_policy", "explain_policy", "propose_policy", "show_policies",
    "delay", "delete_statements", "export_case", "export_papers", "fetch_attachment", "fetch_part", "get_status",
    "hand_in", "import_papers", "list_audit",
    "list_cases", "list_case_page",
    "list_consents", "list_directory", "list_held", "list_holders", "lock_desk", "notify_release",
    "publish_case",
    "notify_seizure", "redirect", "refer",
    "refuse", "remind", "respond",
    "post", "pouches",
    "office", "share", "show_case", "show_timeline", "show_trust", "submit", "submit_many", "submit_request", "supply",
    "unlock_desk", "withdraw",
    "notify_delivery", "notify_diversion",
    "search_marks", "import_register", "list_registers", "match_register",
    "enquire", "find", "list_enquiries", "write", "print_paper", "print_case", "keep_address", "list_addresses",
    "mandate",
    "tell_ballistics", "tell_flow", "tell_marking_practice",
    "answer_check", "check_objects", "make_report",
    "tell_need", "tell_offer", "tell_statistics",
}  # fmt: skip
COVER = [
    "to", "in_reply_to", "desk", "purpose", "legal_basis", "restrictions", "exercise", "lane", "deliver_by", "raised",
    "named_desks", "readers", "parts", "composed", "idempotency_key", "preview", "shared",
]  # fmt: skip


def test_the_public_names_are_these() -> None:
    assert set(sdk.__all__) == PUBLIC
    for name in PUBLIC:
        assert inspect.getdoc(getattr(sdk, name)), name


def test_the_client_has_these_calls_each_with_its_purpose() -> None:
    calls = {name: member for name, member in vars(Client).items() if not name.startswith("_")}
    assert set(calls) == CALLS
    for name in calls:
        assert inspect.getdoc(getattr(Client, name)), name


def test_a_client_is_opened_with_these_arguments() -> None:
    assert list(inspect.signature(Client.connect).parameters) == [
        "address",
        "member",
        "domain",
        "papers",
        "desk",
        "timeout_seconds",
    ]
    assert list(inspect.signature(OfficerPapers.read).parameters) == [
        "certificate",
        "key",
        "root",
        "ask_passphrase",
    ]
    assert list(inspect.signature(Cover).parameters) == COVER


def test_what_integrators_test_with_is_kept_too() -> None:
    assert set(testing.__all__) == {"LocalNetwork", "local_network"}
    assert list(inspect.signature(local_network).parameters) == ["members", "folder"]
    names = {name for name in dir(LocalNetwork) if not name.startswith("_")}
    assert names == {"client", "delivered", "folder", "members", "profiles"}
    assert list(inspect.signature(LocalNetwork.client).parameters) == ["self", "member", "desk"]
    assert list(inspect.signature(LocalNetwork.delivered).parameters) == [
        "self",
        "member",
        "submission",
        "timeout_seconds",
    ]


def test_a_cover_can_only_be_written_by_name() -> None:
    assert all(one.kind is one.KEYWORD_ONLY for one in inspect.signature(Cover).parameters.values())
