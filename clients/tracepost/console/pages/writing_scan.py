"""The scan of a paper that is keyed in: it is digested here and kept nowhere; page of a draft."""

from __future__ import annotations

import hashlib

from starlette.responses import Response

from tracepost.console.drafting import Place, after, aside, keep_answers, place_of, show_page
from tracepost.console.forms.steps import Way
from tracepost.console.pages.uploads import NO_FILE, chosen_file, forget_chosen
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError, NotFoundError


def show_scan(visit: Visit, place: Place, error: str = "") -> Response:
    """Show which scan was chosen, by its digest, and what was wrong with the last one."""
    digest = place.draft.answers.first(place.step.path)
    return show_page(
        visit,
        place,
        "pages/writing_scan.html",
        status=422 if error else 200,
        digest=digest,
        next=after(place),
        error=error,
    )


async def take_scan(visit: Visit) -> Response:
    """Keep the digest of the file that was chosen."""
    place = await place_of(visit, step="scan")
    if place.step.way is not Way.SCAN:
        raise NotFoundError(_("There is no such page."), where="step")
    try:
        content = await chosen_file(visit)
    except InvalidInputError as error:
        return show_scan(visit, place, visit.text(NO_FILE[error.reason]))
    digest = await aside(_digest_of, content)
    await keep_answers(visit, place, place.draft.answers.having({place.step.path: [digest]}))
    await forget_chosen(visit)
    return visit.go(after(place))


def _digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
