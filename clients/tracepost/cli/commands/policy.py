"""`tracepost policy …`: who may read what, why, and how two officers change it; checking needs no node."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from tracepost.cli.files import read_bytes
from tracepost.cli.options import NodeOptions, option
from tracepost.cli.profile import Profile, read_profile
from tracepost.cli.progress import progress
from tracepost.cli.render import policy as sheets
from tracepost.cli.session import connected, open_client, read_papers
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, plural
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import ConfigurationError, InvalidInputError, InvalidPolicyError, NotFoundError
from tracepost.protocol.policy import text_digest
from tracepost.sdk import Client
from tracepost.sdk.policies import make_decision, make_proposal
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import desk_pb2, options_pb2

app = typer.Typer(
    no_args_is_help=True, help=_("Who may read what: the base set and the member's own policies.")
)

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help=_("The member's own policies, all of them, in Cedar."))
]
VersionArgument = Annotated[int, typer.Argument(metavar="VERSION", min=1, help=_("Number of the version."))]


# ---------------------------------------------------------------- looking


@verb(app, "show")
async def show(
    node: NodeOptions,
    *,
    version: Annotated[
        int | None, typer.Option("--version", min=1, help=_("Another version than the one in force."))
    ] = None,
    text: Annotated[bool, option("--text", _("Print the policies themselves, and nothing else."))] = False,
) -> Result:
    """Show which policies are in force: versions, digests, who approved them and when."""
    async with connected(node) as client:
        view = await client.show_policies(with_text=text)
    shown = _version(view, version) if version else _in_force(view)
    if text:
        return Result(
            {"base": view.base_text, "own": shown.text if shown else ""}, Text(sheets.texts(view, shown))
        )
    data = {**to_json(view), "shown": to_json(shown) if shown else None}
    return Result(data, sheets.version_sheet(view, shown))


@verb(app, "history")
async def history(node: NodeOptions) -> Result:
    """List all versions of the member's own policies, newest first."""
    async with connected(node) as client:
        view = await client.show_policies()
    return Result({"versions": all_to_json(view.versions)}, sheets.history(view.versions))


@verb(app, "explain")
async def explain(
    what: Annotated[
        str,
        typer.Argument(metavar="CASE_OR_STATEMENT", help=_("A case as everywhere, or a statement digest.")),
    ],
    node: NodeOptions,
) -> Result:
    """Tell for each desk which fields of stored messages it would see, and which policy decides; never a value."""
    async with connected(node) as client:
        told = await client.explain_policy(what)
    data = to_json(told)
    data["fields"] = [line for one in told.statements for line in _field_lines(one)]
    return Result(data, sheets.explanation(told))


def _field_lines(one: desk_pb2.ExplainedStatement) -> list[dict[str, Any]]:
    """Return a line for each desk and field, as programs like it."""
    paths = {signed.of_class: signed.paths for signed in one.classes}
    return [
        {
            "statement": one.statement,
            "member": reader.member,
            "desk": reader.desk,
            "path": path,
            "class": options_pb2.Sensitivity.Name(rule.of_class).removeprefix("SENSITIVITY_"),
            "allowed": rule.allowed,
            "policies": list(rule.policies),
        }
        for reader in one.readers
        for rule in reader.rules
        for path in paths.get(rule.of_class, ())
    ]


# ---------------------------------------------------------------- trying


@verb(app, "check")
def check(file: FileArgument) -> Result:
    """Say whether a file may be the member's own policies; nothing is asked of a node."""
    from tracepost.node.policies.own import check_additions

    additions = check_additions(_read_text(file))
    data = {
        "forbids": list(additions.forbids),
        "permits": list(additions.permits),
        "text_sha256": text_digest(additions.text).hex(),
        "set_sha256": additions.policies.sha256.hex(),
    }
    words = [
        plural("{n} forbid", "{n} forbids", len(additions.forbids)),
        plural("{n} permit for own data", "{n} permits for own data", len(additions.permits)),
    ]
    return Result(data, Text(f"{_('It may be added to the base set.')} {', '.join(words)}"))


@verb(app, "diff")
async def diff(
    node: NodeOptions,
    *,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help=_("The member's own policies, all of them, in Cedar."),
            show_default=False,
        ),
    ] = None,
    base: Annotated[
        Path | None,
        option("--base", _("A complete base set, compared with the one of this program; no node is asked.")),
    ] = None,
    version: Annotated[
        int | None,
        typer.Option("--version", min=1, help=_("A version that the node has, instead of a file.")),
    ] = None,
    stored: Annotated[bool, option("--stored", _("Also say it of the stored cases."))] = False,
) -> Result:
    """Compare with what is in force: who would newly read which fields, or no longer; never a value."""
    if base is not None:
        if version is not None or stored:
            raise InvalidInputError(_("A base set is compared without a node."), where="--version, --stored")
        told = _compare_bases(base, file)
    elif (file is None) == (version is None):
        raise InvalidInputError(_("Name one file, one --version or a --base."), where="FILE")
    else:
        async with connected(node, _("Comparing")) as client:
            text = _read_text(file) if file else await _text_of(client, version or 0)
            told = await client.compare_policy(text, stored=stored)
    return Result(to_json(told), sheets.difference(told, stored=stored))


