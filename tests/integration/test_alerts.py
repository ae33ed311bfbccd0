"""Alerts and dashboard: valid, true to the pages that real daemons show, and firing when they should."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from prometheus_client.parser import text_string_to_metric_families

from fakes.console import running_console
from fakes.messages import request
from fakes.ports import find_port
from fakes.promql import Series, fires, names_in, read_series, seconds
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import terms_pb2

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = yaml.safe_load((DEPLOY / "prometheus/tracepost.rules.yaml").read_text("utf-8"))
CASES = yaml.safe_load((DEPLOY / "prometheus/tracepost.test.yaml").read_text("utf-8"))
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana/tracepost.json").read_text("utf-8"))
RUNBOOK = (DEPLOY / "alerts.md").read_text("utf-8")
ALERTS = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"]}
PAGES = [name for name, rule in ALERTS.items() if rule["labels"]["level"] == "page"]
OURS = ("tracepost_",)
SECTION = re.compile(r"^## (\w+)$", re.MULTILINE)


def panels() -> Iterator[dict[str, Any]]:
    for panel in DASHBOARD["panels"]:
        yield from (panel, *panel.get("panels", []))


EXPRESSIONS = [
    *(pytest.param(rule["expr"], id=name) for name, rule in ALERTS.items()),
    *(
        pytest.param(target["expr"].replace("$instance", ".*"), id=f"{panel['title']} {target['refId']}")
        for panel in panels()
        for target in panel.get("targets", [])
    ),
]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all series on the pages of two nodes, a console and a relay after mail went between them."""
    folder = tmp_path_factory.mktemp("alerts") / "town"
    town = found_town(folder, {"xaa": (POC, POLICE), "xab": (POC,)}, "hub", metrics=True)
    with (town.place("xaa") / "node.toml").open("a") as settings:
        settings.write(f'\n[backup]\nfolder = "{folder.parent / "backups"}"\n')
    return asyncio.run(_exchange(town))


async def _exchange(town: Town) -> set[str]:
    cover = Cover(
        to=("xab",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
    )
    pages_of_console = find_port()
    console = running_console(town, "xaa", town.place("xaa") / "console", pages=pages_of_console)
    async with town.running("hub", "xaa", "xab"), console:
        await town.meet("xaa", "xab")
        await town.unlock("xaa")
        async with town.client("xaa") as officer:
            await officer.submit(build_draft(request("XAA-1"), cover))
        await until(lambda: town.ask("xab", "SELECT 1 FROM received_mail"), "the mail")
        ports = [town.residents[member].ports.metrics for member in ("hub", "xaa", "xab")]
        await until(lambda: "tracepost_console_paper" in _read(pages_of_console), "the console's first look")
        pages = [await asyncio.to_thread(_read, port) for port in (*ports, pages_of_console)]
    return {name for page in pages for name in _names(page)}


def _read(port: int) -> str:
    address = f"http://127.0.0.1:{port}/metrics"
    with urllib.request.urlopen(address, timeout=60) as answer:
        return str(answer.read().decode())


def _names(page: str) -> Iterator[str]:
    """Yield series, and of counters that count by label and stand at nothing what they will be called."""
    for family in text_string_to_metric_families(page):
        yield from (sample.name for sample in family.samples)
        if family.type == "counter":
            yield f"{family.name}_total"
        if family.type == "gauge":
            yield family.name


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_series_that_is_asked_for_is_on_a_page(expression: str, shown: set[str]) -> None:
    asked = {name for name in names_in(expression) if name != "up"}  # Prometheus' own
    assert asked <= shown
    assert all(name.startswith(OURS) for name in asked)


def test_what_is_no_promql_and_what_nobody_shows_is_seen(shown: set[str]) -> None:
    with pytest.raises(ValueError, match="invalid promql"):
        names_in("tracepost_node_ready ==")
    assert names_in("rate(tracepost_node_nothing[5m])") - shown == {"tracepost_node_nothing"}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES["tests"]])
