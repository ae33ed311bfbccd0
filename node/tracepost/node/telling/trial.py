"""Trying, from the node's own machine, whether tellings arrive; the node may run or not, and nothing is noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from tracepost.node.config import NodeConfig
from tracepost.node.telling.letters import TRIAL, trial_letter
from tracepost.node.telling.settings import ToldDesk
from tracepost.node.telling.telling import read_secret
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import DeskId
from tracepost.serving.notices import connect_mail, post_json, send_mail

WEBHOOK: Final = "webhook"


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a test message `to` a mail address, or to WEBHOOK; `problem` is empty where it was taken."""

    to: str
    problem: str = ""


def try_desk(config: NodeConfig, name: str) -> list[Tried]:
    """Send a test message to everybody who may be told at a desk, and to its web address; blocking.

    Raises:
        InvalidInputError: the settings tell nobody at such a desk.
    """
    desk = config.told.of(DeskId(name))
    if desk is None:
        raise InvalidInputError("the settings tell nobody at this desk", where="desk", reason="not-told")
    addresses = dict.fromkeys(address for duty in desk.roster.duties for address in duty.to)
    jobs: list[tuple[str, Callable[[], None]]] = [(to, partial(_mail, config, desk, to)) for to in addresses]
    if desk.webhook:
        jobs.append((WEBHOOK, partial(_post, config, desk)))
    return [Tried(to, _problem_of(job)) for to, job in jobs]


def try_server(config: NodeConfig) -> str:
    """Return what is wrong with the way to the mail server, empty if it lets us in; blocking, nothing is sent."""
    return _problem_of(partial(_enter, config))


def _enter(config: NodeConfig) -> None:
    with connect_mail(config.notices, config.folder):
        pass


def _mail(config: NodeConfig, desk: ToldDesk, to: str) -> None:
    send_mail(config.notices, config.folder, trial_letter(to, desk, config.told.console))


def _post(config: NodeConfig, desk: ToldDesk) -> None:
    post_json(config.notices, config.folder, desk.webhook, TRIAL, read_secret(desk, config.folder))


def _problem_of(job: Callable[[], None]) -> str:
    """Return the kind of what `job` raises: a server's own words are a stranger's, and may repeat an address."""
    try:
        job()
    except Exception as error:  # noqa: BLE001 - strangers' servers answer anything
        return type(error).__name__
    return ""
