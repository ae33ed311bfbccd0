"""What to do about an error, in the user's words: by its reason where that says more, else as the error says.

A remedy that names commands and options belongs here and not to the node, which is also called by other programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracepost.cli.words import _, coded
from tracepost.protocol.errors import TracepostError

BY_REASON: Final[Mapping[tuple[str, str], str]] = {
    ("invalid-input", "which-desk"): _(
        "Name the desk that acts with --desk DESK, or once for all by a line desk in the profile."
    ),
    ("invalid-input", "not-said"): _(
        "Say it by --purpose CODE and --legal-basis CODE, or in the file, a column or the template."
    ),
    ("invalid-input", "to-whom"): _("Name the member with --to MEMBER, or in the file or the template."),
    ("not-allowed", "other-desk"): _(
        "Name a desk of your certificate with --desk DESK, or ask your authority for a certificate for this one."
    ),
    ("not-found", "no-mandate"): _(
        "tracepost mandate list shows what there is; the State itself gives one: tracepost mandate grant MEMBER."
    ),
    ("not-found", "not-held"): _("tracepost trace held lists the mail that waits."),
    ("not-found", "unknown-certificate"): _("tracepost ca list DIRECTORY shows what the authority issued."),
    ("not-allowed", "own-proposal"): _(
        "Another officer of the member approves it: tracepost policy approve VERSION. A member with one officer has "
        "no policies of its own until it has enrolled a second: tracepost ca token, tracepost enrol."
    ),
    ("conflict", "other-base"): _(
        "Refuse the old proposal (tracepost policy refuse VERSION) and propose the text again; see that this program "
        "and the node are of one version."
    ),
    ("conflict", "proposal-open"): _(
        "Decide on it first: tracepost policy approve VERSION, or tracepost policy refuse VERSION."
    ),
    ("conflict", "version"): _("Look at tracepost policy history, then propose it again."),
    ("conflict", "decided"): _(
        "Going back is an older text under a new version: tracepost policy show --version VERSION --text, then "
        "tracepost policy activate FILE."
    ),
    ("not-found", "unknown-version"): _("tracepost policy history lists the versions."),
    ("invalid-policy", "schema"): _(
        "Desks, classes, actions and context are told at the head of the base set: tracepost policy show --text."
    ),
    ("unreachable", "node-silent"): _(
        "Nothing was sent. See that the node serves and that the address in the profile is right, then try again."
    ),
    ("unreachable", "node-closed"): _(
        "The node does not take your certificate, or it is stopping: tracepost doctor looks at the certificate; "
        "a new one is made by tracepost enrol with a token of your authority."
    ),
    ("unreachable", "node-unproved"): _(
        "Nothing was sent. Compare address, member, domain and root in the profile, and ask the operator of the "
        "node whether its certificate has ended."
    ),
    ("unreachable", "node-cut"): _(
        "See whether it was done before you do it again: tracepost trace list, tracepost node audit."
    ),
    ("unreachable", "authority-silent"): _(
        "See that the authority serves (tracepost ca serve) and that the address is right, then enrol again."
    ),
    ("unreachable", "authority-unproved"): _(
        "Do not go on: ask the operator of the authority which address is its own."
    ),
    ("unreachable", "authority-cut"): _(
        "Enrol again with the same token; if it is refused as used, ask the operator of the authority for another."
    ),
}


def what_to_do(fault: TracepostError) -> str:
    """Return the remedy for this reason, else the one of this very error, else the one of its kind."""
    by_reason = BY_REASON.get((fault.code, fault.reason), "")
    particular = fault.what_to_do if fault.what_to_do != type(fault).remedy else ""
    return by_reason or particular or coded("remedy", fault.code)
