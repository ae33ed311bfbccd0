"""What a console may call for an officer is what its pages call, and nothing else.

Both are read in the code: which functions of the SDK the console names, and which RPCs these come to, by way of each
other. Functions are known by their names: two of one name count as one.
"""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from tracepost.console.settings import SessionRules


def modules_of(folder: Traversable) -> Iterator[ast.Module]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from modules_of(one)
        elif one.name.endswith(".py"):
            yield ast.parse(one.read_text("utf-8"))


def names_in(tree: ast.AST) -> set[str]:
    return {
        one.attr if isinstance(one, ast.Attribute) else one.id
        for one in ast.walk(tree)
        if isinstance(one, ast.Attribute | ast.Name)
    }


def functions_of_sdk() -> dict[str, set[str]]:
    """Return the names that stand in each function of the SDK, by its name."""
    named = defaultdict[str, set[str]](set)
    for module in modules_of(resources.files("tracepost.sdk")):
        for one in ast.walk(module):
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                named[one.name] |= names_in(one)
    return named


def reached(names: set[str], functions: dict[str, set[str]]) -> set[str]:
    """Return these names and all that stand in functions of these names, and so on."""
    known, fresh = set[str](), names
    while fresh:
        known |= fresh
        fresh = {one for name in fresh for one in functions.get(name, ())} - known
    return known


def test_a_console_may_call_for_an_officer_just_what_its_pages_call() -> None:
    rows = tomllib.loads(resources.files("tracepost.node").joinpath("methods.toml").read_text("utf-8"))
    methods = {path.rpartition("/")[2]: row for path, row in rows.items()}
    assert len(methods) == len(rows), "two services have a method of one name: tell them apart here"
    pages = {name for one in modules_of(resources.files("tracepost.console")) for name in names_in(one)}
    called = reached(pages, functions_of_sdk()) & methods.keys()
    assert called == {name for name, row in methods.items() if row.get("carried")}


def test_a_console_may_ask_after_an_officer_as_often_as_he_is_shown_pages_and_not_much_more() -> None:
    rows = tomllib.loads(resources.files("tracepost.node").joinpath("methods.toml").read_text("utf-8"))
    pages = SessionRules().pages_per_minute
    status = rows["/tracepost.wire.v1.Desk/GetStatus"]
    assert 2 * pages <= status["calls_per_minute"] <= 4 * pages
    assert status["burst"] <= pages
    assert rows["/tracepost.wire.v1.OwnOffice/ListPasskeys"]["calls_per_minute"] <= 2 * pages
