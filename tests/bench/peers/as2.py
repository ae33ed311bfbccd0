"""AS2 by pyas2lib: signed, encrypted, decrypted, verified, kept on the disk; a signed MDN goes back and is verified.

RSA-2048 and SHA-256, AES-256-CBC, both ends in this process, no network between them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from work import durable_file, tell_rate


def import_pyas2lib() -> Any:
    """Import it although oscrypto 1.3 reads no OpenSSL version whose last number has two digits (3.0.19)."""
    plain = re.search

    def patient(pattern: Any, text: Any, flags: int = 0) -> Any:
        if isinstance(pattern, str):
            pattern = pattern.replace(r"\d\.\d\.\d[a-z]*", r"\d+\.\d+\.\d+[a-z]*")
        return plain(pattern, text, flags)

    re.search = patient  # type: ignore[assignment]
    try:
        import pyas2lib

        return pyas2lib
    finally:
        re.search = plain


def main(folder: Path, seconds: float) -> None:
    """Exchange messages for so long, and print how many a second."""
    as2 = import_pyas2lib()
    papers = {name: (folder / f"rsa-{name}.pem").read_bytes() for name in ("xaa", "xab")}
    certificates = {name: (folder / f"rsa-{name}.crt").read_bytes() for name in papers}
    ends = {
        name: as2.Organization(name, sign_key=pem, decrypt_key=pem, domain="localhost")
        for name, pem in papers.items()
    }
    partners = {
        name: as2.Partner(
            name,
            verify_cert=certificate,
            encrypt_cert=certificate,
            validate_certs=False,
            sign=True,
            digest_alg="sha256",
            encrypt=True,
            enc_alg="aes_256_cbc",
            mdn_mode="SYNC",
            mdn_digest_alg="sha256",
        )
        for name, certificate in certificates.items()
    }
    with durable_file(folder) as keep:

        def exchange(payload: bytes) -> None:
            sent = as2.Message(ends["xaa"], partners["xab"])
            sent.build(payload, filename="request.json", content_type="application/json")
            came = as2.Message()
            status, problem, mdn = came.parse(
                sent.headers_str + b"\r\n" + sent.content,
                find_org_cb=ends.__getitem__,
                find_partner_cb=partners.__getitem__,
            )
            assert status == "processed", problem
            keep(came.content)
            receipt = as2.Mdn()
            answer = mdn.headers_str + b"\r\n" + mdn.content
            status, detail = receipt.parse(answer, find_message_cb=lambda _id, _to: sent)
            assert status == "processed", detail

        tell_rate(exchange, folder, seconds)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