def _compare_bases(candidate: Path, own: Path | None) -> desk_pb2.PolicyDifference:
    from tracepost.node.gate import Gate, base_policy
    from tracepost.node.policies.difference import Side, difference
    from tracepost.node.policies.own import check_additions

    text, additions = _read_text(candidate), _read_text(own) if own else ""
    try:
        after = Side.of(text)
    except ConfigurationError as fault:
        raise InvalidPolicyError(fault.message, where=str(candidate), reason="base-set") from fault
    before = Side.of(base_policy())
    if own:
        gates = [Gate(check_additions(additions, base=one).policies) for one in (before.text, text)]
        before, after = (
            Side(f"{one}\n{additions}", gate) for one, gate in zip((before.text, text), gates, strict=True)
        )
    with progress(_("Comparing")):
        return difference(before, after)


async def _text_of(client: Client, number: int) -> str:
    return _version(await client.show_policies(with_text=True), number).text


# ---------------------------------------------------------------- changing


@verb(app, "activate")
async def activate(
    file: FileArgument,
    node: NodeOptions,
    *,
    note: Annotated[str, typer.Option("--note", help=_("Why, in one line."))] = "",
) -> Result:
    """Propose a file as the member's own policies, and sign for it; another officer must approve it."""
    from tracepost.node.policies.own import check_additions

    text = _read_text(file)
    check_additions(text)
    profile, papers = _who(node)
    async with open_client(profile, node.desk) as client:
        with progress(_("Asking the node")):
            view = await client.show_policies()
            proposal = make_proposal(
                view, text, note, papers, domain=profile.domain, now=view.clock or int(time.time())
            )
            made = await client.propose_policy(proposal)
    words = _(
        "Version {version} is proposed, and not in force. Another officer: tracepost policy approve {version}"
    )
    return Result(to_json(made), Text(words.format(version=made.version)))


@verb(app, "approve")
async def approve(
    version: VersionArgument,
    node: NodeOptions,
    *,
    file: Annotated[
        Path | None, option("--file", _("The text that you examined; the proposal must have just this one."))
    ] = None,
) -> Result:
    """Approve what another officer proposed; it is in force when this ends."""
    made = await _decide(version, node, Decision.APPROVED, file)
    words = _("Version {version} is in force. Log entry {number}").format(
        version=made.version, number=f"#{made.log_index}"
    )
    return Result(to_json(made), Text(words))


@verb(app, "refuse")
async def refuse(version: VersionArgument, node: NodeOptions) -> Result:
    """Refuse what another officer proposed, or withdraw what you proposed yourself."""
    made = await _decide(version, node, Decision.REFUSED, None)
    withdrawn = made.state == desk_pb2.POLICY_STATE_WITHDRAWN
    words = _("Version {version} is withdrawn.") if withdrawn else _("Version {version} is refused.")
    return Result(to_json(made), Text(words.format(version=made.version)))


async def _decide(
    version: int, node: NodeOptions, decision: Decision, file: Path | None
) -> desk_pb2.PolicyVersion:
    profile, papers = _who(node)
    async with open_client(profile, node.desk) as client:
        with progress(_("Asking the node")):
            view = await client.show_policies(with_text=True)
            proposed = _version(view, version)
            if file is not None and _read_text(file) != proposed.text:
                raise InvalidInputError(
                    _("The proposal has another text than this file."),
                    where=str(file),
                    remedy=_("Look at it: tracepost policy show --version VERSION --text."),
                )
            word = make_decision(proposed, decision, papers, view.clock or int(time.time()))
            return await client.decide_policy(word)


def _who(node: NodeOptions) -> tuple[Profile, Any]:
    profile = read_profile(node.profile)
    return profile, read_papers(profile)


def _in_force(view: desk_pb2.PolicyView) -> desk_pb2.PolicyVersion | None:
    return next((v for v in view.versions if v.state == desk_pb2.POLICY_STATE_IN_FORCE), None)


def _version(view: desk_pb2.PolicyView, number: int) -> desk_pb2.PolicyVersion:
    for version in view.versions:
        if version.version == number:
            return version
    raise NotFoundError(
        _("There is no version {version}.").format(version=number),
        where="VERSION",
        reason="unknown-version",
        remedy=_("tracepost policy history lists the versions."),
    )


def _read_text(path: Path) -> str:
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as fault:
        raise InvalidInputError(_("The file is not UTF-8 text."), where=str(path)) from fault
