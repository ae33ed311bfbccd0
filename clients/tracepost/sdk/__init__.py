"""The public Python client of a Tracepost node. What stands here is kept; the modules below may change.

    from tracepost.sdk import Client, Cover, OfficerPapers

`tracepost.sdk.intake` reads tables, JSON and photographs; `tracepost.sdk.cases` says what a
case holds for the next message; `tracepost.sdk.testing` runs a real network for the tests of
your own program.
"""

from __future__ import annotations

# First: it sets what gRPC reads once, when it starts.
from tracepost.sdk import transport  # noqa: F401
from tracepost.sdk.client import Client
from tracepost.sdk.drafts import Cover, build_draft, message_of, wrap_content
from tracepost.sdk.papers import OfficerPapers

__all__ = ["Client", "Cover", "OfficerPapers", "build_draft", "message_of", "wrap_content"]
