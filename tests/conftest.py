"""Settings of the whole test run."""

from collections.abc import Iterator

import pytest

import tracepost.serving  # noqa: F401 - before anybody imports grpc: it leaves TLS 1.3 only
from fakes.postgres import Databases, serve


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Databases of a real PostgreSQL; a run without any fails (`fakes.postgres`)."""
    with serve() as databases:
        yield databases
