"""The key store: each desk behind its passphrase, the daemon behind the machine, never half a file."""

from __future__ import annotations

import itertools
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.faults import FaultAt, FaultError, fail
from tracepost.node.adapters import keystore
from tracepost.node.adapters.keyring import KeyRing
from tracepost.node.adapters.keystore import FileKeyStore, PassphraseCost
from tracepost.node.adapters.machine import (
    CREDENTIAL,
    FILE,
    MachineSecret,
    create_machine_secret,
    read_machine_secret,
)
from tracepost.node.desk_keys import DeskBundle, DeskKeys, decode_bundle, generate_bundle
from tracepost.node.handlers.sealed.opening import UnlockedDesks
from tracepost.protocol.errors import (
    ConfigurationError,
    InvalidInputError,
    LockedDeskError,
    NotFoundError,
    StoreError,
    TracepostError,
    WrongPassphraseError,
)
from tracepost.protocol.ids import NODE_DESK, DeskId
from tracepost.serving.storage import durable_file

POC, LAB = DeskId("poc"), DeskId("lab")
PASSPHRASE, OTHER = b"correct horse battery", b"another passphrase"
CHEAP = PassphraseCost(rounds=1, memory_kib=64, lanes=1)
MACHINE = MachineSecret(bytes(range(32)))
BUNDLE, NODE_BUNDLE = generate_bundle(POC), generate_bundle(NODE_DESK)
SECRETS = [BUNDLE.opening[0].seed(), BUNDLE.storage[0].seed(), BUNDLE.index_key]


def open_store(folder: Path, **changes: Any) -> FileKeyStore:
    settled: dict[str, Any] = {"machine": MACHINE, "cost": CHEAP} | changes
    return FileKeyStore(folder, **settled)


@pytest.fixture
def store(tmp_path: Path) -> FileKeyStore:
    store = open_store(tmp_path)
    store.save(BUNDLE, PASSPHRASE)
    store.save_node(NODE_BUNDLE)
    return store


def desk_file(folder: Path) -> Path:
    return folder / "poc.desk-keys"


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


class TestBundles:
    def test_a_bundle_reads_back(self) -> None:
        bundle = BUNDLE.with_new_opening_key().with_new_storage_key()
        assert decode_bundle(bundle.encode()) == bundle
        assert bundle.opening[1:] == BUNDLE.opening
        assert bundle.storage[1:] == BUNDLE.storage
        assert bundle.public != BUNDLE.public

    def test_a_bundle_shows_no_secret(self) -> None:
        for secret in SECRETS:
            assert secret.hex() not in repr(BUNDLE)
            assert repr(secret)[2:-1] not in repr(BUNDLE)

    @pytest.mark.parametrize(
        "change",
        [
            {"opening": []},
            {"storage": []},
            {"index": "AAAA"},
            {"index": None},
            {"opening": ["AAAA"]},
            {"opening": "AAAA"},
            {"opening": [None]},
            {"desk": "No Desk"},
            {"desk": None},
        ],
    )
    def test_what_is_no_bundle_is_refused(self, change: dict[str, Any]) -> None:
        with pytest.raises(StoreError):
            decode_bundle(json.dumps(json.loads(BUNDLE.encode()) | change).encode())

    @given(st.binary(max_size=60))
    def test_nothing_but_our_errors_comes_out_of_noise(self, noise: bytes) -> None:
        for data in (noise, b'{"opening":' + noise + b"}", b"[" * 5000):
            with pytest.raises(StoreError):
                decode_bundle(data)


