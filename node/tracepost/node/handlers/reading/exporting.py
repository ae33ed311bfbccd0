"""To export a case: one file with all that proves it, or its statements for other people's tools.

    each statement opened for this desk through the gate → proofs of our log → the log says that it
    was exported → the file

    .tracepost   statements as this desk sees them, photographs, envelopes' headers with the sender's
                 proof and all receipts, certificates, revocation lists, the trust list
    sd-jwt       a tar of NN-<kind>.sd-jwt (compact), NN-<kind>.pem (signer, root) and
                 NN-<kind>.jwk.json (the signer's key), in the order of the case; what a statement encloses
                 stands beside it as NN-<kind>-M-<kind of that>, as far as it is shown

A statement of which this desk holds nothing, or whose last day of keeping has passed, is left out; `verify`
then says that a predecessor is missing. What else a restriction forbids ends the export. What never left us
(enquiries, findings) is in the file only if that is asked for: it verifies like all that we wrote, and no log
of others says when.
"""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.casebook import find_case, in_case_order
from tracepost.node.handlers.case.circumstances import Act, CaseTerms, read_terms
from tracepost.node.handlers.case.entitlement import choose_reading_desk, require_reading
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.case.thread import claims_of
from tracepost.node.handlers.sealed.opening import Opened, Opener, Sealed, UnlockedDesks, load_sealed
from tracepost.node.handlers.sealed.shown_exhibits import check_lineage, verify_exhibits
from tracepost.node.handlers.sealed.trail import Trail, file_envelopes, read_trail
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.papers import Papers
from tracepost.node.policies.restrictions import KEEPING_ENDED
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.casefile import write_casefile
from tracepost.protocol.certificate import load_certificate
from tracepost.protocol.errors import NotFoundError, PermissionError_
from tracepost.protocol.ids import MemberId, ThreadId, encode_b64
from tracepost.protocol.schema import INNER_KINDS
from tracepost.protocol.statement import Statement, UntrustedStatement, peek_issuer, to_compact
from tracepost.wire.v1 import desk_pb2, terms_pb2
from tracepost.wire.v1.casefile_pb2 import CaseFile, FiledDeletion, FiledEnvelope, FiledStatement

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _Exported:
    """A case as it leaves."""

    thread: ThreadId
    desk: OwnDesk
    at: int
    opened: tuple[Opened, ...]
    trail: Trail
    deletions: tuple[FiledDeletion, ...]


