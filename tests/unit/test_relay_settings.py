"""A relay's folder and settings."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from fakes.members import Network
from fakes.pki import DOMAIN
from tracepost.protocol.errors import ConfigurationError, IdentityError, TrustError
from tracepost.protocol.evidence import LogKey
from tracepost.protocol.identity import Role
from tracepost.protocol.settings import Section
from tracepost.relay.__main__ import main
from tracepost.relay.bootstrap import open_relay
from tracepost.relay.installation import init_relay, install_certificate, install_trust
from tracepost.relay.settings import load_settings, read_settings

GOOD: dict[str, Any] = {"member": "hub", "domain": DOMAIN, "listen": {"post": "127.0.0.1:0"}}


def new_folder(tmp_path: Path) -> Path:
    init_relay(tmp_path, member="hub", domain=DOMAIN, post="127.0.0.1:0")
    return tmp_path


class TestSettings:
    def test_what_is_left_out_has_its_default(self, tmp_path: Path) -> None:
        settings = read_settings(Section(GOOD), tmp_path)
        assert (settings.member, settings.metrics_address, settings.per_sender.envelopes) == (
            "hub",
            "",
            20_000,
        )
        assert str(settings.log_origin) == f"hub.{DOMAIN}/log/1"

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"member": "Hub"}, "member"),
            ({"member": 1}, "member"),
            ({"domain": ""}, "domain"),
            ({"domain": "a b"}, "domain"),
            ({"listen": {}}, "listen.post"),
            ({"listen": "0.0.0.0:1"}, "listen"),
            ({"quota": {"sender_envelopes": 0}}, "quota.sender_envelopes"),
            ({"quota": {"mailbox_envelopes": True}}, "quota.mailbox_envelopes"),
            ({"quota": {"mailboxes": 1}}, "quota.mailboxes"),
            ({"neighbour": {}}, "neighbour"),
            ({"neighbour": [{"id": "Hub", "address": "hub:1"}]}, "neighbour.id"),
            ({"neighbour": [{"id": "hub-two", "address": "hub"}]}, "neighbour.address"),
        ],
    )
    def test_a_wrong_setting_is_named(self, tmp_path: Path, change: dict[str, Any], where: str) -> None:
        with pytest.raises(ConfigurationError) as refusal:
            read_settings(Section({**GOOD, **change}), tmp_path)
        assert refusal.value.where == where

    def test_a_file_that_is_not_there_or_not_toml_is_a_configuration_error(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError):
            load_settings(tmp_path / "relay.toml")
        (tmp_path / "relay.toml").write_text("member = ")
        with pytest.raises(ConfigurationError):
            load_settings(tmp_path / "relay.toml")


class TestInstallation:
    def test_keys_are_for_their_owner_only_and_requests_are_signed_by_them(self, tmp_path: Path) -> None:
        application = init_relay(tmp_path, member="hub", domain=DOMAIN, post="0.0.0.0:7100")
        settings = load_settings(tmp_path / "relay.toml")
        for path in (settings.key_path, settings.log_key_path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert x509.load_der_x509_csr(application.request).is_signature_valid
        assert LogKey.from_skey(settings.log_key_path.read_text().strip()).vkey == application.log_key

    def test_a_folder_that_holds_a_relay_is_left_alone(self, tmp_path: Path) -> None:
        new_folder(tmp_path)
        before = (tmp_path / "keys" / "node.key").read_bytes()
        with pytest.raises(ConfigurationError):
            new_folder(tmp_path)
        assert (tmp_path / "keys" / "node.key").read_bytes() == before

    @pytest.mark.parametrize("domain", ['x"\n[listen]\npost = "evil', "", "a\\b"])
    def test_settings_cannot_be_smuggled_into_the_file(self, tmp_path: Path, domain: str) -> None:
        try:
            init_relay(tmp_path, member="hub", domain=domain, post="127.0.0.1:1")
        except ConfigurationError:
            return
        assert load_settings(tmp_path / "relay.toml").domain == domain
        assert load_settings(tmp_path / "relay.toml").post_address == "127.0.0.1:1"

    def test_a_certificate_of_another_member_or_role_or_key_is_refused(self, tmp_path: Path) -> None:
        folder, network = new_folder(tmp_path), Network("xaa", "hub")
        hub = network["hub"].root
        for chain in (
            network["xaa"].node.chain_pem,
            hub.issue(Role.STATEMENT).chain_pem,
            hub.issue(Role.NODE).chain_pem,
        ):
            with pytest.raises(ConfigurationError):
                install_certificate(folder, chain)
        with pytest.raises(IdentityError):
            install_certificate(folder, b"no certificate")
        assert not (folder / "keys" / "node.pem").exists()

    def test_a_trust_list_needs_its_fingerprint_its_network_and_the_relay_in_it(self, tmp_path: Path) -> None:
        folder, network = new_folder(tmp_path), Network("xaa", "hub")
        data, fingerprint = network.trust_list()
        with pytest.raises(TrustError):
            install_trust(folder, data, fingerprint="00" * 32)
        without, other = network.trust_list("hub")
        with pytest.raises(TrustError):
            install_trust(folder, without, fingerprint=other)
        install_trust(folder, data, fingerprint=fingerprint.upper())
        assert load_settings(folder / "relay.toml").trust_fingerprint == fingerprint
        install_trust(folder, data, fingerprint=fingerprint)

    def test_the_command_line_makes_a_folder_and_says_what_others_need(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ["init", "--folder", str(tmp_path), "--member", "hub", "--domain", DOMAIN]
        assert main([*arguments, "--post", "127.0.0.1:1"]) == 0
        assert '"log_key"' in capsys.readouterr().out
        assert main([*arguments, "--post", "127.0.0.1:1"]) == ConfigurationError.exit_code
        assert "holds a relay already" in capsys.readouterr().err


class TestStart:
    """What is missing or does not fit is said, and nothing is served."""

    async def refusal(self, folder: Path) -> ConfigurationError:
        with pytest.raises(ConfigurationError) as caught:
            await open_relay(load_settings(folder / "relay.toml"))
        return caught.value

    async def test_without_a_trust_list_that_is_believed(self, tmp_path: Path) -> None:
        assert (await self.refusal(new_folder(tmp_path))).where == "trust.fingerprint"

    async def test_without_a_certificate(self, tmp_path: Path) -> None:
        folder, network = new_folder(tmp_path), Network("xaa", "hub")
        data, fingerprint = network.trust_list()
        install_trust(folder, data, fingerprint=fingerprint)
        assert (await self.refusal(folder)).where.endswith("node.pem")

    async def test_with_the_log_key_of_another(self, tmp_path: Path) -> None:
        folder, network = new_folder(tmp_path), Network("xaa", "hub")
        (folder / "keys" / "log.key").write_text(network["xaa"].log.key.to_skey())
        assert (await self.refusal(folder)).where == "keys/log.key"
        (folder / "keys" / "log.key").unlink()
        assert (await self.refusal(folder)).where == "keys/log"