class TestPassphrases:
    def test_a_desk_opens_with_its_passphrase(self, store: FileKeyStore) -> None:
        assert store.load(POC, PASSPHRASE) == BUNDLE
        assert store.load(POC, PASSPHRASE).index_key == BUNDLE.index_key

    @pytest.mark.parametrize("passphrase", [OTHER, PASSPHRASE + b" ", PASSPHRASE[:-1], b"", b"\xff" * 20])
    def test_a_wrong_passphrase_is_told_as_such(self, store: FileKeyStore, passphrase: bytes) -> None:
        with pytest.raises(WrongPassphraseError) as caught:
            store.load(POC, passphrase)
        assert caught.value.where == "poc"

    def test_a_passphrase_does_not_depend_on_the_keyboard(self, store: FileKeyStore) -> None:
        """RFC 8265, OpaqueString: the same letters composed and decomposed are one passphrase."""
        store.save(BUNDLE, "clé de l'armurerie".encode())
        assert store.load(POC, "cle\u0301 de l'armurerie".encode()) == BUNDLE

    def test_a_passphrase_need_not_be_text(self, store: FileKeyStore) -> None:
        store.save(BUNDLE, b"\xff\xfe" * 10)
        assert store.load(POC, b"\xff\xfe" * 10) == BUNDLE

    @pytest.mark.parametrize("passphrase", [b"", b"elevenbytes", bytes(1025)])
    def test_a_passphrase_that_is_too_short_or_long_is_not_set(
        self, store: FileKeyStore, passphrase: bytes
    ) -> None:
        with pytest.raises(InvalidInputError) as caught:
            store.save(BUNDLE, passphrase)
        assert caught.value.reason == "passphrase-length"
        assert store.load(POC, PASSPHRASE) == BUNDLE

    def test_a_new_passphrase_replaces_the_old_one(self, store: FileKeyStore) -> None:
        store.save(store.load(POC, PASSPHRASE), OTHER)
        assert store.load(POC, OTHER) == BUNDLE
        with pytest.raises(WrongPassphraseError):
            store.load(POC, PASSPHRASE)

    def test_every_writing_has_a_fresh_salt_and_nonce(self, store: FileKeyStore, tmp_path: Path) -> None:
        def header() -> dict[str, str]:
            header: dict[str, str] = json.loads(desk_file(tmp_path).read_bytes().split(b"\n")[0])
            return header

        first = header()
        store.save(BUNDLE, PASSPHRASE)
        assert {first["salt"], first["nonce"]}.isdisjoint({header()["salt"], header()["nonce"]})

    def test_the_standard_cost_is_that_of_rfc_9106(self) -> None:
        assert PassphraseCost(rounds=3, memory_kib=65536, lanes=4) == keystore.STANDARD_COST

    def test_what_was_written_at_another_cost_still_opens(self, store: FileKeyStore, tmp_path: Path) -> None:
        dearer = open_store(tmp_path, cost=PassphraseCost(2, 128, 2))
        assert dearer.load(POC, PASSPHRASE) == BUNDLE
        dearer.save(BUNDLE, PASSPHRASE)
        assert store.load(POC, PASSPHRASE) == BUNDLE