def test_an_alert_fires_when_it_should_and_only_then(case: dict[str, Any]) -> None:
    interval = seconds(case["interval"])
    series = [read_series(one["series"], str(one["values"]), interval) for one in case["input_series"]]
    for wanted in case["alert_rule_test"]:
        rule = ALERTS[wanted["alertname"]]
        hold, at = seconds(rule["for"]) if "for" in rule else 0.0, seconds(wanted["eval_time"])
        firing = fires(rule["expr"], hold, series, at, seconds(CASES["evaluation_interval"]))
        assert sorted(sorted({**dict(labels), **rule["labels"]}.items()) for labels in firing) == sorted(
            sorted(one["exp_labels"].items()) for one in wanted["exp_alerts"]
        )


def test_each_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    found = {
        (w["alertname"], bool(w["exp_alerts"])) for case in CASES["tests"] for w in case["alert_rule_test"]
    }
    assert found == {(name, fires_) for name in ALERTS for fires_ in (True, False)}


def test_prometheus_itself_agrees_where_it_is_installed() -> None:
    """The cases are written as promtool reads them. Without it the tests above have run them all the same."""
    promtool = shutil.which("promtool")
    commands = [["check", "rules", "tracepost.rules.yaml"], ["test", "rules", "tracepost.test.yaml"]]
    for command in commands if promtool else ():
        done = subprocess.run(
            [str(promtool), *command], cwd=DEPLOY / "prometheus", capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_gets_somebody_up_is_little_and_each_has_its_paragraph() -> None:
    assert 0 < len(PAGES) <= 10
    assert SECTION.findall(RUNBOOK) == PAGES
    for name in PAGES:
        assert ALERTS[name]["annotations"]["runbook"] == f"deploy/alerts.md#{name.lower()}"
        text = RUNBOOK.partition(f"## {name}\n")[2].partition("\n## ")[0]
        for part in ("**What happened.**", "**What is at risk.**", "**What to do.**"):
            assert text.count(part) == 1, f"{name} lacks {part}"


def test_levels_are_two_and_nothing_of_the_morning_has_a_paragraph() -> None:
    assert {rule["labels"]["level"] for rule in ALERTS.values()} == {"page", "morning"}
    assert all("runbook" not in ALERTS[name]["annotations"] for name in ALERTS if name not in PAGES)


def test_the_example_of_a_configuration_names_the_rules_and_jobs_that_they_ask_for() -> None:
    example = yaml.safe_load((DEPLOY / "prometheus/prometheus.yaml").read_text("utf-8"))
    assert example["rule_files"] == ["tracepost.rules.yaml"]
    assert all(job["job_name"].startswith("tracepost") for job in example["scrape_configs"])


def test_the_dashboard_is_one_in_the_words_of_its_maker() -> None:
    """Read and written again by the maker's own library, nothing of it is lost: no field is misspelled."""
    again = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(DASHBOARD)))
    assert list(_lost(DASHBOARD, again)) == []
    misspelled = {**DASHBOARD, "refesh": "30s"}
    again = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(misspelled)))
    assert list(_lost(misspelled, again)) == ["refesh"]


def _lost(ours: Any, theirs: Any, place: str = "") -> Iterator[str]:
    if isinstance(ours, dict):
        for name, value in ours.items():
            if not isinstance(theirs, dict) or name not in theirs:
                yield f"{place}{name}"
            else:
                yield from _lost(value, theirs[name], f"{place}{name}.")
    elif isinstance(ours, list):
        for number, value in enumerate(ours):
            yield from _lost(value, theirs[number], f"{place}{number}.")
    elif ours != theirs:
        yield place.removesuffix(".")


def test_panels_do_not_lie_on_each_other_and_each_has_a_number_of_its_own() -> None:
    places = [panel["gridPos"] for panel in panels()]
    cells = [
        (x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    numbers = [panel["id"] for panel in panels()]
    assert len(numbers) == len(set(numbers))


def test_a_series_that_stops_is_not_taken_for_one_that_goes_on() -> None:
    """Our reading of PromQL, where it would be easily wrong: after five minutes a series is gone."""
    stopped = [Series("tracepost_node_store_lost", {}, [1.0] * 10, 15)]
    rule = ALERTS["TracepostStoreLost"]["expr"]
    assert fires(rule, 0, stopped, 400, 30)
    assert not fires(rule, 0, stopped, 600, 30)
