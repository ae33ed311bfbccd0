"""Foreign libraries read what was passed on: the statement of its author, whole in its signature, with fewer fields."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, draft, open_street
from tracepost.wire.v1 import desk_pb2, onward_pb2, share_pb2

pytestmark = pytest.mark.foreign

RunScript = Callable[[str, Any], Any]


async def export(folder: Path) -> tuple[dict[str, bytes], int]:
    """XAA asks XAB, XAB passes marks on to XAC; return the files that XAC's police export, and the time."""
    async with open_street(folder, "xaa", "xab", "xac") as street:
        [asked] = await street["xaa"].submit(
            draft(m.rich_request("T-1"), to=["xab"], parts=[m.PICTURE, m.SCENE])
        )
        await street.carry()
        chosen = onward_pb2.ShareChoice(statement=asked.statement, fields=["item:1/object"])
        share = share_pb2.Share(reason="SHARE_REASON_MANDATE")
        [told] = await street["xab"].submit(
            draft(share, to=["xac"], case=asked.thread, desk="police", shared=[chosen])
        )
        await street.carry()
        request = desk_pb2.ExportCaseRequest(case=told.thread, format=desk_pb2.EXPORT_FORMAT_SD_JWT)
        chunks = [c async for c in street["xac"].as_officer("police").ExportCase(request, NO_CONTEXT)]
        with tarfile.open(fileobj=io.BytesIO(b"".join(c.data for c in chunks))) as tar:
            files = {one.name: tar.extractfile(one) for one in tar.getmembers()}
            return {name: data.read() for name, data in files.items() if data}, street.clock()


async def test_the_share_and_what_is_in_it_verify(run_script: RunScript, tmp_path: Path) -> None:
    files, now = await export(tmp_path)
    assert {name for name in files if name.endswith(".sd-jwt")} == {
        "01-share.sd-jwt",
        "01-share-1-trace.request.sd-jwt",
    }
    names = ["01-share", "01-share-1-trace.request"]
    asked = [
        {"compact": files[f"{n}.sd-jwt"].decode(), "jwk": json.loads(files[f"{n}.jwk.json"]), "now": now}
        for n in names
    ]
    share, request = run_script("verify_sd_jwt.mjs", asked)
    assert share["sdjwt"]["payload"]["iss"] == "xab"
    shown = request["sdjwt"]["payload"]
    assert (shown["iss"], shown["kind"]) == ("xaa", "trace.request/1")
    assert shown["message"]["OBJECT"]["items.0.object.make"] == "canary-object-make"
    assert "persons.0" not in shown["message"].get("PERSONAL", {})
    assert "canary-personal-name" not in json.dumps(shown)


async def test_another_key_does_not_fit(run_script: RunScript, tmp_path: Path) -> None:
    files, now = await export(tmp_path)
    asked = {
        "compact": files["01-share-1-trace.request.sd-jwt"].decode(),
        "jwk": json.loads(files["01-share.jwk.json"]),
        "now": now,
    }
    [answer] = run_script("verify_sd_jwt.mjs", [asked])
    assert "refused" in answer
