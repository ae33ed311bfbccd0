"""A national authority at work: it issues, takes back and publishes.

The order of issuing, always and for everyone:

1. possession   the request is signed by its P-256 key; for a desk, the nonce that was sealed
                to its HPKE key came back (`enrolments.py`)
2. template     the profile, not the applicant, says what the certificate says
3. policy       `constraints.py`
4. intent       what will be signed is recorded, and enrolment and token are used up with it
5. signature    deterministic (RFC 6979), so that signing again after a crash gives the same
6. validation   of what was signed, with the code that peers will use (`inspection.py`)
7. publication  first the file, then the mark in the database, then the answer

Whatever stands recorded as intended and not as published was cut short by a crash: `recover`
completes it from step 5. Boulder records the same intent for the same reason.

    authority = open_authority(directory, passphrase)       # founding.py
    token = authority.new_token(desk_profile("poc"))
    challenge = authority.begin(token, request, desk_key)
    leaf, root = authority.finish(challenge.session, nonce)

Not done here: the dialogue over the network (`service.py`), keeping the key (`keystore.py`),
revocation lists (`revocation.py`).
"""

from __future__ import annotations

import secrets

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tracepost.ca.clock import Clock, wall_clock
from tracepost.ca.constraints import check_keys, check_profile, check_request, check_root
from tracepost.ca.enrolments import Enrolments
from tracepost.ca.inspection import draft_of, inspect_certificate, public_key_der
from tracepost.ca.keystore import Random, RootKey, generate_key
from tracepost.ca.profile import Draft, Issuer, Profile, leaf_template
from tracepost.ca.publication import PublishedFiles
from tracepost.ca.revocation import RevocationLists, old_database, parse_reason
from tracepost.ca.settings import Settings
from tracepost.ca.store import AuthorityStore, Issued, Revocation, serials
from tracepost.protocol.enrolment import SERVER_LABEL, ChallengePaper, load_request, make_request
from tracepost.protocol.errors import EnrolmentError, InternalError, NotFoundError
from tracepost.protocol.identity import Role, certificate_sha256
from tracepost.protocol.ids import encode_b64


