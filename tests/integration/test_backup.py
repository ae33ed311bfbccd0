"""A backup of a serving node, put back: whole or not there, opened by the shares, over nothing that is there."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.faults import FaultAt, FaultError, fail
from fakes.house import draft
from fakes.postgres import Databases
from fakes.power_cuts import cut_off
from fakes.town import POC, POLICE, Town, found_town
from tracepost import ca
from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.adapters.machine import read_machine_secret
from tracepost.node.backup.backup_key import make_backup_key, open_backup_key
from tracepost.node.backup.container import (
    MANIFEST,
    NOTE,
    FileEntry,
    Manifest,
    read_manifest,
    write_header,
)
from tracepost.node.backup.making import MadeBackup, make_backup
from tracepost.node.backup.reading import read_backup, show_header
from tracepost.node.backup.restoring import Anchor, restore_backup
from tracepost.node.backup.sealed_stream import SealedWriter, stream_key
from tracepost.node.backup.shelf import Keep, Shelf, newest_backup
from tracepost.node.backup.snapshot import copy_store, read_log
from tracepost.node.bootstrap.node import open_node
from tracepost.node.config import NodeConfig, load_config
from tracepost.node.escrow import restore_key
from tracepost.node.recovery import MachineLogKeys
from tracepost.protocol.errors import (
    BusyError,
    ConfigurationError,
    EvidenceError,
    InvalidInputError,
    LogBehindError,
    NoAnchorError,
    StoreError,
    TracepostError,
    TrustError,
    WrongPassphraseError,
)
from tracepost.protocol.evidence import Origin, generate_log_key
from tracepost.protocol.sealing import DeskPrivateKey, generate_desk_key
from tracepost.serving.log_keys import make_next_key, read_log_keys, take_over

NOW = 1_800_000_000
PASSPHRASE = b"a long passphrase of the backup key"
AUTHORITY_PASSPHRASE = ca.Passphrase(b"a long passphrase of the authority")
FIRST = "THE-FIRST-FILE-OF-ALL"
PHOTOGRAPH = os.urandom(70_000)
TRACEPOST = Path(sys.executable).with_name("tracepost")

MAKING = (
    "backup-staged",
    "backup-file-copied",
    "backup-begun",
    "backup-checked",
    "backup-written",
    "backup-named",
    "backup-pruned",
)
RESTORING = ("restore-read", "restore-filled", "restore-authority-named", "restore-named")


@dataclass(frozen=True)
class Office:
    """A member with mail, an attachment and an authority on its disk, and a backup that was made while it served."""

    town: Town
    shelf: Path
    made: MadeBackup

    @property
    def folder(self) -> Path:
        return self.town.place("xaa")

    @property
    def config(self) -> NodeConfig:
        return load_config(self.folder / "node.toml")

    @property
    def key(self) -> DeskPrivateKey:
        return restore_key(self.town.residents["xaa"].shares[1:])

    @property
    def anchor(self) -> Anchor:
        return Anchor((self.folder / "trust.json").read_bytes())


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("backup")
    town = found_town(folder / "town", {"xaa": [POC, POLICE], "xab": [POC]}, "hub", reachable=["xaa", "xab"])
    place = town.place("xaa")
    ca.init_authority(place / "ca", AUTHORITY_PASSPHRASE, member="xaa", domain="tracepost.example").close()
    private, public = make_backup_key(PASSPHRASE, os.urandom)
    (folder / "backup.key").write_bytes(private)
    (place / "backup.pub").write_bytes(public)
    settings = place / "node.toml"
    settings.write_text(
        settings.read_text() + '\n[backup]\nhourly = 2\ndaily = 1\nkeys = ["backup.pub"]\nauthority = "ca"\n'
    )
    blob = place / "attachments" / "xab" / hashlib.sha256(PHOTOGRAPH).hexdigest()
    blob.parent.mkdir(parents=True)
    blob.write_bytes(PHOTOGRAPH)

    async def live() -> MadeBackup:
        async with town.running("hub", "xaa", "xab"):
            await town.meet("xaa", "xab")
            await town.unlock("xaa")
            async with town.client("xaa") as officer:
                await officer.submit(draft(m.request(FIRST), to=["xab"]))
                made = await asyncio.to_thread(
                    make_backup, load_config(settings), folder / "shelf", now=NOW, environ={}
                )
                await officer.submit(draft(m.request("T-2"), to=["xab"]))
        return made

    return Office(town, folder / "shelf", asyncio.run(live()))


@pytest.fixture
def shelf(office: Office, tmp_path: Path) -> Path:
    """A folder of backups of its own."""
    shutil.copytree(office.shelf, tmp_path / "shelf")
    return tmp_path / "shelf"


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def restored(office: Office, path: Path, folder: Path, **others: object) -> None:
    arguments = {"anchor": office.anchor, "now": NOW + 7200} | others
    restore_backup(path, folder, office.key, **arguments)  # type: ignore[arg-type]


def reason_of(call: Callable[[], object], kind: type[TracepostError]) -> str:
    with pytest.raises(kind) as refused:
        call()
    return refused.value.reason


# ── what it holds ───────────────────────────────────────────────────────────────────


def test_a_backup_says_whose_it_is_and_nothing_in_it_can_be_read(office: Office) -> None:
    header = show_header(office.made.path)
    assert (header.about.member, header.about.made) == ("xaa", NOW)
    assert len(header.sealed) == 2
    data = office.made.path.read_bytes()
    for path in (office.folder / "keys").iterdir():
        assert path.read_bytes() not in data
    assert b"SQLite" not in data
    assert FIRST.encode() not in data


def test_the_node_itself_cannot_open_what_it_made(office: Office) -> None:
    header = show_header(office.made.path)
    assert reason_of(lambda: header.open(generate_desk_key()), StoreError) == "another-backup-key"


def test_what_comes_back_is_what_there_was_and_does_not_serve_before_it_was_caught_up(
    office: Office, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "node"
    restored(office, office.made.path, folder)
    there, back = files_of(office.folder), files_of(folder)
    for name, data in back.items():
        if name not in {"store.sqlite", "restored.json"} and not name.startswith("ca/"):
            assert there[name] == data, name
    assert {name for name in there if name.startswith("keys/")} <= back.keys()
    assert {path.stat().st_mode & 0o077 for path in folder.rglob("*") if path.is_file()} == {0}
    assert PHOTOGRAPH in back.values()
    assert json.loads(back["restored.json"])["made"] == NOW
    with pytest.raises(LogBehindError) as refused:
        asyncio.run(open_node(load_config(folder / "node.toml")))
    assert refused.value.reason == "restored"


def test_it_goes_into_an_empty_database_in_place_of_a_file_and_into_no_other(
    office: Office, tmp_path: Path, databases: Databases
) -> None:
    url = databases.create()
    restored(office, office.made.path, tmp_path / "node", database=url)
    assert not (tmp_path / "node" / "store.sqlite").exists()
    copy_store(url, tmp_path / "again.sqlite")
    config = load_config(tmp_path / "node" / "node.toml")
    keys = FileKeyStore(config.keys, read_machine_secret(config.keys, {}))
    log_key, ended = read_log_keys(MachineLogKeys(keys))
    assert read_log(tmp_path / "again.sqlite", log_key, ended).size == office.made.about.log_size
    attempt = lambda: restored(office, office.made.path, tmp_path / "other", database=url)  # noqa: E731
    assert reason_of(attempt, ConfigurationError) == "not-empty"
    assert not (tmp_path / "other").exists()
    databases.drop(url)


@pytest.mark.parametrize("address", ["tracepost", "sqlite:///there", "postgresql://"])
def test_half_an_address_is_not_taken_for_the_server_of_this_machine(
    office: Office, tmp_path: Path, address: str
) -> None:
    attempt = lambda: restored(office, office.made.path, tmp_path / "node", database=address)  # noqa: E731
    assert reason_of(attempt, InvalidInputError) == "database-address"
    assert not (tmp_path / "node").exists()


def test_a_restored_authority_publishes_nothing_before_it_was_taught(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "node"
    restored(office, office.made.path, folder)
    directory = folder / "ca"
    with pytest.raises(StoreError) as refused:
        ca.open_authority(directory, AUTHORITY_PASSPHRASE)
    assert refused.value.reason == "rolled-back"
    authority = ca.open_authority(office.folder / "ca", AUTHORITY_PASSPHRASE)
    newest = authority.publish_crl()
    authority.close()
    taught = ca.restore_authority(directory, AUTHORITY_PASSPHRASE, crl=newest)
    again = taught.publish_crl()
    taught.close()
    assert again != newest
    ca.open_authority(directory, AUTHORITY_PASSPHRASE).close()


def test_a_key_that_is_kept_elsewhere_opens_it_too(office: Office, tmp_path: Path) -> None:
    data = (office.shelf.parent / "backup.key").read_bytes()
    with pytest.raises(WrongPassphraseError):
        open_backup_key(data, b"another long passphrase")
    key = open_backup_key(data, PASSPHRASE)
    restore_backup(office.made.path, tmp_path / "node", key, anchor=office.anchor, now=NOW)
    assert (tmp_path / "node" / "node.toml").exists()


# ── what is refused ─────────────────────────────────────────────────────────────────


def test_nothing_is_restored_over_what_is_there(office: Office, tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "something").write_text("mine")
    attempt = lambda: restored(office, office.made.path, tmp_path / "node")  # noqa: E731
    assert reason_of(attempt, ConfigurationError) == "not-empty"
    assert files_of(tmp_path) == {"node/something": b"mine"}


def test_a_folder_that_cannot_give_its_name_away_is_refused_before_anything_is_read(
    office: Office, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "node").symlink_to(tmp_path / "there")
    attempt = lambda: restored(office, tmp_path / "no.backup", tmp_path / "node")  # noqa: E731
    assert reason_of(attempt, ConfigurationError) == "mounted"


def test_a_backup_that_nobody_vouches_for_is_not_put_back(office: Office, tmp_path: Path) -> None:
    with pytest.raises(NoAnchorError):
        restored(office, office.made.path, tmp_path / "node", anchor=Anchor())
    with pytest.raises(TrustError):
        restored(office, office.made.path, tmp_path / "node", anchor=Anchor(fingerprint="00" * 32))
    assert not files_of(tmp_path)
    restored(
        office,
        office.made.path,
        tmp_path / "node",
        anchor=Anchor(fingerprint=office.config.trust_fingerprint),
    )


def test_a_backup_that_somebody_else_sealed_is_not_put_back(office: Office, tmp_path: Path) -> None:
    """The escrow's public key is no secret: another node makes a backup in our name, under its own log key."""
    other = shutil.copytree(office.folder, tmp_path / "other")
    config = load_config(other / "node.toml")
    keys = FileKeyStore(config.keys, read_machine_secret(config.keys, {}))
    stranger = generate_log_key(Origin(config.member, config.domain, 1))
    keys.save_machine_keys("log", stranger.to_skey().encode("ascii"))
    made = make_backup(config, tmp_path / "shelf", now=NOW, environ={})
    with pytest.raises(EvidenceError) as refused:
        restored(office, made.path, tmp_path / "node")
    assert refused.value.reason == "unknown-key"
    assert not (tmp_path / "node").exists()


