"""What the fields of a statement name as attachments, and what they do not."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from tracepost.node.handlers.sealed.attached import addresses_of, attached_in
from tracepost.protocol.errors import LimitError
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.schema import Field, Sensitivity, flatten
from tracepost.wire.v1 import attachment_pb2, trace_pb2, weapon_pb2

ADDRESS, KEY, DIGEST = b"a" * 32, b"k" * 32, b"d" * 32


def unit(**changes: Any) -> dict[str, Any]:
    whole = {
        "address": base64.b64encode(ADDRESS).decode(),
        "key": base64.b64encode(KEY).decode(),
        "content_sha256": base64.b64encode(DIGEST).decode(),
        "content_size": 5,
        "media_type": "text/plain",
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def field(value: Any, path: str = "items.0.attachments.0") -> Field:
    return Field(path, Sensitivity.OBJECT, value)


def test_a_field_of_the_schema_is_read_as_it_was_written() -> None:
    attachment = attachment_pb2.Attachment(
        address=ADDRESS,
        key=KEY,
        content_sha256=DIGEST,
        content_size=2_147_483_648,
        media_type="video/mp4",
        subject=attachment_pb2.ATTACHMENT_SUBJECT_VIDEO,
    )
    request = trace_pb2.TraceRequest(items=[weapon_pb2.Item(id="1", attachments=[attachment])])
    [found] = attached_in(flatten(request))
    assert (found.address, found.key, found.content_sha256) == (ADDRESS, KEY, DIGEST)
    assert (found.size, found.media_type) == (2_147_483_648, "video/mp4")
    assert (found.sensitivity, found.is_shown) == (Sensitivity.OBJECT, False)
    assert "kkk" not in repr(found)


@pytest.mark.parametrize(
    "value",
    [
        "a text",
        None,
        7,
        ["a", "list"],
        {"address": "Набережная 5", "name": "somebody"},
        {"sha256": base64.b64encode(DIGEST).decode(), "media_type": "image/jpeg", "size": 5},
        unit(address="Набережная 5"),
        unit(address="A" * 43),
        unit(address=None),
        unit(key=base64.b64encode(b"short").decode()),
        unit(content_size="5"),
        unit(content_size=True),
        unit(media_type=7),
    ],
    ids=repr,
)
def test_what_is_not_well_formed_names_nothing(value: Any) -> None:
    assert attached_in([field(value)]) == ()


def test_what_is_enclosed_is_shown() -> None:
    inner = encode_b64(orjson.dumps(["salt", "items.0.attachments.0", unit()]))
    deeper = encode_b64(orjson.dumps(["salt", "exhibits.0.object_disclosures", [inner]]))
    for shown in (inner, deeper):
        [found] = attached_in([field([shown], "exhibits.0.object_disclosures")])
        assert found.is_shown


def test_each_address_counts_once() -> None:
    assert len(attached_in([field(unit()), field(unit(content_size=6))])) == 1


def test_a_header_names_them_in_order_and_sixty_four_at_most() -> None:
    units = [unit(address=base64.b64encode(bytes([255 - n]) * 32).decode()) for n in range(65)]
    attached = attached_in(field(one) for one in units)
    assert list(addresses_of(attached[:64])) == sorted(one.address for one in attached[:64])
    with pytest.raises(LimitError) as refusal:
        addresses_of(attached)
    assert refusal.value.reason == "too-many-attachments"
