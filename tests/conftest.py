"""Settings of the whole test run."""

import tracepost.serving  # noqa: F401 - before anybody imports grpc: it leaves TLS 1.3 only
