"""Every page that an officer comes past, in every language: fetched anew and looked at by axe-core, not visited.

A page is fetched by its address as its reader's browser would ask for it in each language, or given as HTML, and put
into a document in which axe-core lies ready: a visit of its own for each would take ten times as long. It is shown
without its scripts, and what then does nothing is a fault too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, BrowserContext, Frame

from tracepost.locale import languages

Text = tuple[str, str, str]
"""What a page is called, the tag of its language, and the page."""

_AT_ONCE: Final = 20
_COLOURED: Final = ("en", "ar")
_BLANK: Final = '<!DOCTYPE html><html lang="en"><title>Blank</title></html>'
_LOOK = """
  const turnedAt = mark => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.data.indexOf(mark);
      if (at < 0) continue;
      const places = [...mark].map((_sign, index) => {
        range.setStart(node, at + index); range.setEnd(node, at + index + 1);
        return range.getBoundingClientRect();
      });
      if (places.some((here, i) => i && here.top === places[i - 1].top && here.left < places[i - 1].left))
        return [node.parentNode.outerHTML];
    }
    return [...document.querySelectorAll("input:not([type=hidden]), textarea")].filter(
      one => one.value.includes(mark) && getComputedStyle(one).direction !== "ltr").map(one => one.outerHTML);
  };
  const sends = one => one.form && one.form.hasAttribute("action");
  const leads = one => {
    const way = one.getAttribute("href") ?? "";
    return way.startsWith("#") ? document.getElementById(way.slice(1)) : /^([/?]|https:)/.test(way);
  };
  const isIdle = one => {
    if (one.matches("a")) return !leads(one);
    if (one.matches("button, [type=submit]")) return one.type !== "submit" || !sends(one);
    return !sends(one) || !one.form.querySelector("button[type=submit], button:not([type])");
  };
  const plain = html => html.replace(/<script[^>]*><\\/script>/g, "").replace(/<\\/?noscript>/g, "");
  const look = async rules => {
    const found = await axe.run(document, {resultTypes: ["violations"], rules});
    const controls = [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea")];
    return {
      lang: document.documentElement.lang, dir: document.documentElement.dir,
      shown: marks.filter(mark => document.body.innerHTML.includes(mark)), turned: marks.flatMap(turnedAt),
      idle: controls.filter(one => one.checkVisibility() && isIdle(one)).map(one => one.outerHTML),
      faults: found.violations.map(one => `${one.id}: ${one.nodes[0].html}`)};
  };
"""
_JUDGE = f"""
async ({{addresses, tags, marks}}) => {{
  {_LOOK}
  const told = [];
  for (const address of addresses) {{
    for (const tag of tags) {{
      const answer = await fetch(address, {{headers: {{"accept-language": tag}}}});
      document.open(); document.write(plain(await answer.text())); document.close();
      const loaded = [...document.querySelectorAll("link[rel=stylesheet]")].map(
        one => one.sheet ? null : new Promise(done => {{ one.onload = done; one.onerror = done; }}));
      await Promise.all(loaded);
      const seen = await look({{}});
      told.push({{address, tag, status: answer.status, came: new URL(answer.url).pathname, ...seen}});
    }}
  }}
  return told;
}}
"""
_READ = f"""
async ({{texts, sheets, coloured, marks}}) => {{
  {_LOOK}
  window.worn ??= {{}};
  for (const [name, text] of Object.entries(sheets)) {{
    window.worn[name] ??= new CSSStyleSheet();
    await window.worn[name].replace(text);
  }}
  const show = text => {{
    const come = new DOMParser().parseFromString(plain(text), "text/html"), root = document.documentElement;
    const dressed = come.querySelector("link[rel=stylesheet]").getAttribute("href");
    document.adoptedStyleSheets = [window.worn[dressed]];
    for (const one of root.getAttributeNames()) root.removeAttribute(one);
    for (const one of come.documentElement.attributes) root.setAttribute(one.name, one.value);
    document.head.replaceChildren(...[...come.head.children].filter(one => !one.matches("link, script, [http-equiv]")));
    document.body.replaceWith(come.body);
  }};
  const told = [];
  for (const [address, tag, text] of texts) {{
    show(text);
    const rules = coloured.includes(tag) ? {{}} : {{"color-contrast": {{enabled: false}}}};
    told.push({{address, tag, status: 200, ...await look(rules)}});
  }}
  return told;
}}
"""


@dataclass
class Walk:
    """The addresses that a window came past, each once, and those that were looked at."""

    seen: dict[str, None] = field(default_factory=dict)
    judged: set[str] = field(default_factory=set)
    shown: set[tuple[str, str]] = field(default_factory=set)
    """Marks that stood on a page, with the language of the page."""

    def follow(self, window: BrowserContext) -> None:
        """Note each page that a window shows from now on."""
        window.on("page", lambda page: page.on("framenavigated", self._note))

    def _note(self, frame: Frame) -> None:
        if frame.parent_frame is None and frame.url.startswith("http"):
            self.seen[urlsplit(frame.url).path] = None

    async def judge(self, window: BrowserContext, marks: Sequence[str] = ()) -> None:
        """Look at what was passed since the last time, in every language, as who is signed in at `window`.

        Args:
            window: whose pages they are; its scripts run.
            marks: what must be shown sign by sign as it was written, wherever it stands.
        """
        fresh = [one for one in self.seen if one not in self.judged]
        self.judged |= set(fresh)
        told = await told_of(window, fresh, marks)
        self.shown |= {(mark, one["tag"]) for one in told for mark in one["shown"]}
        wrong = [line for one in told for line in _wrong(one)]
        assert wrong == [], "\n".join(wrong)


async def told_of(
    window: BrowserContext, addresses: Sequence[str], marks: Sequence[str]
) -> list[dict[str, Any]]:
    """Return what came for each of `addresses` in each language, what axe-core finds wrong with it, and which marks are
    shown in another order of signs than they were written in.
    """
    page = await window.new_page()
    try:
        await page.goto("/sign-in")
        await page.evaluate(AXE_SCRIPT)
        asked = {
            "addresses": list(addresses),
            "tags": [one.bcp47 for one in languages()],
            "marks": list(marks),
        }
        told: list[dict[str, Any]] = await page.evaluate(_JUDGE, asked)
        return told
    finally:
        await page.close()


async def faults_in(
    browser: Browser, texts: Sequence[Text], sheets: Mapping[str, str], marks: Sequence[str]
) -> list[str]:
    """Return what is wrong with pages that a console gave, as a browser shows them without scripts.

    Colours are judged in one language for each stylesheet, which alone gives them.

    Args:
        browser: of which one page shows them, one after the other; it asks for nothing.
        texts: the pages.
        sheets: address of a stylesheet in them → what it says.
        marks: what must be shown sign by sign as it was written, wherever it stands.
    """
    window = await browser.new_context()
    window.set_default_timeout(180_000)
    try:
        await window.route("**/*", lambda route: route.fulfill(content_type="text/html", body=_BLANK))
        page = await window.new_page()
        await page.goto("https://console.invalid/")
        await page.evaluate(AXE_SCRIPT)
        told: list[dict[str, Any]] = []
        for first in range(0, len(texts), _AT_ONCE):
            some = texts[first : first + _AT_ONCE]
            asked = {"texts": list(some), "sheets": dict(sheets), "coloured": _COLOURED, "marks": list(marks)}
            told += await page.evaluate(_READ, asked)
        return [line for one in told for line in _wrong(one)]
    finally:
        await window.close()


def _wrong(one: dict[str, Any]) -> list[str]:
    [spoken] = [language for language in languages() if language.bcp47 == one["tag"]]
    wrong = list(one["faults"])
    if (one["lang"], one["dir"]) != (spoken.bcp47, spoken.direction):
        wrong.append(f"it came in {one['lang']}, {one['dir']}")
    wrong += [f"without scripts it does nothing: {part}" for part in one["idle"]]
    wrong += [f"signs are in another order: {part}" for part in one["turned"]]
    if one["status"] != 200:
        wrong.append(f"status {one['status']}")
    return [f"{one['address']} in {one['tag']}: {fault}" for fault in wrong]