class TestDeskFiles:
    def test_nothing_secret_stands_in_any_file(self, store: FileKeyStore, tmp_path: Path) -> None:
        for file, secret in itertools.product(tmp_path.iterdir(), [*SECRETS, PASSPHRASE]):
            data = file.read_bytes()
            assert secret not in data
            assert secret.hex().encode() not in data

    def test_files_are_for_their_owner_alone(self, store: FileKeyStore, tmp_path: Path) -> None:
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}

    def test_public_keys_are_there_while_the_desk_is_locked(self, store: FileKeyStore) -> None:
        assert store.public(POC) == BUNDLE.public
        assert store.public(NODE_DESK) == NODE_BUNDLE.public

    def test_the_desks_are_listed_by_id(self, store: FileKeyStore, tmp_path: Path) -> None:
        store.save(generate_bundle(LAB), PASSPHRASE)
        (tmp_path / ".poc.desk-keys.0123.new").write_bytes(b"left over")
        assert store.desks() == (LAB, POC)

    def test_every_flipped_byte_is_damage_and_never_a_wrong_passphrase(
        self, store: FileKeyStore, tmp_path: Path
    ) -> None:
        """Also where only public keys are wanted: somebody else's key must not be slipped in."""
        path = desk_file(tmp_path)
        whole = path.read_bytes()
        for position in range(0, len(whole), 11):
            flip(path, position)
            for act in (lambda: store.load(POC, PASSPHRASE), lambda: store.public(POC)):
                with pytest.raises(StoreError):
                    act()
            path.write_bytes(whole)

    @pytest.mark.parametrize("keep", [0, 1, 100, -1])
    def test_a_truncated_file_is_damage(self, store: FileKeyStore, tmp_path: Path, keep: int) -> None:
        desk_file(tmp_path).write_bytes(desk_file(tmp_path).read_bytes()[:keep])
        with pytest.raises(StoreError):
            store.load(POC, PASSPHRASE)

    def test_the_file_of_another_machine_is_refused(self, store: FileKeyStore, tmp_path: Path) -> None:
        with pytest.raises(StoreError) as caught:
            open_store(tmp_path, machine=MachineSecret(bytes(32))).load(POC, PASSPHRASE)
        assert caught.value.reason == "key-file-damaged"

    def test_the_file_of_one_desk_does_not_serve_another(self, store: FileKeyStore, tmp_path: Path) -> None:
        desk_file(tmp_path).rename(tmp_path / "lab.desk-keys")
        with pytest.raises(StoreError):
            store.load(LAB, PASSPHRASE)

    def test_a_later_version_is_named_as_such(self, store: FileKeyStore, tmp_path: Path) -> None:
        path = desk_file(tmp_path)
        path.write_bytes(path.read_bytes().replace(b"tracepost-desk-keys/1", b"tracepost-desk-keys/2"))
        with pytest.raises(StoreError) as caught:
            store.load(POC, PASSPHRASE)
        assert caught.value.reason == "key-file-format"

    @pytest.mark.parametrize("cost", [{"rounds": 65}, {"memory_kib": 1 << 21}, {"lanes": 17}, {"rounds": 0}])
    def test_parameters_beyond_limits_are_refused_before_work(
        self, store: FileKeyStore, tmp_path: Path, cost: dict[str, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Even where whoever set them could make the machine's seal."""
        whole = desk_file(tmp_path).read_bytes()
        line, _, rest = whole.partition(b"\n")
        forged = json.dumps(json.loads(line) | cost).encode() + b"\n" + rest[:-32]
        desk_file(tmp_path).write_bytes(forged + store._seal(forged))
        monkeypatch.delattr(keystore, "hash_secret_raw")
        with pytest.raises(StoreError):
            store.load(POC, PASSPHRASE)

    def test_a_header_that_shows_other_keys_than_it_holds_is_refused(self, tmp_path: Path) -> None:
        store = open_store(tmp_path)
        other = generate_bundle(POC).public
        write_header: Callable[..., bytes] = store._write_desk_header
        store._write_desk_header = lambda _, *rest: write_header(other, *rest)  # type: ignore[method-assign]
        store.save(BUNDLE, PASSPHRASE)
        with pytest.raises(StoreError):
            store.load(POC, PASSPHRASE)

    @pytest.mark.parametrize("act", ["load", "public"])
    def test_a_desk_without_keys_is_not_found(self, store: FileKeyStore, act: str) -> None:
        with pytest.raises(NotFoundError):
            store.load(LAB, PASSPHRASE) if act == "load" else store.public(LAB)

    def test_a_name_cannot_leave_the_folder(self, store: FileKeyStore) -> None:
        with pytest.raises(InvalidInputError):
            store.load(DeskId("../poc"), PASSPHRASE)

    def test_the_node_has_no_passphrase_and_people_have_one(self, store: FileKeyStore) -> None:
        with pytest.raises(ConfigurationError):
            store.save(NODE_BUNDLE, PASSPHRASE)
        with pytest.raises(ConfigurationError):
            store.save_node(BUNDLE)

    @settings(max_examples=30)
    @given(st.binary(max_size=300))
    def test_nothing_but_our_errors_comes_out_of_a_file(
        self, tmp_path_factory: pytest.TempPathFactory, noise: bytes
    ) -> None:
        """Also from behind the machine's seal."""
        folder = tmp_path_factory.mktemp("noise")
        store = open_store(folder)
        header = b'{"format": "tracepost-desk-keys/1", "desk": "poc"}\n'
        for data in (noise, noise + store._seal(noise), header + noise + store._seal(header + noise)):
            desk_file(folder).write_bytes(data)
            with pytest.raises(TracepostError):
                store.load(POC, PASSPHRASE)


class TestMachineKeys:
    def test_the_node_boots_without_a_passphrase(self, store: FileKeyStore, tmp_path: Path) -> None:
        assert open_store(tmp_path).load_node() == NODE_BUNDLE

    def test_keys_of_the_daemon_read_back(self, store: FileKeyStore) -> None:
        for name, secret in (("statement", b"statement key"), ("log", b""), ("tls", bytes(5000))):
            store.save_machine_keys(name, secret)
            assert store.load_machine_keys(name) == secret

    def test_they_do_not_open_without_the_machine(self, store: FileKeyStore, tmp_path: Path) -> None:
        with pytest.raises(StoreError):
            open_store(tmp_path, machine=MachineSecret(bytes(32))).load_node()

    def test_one_does_not_serve_as_another(self, store: FileKeyStore, tmp_path: Path) -> None:
        store.save_machine_keys("log", b"log key")
        (tmp_path / "log.machine-keys").rename(tmp_path / "tls.machine-keys")
        with pytest.raises(StoreError):
            store.load_machine_keys("tls")

    def test_every_flipped_byte_is_damage(self, store: FileKeyStore, tmp_path: Path) -> None:
        store.save_machine_keys("log", b"log key")
        path = tmp_path / "log.machine-keys"
        whole = path.read_bytes()
        for position in range(len(whole)):
            flip(path, position)
            with pytest.raises(StoreError):
                store.load_machine_keys("log")
            path.write_bytes(whole)

    def test_what_is_not_there_is_not_found(self, store: FileKeyStore) -> None:
        with pytest.raises(NotFoundError):
            store.load_machine_keys("tls")
        with pytest.raises(NotFoundError):
            store.load_escrow()

    def test_the_escrow_file_is_kept_as_it_is(self, store: FileKeyStore) -> None:
        store.save_escrow(b"sealed")
        assert store.load_escrow() == b"sealed"

    def test_a_folder_that_cannot_be_written_is_a_store_error(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError) as caught:
            open_store(tmp_path / "missing").save_node(NODE_BUNDLE)
        assert caught.value.reason == "key-file-not-written"


class TestMachineSecret:
    def test_it_is_made_once_and_read_again(self, tmp_path: Path) -> None:
        made = create_machine_secret(tmp_path, os.urandom)
        assert read_machine_secret(tmp_path, {}).derive("x") == made.derive("x") != made.derive("y")
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
        with pytest.raises(ConfigurationError):
            create_machine_secret(tmp_path, os.urandom)
        assert read_machine_secret(tmp_path, {}).derive("x") == made.derive("x")
        assert [path.name for path in tmp_path.iterdir()] == [FILE]

    def test_a_systemd_credential_comes_first(self, tmp_path: Path) -> None:
        create_machine_secret(tmp_path, os.urandom)
        credentials = tmp_path / "credentials"
        credentials.mkdir()
        environ = {"CREDENTIALS_DIRECTORY": str(credentials)}
        by_file = read_machine_secret(tmp_path, environ)
        (credentials / CREDENTIAL).write_bytes(bytes(40))
        assert read_machine_secret(tmp_path, environ).derive("x") == MachineSecret(bytes(40)).derive("x")
        assert by_file.derive("x") != MachineSecret(bytes(40)).derive("x")

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
    def test_a_file_that_others_may_read_is_refused(self, tmp_path: Path, mode: int) -> None:
        create_machine_secret(tmp_path, os.urandom)
        (tmp_path / FILE).chmod(mode)
        with pytest.raises(ConfigurationError, match="others"):
            read_machine_secret(tmp_path, {})

    def test_no_secret_is_a_configuration_error(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError):
            read_machine_secret(tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path)})

    @pytest.mark.parametrize("length", [0, 31, 4097])
    def test_a_secret_of_a_wrong_length_is_refused(self, length: int) -> None:
        with pytest.raises(ConfigurationError):
            MachineSecret(bytes(length))

    def test_it_shows_nothing(self) -> None:
        assert repr(MACHINE) == "<MachineSecret>"


