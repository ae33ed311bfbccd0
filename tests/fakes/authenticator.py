"""A virtual authenticator of Chromium: a device that keeps passkeys and knows its holder.

device = await authenticator(page)
made = await device.send("WebAuthn.getCredentials", {"authenticatorId": device.id})
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession, Page


@dataclass
class VirtualDevice:
    """A virtual authenticator of a page's browser."""

    session: CDPSession
    id: str

    async def send(self, method: str, values: dict[str, Any]) -> dict[str, Any]:
        return await self.session.send(method, values)


async def authenticator(page: Page) -> VirtualDevice:
    """Give the page's browser a device that keeps passkeys and knows its holder."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return VirtualDevice(session, made["authenticatorId"])
