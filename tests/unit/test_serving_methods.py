"""Who may call what, and how often."""

from __future__ import annotations

from importlib import resources

import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from fakes.pki import DOMAIN, make_root
from tracepost.protocol.errors import ConfigurationError, IdentityError, PermissionError_, QuotaError
from tracepost.protocol.identity import Identity, Role, verify_identity
from tracepost.protocol.ids import MemberId
from tracepost.serving.limits import CallLimiter, TokenBucket
from tracepost.serving.methods import MethodRule, MethodTable, authorise, rpc_names
from tracepost.wire.v1 import post_pb2, pouch_pb2, witness_pb2

ROW = '["/a.B/C"]\nroles = ["node"]\nmembers = "any"\n'
OWN = MemberId("xaa")


def identity_of(member: str, role: Role) -> Identity:
    root = make_root(member)
    issued = root.issue(role, officer="7" if role is Role.OFFICER else None, desks=("poc",))
    return verify_identity(
        issued.certificate,
        [],
        [root.certificate],
        at=int(issued.certificate.not_valid_before_utc.timestamp()) + 1,
        domain=DOMAIN,
        revoked=None,
    )


class TestTable:
    def test_a_row_has_its_values_and_the_defaults(self) -> None:
        rule = MethodTable.from_toml(ROW + "burst = 5\naudited = false\n").rule("/a.B/C")
        assert rule == MethodRule(frozenset({"node"}), own_member_only=False, burst=5, audited=False)

    def test_a_method_without_a_row_is_denied(self) -> None:
        with pytest.raises(PermissionError_):
            MethodTable.from_toml(ROW).rule("/a.B/D")

    @pytest.mark.parametrize(
        "text",
        [
            "not toml",
            'a = "b"',
            ROW.replace('members = "any"', 'members = "all"'),
            ROW.replace('["node"]\nm', "[]\nm"),
            ROW.replace('roles = ["node"]', 'roles = ["king"]'),
            ROW.replace('roles = ["node"]\n', ""),
            ROW + "burst = 0",
            ROW + "burst = true",
            ROW + 'calls_per_minute = "60"',
            ROW + "call_per_minute = 60",
        ],
    )
    def test_a_malformed_table_is_refused(self, text: str) -> None:
        with pytest.raises(ConfigurationError):
            MethodTable.from_toml(text)

    def test_an_rpc_without_a_row_is_found(self) -> None:
        with pytest.raises(ConfigurationError) as refusal:
            MethodTable.from_toml(ROW).check_covers([post_pb2.DESCRIPTOR.services_by_name["Post"]])
        assert refusal.value.reason == "no-row"

    def test_the_table_of_the_relay_has_just_the_rpcs_it_serves(self) -> None:
        text = resources.files("tracepost.relay").joinpath("methods.toml").read_text("utf-8")
        served = rpc_names(
            [
                post_pb2.DESCRIPTOR.services_by_name["Post"],
                witness_pb2.DESCRIPTOR.services_by_name["Witness"],
                pouch_pb2.DESCRIPTOR.services_by_name["Pouches"],
                health_pb2.DESCRIPTOR.services_by_name["Health"],
                reflection_pb2.DESCRIPTOR.services_by_name["ServerReflection"],
            ]
        )
        assert MethodTable.from_toml(text).names() == served


class TestAuthorise:
    def test_role_and_member_decide(self) -> None:
        officers = MethodRule(frozenset({"officer"}), own_member_only=True)
        authorise(officers, identity_of("xaa", Role.OFFICER), OWN)
        for member, role, reason in (("xaa", Role.NODE, "role"), ("xab", Role.OFFICER, "member")):
            with pytest.raises(PermissionError_) as refusal:
                authorise(officers, identity_of(member, role), OWN)
            assert refusal.value.reason == reason

    def test_without_a_certificate_only_what_is_open_to_anyone(self) -> None:
        authorise(MethodRule(frozenset({"anyone"}), own_member_only=False), None, OWN)
        with pytest.raises(IdentityError):
            authorise(MethodRule(frozenset({"node"}), own_member_only=False), None, OWN)


class TestLimits:
    def test_a_bucket_gives_its_burst_and_then_its_rate(self) -> None:
        now = [0.0]
        limiter = CallLimiter(lambda: now[0])
        for _ in range(3):
            limiter.admit(("xaa", "m"), per_minute=60, burst=3)
        with pytest.raises(QuotaError):
            limiter.admit(("xaa", "m"), per_minute=60, burst=3)
        now[0] += 1.0
        limiter.admit(("xaa", "m"), per_minute=60, burst=3)
        with pytest.raises(QuotaError):
            limiter.admit(("xaa", "m"), per_minute=60, burst=3)

    def test_members_do_not_share_buckets(self) -> None:
        limiter = CallLimiter(lambda: 0.0)
        limiter.admit(("xaa", "m"), per_minute=1, burst=1)
        limiter.admit(("xab", "m"), per_minute=1, burst=1)

    def test_charging_tells_how_long_to_wait_and_the_rate_holds(self) -> None:
        bucket = TokenBucket(per_second=10, burst=1, tokens=1, filled_at=0.0)
        assert bucket.charge(0.0) == 0.0
        assert bucket.charge(0.0) == pytest.approx(0.1)
        assert bucket.charge(0.1) == pytest.approx(0.1)
        assert bucket.charge(10.0) == 0.0
