"""Messages of the wire as JSON for machines: the proto3 mapping with the field names of the schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message


def to_json(message: Message) -> dict[str, Any]:
    """Return `message` as a JSON object; 64-bit numbers are strings, as proto3 says."""
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def all_to_json(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Return each message as a JSON object."""
    return [to_json(message) for message in messages]