@pytest.mark.parametrize("place", [0.0, 0.02, 0.5, 0.999])
def test_a_backup_with_a_flipped_bit_is_not_put_back(
    office: Office, shelf: Path, tmp_path: Path, place: float
) -> None:
    path = shelf / office.made.path.name
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 4
    path.write_bytes(data)
    with pytest.raises(TracepostError):
        restored(office, path, tmp_path / "node")
    assert not (tmp_path / "node").exists()
    assert not (tmp_path / ".node.restoring").exists()


@pytest.mark.parametrize("left", [1, 70_000, -1, -65_552])
def test_a_backup_that_was_cut_short_is_not_put_back(
    office: Office, shelf: Path, tmp_path: Path, left: int
) -> None:
    path = shelf / office.made.path.name
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(StoreError):
        restored(office, path, tmp_path / "node")
    assert not (tmp_path / "node").exists()


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"other bytes")])
def test_a_file_beside_it_that_is_missing_or_changed_is_named(
    office: Office, shelf: Path, tmp_path: Path, harm: Callable[[Path], object]
) -> None:
    harm(shelf / "files" / hashlib.sha256(PHOTOGRAPH).hexdigest())
    attempt = lambda: restored(office, shelf / office.made.path.name, tmp_path / "node")  # noqa: E731
    assert reason_of(attempt, StoreError) == "backup-incomplete"
    assert not (tmp_path / "node").exists()


