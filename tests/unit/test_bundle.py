"""A bundle is what the release key signed, byte by byte; a folder of releases has one that serves at every moment.

Releases here are of two small files and are "installed" by copying them: what a real one is made of, and how it is
installed, is told by `tests/integration/test_upgrade_page.py`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracepost.cli.shipping.building import this_platform, this_python
from tracepost.cli.shipping.bundle import peek_manifest, read_bundle, write_bundle
from tracepost.cli.shipping.environment import make_environment
from tracepost.cli.shipping.installing import Order, install, rollback
from tracepost.cli.shipping.manifest import File, Manifest, open_manifest, parse_manifest, sign_manifest
from tracepost.cli.shipping.release_key import make_release_key, open_release_key
from tracepost.cli.shipping.versions import Versions
from tracepost.node.adapters.sql.migration import all_steps, migrate
from tracepost.node.adapters.sql.tables import SETTING
from tracepost.node.config import load_config
from tracepost.node.installation import store_schema
from tracepost.protocol.errors import (
    BundleError,
    BusyError,
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    TracepostError,
    WrongPassphraseError,
)
from tracepost.protocol.evidence import NoteSigner, NoteVerifier, generate_note_key
from tracepost.serving.storage.engine import open_engines
from tracepost.serving.storage.rows import upsert_rows

KEY = generate_note_key("releases.example")
OTHER_KEY = generate_note_key("releases.example")
NEWEST = all_steps()[-1].number
COMMON = b"a library that does not change" * 3000


@dataclasses.dataclass(frozen=True)
class Made:
    """A bundle, and what it is of."""

    path: Path
    manifest: Manifest


class Workshop:
    """Makes releases."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "made").mkdir(parents=True)

    def make(
        self,
        version: str,
        *,
        steps: str = "0001",
        posts: tuple[str, ...] = (),
        thin_for: Made | None = None,
        signer: NoteSigner = KEY,
        told: Mapping[str, object] = MappingProxyType({}),
    ) -> Made:
        contents = {
            "library-1-py3-none-any.whl": COMMON,
            f"tracepost-{version}-py3-none-any.whl": version.encode(),
        }
        for name, data in contents.items():
            (self.folder / "made" / name).write_bytes(data)
        files = [File(f"wheels/{n}", hashlib.sha256(d).hexdigest(), len(d)) for n, d in contents.items()]
        about = {
            "version": version,
            "made": 1_700_000_000 + int(version),
            "python": this_python(),
            "platform": this_platform(),
            "follows": "",
            "newest_step": steps,
            "post_steps": posts,
            "files": tuple(files),
        }
        manifest = Manifest(**{**about, **told})  # type: ignore[arg-type]
        path = self.folder / f"{version}{'-thin' if thin_for else ''}.bundle"
        without = {file.sha256 for file in thin_for.manifest.files} if thin_for else set()
        write_bundle(path, sign_manifest(manifest, signer), manifest, self.folder / "made", without=without)
        return Made(path, manifest)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "workshop")


def drain(_: File, pieces: Iterator[bytes]) -> None:
    for _piece in pieces:
        pass


def read(path: Path, earlier: Path | None = None) -> Manifest:
    return read_bundle(path, [KEY.verifier], drain, earlier)


def copy_files(manifest: Manifest, wheels: Path, place: Path) -> None:
    place.mkdir()
    for file in manifest.files:
        shutil.copy(wheels / file.base, place)


def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "opt", copy_files)


