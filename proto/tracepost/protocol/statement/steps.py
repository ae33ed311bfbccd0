"""The steps of verifying a statement, in order; each refusal names its step and a reason.

 1. limits        at most 4 MiB and 16,384 disclosures
                  too-large, too-many-disclosures
 2. form          a compact JWS, disclosures, a tilde after each, no key binding
                  not-compact, key-binding
 3. header        exactly alg ES256, our typ and x5t#S256
                  header-form, algorithm, type, certificate-digest
 4. certificate   is the one that the header names; its key is on P-256
                  other-certificate, key-type
 5. signature     ES256 over header and payload as transmitted
                  signature-form, signature
 6. claims        all there, well formed, nothing else in clear
                  missing-claim, unknown-claim, claim-form, suite, digest-algorithm
 7. parties       issued by the member of the certificate and, unless it is an exhibit,
                  addressed to the reader
                  issuer, audience
 8. groups        named like classes, each one `_sd` array of whole eights; no digest twice
                  class-form, group-form, digest-twice
 9. references    no disclosure twice, each one signed
                  disclosure-twice, disclosure-unreferenced
10. disclosures   [salt, path, value] with no name in it that RFC 9901 reserves
                  disclosure-form, salt, path-form, reserved-name
11. paths         no path twice
                  path-twice
12. classes       a field sits in its class or in one that it may be raised to
                  wrong-class
13. counters      `fields` counts at least what is shown and no more than was signed
                  counter-form, counter-too-small, counter-too-large

Of a class that is not known here nothing is read after step 8 (`unknown`).
Where steps 3, 5, 6 and 10 read base64url or JSON they may also refuse with not-base64url,
not-json, not-an-integer, duplicate-member or too-deep. Nothing of the payload is believed
before step 5.

Not done here: whose certificate it is and whether it is good (`identity`), whether the clock
of the issuer is ahead (`VerifiedStatement.ahead_of`: such mail is held, not refused), whether
the values obey the schema (`schema.validate_fields`).
"""

from __future__ import annotations

from dataclasses import dataclass

from tracepost.protocol.errors import StatementError


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered step; calling it makes the error with which it refuses."""

    number: int
    name: str

    def __call__(self, reason: str, message: str) -> StatementError:
        """Return the refusal of this step."""
        return StatementError(message, where=f"step {self.number}: {self.name}", reason=reason)


LIMITS = Step(1, "limits")
FORM = Step(2, "form")
HEADER = Step(3, "header")
CERTIFICATE = Step(4, "certificate")
SIGNATURE = Step(5, "signature")
CLAIMS = Step(6, "claims")
PARTIES = Step(7, "parties")
GROUPS = Step(8, "groups")
REFERENCES = Step(9, "references")
DISCLOSURES = Step(10, "disclosures")
PATHS = Step(11, "paths")
CLASSES = Step(12, "classes")
COUNTERS = Step(13, "counters")

STEPS = (
    LIMITS,
    FORM,
    HEADER,
    CERTIFICATE,
    SIGNATURE,
    CLAIMS,
    PARTIES,
    GROUPS,
    REFERENCES,
    DISCLOSURES,
    PATHS,
    CLASSES,
    COUNTERS,
)
