"""The settings of a console: `console.toml` in its folder.

member = "xaa"
domain = "tracepost.example"
node = "127.0.0.1:7443"                     # the desk service of our own node
origin = "https://console.xaa.example:8443" # what officers type; passkeys are bound to its host
listen = "0.0.0.0:8443"

[papers]                                    # below the folder; these are the defaults
certificate = "console.pem"                 # chain of role `console`, leaf first
key = "console.key"
root = "root.pem"                           # of our own member: officers' certificates lead to it

[web]                                       # shown to browsers instead of the console's own papers
certificate = ""
key = ""

[session]
idle_minutes = 15                           # without a page: signed out
longest_hours = 8                           # signed out however busy
sign_ins_per_minute = 10                    # per address
pages_per_minute = 300                      # per officer

[oidc]                                      # sign-in by accounts at a provider (OpenID Connect); without it, none
issuer = "https://id.xaa.example"           # as the provider writes itself, sign for sign
client_id = "tracepost"                     # as which the console is registered there
name = "Ministry account"                   # how officers know their account there
secret = "oidc.secret"                      # file below the folder, for its owner's eyes alone
ca = ""                                     # roots that the provider's certificate leads to (PEM); empty: the system's
acr_values = []                             # ways to prove oneself there of which one is wanted; empty: any
max_age_minutes = 15                        # how long ago an officer may have proved himself there
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import MemberId, parse_member

CONFIG_NAME: Final = "console.toml"
_KEYS: Final = {"member", "domain", "node", "origin", "listen", "papers", "web", "session", "oidc"}
_OIDC_KEYS: Final = {"issuer", "client_id", "name", "secret", "ca", "acr_values", "max_age_minutes"}


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long an officer stays signed in, and how often may be asked."""

    idle_seconds: int = 15 * 60
    longest_seconds: int = 8 * 3600
    sign_ins_per_minute: int = 10
    pages_per_minute: int = 300


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """The provider at which officers have accounts; `secret` and `ca` are files, `ca` None for the system's roots."""

    issuer: str
    client_id: str
    name: str
    secret: Path
    ca: Path | None = None
    acr_values: tuple[str, ...] = ()
    max_age_seconds: int = 15 * 60


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """What `console.toml` says, with paths made whole."""

    folder: Path
    member: MemberId
    domain: str
    node: str
    origin: str
    listen: tuple[str, int]
    certificate: Path
    key: Path
    root: Path
    web_certificate: Path
    web_key: Path
    session: SessionRules
    oidc: OidcSettings | None = None

    @property
    def host(self) -> str:
        """The host of the origin, to which passkeys are bound."""
        return urlsplit(self.origin).hostname or ""


def load_settings(path: Path) -> ConsoleSettings:
    """Return the settings of a file; raise `ConfigurationError` naming what is not right."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as fault:
        raise ConfigurationError("the settings cannot be read", where=str(path)) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigurationError("the settings are not TOML", where=str(path)) from fault
    return parse_settings(values, path.parent)


def parse_settings(values: Mapping[str, Any], folder: Path) -> ConsoleSettings:
    """Return the settings that `values` say for a console in `folder`; raise `ConfigurationError`."""
    unknown = sorted(values.keys() - _KEYS)
    if unknown:
        raise ConfigurationError("a setting is unknown", where=unknown[0], reason="unknown-setting")
    papers, web = _section(values, "papers"), _section(values, "web")
    certificate = folder / _text(papers, "certificate", "console.pem")
    key = folder / _text(papers, "key", "console.key")
    return ConsoleSettings(
        folder=folder,
        member=parse_member(_text(values, "member")),
        domain=_text(values, "domain"),
        node=_text(values, "node"),
        origin=_origin(_text(values, "origin")),
        listen=_address(_text(values, "listen"), "listen"),
        certificate=certificate,
        key=key,
        root=folder / _text(papers, "root", "root.pem"),
        web_certificate=folder / web["certificate"] if web.get("certificate") else certificate,
        web_key=folder / web["key"] if web.get("key") else key,
        session=_rules(_section(values, "session")),
        oidc=_oidc(_section(values, "oidc"), folder) if "oidc" in values else None,
    )


def _rules(section: Mapping[str, Any]) -> SessionRules:
    return SessionRules(
        idle_seconds=_number(section, "idle_minutes", 15) * 60,
        longest_seconds=_number(section, "longest_hours", 8) * 3600,
        sign_ins_per_minute=_number(section, "sign_ins_per_minute", 10),
        pages_per_minute=_number(section, "pages_per_minute", 300),
    )


def _oidc(section: Mapping[str, Any], folder: Path) -> OidcSettings:
    unknown = sorted(section.keys() - _OIDC_KEYS)
    if unknown:
        raise ConfigurationError(
            "a setting is unknown",
            where=f"oidc.{unknown[0]}",
            reason="unknown-setting",
            remedy=f"The section [oidc] knows {', '.join(sorted(_OIDC_KEYS))}.",
        )
    return OidcSettings(
        issuer=_issuer(_text(section, "issuer")),
        client_id=_text(section, "client_id"),
        name=_text(section, "name"),
        secret=folder / _text(section, "secret", "oidc.secret"),
        ca=folder / _text(section, "ca") if section.get("ca") else None,
        acr_values=_words(section, "acr_values"),
        max_age_seconds=_number(section, "max_age_minutes", 15, of="oidc") * 60,
    )


def _issuer(text: str) -> str:
    if https_parts(text) is None or "?" in text or "#" in text:
        raise ConfigurationError(
            "it is an address over https without question mark",
            where="oidc.issuer",
            remedy="Copy `issuer` from the provider's /.well-known/openid-configuration, sign for sign.",
        )
    return text


def _words(section: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of words, which are sent with blanks between them."""
    told = section.get(name, [])
    if not isinstance(told, list) or not all(isinstance(one, str) and one.split() == [one] for one in told):
        raise ConfigurationError(
            "it is a list of words without blanks",
            where=f"oidc.{name}",
            remedy=f'Write {name} = ["first", "second"].',
        )
    return tuple(told)


def _section(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = values.get(name, {})
    if not isinstance(section, dict):
        raise ConfigurationError("it is a section", where=name)
    return section


def _text(values: Mapping[str, Any], name: str, default: str = "") -> str:
    value = values.get(name, default)
    if not isinstance(value, str) or not value:
        raise ConfigurationError("the setting is missing", where=name, reason="missing-setting")
    return value


def _number(values: Mapping[str, Any], name: str, default: int, of: str = "session") -> int:
    value = values.get(name, default)
    if type(value) is not int or value < 1:
        raise ConfigurationError("it is a whole number above zero", where=f"{of}.{name}")
    return value


def https_parts(text: str) -> SplitResult | None:
    """Return the parts of an address over https; None, if it is none, names a user, or no browser can go there."""
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme == "https" and parts.username is None and parts.port != 0
    except ValueError:  # half an address in brackets, a port beyond all ports
        return None
    return parts if is_whole and parts.hostname and text.isprintable() else None


def _origin(text: str) -> str:
    parts = https_parts(text)
    if parts is None or parts.path not in ("", "/") or parts.query:
        raise ConfigurationError("it reads https://HOST or https://HOST:PORT", where="origin")
    return f"https://{parts.netloc}"


def _address(text: str, where: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ConfigurationError("it reads HOST:PORT", where=where)
    return host.strip("[]"), int(port)