# ── power cuts ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("point", MAKING)
def test_a_backup_that_was_cut_off_is_none_and_the_next_one_is_whole(
    office: Office, shelf: Path, tmp_path: Path, point: str
) -> None:
    shutil.rmtree(shelf / "files")
    before = {one.path for one in Shelf(shelf).all()}
    cut_off("backup", point, office.folder / "node.toml", shelf, NOW + 60)
    for one in Shelf(shelf).all():
        if one.path not in before:
            restored(office, one.path, tmp_path / "node")
    made = make_backup(office.config, shelf, now=NOW + 120, environ={})
    restored(office, made.path, tmp_path / "again")
    assert not [path for path in shelf.rglob(".*") if path.name != ".lock"]
    assert not (office.folder / ".backup-staging").exists()


@pytest.mark.parametrize("point", RESTORING)
def test_a_restore_that_was_cut_off_left_nothing_that_starts_and_is_done_again(
    office: Office, tmp_path: Path, point: str
) -> None:
    folder, shares = tmp_path / "node", office.town.residents["xaa"].shares[1:]
    cut_off("restore", point, office.made.path, folder, office.folder / "trust.json", NOW + 7200, *shares)
    if point == "restore-named":
        assert (folder / "restored.json").exists()
        return
    assert not (folder / "node.toml").exists()
    shutil.rmtree(folder, ignore_errors=True)
    restored(office, office.made.path, folder)
    assert (folder / "node.toml").exists()