class TestBundle:
    def test_the_same_release_gives_the_same_bytes_whatever_machine_made_it(self, tmp_path: Path) -> None:
        here, there = (Workshop(tmp_path / name).make("1") for name in ("here", "there"))
        assert here.path.read_bytes() == there.path.read_bytes()
        assert read(here.path) == here.manifest == peek_manifest(here.path, [KEY.verifier])

    def test_one_for_a_thin_line_has_what_changed_and_needs_the_rest_as_it_was(
        self, workshop: Workshop
    ) -> None:
        first = workshop.make("1")
        thin = workshop.make("2", thin_for=first)
        assert thin.path.stat().st_size < len(COMMON) / 4
        assert read(thin.path, workshop.folder / "made") == thin.manifest
        with pytest.raises(BundleError) as refusal:
            read(thin.path)
        assert (refusal.value.reason, "library-1" in refusal.value.message) == ("files-missing", True)
        (workshop.folder / "made" / "library-1-py3-none-any.whl").write_bytes(COMMON[:-1] + b"!")
        with pytest.raises(BundleError):
            read(thin.path, workshop.folder / "made")

    def test_every_flipped_byte_that_matters_is_refused_and_no_other_release_comes_out(
        self, workshop: Workshop
    ) -> None:
        """What may differ are bytes of the archive that nobody looks at: the release comes out, or nothing."""
        made = workshop.make("1")
        sound, kept = made.path.read_bytes(), {file.base: file.sha256 for file in made.manifest.files}
        refused = 0
        for place in range(0, len(sound), 97):
            made.path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
            out: dict[str, str] = {}

            def take(file: File, pieces: Iterator[bytes], out: dict[str, str] = out) -> None:
                out[file.base] = hashlib.sha256(b"".join(pieces)).hexdigest()

            try:
                assert read_bundle(made.path, [KEY.verifier], take) == made.manifest
                assert out == kept
            except BundleError:
                refused += 1
        assert refused > len(range(0, len(COMMON), 97)) - 2

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
    def test_one_that_was_cut_off_says_so_and_is_whole_when_the_rest_is_there(
        self, workshop: Workshop, share: float
    ) -> None:
        made = workshop.make("1")
        sound = made.path.read_bytes()
        made.path.write_bytes(sound[: int(len(sound) * share)])
        with pytest.raises(BundleError) as refusal:
            read(made.path)
        assert refusal.value.reason == "cut"
        assert "go on where they were cut" in refusal.value.what_to_do
        with made.path.open("ab") as stream:
            stream.write(sound[int(len(sound) * share) :])
        assert read(made.path) == made.manifest

    @given(noise=st.binary(max_size=2000))
    def test_noise_is_refused_in_our_words(
        self, noise: bytes, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        path = tmp_path_factory.mktemp("noise") / "file"
        path.write_bytes(noise)
        with pytest.raises(TracepostError):
            read(path)

    def test_a_stranger_in_the_archive_is_refused(self, workshop: Workshop) -> None:
        made = workshop.make("1")
        for name in ("../outside", "/etc/passwd", "wheels/more-1-py3-none-any.whl"):
            with tarfile.open(made.path, "a") as tar:
                member = tarfile.TarInfo(name)
                member.size = 3
                tar.addfile(member, io.BytesIO(b"bad"))
            with pytest.raises(BundleError) as refusal:
                read(made.path)
            assert refusal.value.reason == "stranger"

    def test_another_key_of_the_same_name_vouches_for_nothing(self, workshop: Workshop) -> None:
        made = workshop.make("1", signer=OTHER_KEY)
        with pytest.raises(BundleError) as refusal:
            read(made.path)
        assert refusal.value.reason == "signature"

    def test_a_signature_is_of_one_manifest(self, workshop: Workshop) -> None:
        one, other = workshop.make("1"), workshop.make("2")
        note = sign_manifest(one.manifest, KEY).encode()
        with pytest.raises(BundleError) as refusal:
            open_manifest(note, other.manifest.to_json(), [KEY.verifier])
        assert refusal.value.reason == "manifest-digest"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("files", []),
            ("files", [{"name": "../x.whl", "sha256": "0" * 64, "size": 1}]),
            ("files", [{"name": "wheels/x.whl", "sha256": "0" * 64, "size": 1}] * 2),
            ("files", [{"name": "wheels/x.whl", "sha256": "0" * 64, "size": 1, "more": 1}]),
            ("newest_step", "1"),
            ("made", 0),
            ("version", "../.."),
            ("follows", "anything"),
            ("format", "tracepost-bundle/2"),
            ("more", 1),
        ],
    )
    def test_a_manifest_that_is_signed_and_not_well_formed_is_refused(
        self, workshop: Workshop, name: str, value: object
    ) -> None:
        document = json.loads(workshop.make("1").manifest.to_json())
        document[name] = value
        with pytest.raises(BundleError) as refusal:
            parse_manifest((json.dumps(document, indent=1, sort_keys=True) + "\n").encode())
        assert refusal.value.reason == "manifest-form"

    def test_one_manifest_is_written_in_one_way(self, workshop: Workshop) -> None:
        document = json.loads(workshop.make("1").manifest.to_json())
        with pytest.raises(BundleError):
            parse_manifest(json.dumps(document).encode())