class TestKeyRing:
    @pytest.fixture
    def ring(self, store: FileKeyStore) -> KeyRing:
        return KeyRing(store)

    def test_it_is_what_handlers_and_node_ask_for(self, ring: KeyRing, store: FileKeyStore) -> None:
        unlocked: UnlockedDesks = ring
        keys: DeskKeys = store
        assert unlocked is ring
        assert keys is store

    def test_a_desk_is_locked_at_first(self, ring: KeyRing) -> None:
        assert ring.unlocked() == frozenset()
        with pytest.raises(LockedDeskError) as caught:
            ring.secrets(POC)
        assert caught.value.where == "poc"
        with pytest.raises(LockedDeskError):
            ring.index_key(POC)

    def test_an_unlocked_desk_has_its_keys(self, ring: KeyRing) -> None:
        ring.unlock(POC, PASSPHRASE)
        assert ring.unlocked() == {POC}
        secrets = ring.secrets(POC)
        assert (secrets.opening, secrets.storage) == (BUNDLE.opening, BUNDLE.storage)
        assert ring.index_key(POC) == BUNDLE.index_key

    def test_locking_forgets_the_keys_and_what_they_opened(self, ring: KeyRing) -> None:
        ring.unlock(POC, PASSPHRASE)
        epochs = ring.secrets(POC).epochs
        epochs.secret("epoch", lambda: b"secret")
        ring.lock(POC)
        ring.lock(POC)
        assert not epochs._secrets
        with pytest.raises(LockedDeskError):
            ring.secrets(POC)

    def test_the_node_stays_open_while_others_are_locked(self, ring: KeyRing, store: FileKeyStore) -> None:
        ring.hold(store.load_node())
        ring.unlock(POC, PASSPHRASE)
        ring.lock(POC)
        assert ring.unlocked() == {NODE_DESK}
        ring.lock_all()
        assert ring.unlocked() == frozenset()

    def test_a_wrong_passphrase_changes_nothing(self, ring: KeyRing) -> None:
        with pytest.raises(WrongPassphraseError):
            ring.unlock(POC, OTHER)
        assert ring.unlocked() == frozenset()
        ring.unlock(POC, PASSPHRASE)
        with pytest.raises(WrongPassphraseError):
            ring.unlock(POC, OTHER)
        assert ring.unlocked() == {POC}

    def test_it_shows_names_only(self, ring: KeyRing) -> None:
        ring.unlock(POC, PASSPHRASE)
        assert repr(ring) == "KeyRing(poc)"
        assert BUNDLE.opening[0].seed().hex() not in repr(ring.secrets(POC))