@pytest.mark.parametrize("point", MAKING[:5])
def test_a_backup_that_fails_leaves_the_older_ones(office: Office, shelf: Path, point: str) -> None:
    shutil.rmtree(shelf / "files")
    before = files_of(shelf)
    with pytest.raises(FaultError):
        make_backup(office.config, shelf, now=NOW + 9, environ={}, faults=FaultAt(point, 1, fail))
    there = files_of(shelf)
    assert {name: there[name] for name in before if name != ".lock"} == {
        name: data for name, data in before.items() if name != ".lock"
    }
    assert [one.path.name for one in Shelf(shelf).all()] == [office.made.path.name]


# ── how many ────────────────────────────────────────────────────────────────────────


def test_what_is_encrypted_already_is_copied_once_and_goes_with_the_last_that_needs_it(
    office: Office, shelf: Path, tmp_path: Path
) -> None:
    place = shutil.copytree(office.folder, tmp_path / "node")
    config = load_config(place / "node.toml")
    assert office.made.copied == 1
    assert make_backup(config, shelf, now=NOW + 1, environ={}).copied == 0
    shutil.rmtree(place / "attachments")
    for hours in (1, 2, 3):
        last = make_backup(config, shelf, now=NOW + 3600 * hours, environ={})
    assert [one.made for one in Shelf(shelf).all()] == [NOW + 7200, NOW + 10_800]
    assert last.removed == (shelf / Shelf(shelf).path_of("xaa", NOW + 3600).name,)
    assert not list((shelf / "files").iterdir())