class Authority:
    """One member's certification authority. Made by `init_authority` or `open_authority`.

    Methods may be called from several threads and processes. Without its root key it can
    look and hand out tokens, but signs nothing (`ConfigurationError`).
    """

    def __init__(
        self,
        settings: Settings,
        root: x509.Certificate,
        key: RootKey,
        store: AuthorityStore,
        files: PublishedFiles,
        *,
        clock: Clock = wall_clock,
        random: Random = secrets.token_bytes,
    ) -> None:
        self.settings = settings
        self.issuer = Issuer(root, settings.member, settings.domain)
        self._key = key
        self._store = store
        self._files = files
        self._clock = clock
        self._random = random
        self._lists = RevocationLists(
            self.issuer, key, store, files, clock=clock, lifetime_s=settings.lifetimes.crl
        )
        self._enrolments = Enrolments(
            certificate_sha256(root),
            store,
            settings.lifetimes,
            issue=self._issue,
            issued_before=self._issued_before,
            clock=clock,
            random=random,
        )

    @property
    def root(self) -> x509.Certificate:
        """The root certificate."""
        return self.issuer.root

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root certificate, base64url: what a token pins and a person compares."""
        return encode_b64(certificate_sha256(self.root))

    def close(self) -> None:
        """Give the files back."""
        self._store.close()

    # ── enrolling ────────────────────────────────────────────────────────────────────

    def new_token(self, profile: Profile, *, lifetime_s: int | None = None) -> str:
        """Return a one-time token for a certificate of this profile; only its digest is kept.

        Raises `EnrolmentError` if a member of this type has no such certificate.
        """
        check_profile(profile, self.settings.member_type)
        return self._enrolments.new_token(profile, lifetime_s)

    def begin(self, token: str, request: bytes, desk_key: bytes | None) -> ChallengePaper:
        """Begin the enrolment of whoever bears the token.

        Args:
            token: as `new_token` gave it out.
            request: PKCS #10, DER.
            desk_key: for a desk, its HPKE public key.

        Raises:
            EnrolmentError: token, request or key is refused.
            SealingError: these bytes are no HPKE key.

        """
        return self._enrolments.begin_with_token(token, request, desk_key)

    def begin_for(self, profile: Profile, request: bytes, desk_key: bytes | None) -> ChallengePaper:
        """Begin an enrolment on the word of the operator who calls this; otherwise like `begin`."""
        check_profile(profile, self.settings.member_type)
        return self._enrolments.begin(profile, request, desk_key)

    def finish(self, session: str, nonce: bytes | None) -> list[x509.Certificate]:
        """Finish an enrolment: return leaf and root. Asked again, it gives the same certificate.

        Raises `EnrolmentError` with the step of issuing that refused.
        """
        return [self._enrolments.finish(session, nonce), self.root]

    def issue_from_csr(self, profile: Profile, request: bytes) -> list[x509.Certificate]:
        """Issue on the operator's word, where the request's own signature shows possession enough."""
        if profile.role is Role.DESK:
            raise EnrolmentError(
                "a desk shows its HPKE key by a challenge", where="step 1 possession", reason="desk-key"
            )
        return [self._issue(profile, request, desk_key_sha256=None, session=None), self.root]

    def issue_server(self) -> tuple[ec.EllipticCurvePrivateKey, list[x509.Certificate]]:
        """Return key and certificates for this authority's own TLS server; the key is kept nowhere."""
        key = generate_key()
        leaf = self._issue(None, make_request(key), desk_key_sha256=None, session=None)
        return key, [leaf, self.root]

    # ── the order of issuing ─────────────────────────────────────────────────────────

    def _issue(
        self,
        profile: Profile | None,
        request: bytes,
        *,
        desk_key_sha256: bytes | None,
        session: str | None,
    ) -> x509.Certificate:
        self._key.unlocked()
        # 1. possession (of an HPKE key it was shown before)
        asked = load_request(request)
        # 2. template
        draft = self._draft(profile, public_key_der(asked), desk_key_sha256)
        # Under the lock, so that of two requests with one key one is the second.
        with self._files.exclusive():
            # 3. policy
            self._check_policy(draft, asked)
            # 4. intent
            self._store.record_intent(draft, now=self._clock(), session=session)
        return self._complete(draft)

    def _complete(self, draft: Draft) -> x509.Certificate:
        # 5. signature
        certificate = self._sign(draft)
        # 6. validation
        try:
            inspect_certificate(certificate, draft, self.issuer)
        except InternalError:
            self._take_back(draft)
            raise
        # 7. publication
        self._files.write_certificate(certificate)
        self._store.publish(draft.serial, certificate.public_bytes(serialization.Encoding.DER))
        return certificate

    def _draft(self, profile: Profile | None, public_key: bytes, desk_key_sha256: bytes | None) -> Draft:
        lifetimes, now = self.settings.lifetimes, self._clock()
        return Draft(
            serial=new_serial(self._random),
            label=profile.label if profile else SERVER_LABEL,
            profile=profile,
            public_key=public_key,
            desk_key_sha256=desk_key_sha256,
            not_before=now - lifetimes.backdate,
            not_after=now + (lifetimes.of(profile.role) if profile else lifetimes.server),
        )

    def _check_policy(self, draft: Draft, request: x509.CertificateSigningRequest) -> None:
        if draft.profile is not None:
            check_profile(draft.profile, self.settings.member_type)
        check_root(draft, self.issuer)
        check_request(request, self.issuer.name(draft.label))
        earlier = self._store.with_keys(draft.public_key, draft.desk_key_sha256)
        check_keys(draft, earlier, serials(self._store.revocations()))

    def _sign(self, draft: Draft) -> x509.Certificate:
        key = serialization.load_der_public_key(draft.public_key)
        assert isinstance(key, ec.EllipticCurvePublicKey)  # step 1
        builder = leaf_template(draft, key, self.issuer)
        return builder.sign(self._key.unlocked(), hashes.SHA256(), ecdsa_deterministic=True)

    def _take_back(self, draft: Draft) -> None:
        # It never left, but a signature under it exists.
        self._store.revoke(Revocation(draft.serial, self._clock(), "unspecified"))
        self._store.abandon(draft.serial)
        self._lists.publish()

    def _issued_before(self, serial: int) -> x509.Certificate:
        issued = self._store.certificate(serial)
        if issued is None or issued.state == "abandoned":
            raise EnrolmentError(
                "this enrolment did not end in a certificate", where="session", reason="session-abandoned"
            )
        if issued.certificate is None:
            return self._complete(issued.draft)
        return x509.load_der_x509_certificate(issued.certificate)

    # ── taking back ──────────────────────────────────────────────────────────────────

    def revoke(self, serial: int, reason: str = "unspecified") -> Revocation:
        """Take a certificate back for ever and publish the list; once more gives the first date again.

        Raises:
            InvalidInputError: no such reason (`revocation.REASONS`).
            NotFoundError: this authority issued no such certificate.

        """
        self._key.unlocked()
        parse_reason(reason)
        if self._store.certificate(serial) is None:
            raise NotFoundError(
                "this authority issued no such certificate",
                where="serial number",
                reason="unknown-certificate",
                remedy="Look it up: tracepost ca list DIRECTORY.",
            )
        revocation = self._store.revoke(Revocation(serial, self._clock(), reason))
        if self._lists.is_due():
            self._lists.publish()
        return revocation

    def publish_crl(self) -> bytes:
        """Sign and publish the next revocation list; return it (DER). Due before its `next_update`."""
        return self._lists.publish()

    def renew_crl(self) -> bool:
        """Publish a new list if the last one is out of date or half of its life is over; say whether."""
        if not (self._lists.is_due() or self._lists.is_aging()):
            return False
        self._lists.publish()
        return True

    # ── looking ──────────────────────────────────────────────────────────────────────

    def certificates(self) -> list[Issued]:
        """Return everything this authority issued or began to issue, oldest first."""
        return self._store.certificates()

    def revocations(self) -> list[Revocation]:
        """Return everything it took back, oldest first."""
        return self._store.revocations()

    def crl(self) -> bytes | None:
        """Return the published revocation list, DER."""
        return self._files.read_list()

    # ── after a crash, after a restore ───────────────────────────────────────────────

    def recover(self) -> list[int]:
        """Complete what a crash cut short; return the serial numbers of completed certificates."""
        intended = self._store.certificates("intended")
        for issued in intended:
            self._complete(issued.draft)
        if self._lists.is_due():
            self._lists.publish()
        return [issued.draft.serial for issued in intended]

    def refuse_old_database(self) -> None:
        """Raise `StoreError` if what was published knows more than the database."""
        self._lists.refuse_forgotten()
        known = {issued.draft.serial for issued in self._store.certificates()}
        if not self._files.serials() <= known:
            raise old_database()

    def learn_from_publications(self, crl: bytes | None = None) -> None:
        """Teach a restored database what was published since: lists, certificates, used tokens.

        Tokens that the backup shows as open may have been used since: all of them end.

        Args:
            crl: the newest list that anybody has, such as a peer (DER); the published one is
                always read.

        """
        for known in (crl, self._files.read_list()):
            if known is not None:
                self._lists.learn(known)
        for pem in self._files.certificates():
            self._learn_certificate(x509.load_pem_x509_certificate(pem))
        self._store.void_open_tokens()
        self._lists.publish()

    def _learn_certificate(self, certificate: x509.Certificate) -> None:
        draft = draft_of(certificate, self.issuer)
        der = certificate.public_bytes(serialization.Encoding.DER)
        self._store.adopt_certificate(draft, der, now=self._clock())


def new_serial(random: Random) -> int:
    """Return a positive serial number of 159 random bits (RFC 5280, 4.1.2.2)."""
    return int.from_bytes(random(20)) >> 1 | 1 << 158