class Exporting:
    """One per process."""

    def __init__(
        self,
        *,
        office: Office,
        gate: Gate,
        desks: UnlockedDesks,
        opener: Opener,
        papers: Papers,
        log: DisclosureLog,
        store: Store,
        clock: Callable[[], int],
    ) -> None:
        self._office = office
        self._gate = gate
        self._desks = desks
        self._opener = opener
        self._papers = papers
        self._log = log
        self._store = store
        self._clock = clock

    async def export(self, officer: Officer, request: desk_pb2.ExportCaseRequest) -> bytes:
        """Return the case as a file of the format that is asked for.

        Raises:
            LockedDeskError: the desk is locked.
            SealingError, StatementError: a statement does not open, or does not verify.
            LimitError: the file would be too large.
            PermissionError_: a statement may not be used for this purpose.
        """
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        self._desks.secrets(desk.desk)
        thread, records, terms = await self._store.read(partial(_find, named=request.case))
        require_reading(self._office, self._gate, desk, terms)
        act = Act(terms_pb2.Purpose.Name(request.purpose) if request.purpose else "")
        left_out = frozenset[str]() if request.with_inner else INNER_KINDS
        opened = await self._open([r for r in records if r.kind not in left_out], desk, act)
        shown = [one.record for one in opened]
        trail = await self._store.read(partial(read_trail, digests=[r.digest for r in shown]))
        deletions = await self._store.read(
            lambda tx: self._deletions(tx, [r for r in records if r.kind not in left_out])
        )
        await self._log.record(shown, officer, desk, Action.EXPORT, act)
        exported = _Exported(thread, desk, self._clock(), tuple(opened), trail, deletions)
        if request.format == desk_pb2.EXPORT_FORMAT_SD_JWT:
            return await asyncio.to_thread(self._write_archive, exported)
        return await asyncio.to_thread(self._write_casefile, exported)

    # ── opening ──────────────────────────────────────────────────────────────────────

    async def _open(self, records: Sequence[StatementRecord], desk: OwnDesk, act: Act) -> list[Opened]:
        opened: list[Opened] = []
        for start in range(0, len(records), _AT_ONCE):
            some = records[start : start + _AT_ONCE]
            sealed = await self._store.read(partial(load_sealed, records=some, desk=desk.desk))
            opened += await asyncio.to_thread(lambda: list(self._open_some(sealed, desk, act)))  # noqa: B023
        return opened

    def _open_some(self, sealed: Iterable[Sealed], desk: OwnDesk, act: Act) -> Iterator[Opened]:
        for one in sealed:
            try:
                yield self._opener.open(one, desk, Action.EXPORT, act)
            except NotFoundError:
                continue
            except PermissionError_ as error:
                if error.reason != KEEPING_ENDED:
                    raise

    # ── the file of evidence ─────────────────────────────────────────────────────────

    def _write_casefile(self, exported: _Exported) -> bytes:
        envelopes = file_envelopes(exported.trail, self._store.evidence, self._office.member)
        members = {m for one in exported.opened for m in _signers(one.statement)}
        case = CaseFile(
            thread=exported.thread,
            exported_by=self._office.member,
            exported_for_desk=exported.desk.desk,
            exported_at=exported.at,
            statements=[_file(one, envelopes.get(one.record.digest, [])) for one in exported.opened],
            certificates=self._papers.certificates_of(members),
            crls=self._papers.crls_of(members),
            trust_list=self._papers.trust.data,
            deletions=exported.deletions,
        )
        return write_casefile(case)

    def _deletions(self, tx: Tx, records: Iterable[StatementRecord]) -> tuple[FiledDeletion, ...]:
        """Return what is left of those that were deleted here, with what our log says of it."""
        stones = [*tx.tombstones.find([one.digest for one in records]).values()]
        lines = tx.log.lines([one.log_number for one in stones])
        numbered = [(one.log_number, lines[one.log_number]) for one in stones]
        proofs = self._store.evidence.prove(numbered) if numbered else []
        return tuple(
            FiledDeletion(
                statement_digest=encode_b64(one.statement),
                issuer=one.iss,
                jti=one.jti,
                kind=one.kind,
                proof=proof,
            )
            for one, proof in zip(stones, proofs, strict=True)
        )

    # ── for other people's tools ─────────────────────────────────────────────────────

    def _write_archive(self, exported: _Exported) -> bytes:
        archive = io.BytesIO()
        width = max(2, len(str(len(exported.opened))))
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for number, one in enumerate(exported.opened, 1):
                name = f"{number:0{width}}-{one.record.kind.partition('/')[0]}"
                pieces = [(f"{name}.{ending}", data) for ending, data in self._pieces(one.statement)]
                for path, data in (*pieces, *self._enclosed(one, name)):
                    entry = tarfile.TarInfo(path)
                    entry.size, entry.mtime, entry.mode = len(data), exported.at, 0o644
                    tar.addfile(entry, io.BytesIO(data))
        return archive.getvalue()

    def _enclosed(self, opened: Opened, name: str) -> Iterator[tuple[str, bytes]]:
        """Yield the files of the statements that stand in one, verified, each under the name of that one."""
        if opened.record.kind not in schema.KINDS:
            return
        message = schema.assemble(opened.record.kind, opened.statement.fields()).message
        shown = verify_exhibits(message, self._papers, opened.record.stored_at)
        check_lineage(shown, claims_of(opened.record))
        for number, one in enumerate((inner for outer in shown for inner in outer.walk()), 1):
            leaf, *above = [load_certificate(der) for der in one.exhibit.issuer_certificates]
            root = self._papers.roots_of(one.statement.claims.iss)
            kind = one.statement.claims.kind.partition("/")[0]
            for ending, data in _files(one.statement, leaf, [leaf, *above, *root]):
                yield f"{name}-{number}-{kind}.{ending}", data

    def _pieces(self, statement: Statement) -> Iterator[tuple[str, bytes]]:
        """Yield a statement's files by their endings."""
        leaf = self._papers.certificate_of_old(statement.certificate_sha256, statement.claims.iss)
        path = self._papers.path_of(leaf, statement.claims.iss)
        yield from _files(statement, leaf, path)


def _files(
    statement: Statement, leaf: x509.Certificate, path: Iterable[x509.Certificate]
) -> Iterator[tuple[str, bytes]]:
    """Yield a statement, the certificates that prove its signer and the signer's key, by endings."""
    yield "sd-jwt", to_compact(statement).encode("ascii")
    yield "pem", b"".join(c.public_bytes(Encoding.PEM) for c in path)
    yield "jwk.json", orjson.dumps(_jwk(leaf, statement.certificate_sha256), option=orjson.OPT_INDENT_2)


def _find(tx: Tx, named: str) -> tuple[ThreadId, list[StatementRecord], CaseTerms]:
    thread = find_case(tx, named)
    records = in_case_order(tx.statements.in_threads([thread]))
    return thread, records, read_terms(tx, [thread])[thread]


def _file(opened: Opened, envelopes: Sequence[FiledEnvelope]) -> FiledStatement:
    return FiledStatement(
        sd_jwt=to_compact(opened.statement), parts=opened.parts.values(), envelopes=envelopes
    )


def _signers(statement: Statement) -> Iterator[MemberId]:
    """Yield who signed a statement, and the exhibits that it shows."""
    yield statement.claims.iss
    for one in statement.disclosures:
        if one.path.startswith("exhibits.") and one.path.endswith(".jws") and isinstance(one.value, str):
            yield peek_issuer(UntrustedStatement(one.value, ()))


def _jwk(certificate: x509.Certificate, certificate_sha256: bytes) -> dict[str, str]:
    """Return the public key of a statement certificate as a JWK (RFC 7517)."""
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)  # step 1 of `identity`
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": encode_b64(numbers.x.to_bytes(32)),
        "y": encode_b64(numbers.y.to_bytes(32)),
        "alg": "ES256",
        "use": "sig",
        "kid": encode_b64(certificate_sha256),
        "x5t#S256": encode_b64(certificate_sha256),
    }