def test_two_backups_of_one_second_have_two_names(office: Office, shelf: Path) -> None:
    made = make_backup(office.config, shelf, now=NOW, environ={})
    assert (show_header(made.path).about.made, made.path.name) == (NOW + 1, "xaa-20270115T080001Z.backup")
    assert [one.made for one in Shelf(shelf).all()] == [NOW + 1]  # the newest of each hour is kept
    assert made.removed == (shelf / office.made.path.name,)


def test_if_it_is_not_known_what_a_backup_needs_nothing_of_it_goes(
    office: Office, shelf: Path, tmp_path: Path
) -> None:
    place = shutil.copytree(office.folder, tmp_path / "node")
    shutil.rmtree(place / "attachments")
    (shelf / office.made.path.name).with_suffix(".files").unlink()
    make_backup(load_config(place / "node.toml"), shelf, now=NOW + 3600, environ={})
    assert len(list((shelf / "files").iterdir())) == 1


def test_the_newest_of_each_hour_and_day_is_kept() -> None:
    times = [day * 86_400 + hour * 3600 + minute for day in range(4) for hour in (1, 5) for minute in (0, 60)]
    kept = sorted(Keep(hourly=3, daily=3).choose(times))
    assert kept == [
        86_400 + 5 * 3600 + 60,
        2 * 86_400 + 5 * 3600 + 60,
        3 * 86_400 + 3660,
        3 * 86_400 + 5 * 3600 + 60,
    ]
    assert Keep(hourly=0, daily=0).choose(times) == {max(times)}


def test_two_backups_at_once_are_not_made(office: Office, shelf: Path, tmp_path: Path) -> None:
    with Shelf(shelf).held(), pytest.raises(BusyError):
        make_backup(office.config, shelf, now=NOW + 5, environ={})

    def meanwhile(point: str) -> None:
        if point == "backup-staged":  # to another folder, from the same place for copies
            with pytest.raises(BusyError):
                make_backup(office.config, tmp_path / "other", now=NOW + 6, environ={})

    made = make_backup(office.config, shelf, now=NOW + 5, environ={}, faults=meanwhile)
    restored(office, made.path, tmp_path / "node")


@pytest.mark.parametrize("is_done", [False, True])
def test_a_backup_in_the_middle_of_which_a_new_log_is_begun_is_none(
    office: Office, tmp_path: Path, is_done: bool
) -> None:
    """Its keys would be of the new log and its store of the old one, and it would come back nowhere."""
    place = shutil.copytree(office.folder, tmp_path / "node")
    config = load_config(place / "node.toml")
    keys = MachineLogKeys(FileKeyStore(config.keys, read_machine_secret(config.keys, {})))
    old, _ = read_log_keys(keys)

    def begin() -> None:
        new = make_next_key(keys, old)
        if is_done:
            take_over(keys, old, new)

    with pytest.raises((BusyError, ConfigurationError)):
        make_backup(
            config, tmp_path / "shelf", now=NOW, environ={}, faults=FaultAt("backup-staged", 1, begin)
        )
    assert Shelf(tmp_path / "shelf").all() == []


def test_a_file_beside_it_that_is_too_short_is_copied_again(office: Office, shelf: Path) -> None:
    copy = shelf / "files" / hashlib.sha256(PHOTOGRAPH).hexdigest()
    copy.write_bytes(PHOTOGRAPH[:100])
    assert make_backup(office.config, shelf, now=NOW + 5, environ={}).copied == 1
    assert copy.read_bytes() == PHOTOGRAPH


def test_a_file_with_any_name_of_ascii_comes_back_and_another_one_is_named(
    office: Office, tmp_path: Path
) -> None:
    place = shutil.copytree(office.folder, tmp_path / "node")
    (place / "ca" / "notes (1), old~.txt").write_text("what we decided")
    made = make_backup(load_config(place / "node.toml"), tmp_path / "shelf", now=NOW, environ={})
    restored(office, made.path, tmp_path / "back")
    assert (tmp_path / "back" / "ca" / "notes (1), old~.txt").read_text() == "what we decided"
    (place / "ca" / "r\u00e9sum\u00e9").write_text("more")
    with pytest.raises(ConfigurationError) as refused:
        make_backup(load_config(place / "node.toml"), tmp_path / "shelf", now=NOW + 1, environ={})
    assert (refused.value.reason, "r\\xe9sum\\xe9" in refused.value.where) == ("file-name", True)


