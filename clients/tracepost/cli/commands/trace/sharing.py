"""`tracepost trace share`, `consents`, `notify`: pass on what was received, by whose leave, and tell who wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any

import typer

from tracepost.cli.commands.trace.answering import FileNumberOption
from tracepost.cli.commands.trace.asking import TextOption
from tracepost.cli.commands.trace.sending import begin, cover_of, fill, say_with
from tracepost.cli.options import CaseArgument, CoverOptions, MessageOption, NodeOptions, code_option, option
from tracepost.cli.render.lists import submission as submission_view
from tracepost.cli.render.sharing import consent_list, preview_sheet
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk import build_draft
from tracepost.sdk.cases import values_of
from tracepost.sdk.wire_json import to_json
from tracepost.wire.v1 import desk_pb2, onward_pb2, share_pb2

_USUAL = frozenset({"trace.request/1", "trace.response/1"})
_SHORTEST = 8

FieldsOption = Annotated[
    list[str] | None,
    option(
        "--fields",
        _(
            "What goes on: class (object), field (items.*.object.make), item (item:3); commas or again for more."
        ),
    ),
]


def register(app: typer.Typer) -> None:
    """Add these verbs to `app`."""
    verb(app, "share")(share)
    verb(app, "consents")(consents)
    verb(app, "notify")(notify)


async def share(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    fields: FieldsOption = None,
    without: Annotated[
        list[str] | None,
        option("--without", _("What is left out of that, in the same form; again for more.")),
    ] = None,
    statement: Annotated[
        list[str] | None,
        option("--statement", _("Statement passed on, or its beginning; else requests and answers.")),
    ] = None,
    reason: Annotated[
        int | None, code_option("--reason", share_pb2.ShareReason, _("Why it is passed on."))
    ] = None,
    text: TextOption = None,
) -> Result:
    """Pass statements of a case on to another member (--to), as many fields of them as you choose.

    Signatures stay whole, and what is left out is visible as left out. What its author does not want
    passed on goes only with a consent. With --preview: who would see what, value by value, and what is
    missing; nothing is sent.
    """
    body, _album = begin(share_pb2.Share, message)
    fill(body, file_number=file_number, reason=reason, text=text)
    if not body.HasField("reason"):
        body.reason = share_pb2.SHARE_REASON_CASE
    async with connected(node, _("Signing and queueing")) as client:
        view = await client.show_case(case)
        chosen = [
            onward_pb2.ShareChoice(statement=one, fields=split(fields), without=split(without))
            for one in _statements(view, statement)
        ]
        cover_with = replace(cover_of(cover), shared=tuple(chosen))
        submission = await client.submit(build_draft(body, cover_with, view.summary.thread))
    if not cover.preview:
        return Result(to_json(submission), submission_view(submission))
    values = values_of(view)
    return Result(_with_values(to_json(submission), values), preview_sheet(submission, values))


def split(texts: Iterable[str] | None) -> list[str]:
    """Return what was given with commas or again and again, each once."""
    parts = (part.strip() for text in texts or () for part in text.split(","))
    return list(dict.fromkeys(filter(None, parts)))


def _statements(view: desk_pb2.CaseView, named: list[str] | None) -> list[str]:
    if not named:
        return [one.statement for one in view.statements if one.kind in _USUAL]
    return list(dict.fromkeys(find_statement(view, beginning) for beginning in named))


def find_statement(view: desk_pb2.CaseView, beginning: str) -> str:
    """Return the statement of a case whose digest begins so; raise `InvalidInputError` unless there is one."""
    found = [one.statement for one in view.statements if one.statement.startswith(beginning)]
    if len(beginning) < _SHORTEST or len(found) != 1:
        raise InvalidInputError(
            _("The case has no such statement, or several that begin so."), where="--statement"
        )
    return found[0]


def _with_values(answer: dict[str, Any], values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the preview with the value of each field beside it, as far as the own desk may see it."""
    for exhibit in answer.get("exhibits", ()):
        held = values.get(exhibit["statement"], {})
        for one in exhibit.get("fields", ()):
            if one["path"] in held:
                one["value"] = held[one["path"]]
    return answer


async def consents(
    node: NodeOptions,
    case: Annotated[
        str | None, typer.Argument(metavar="[CASE]", help=_("Only those of this case."), show_default=False)
    ] = None,
    open_only: Annotated[bool, option("--open", _("Only what is asked and not decided."))] = False,
) -> Result:
    """List consents to onward release: asked for, given and received, and the standing ones (ITI 15(c))."""
    async with connected(node) as client:
        answer = await client.list_consents(case, open_only=open_only)
    return Result(to_json(answer), consent_list(answer))


async def notify(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    reason: Annotated[
        int | None, code_option("--reason", share_pb2.NoticeReason, _("What becomes of it; else compulsion."))
    ] = None,
    statement: Annotated[
        list[str] | None, option("--statement", _("Statement of theirs, or its beginning; again for more."))
    ] = None,
    on: Annotated[str | None, option("--on", _("Day on which it is to be shown, YYYY-MM-DD."))] = None,
    text: TextOption = None,
) -> Result:
    """Tell a provider that its data is to be shown under compulsion, in court for instance (Firearms Protocol 12(5)).

    Of what you share or refer the node tells its provider by itself.
    """
    body, _album = begin(share_pb2.ReleaseNotice, message)
    fill(body, file_number=file_number, reason=reason, text=text)
    if not body.HasField("reason"):
        body.reason = share_pb2.NOTICE_REASON_COMPELLED_DISCLOSURE
    async with connected(node, _("Signing and queueing")) as client:
        view = await client.show_case(case)
        for one in _statements(view, statement) if statement else ():
            body.releases.add(statement_digest=one, released_on=on)
        return await say_with(client, view.summary.thread, body, cover)
