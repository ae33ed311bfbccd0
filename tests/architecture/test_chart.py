"""The chart: Helm's own engine renders it, and what comes out is judged by the schemas of Kubernetes.

The engine is Helm's Go library (package `helm-python-sdk`), the schemas are those of the API server (package
`kubernetes-validate`), in their strict form: a field that does not exist is refused. No cluster is asked.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest
import yaml

from tracepost.cli.app import build
from tracepost.console.settings import read_settings as read_console
from tracepost.node.adapters.machine import CREDENTIAL
from tracepost.node.config import read_config
from tracepost.protocol.settings import Section

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
CHART = DEPLOY / "helm" / "tracepost"
KUBERNETES = ("1.30.0", "1.34.0", "1.37.0")
SETTINGS = """member = "xaa"
domain = "tracepost.example"
[listen]
post = "0.0.0.0:7100"
desk = "0.0.0.0:7101"
metrics = "0.0.0.0:7102"
[office]
name = "Firearms Tracing Office"
languages = ["en"]
[[desk]]
id = "poc"
point_of_contact = true
"""
CONSOLE_SETTINGS = """member = "xaa"
domain = "tracepost.example"
node = "post-node-desk:7101"
origin = "https://console.xaa.example:8443"
listen = "0.0.0.0:8443"
metrics = "0.0.0.0:7102"
"""
FEWEST: dict[str, Any] = {
    "image": {"repository": "registry.example/tracepost", "digest": f"sha256:{'0' * 64}"},
    "node": {"claim": "node-folder", "settings": SETTINGS, "machineSecret": "node-machine"},
}
MOST: dict[str, Any] = {
    "image": {**FEWEST["image"], "pullSecrets": ["registry"]},
    "node": {
        **FEWEST["node"],
        "replicas": 3,
        "databaseSecret": "tracepost-db-app",
        "databaseLabels": {"cnpg.io/cluster": "tracepost-db"},
        "officersFrom": ["10.1.0.0/16"],
        "postService": {"annotations": {"example.org/pass-through": "true"}},
    },
    "console": {
        "enabled": True,
        "claim": "console-folder",
        "settings": CONSOLE_SETTINGS,
        "officersFrom": ["10.1.0.0/16"],
        "providerNetworks": ["198.51.100.7/32"],
    },
    "relay": {
        "enabled": True,
        "claim": "relay-folder",
        "settings": 'member = "hub"\n',
        "databaseSecret": "relay-db-app",
        "databaseLabels": {"cnpg.io/cluster": "relay-db"},
    },
    "dialledNetworks": ["192.0.2.0/24", "2001:db8::/32"],
    "dialledPorts": [443, 7100, 7200, 587],
}


def render(values: dict[str, Any]) -> list[dict[str, Any]]:
    with helm_python.Chart.load(CHART) as chart:
        chart.validate_schema(chart.merge_values(values))
        rendered = chart.render(values, name="post", namespace="tracing")
    texts = [text for name, text in rendered.items() if name.endswith(".yaml")]
    return [one for text in texts for one in yaml.safe_load_all(text) if one]


def of_kind(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in objects if one["kind"] == kind]


def settings_of(objects: list[dict[str, Any]], name: str) -> str:
    found: list[str] = [one["data"][name] for one in of_kind(objects, "ConfigMap") if name in one["data"]]
    return found[0]


def pods(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        one["spec"]["template"]["spec"] for one in objects if one["kind"] in {"StatefulSet", "Deployment"}
    ]


def containers(objects: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for pod in pods(objects):
        yield from (*pod.get("initContainers", ()), *pod["containers"])


@pytest.fixture(scope="module", params=[FEWEST, MOST], ids=["fewest", "most"])
def objects(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return render(request.param)


@pytest.mark.parametrize("values", [FEWEST, MOST], ids=["fewest", "most"])
def test_helm_finds_nothing_to_object_to(values: dict[str, Any]) -> None:
    report = helm_python.lint(CHART, values, strict=True, kube_version="v1.34.0")
    assert report["errors"] == []
    assert [one["error"] for one in report["messages"] if one["severity"] > 1] == []


@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_takes_every_object(objects: list[dict[str, Any]], version: str) -> None:
    assert len(objects) >= 6
    for one in objects:
        kubernetes_validate.validate(one, version, strict=True)


def test_kubernetes_refuses_a_planted_fault(objects: list[dict[str, Any]]) -> None:
    planted = copy.deepcopy(of_kind(objects, "StatefulSet")[0])
    planted["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(planted, KUBERNETES[-1], strict=True)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("node.claim", "", "node.claim must be given"),
        ("node.settings", "", "node.settings must be given"),
        ("node.machineSecret", "", "node.machineSecret must be given"),
        ("node.replicas", 2, "needs a database"),
        ("image.digest", "latest", "digest"),
        ("image.repository", "", "repository"),
        ("console.enabled", True, "console.claim must be given"),
        ("node.password", "secret", "password"),
        ("dialledNetworks", ["anywhere"], "dialledNetworks"),
    ],
)
def test_values_that_do_not_do_are_refused_by_name(path: str, value: object, words: str) -> None:
    values = copy.deepcopy(FEWEST)
    *folders, name = path.split(".")
    place = values
    for folder in folders:
        place = place.setdefault(folder, {})
    place[name] = value
    with pytest.raises(helm_python.HelmError, match=re.escape(words)):
        render(values)


def test_no_secret_is_in_values_or_made_by_the_chart(objects: list[dict[str, Any]]) -> None:
    assert of_kind(objects, "Secret") == []
    given = [variable for one in containers(objects) for variable in one.get("env", ())]
    assert [one["name"] for one in given if "value" in one] == ["CREDENTIALS_DIRECTORY"]
    assert {one["name"] for one in given if "valueFrom" in one} <= {"PGPASSWORD"}
    assert all("secretKeyRef" in one["valueFrom"] for one in given if "valueFrom" in one)


def test_every_container_is_closed_and_named_by_digest(objects: list[dict[str, Any]]) -> None:
    for pod in pods(objects):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 10001
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert "fsGroup" not in pod["securityContext"]  # it would open the files of keys to the group
        assert pod["automountServiceAccountToken"] is False
    for one in containers(objects):
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert re.fullmatch(r"registry\.example/tracepost@sha256:0{64}", one["image"])
        assert one["resources"]["limits"]["memory"]


def test_every_command_is_one_of_the_program(objects: list[dict[str, Any]]) -> None:
    groups = {group.name: group.typer_instance for group in build().registered_groups}
    for one in containers(objects):
        group, verb, folder = one["args"][:3]
        known = groups[group]
        assert known is not None
        assert verb in {command.name for command in known.registered_commands}
        assert folder == "/var/lib/tracepost"
        assert any(mount["mountPath"] == folder for mount in one["volumeMounts"])


def test_probes_ask_the_pages_and_ports_are_those_of_the_settings(
    objects: list[dict[str, Any]], tmp_path: Path
) -> None:
    node = pods(of_kind(objects, "StatefulSet"))[0]["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in node["ports"]}
    text = settings_of(objects, "node.toml")
    assert text.rstrip() == SETTINGS.rstrip()
    config = read_config(Section(tomllib.loads(text)), tmp_path)
    listening = (config.post_address, config.desk_address, config.metrics_address)
    assert listening == tuple(f"0.0.0.0:{ports[name]}" for name in ("post", "desk", "pages"))
    asked = {name: node[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked == {
        "startupProbe": {"path": "/healthz", "port": "pages"},
        "livenessProbe": {"path": "/healthz", "port": "pages"},
        "readinessProbe": {"path": "/readyz", "port": "pages"},
    }


def test_a_console_listens_where_its_settings_say_and_reaches_its_node_and_the_provider_alone(
    tmp_path: Path,
) -> None:
    objects = render(MOST)
    settings = read_console(Section(tomllib.loads(settings_of(objects, "console.toml"))), tmp_path)
    console = next(pod for pod in pods(objects) if pod["containers"][0]["name"] == "console")["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in console["ports"]}
    assert settings.listen == ("0.0.0.0", ports["web"])
    assert settings.metrics == f"0.0.0.0:{ports['pages']}"
    desk = next(one for one in of_kind(objects, "Service") if one["metadata"]["name"] == "post-node-desk")
    assert settings.node == f"{desk['metadata']['name']}:{desk['spec']['ports'][0]['port']}"
    node, provider = policy_of(objects, "console")["egress"][1:]
    assert node["ports"] == [{"port": "desk", "protocol": "TCP"}]
    assert desk["spec"]["selector"] == node["to"][0]["podSelector"]["matchLabels"]
    assert (provider["ports"][0]["port"], provider["to"]) == (443, [{"ipBlock": {"cidr": "198.51.100.7/32"}}])


@pytest.mark.parametrize("part", ["node", "relay"])
def test_what_the_settings_name_is_dialled_at_the_ports_of_the_values(part: str) -> None:
    out = policy_of(render(MOST), part)["egress"][-1]
    assert [port["port"] for port in out["ports"]] == MOST["dialledPorts"]
    assert [way["ipBlock"]["cidr"] for way in out["to"]] == MOST["dialledNetworks"]


def policy_of(objects: list[dict[str, Any]], part: str) -> dict[str, Any]:
    """Return what the network policy of a daemon says."""
    found = (one for one in of_kind(objects, "NetworkPolicy") if one["metadata"]["name"] == f"post-{part}")
    spec: dict[str, Any] = next(found)["spec"]
    return spec


def test_the_secret_of_the_machine_comes_as_the_node_reads_it(objects: list[dict[str, Any]]) -> None:
    pod = pods(of_kind(objects, "StatefulSet"))[0]
    volume = next(one for one in pod["volumes"] if one["name"] == "machine-secret")
    assert volume["secret"]["items"] == [{"key": CREDENTIAL, "path": CREDENTIAL}]
    node = pod["containers"][0]
    mount = next(one for one in node["volumeMounts"] if one["name"] == "machine-secret")
    assert {"name": "CREDENTIALS_DIRECTORY", "value": mount["mountPath"]} in node["env"]


def test_selectors_find_their_pods_and_nobody_elses() -> None:
    objects = render(MOST)
    labels = [
        one["spec"]["template"]["metadata"]["labels"]
        for one in objects
        if one["kind"] in {"StatefulSet", "Deployment"}
    ]
    for one in objects:
        found = one.get("spec", {})
        wanted = found.get("podSelector", found.get("selector", {}))
        wanted = wanted.get("matchLabels", wanted)
        if one["kind"] in {"Service", "PodDisruptionBudget", "NetworkPolicy", "StatefulSet", "Deployment"}:
            assert sum(wanted.items() <= has.items() for has in labels) == 1, one["metadata"]["name"]


def test_each_daemon_has_a_budget_and_a_policy_that_says_both_ways(objects: list[dict[str, Any]]) -> None:
    daemons = len(pods(objects))
    assert len(of_kind(objects, "PodDisruptionBudget")) == len(of_kind(objects, "NetworkPolicy")) == daemons
    for policy in of_kind(objects, "NetworkPolicy"):
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
        for way in policy["spec"]["ingress"]:
            named = [port["port"] for port in way["ports"]]
            assert ("from" in way) == (named != ["post"])  # all the world may bring mail, and do nothing else
        for way in policy["spec"]["egress"]:
            assert way["to"]
            assert way["ports"]


def test_on_a_database_the_steps_come_first_and_those_that_take_away_not_at_all() -> None:
    pod = pods(of_kind(render(MOST), "StatefulSet"))[0]
    assert [one["args"] for one in pod["initContainers"]] == [
        ["node", "migrate", "/var/lib/tracepost", "--pre"]
    ]
    assert "initContainers" not in pods(of_kind(render(FEWEST), "StatefulSet"))[0]


def test_the_database_is_the_one_of_the_page(objects: list[dict[str, Any]]) -> None:
    cluster = yaml.safe_load((DEPLOY / "postgresql" / "cloudnativepg.yaml").read_text("utf-8"))["metadata"][
        "name"
    ]
    assert MOST["node"]["databaseSecret"] == f"{cluster}-app"
    assert MOST["node"]["databaseLabels"] == {"cnpg.io/cluster": cluster}
    page = (DEPLOY / "kubernetes.md").read_text("utf-8")
    assert f"{cluster}-app" in page
    assert f"cnpg.io/cluster: {cluster}" in page