def test_a_backup_of_the_future_hides_no_lack_of_backups(office: Office, shelf: Path) -> None:
    there = Shelf(shelf).path_of("xaa", NOW)
    shutil.copy(there, Shelf(shelf).path_of("xaa", NOW + 10 * 365 * 86_400))
    assert newest_backup(shelf, "xaa", NOW + 7200) == NOW
    assert Shelf(shelf).newest(NOW + 7200) == there


def test_a_file_with_holes_is_refused_before_it_fills_the_disk(office: Office, tmp_path: Path) -> None:
    """Whoever knows the public key can seal one, and it is read before it is known who made it."""
    huge = FileEntry("node/store.sqlite", 1 << 50, "00" * 32)
    manifest = Manifest(office.made.about, "", (huge,))
    secret, path, taken = os.urandom(32), tmp_path / "holes.backup", 0
    header = write_header(office.made.about, secret, [office.key.public])
    with path.open("wb") as file:
        file.write(header.line)
        stream = SealedWriter(file, stream_key(secret, header.line))
        with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for name, data in ((MANIFEST, manifest.encode()), (NOTE, b"-"), (huge.name, b"ab")):
                member = tarfile.TarInfo(name)
                member.size = len(data)
                if name == huge.name:
                    member.pax_headers = {"GNU.sparse.map": "0,2", "GNU.sparse.size": str(huge.size)}
                tar.addfile(member, io.BytesIO(data))
        stream.finish()

    def sink(_name: str, data: bytes) -> None:
        nonlocal taken
        taken += len(data)
        assert taken < 1 << 24, "it fills the disk"

    with pytest.raises(StoreError):
        read_backup(path, secret, lambda _: sink)


# ── by the command line ─────────────────────────────────────────────────────────────


@pytest.fixture
def shares(office: Office, tmp_path: Path) -> list[str]:
    words = []
    for number, share in enumerate(office.town.residents["xaa"].shares[:2]):
        path = tmp_path / f"share-{number}"
        path.write_text(share)
        words += ["--share-file", str(path)]
    return words


def run(*words: object) -> tuple[int, dict[str, object]]:
    done = subprocess.run(
        [str(TRACEPOST), *map(str, words), "--json"], capture_output=True, check=False, timeout=300
    )
    return done.returncode, json.loads(done.stdout or done.stderr)


def test_two_people_make_one_drill_it_and_put_it_back(
    office: Office, tmp_path: Path, shares: list[str]
) -> None:
    trust = office.folder / "trust.json"
    code, made = run("backup", office.folder, "--to", tmp_path / "shelf")
    assert code == 0
    code, drilled = run("drill", tmp_path / "shelf", *shares, "--trust", trust, "--scratch", tmp_path)
    assert (code, drilled["verdict"]) == (0, "well")
    assert drilled["recovered"] == ["node", "poc", "police"]
    code, done = run("restore", made["path"], tmp_path / "node", *shares, "--trust", trust)
    assert (code, done["member"]) == (0, "xaa")
    code, refused = run("restore", made["path"], tmp_path / "node", *shares, "--trust", trust)
    assert (code, refused["error"]["reason"]) == (5, "not-empty")  # type: ignore[index]


def test_a_manifest_that_names_a_place_outside_is_refused(office: Office) -> None:
    secret = show_header(office.made.path).open(office.key)
    listing = read_backup(office.made.path, secret, lambda _: lambda _name, _data: None)
    name = listing.manifest.files[0].name
    for other in ("../etc/passwd", "/etc/passwd", "node/../../x", "node//x", "other/x"):
        with pytest.raises(StoreError):
            read_manifest(listing.data.replace(name.encode(), other.encode()))