class TestReleaseKey:
    def test_it_rests_under_a_passphrase_and_signs_as_it_says(self, tmp_path: Path) -> None:
        made = make_release_key(tmp_path, "releases.example", b"a passphrase that is long")
        assert (tmp_path / "release.key.pem").stat().st_mode & 0o077 == 0
        assert open_release_key(tmp_path, b"a passphrase that is long").vkey == made.vkey
        assert (tmp_path / "release.vkey").read_text() == made.vkey + "\n"
        with pytest.raises(WrongPassphraseError):
            open_release_key(tmp_path, b"another passphrase")
        with pytest.raises(ConflictError):
            make_release_key(tmp_path, "releases.example", b"a passphrase that is long")


class CutError(Exception):
    """The power fails."""


class PowerCuts:
    """Fails at the n-th point that is passed."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, point: str) -> None:
        self.left -= 1
        if self.left == 0:
            raise CutError(point)


class TestInstalling:
    def test_it_serves_and_the_one_before_can_come_back(self, workshop: Workshop, tmp_path: Path) -> None:
        here = versions(tmp_path)
        one, two = workshop.make("1"), workshop.make("2")
        install(one.path, KEY.vkey, here, Order())
        assert (tmp_path / "opt/current/tracepost-1-py3-none-any.whl").read_bytes() == b"1"
        assert install(two.path, "", here, Order()).before == one.manifest  # the key is known
        assert (here.current, here.previous) == (two.manifest, one.manifest)
        assert rollback(here, Order()).manifest == one.manifest
        assert (here.current, here.previous) == (one.manifest, two.manifest)
        assert [one.is_current for one in here.listed()] == [False, True]

    def test_two_are_kept_and_what_nobody_needs_goes(self, workshop: Workshop, tmp_path: Path) -> None:
        here = versions(tmp_path)
        made = [workshop.make(number) for number in "123"]
        for one in made:
            install(one.path, KEY.vkey, here, Order())
        assert [one.manifest for one in here.listed()] == [made[2].manifest, made[1].manifest]
        assert sorted(path.name[:11] for path in here.wheels.iterdir()) == [
            "library-1-p",
            "tracepost-2",
            "tracepost-3",
        ]

    @pytest.mark.parametrize("thin", [False, True])
    def test_cut_off_anywhere_it_serves_one_whole_release_and_goes_on_by_the_same_command(
        self, workshop: Workshop, tmp_path: Path, thin: bool
    ) -> None:
        one = workshop.make("1")
        two = workshop.make("2", thin_for=one if thin else None)
        points = 0
        for at in range(1, 20):
            folder = tmp_path / str(at)
            install(one.path, KEY.vkey, Versions(folder, copy_files), Order())
            try:
                install(two.path, "", Versions(folder, copy_files, PowerCuts(at)), Order())
                break
            except CutError:
                points += 1
            here = Versions(folder, copy_files)
            assert here.current in (one.manifest, two.manifest)
            for file in here.current.files if here.current else ():
                assert (folder / "current" / file.base).stat().st_size == file.size
            install(two.path, "", here, Order())
            assert here.current == two.manifest
            if points < 6:  # before the links are exchanged
                assert rollback(here, Order()).manifest == one.manifest
        assert points == 6

    def test_a_folder_that_was_filled_and_not_finished_is_made_anew(
        self, workshop: Workshop, tmp_path: Path
    ) -> None:
        one = workshop.make("1")
        here = versions(tmp_path)
        place = here.place(one.manifest)
        place.mkdir(parents=True)
        (place / "half").write_bytes(b"of a file")
        install(one.path, KEY.vkey, here, Order())
        assert not (place / "half").exists()

    def test_what_does_not_come_about_leaves_the_one_before_serving(
        self, workshop: Workshop, tmp_path: Path
    ) -> None:
        here = versions(tmp_path)
        one, two = workshop.make("1"), workshop.make("2")
        install(one.path, KEY.vkey, here, Order())

        def fail(_manifest: Manifest, _wheels: Path, place: Path) -> None:
            place.mkdir()
            raise ConfigurationError

        with pytest.raises(ConfigurationError):
            install(two.path, "", Versions(here.folder, fail), Order())
        assert here.current == one.manifest

    def test_daemons_that_do_not_come_up_bring_the_one_before_back(
        self, workshop: Workshop, tmp_path: Path
    ) -> None:
        here = versions(tmp_path)
        one, two = workshop.make("1"), workshop.make("2")
        install(one.path, KEY.vkey, here, Order())
        seen = tmp_path / "seen"
        command = f"sh -c 'readlink {here.folder}/current >> {seen}; test $(wc -l < {seen}) -gt 1'"
        with pytest.raises(ConfigurationError) as refusal:
            install(two.path, "", here, Order(restart=command))
        assert refusal.value.reason == "restart-failed"
        assert here.current == one.manifest
        asked = [f"versions/{made.manifest.release}" for made in (two, one)]
        assert seen.read_text().split() == asked

    def test_a_release_that_did_not_come_up_is_not_the_way_back(
        self, workshop: Workshop, tmp_path: Path
    ) -> None:
        here = versions(tmp_path)
        one, two, three = (workshop.make(number) for number in "123")
        for made in (one, two):
            install(made.path, KEY.vkey, here, Order())
        seen = tmp_path / "seen"
        with pytest.raises(ConfigurationError):
            install(
                three.path, "", here, Order(restart=f"sh -c 'echo >> {seen}; test $(wc -l < {seen}) -gt 1'")
            )
        assert (here.current, here.previous) == (two.manifest, one.manifest)
        assert rollback(here, Order()).manifest == one.manifest

    @pytest.mark.parametrize("with_one_before", [False, True])
    def test_nobody_is_told_that_something_serves_when_nothing_does(
        self, workshop: Workshop, tmp_path: Path, with_one_before: bool
    ) -> None:
        here = versions(tmp_path)
        if with_one_before:
            install(workshop.make("1").path, KEY.vkey, here, Order())
        with pytest.raises(ConfigurationError) as refusal:
            install(workshop.make("2").path, KEY.vkey, here, Order(restart="false"))
        assert refusal.value.reason == "restart-failed"
        assert "nothing serves" in refusal.value.message

    def test_a_file_that_is_exchanged_while_it_is_read_brings_no_older_release(
        self, workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is signed as well, and may hold what was mended since."""
        here = versions(tmp_path)
        one, two, three = (workshop.make(number) for number in "123")
        install(two.path, KEY.vkey, here, Order())

        def look_and_exchange(path: Path, keys: Sequence[NoteVerifier]) -> Manifest:
            seen = peek_manifest(path, keys)
            shutil.copy(one.path, path)
            return seen

        monkeypatch.setattr("tracepost.cli.shipping.installing.peek_manifest", look_and_exchange)
        with pytest.raises(ConfigurationError) as refusal:
            install(three.path, "", here, Order())
        assert refusal.value.reason == "older-release"
        assert here.current == two.manifest

    def test_what_lies_where_somebody_stands_is_not_run(
        self, workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A stick that brings a bundle may bring a venv.py and a pip.py beside it; who installs is root."""
        stick = tmp_path / "stick"
        stick.mkdir()
        for name in ("venv", "pip"):
            (stick / f"{name}.py").write_text(
                f"import pathlib\npathlib.Path({str(tmp_path / name)!r}).touch()\n"
            )
        monkeypatch.chdir(stick)
        one = workshop.make("1").manifest
        with pytest.raises(ConfigurationError):  # these wheels are none
            make_environment(one, workshop.folder / "made", tmp_path / "place")
        assert (tmp_path / "place" / "bin" / "pip").exists()
        assert [name for name in ("venv", "pip") if (tmp_path / name).exists()] == []

    def test_an_older_release_and_one_for_another_machine_are_refused(
        self, workshop: Workshop, tmp_path: Path
    ) -> None:
        here = versions(tmp_path)
        one, two = workshop.make("1"), workshop.make("2")
        install(two.path, KEY.vkey, here, Order())
        with pytest.raises(ConfigurationError) as refusal:
            install(one.path, "", here, Order())
        assert refusal.value.reason == "older-release"
        install(one.path, "", here, Order(older=True))
        assert here.current == one.manifest
        for name, value in (("python", "3.1"), ("platform", "linux-vax")):
            with pytest.raises(ConfigurationError) as refusal:
                install(workshop.make("3", told={name: value}).path, "", here, Order())
            assert refusal.value.reason == "other-machine"

    def test_nobody_is_believed_without_a_key_and_nothing_goes_back_to_nothing(
        self, workshop: Workshop, tmp_path: Path
    ) -> None:
        here = versions(tmp_path)
        one = workshop.make("1")
        with pytest.raises(InvalidInputError):
            install(one.path, "", here, Order())
        install(one.path, KEY.vkey, here, Order())
        with pytest.raises(NotFoundError):
            rollback(here, Order())
        with pytest.raises(BundleError):
            install(workshop.make("2", signer=OTHER_KEY).path, "", here, Order())

    def test_two_at_once_are_one_after_the_other(self, workshop: Workshop, tmp_path: Path) -> None:
        here = versions(tmp_path)
        with here.held(), pytest.raises(BusyError):
            install(workshop.make("1").path, KEY.vkey, versions(tmp_path), Order())

    def test_all_may_read_what_root_installs_whatever_its_mask(
        self, workshop: Workshop, tmp_path: Path
    ) -> None:
        before = os.umask(0o077)
        try:
            here = versions(tmp_path)
            install(workshop.make("1").path, KEY.vkey, here, Order())
            assert os.umask(0o077) == 0o077
        finally:
            os.umask(before)
        closed = [
            path
            for path in here.folder.rglob("*")
            if not path.is_symlink() and not path.stat().st_mode & 0o004
        ]
        assert closed == []


NODE = """
member = "xaa"
domain = "tracepost.example"
[listen]
post = "127.0.0.1:7110"
desk = "127.0.0.1:7111"
[office]
name = "Firearms Tracing Office"
languages = ["en"]
[[desk]]
id = "poc"
point_of_contact = true
"""


class TestStores:
    """What the store of a node says about a way back."""

    @pytest.fixture
    def node(self, tmp_path: Path) -> Path:
        """A node's folder with a store on the tables of today."""
        folder = tmp_path / "node"
        folder.mkdir()
        (folder / "node.toml").write_text(NODE, "utf-8")
        engines = open_engines(load_config(folder / "node.toml").store_url)
        migrate(engines.writer)
        engines.dispose()
        return folder

    def test_a_file_is_not_given_to_a_release_that_burns_the_bridge_unless_that_is_said(
        self, workshop: Workshop, tmp_path: Path, node: Path
    ) -> None:
        here = versions(tmp_path)
        install(workshop.make("1", steps=NEWEST).path, KEY.vkey, here, Order(nodes=[node]))
        two = workshop.make("2", steps="9003", posts=("9002",))
        with pytest.raises(ConfigurationError) as refusal:
            install(two.path, "", here, Order())  # the node is remembered
        assert refusal.value.reason == "no-way-back"
        assert install(two.path, "", here, Order(no_way_back=True)).post_steps == ("9002",)
        three = workshop.make("3", steps="9003", posts=("9002",))
        assert install(three.path, "", here, Order()).post_steps == ()

    def test_there_is_a_way_back_until_the_store_has_lost_what_the_release_before_needs(
        self, workshop: Workshop, tmp_path: Path, node: Path
    ) -> None:
        here = versions(tmp_path)
        one = workshop.make("1", steps=NEWEST)
        install(one.path, KEY.vkey, here, Order(nodes=[node]))
        two = workshop.make("2", steps="9003", posts=("9002",))
        install(two.path, "", here, Order(no_way_back=True))
        rollback(here, Order())
        install(two.path, "", here, Order(no_way_back=True))
        engines = open_engines(load_config(node / "node.toml").store_url)
        with engines.writer.begin() as connection:
            upsert_rows(connection, SETTING, [("schema-floor", b"9002")])
        engines.dispose()
        with pytest.raises(ConfigurationError) as refusal:
            rollback(here, Order())
        assert (refusal.value.reason, here.current) == ("no-way-back", two.manifest)

    def test_a_node_that_never_served_stands_in_nobodys_way(
        self, workshop: Workshop, tmp_path: Path, node: Path
    ) -> None:
        load_config(node / "node.toml").store_path.unlink()
        assert store_schema(node) == (True, "", "")
        assert not load_config(node / "node.toml").store_path.exists()