POINTS = [
    ("key-file-begun", 1, "old"),
    ("key-file-half-written", 1, "old"),
    ("key-file-half-written", 2, "old"),
    ("key-file-written", 1, "old"),
    ("key-file-named", 1, "new"),
    ("key-file-kept", 1, "new"),
]
KILLED_WRITERS = """
import os, sys
sys.path[:] = {path!r}
from pathlib import Path
from fakes.faults import FaultAt, kill
from tracepost.serving.storage.durable_file import replace_file
for number, (point, count, _) in enumerate({points!r}):
    child = os.fork()
    if not child:
        replace_file(Path({folder!r}) / str(number) / "keys", b"new" * 10000, FaultAt(point, count, kill))
        os._exit(0)
    print(os.WTERMSIG(os.waitpid(child, 0)[1]))
"""


class TestPowerCuts:
    def test_a_kill_at_any_point_leaves_the_old_file_or_the_new_one(self, tmp_path: Path) -> None:
        for number in range(len(POINTS)):
            (tmp_path / str(number)).mkdir()
            (tmp_path / str(number) / "keys").write_bytes(b"old" * 10000)
        program = KILLED_WRITERS.format(path=sys.path, points=POINTS, folder=str(tmp_path))
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["9"] * len(POINTS)
        for number, (_, _, content) in enumerate(POINTS):
            path = tmp_path / str(number) / "keys"
            assert path.read_bytes() == content.encode() * 10000
            durable_file.replace_file(path, b"next")
            assert [each.name for each in path.parent.iterdir()] == ["keys"]

    @pytest.mark.parametrize(("point", "count", "content"), POINTS)
    def test_a_step_that_fails_leaves_a_desk_that_opens(
        self, store: FileKeyStore, tmp_path: Path, point: str, count: int, content: str
    ) -> None:
        """With the old passphrase or the new one; and the next writing is not disturbed."""
        faults = FaultAt(point, count, fail)
        with pytest.raises(FaultError):
            open_store(tmp_path, faults=faults).save(BUNDLE.with_new_opening_key(), OTHER)
        opens, closed = (PASSPHRASE, OTHER) if content == "old" else (OTHER, PASSPHRASE)
        after: DeskBundle = store.load(POC, opens)
        assert (after == BUNDLE) == (content == "old")
        with pytest.raises(WrongPassphraseError):
            store.load(POC, closed)
        store.save(BUNDLE, PASSPHRASE)
        assert store.load(POC, PASSPHRASE) == BUNDLE
        assert not list(tmp_path.glob(".*"))

    def test_a_full_disk_leaves_the_old_file(
        self, store: FileKeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail_to_sync(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", fail_to_sync)
        with pytest.raises(StoreError):
            store.save(BUNDLE, OTHER)
        monkeypatch.undo()
        assert store.load(POC, PASSPHRASE) == BUNDLE
        assert not list(tmp_path.glob(".*"))

    def test_all_is_synced_before_it_is_named_and_the_folder_after(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        steps: list[str] = []
        sync, rename = os.fsync, os.replace

        def note_sync(descriptor: int) -> None:
            steps.append("sync folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "sync file")
            sync(descriptor)

        def note_rename(old: Path, new: Path) -> None:
            steps.append("rename")
            rename(old, new)

        monkeypatch.setattr(os, "fsync", note_sync)
        monkeypatch.setattr(os, "replace", note_rename)
        durable_file.replace_file(tmp_path / "keys", b"content")
        assert steps == ["sync file", "rename", "sync folder"]
