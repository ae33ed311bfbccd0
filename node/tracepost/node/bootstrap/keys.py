"""What a node starts with: the clock, the daemon's own keys, the key ring of its desks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tracepost.node import installation
from tracepost.node.adapters.keyring import KeyRing
from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.adapters.machine import read_machine_secret
from tracepost.node.config import NodeConfig
from tracepost.node.recovery import MachineLogKeys
from tracepost.protocol.certificate import load_chain
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.evidence import LogKey
from tracepost.protocol.statement import KeySigner
from tracepost.serving.log_keys import read_keys_in_use, read_log_keys

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Keys:
    """The daemon's own keys and the public halves of all its desks'."""

    store: FileKeyStore = field(repr=False)
    ring: KeyRing
    log: LogKey = field(repr=False)
    ended_logs: tuple[LogKey, ...] = field(repr=False)
    signer: KeySigner = field(repr=False)


def unix_clock() -> int:
    """Return the time in unix seconds."""
    return int(time.time())


def load_keys(config: NodeConfig, *, recovering: bool = False) -> Keys:
    """Return the daemon's own keys of `config`; desks of people stay locked."""
    store = FileKeyStore(config.keys, read_machine_secret(config.keys, os.environ))
    ring = KeyRing(store)
    ring.hold(store.load_node())
    log_key, ended = (read_keys_in_use if recovering else read_log_keys)(MachineLogKeys(store))
    if (log_key.origin.member, log_key.origin.domain) != (config.member, config.domain):
        raise ConfigurationError("the log key is of another log", where="keys/log")
    certificate = load_chain(installation.read_chain(config, "statement"))[0]
    signer = KeySigner(installation.load_key(store, "statement"), certificate)
    return Keys(store, ring, log_key, tuple(ended), signer)
