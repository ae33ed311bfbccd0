"""The settings of a console: `console.toml` in its folder.

member = "xaa"
domain = "tracepost.example"
node = "127.0.0.1:7443"                     # the desk service of our own node
origin = "https://console.xaa.example:8443" # what officers type; passkeys are bound to its host
listen = "0.0.0.0:8443"
metrics = "127.0.0.1:7402"                  # pages for machines: /metrics, /healthz, /readyz; empty: none

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

from dataclasses import dataclass
from pathlib import Path
from typing import Final, overload
from urllib.parse import SplitResult, urlsplit

from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import MemberId, parse_member
from tracepost.protocol.settings import Section, parse_toml

CONFIG_NAME: Final = "console.toml"


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
    metrics: str = ""

    @property
    def host(self) -> str:
        """The host of the origin, to which passkeys are bound."""
        return urlsplit(self.origin).hostname or ""


def load_settings(path: Path) -> ConsoleSettings:
    """Return the settings of a file; raise `ConfigurationError` naming what is not right."""
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise ConfigurationError("the settings cannot be read", where=str(path)) from fault
    return read_settings(parse_toml(data, str(path)), path.parent)


def read_settings(settings: Section, folder: Path) -> ConsoleSettings:
    """Return the settings of a console in `folder`; raise `ConfigurationError` naming the place."""
    papers, web = settings.section("papers"), settings.section("web")
    certificate = _file(folder, papers, "certificate", "console.pem")
    key = _file(folder, papers, "key", "console.key")
    read = ConsoleSettings(
        folder=folder,
        member=settings.read("member", parse_member),
        domain=settings.text("domain"),
        node=settings.text("node"),
        origin=settings.read("origin", _origin),
        listen=settings.read("listen", _address),
        certificate=certificate,
        key=key,
        root=_file(folder, papers, "root", "root.pem"),
        web_certificate=_file(folder, web, "certificate") or certificate,
        web_key=_file(folder, web, "key") or key,
        session=_rules(settings.section("session")),
        oidc=_oidc(settings.section("oidc"), folder) if settings.has("oidc") else None,
        metrics=settings.text("metrics", ""),
    )
    settings.end()
    return read


@overload
def _file(folder: Path, section: Section, name: str, default: str) -> Path: ...


@overload
def _file(folder: Path, section: Section, name: str) -> Path | None: ...


def _file(folder: Path, section: Section, name: str, default: str = "") -> Path | None:
    """Return a file that is named from the folder on; None, if neither the settings nor `default` name one."""
    named = section.text(name, default) or default
    return folder / named if named else None


def _rules(section: Section) -> SessionRules:
    return SessionRules(
        idle_seconds=section.number("idle_minutes", 15) * 60,
        longest_seconds=section.number("longest_hours", 8) * 3600,
        sign_ins_per_minute=section.number("sign_ins_per_minute", 10),
        pages_per_minute=section.number("pages_per_minute", 300),
    )


def _oidc(section: Section, folder: Path) -> OidcSettings:
    return OidcSettings(
        issuer=_issuer(section),
        client_id=section.text("client_id"),
        name=section.text("name"),
        secret=_file(folder, section, "secret", "oidc.secret"),
        ca=_file(folder, section, "ca"),
        acr_values=section.read_all("acr_values", _word),
        max_age_seconds=section.number("max_age_minutes", 15) * 60,
    )


def _issuer(section: Section) -> str:
    text = section.text("issuer")
    if https_parts(text) is None or "?" in text or "#" in text:
        raise section.refusal(
            "issuer",
            "it is an address over https without question mark",
            "Copy `issuer` from the provider's /.well-known/openid-configuration, sign for sign.",
        )
    return text


def _word(text: str) -> str:
    """Return a word of those that are sent with blanks between them."""
    if text.split() != [text]:
        raise ValueError("a word without blanks is needed here")
    return text


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
        raise ValueError("it reads https://HOST or https://HOST:PORT")
    return f"https://{parts.netloc}"


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("it reads HOST:PORT")
    return host.strip("[]"), int(port)
