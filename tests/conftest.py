"""Settings of the whole test run."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

import tracepost.serving  # noqa: F401 - before anybody imports grpc: it leaves TLS 1.3 only
from fakes.postgres import Databases, serve

# How long an example takes says how busy the machine is, and nothing of the product.
settings.register_profile("tracepost", deadline=None)
settings.load_profile("tracepost")


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Databases of a real PostgreSQL; a run without any fails (`fakes.postgres`)."""
    with serve() as databases:
        yield databases
