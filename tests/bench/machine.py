"""Which machine the figures are of."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("grpcio", "protobuf", "protovalidate", "cryptography", "sqlalchemy", "orjson", "cedarpy")


def describe_machine() -> dict[str, object]:
    """Return processor, cores, memory, system, Python and the versions of what the figures depend on."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(_memory_bytes() / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: version(name) for name in ("tracepost", *_PACKAGES)},
        "load_average": [round(one, 2) for one in os.getloadavg()],
    }


def _cpu() -> str:
    path = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", path.read_text()) if path.exists() else None
    return found[1] if found else platform.processor()


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
