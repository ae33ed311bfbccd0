"""An officer's word at a console without a browser: what a page asks his device to sign, and the form that says it.

device = Device(console.origin)
await let_speak(town, "xaa", "8", device)
page = await visitor.get("/waiting/break-glass/1")
answer = await visitor.post("/waiting/break-glass/1/word", answered(page, "approved", device))
"""

from __future__ import annotations

import json
import re
import time
from html import unescape
from typing import Any

from fakes.console_visits import Answer, Visitor
from fakes.devices import Device
from fakes.pki import DOMAIN
from fakes.town import Town
from tracepost.protocol.ids import decode_b64
from tracepost.sdk.passkeys import endorse

_WORD = re.compile(
    r'name="decision" value="(\w+)"><input type="hidden" name="time" value="(\d+)">.*?data-options="([^"]*)"',
    re.S,
)


async def let_speak(town: Town, member: str, officer: str, device: Device) -> None:
    """Endorse the passkey of a device by an officer's certificate."""
    said = endorse(device.request(officer), town.papers(member, officer), domain=DOMAIN, now=int(time.time()))
    async with town.client(member, officer=officer, desk=None) as client:
        await client.office.endorse_passkey(said)


def asked_on(page: Answer) -> dict[str, tuple[str, list[Any]]]:
    """Return what a page asks the passkey to sign: the time, and the script's options for each touch, by decision."""
    found = _WORD.findall(page.text)
    return {decision: (said_at, json.loads(unescape(options))) for decision, said_at, options in found}


def answered(page: Answer, decision: str, device: Device) -> dict[str, str]:
    """Return the form that a device's answers fill, on what a page asks."""
    said_at, asked = asked_on(page)[decision]
    answers = [device.answer(decode_b64(one["challenge"], "challenge")) for one in asked]
    return {"decision": decision, "time": said_at, "credential": f"[{','.join(answers)}]"}


async def say(visitor: Visitor, path: str, decision: str, device: Device, **more: str) -> Answer:
    """Give a word on what the page at `path` shows."""
    page = await visitor.get(path)
    return await visitor.post(f"{path}/word", {**answered(page, decision, device), **more})
