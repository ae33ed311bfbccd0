"""OpenSSL's CMS, called in this process through its C functions: signed and encrypted, decrypted and verified.

P-256 keys as ours, AES-256-CBC. No process is started for a message, nothing is kept, nothing is receipted.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from ctypes import c_char_p, c_int, c_long, c_uint, c_void_p
from pathlib import Path
from typing import Any, Final

from work import tell_rate

_BINARY: Final = 0x80
_NO_CAPABILITIES: Final = 0x200
_BIO_CTRL_INFO: Final = 3


def load_library() -> Any:
    """Return libcrypto with the signatures that are used here."""
    name = ctypes.util.find_library("crypto")
    if name is None:
        raise SystemExit("libcrypto is missing")
    crypto = ctypes.CDLL(name)
    pointer = c_void_p
    for function, result, *arguments in (
        ("BIO_new_mem_buf", pointer, c_char_p, c_int),
        ("BIO_s_mem", pointer),
        ("BIO_new", pointer, pointer),
        ("BIO_free", c_int, pointer),
        ("BIO_ctrl", c_long, pointer, c_int, c_long, pointer),
        ("PEM_read_bio_X509", pointer, pointer, pointer, pointer, pointer),
        ("PEM_read_bio_PrivateKey", pointer, pointer, pointer, pointer, pointer),
        ("X509_STORE_new", pointer),
        ("X509_STORE_add_cert", c_int, pointer, pointer),
        ("OPENSSL_sk_new_null", pointer),
        ("OPENSSL_sk_push", c_int, pointer, pointer),
        ("EVP_aes_256_cbc", pointer),
        ("CMS_sign", pointer, pointer, pointer, pointer, pointer, c_uint),
        ("CMS_encrypt", pointer, pointer, pointer, pointer, c_uint),
        ("CMS_decrypt", c_int, pointer, pointer, pointer, pointer, pointer, c_uint),
        ("CMS_verify", c_int, pointer, pointer, pointer, pointer, pointer, c_uint),
        ("CMS_ContentInfo_free", None, pointer),
        ("i2d_CMS_bio", c_int, pointer, pointer),
        ("d2i_CMS_bio", pointer, pointer, pointer),
    ):
        found = getattr(crypto, function)
        found.restype, found.argtypes = result, arguments
    return crypto


class Cms:
    """One sender and one addressee."""

    def __init__(self, folder: Path) -> None:
        self._crypto = load_library()
        self._certificates = {n: self._read(folder / f"p256-{n}.crt", "X509") for n in ("xaa", "xab")}
        self._keys = {n: self._read(folder / f"p256-{n}.pem", "PrivateKey") for n in ("xaa", "xab")}
        self._to = self._crypto.OPENSSL_sk_new_null()
        self._crypto.OPENSSL_sk_push(self._to, self._certificates["xab"])
        self._believed = self._crypto.X509_STORE_new()
        self._crypto.X509_STORE_add_cert(self._believed, self._certificates["xaa"])

    def exchange(self, payload: bytes) -> None:
        """Sign and encrypt at one end, decrypt and verify at the other."""
        assert self._open(self._seal(payload)) == payload

    def _seal(self, payload: bytes) -> bytes:
        crypto, flags = self._crypto, _BINARY | _NO_CAPABILITIES
        content = crypto.BIO_new_mem_buf(payload, len(payload))
        signed = crypto.CMS_sign(self._certificates["xaa"], self._keys["xaa"], None, content, flags)
        inner = self._encode(signed)
        plain = crypto.BIO_new_mem_buf(inner, len(inner))
        sealed = crypto.CMS_encrypt(self._to, plain, crypto.EVP_aes_256_cbc(), _BINARY)
        crypto.BIO_free(content)
        crypto.BIO_free(plain)
        return self._encode(sealed)

    def _open(self, wire: bytes) -> bytes:
        crypto = self._crypto
        sealed, plain = self._decode(wire), crypto.BIO_new(crypto.BIO_s_mem())
        done = crypto.CMS_decrypt(sealed, self._keys["xab"], self._certificates["xab"], None, plain, _BINARY)
        assert done == 1, "not decrypted"
        signed, content = self._decode(self._take(plain)), crypto.BIO_new(crypto.BIO_s_mem())
        assert crypto.CMS_verify(signed, None, self._believed, None, content, _BINARY) == 1, "not verified"
        for one in (sealed, signed):
            crypto.CMS_ContentInfo_free(one)
        return self._take(content)

    def _encode(self, message: int) -> bytes:
        assert message, "OpenSSL made nothing"
        bio = self._crypto.BIO_new(self._crypto.BIO_s_mem())
        self._crypto.i2d_CMS_bio(bio, message)
        self._crypto.CMS_ContentInfo_free(message)
        return self._take(bio)

    def _decode(self, wire: bytes) -> int:
        bio = self._crypto.BIO_new_mem_buf(wire, len(wire))
        message: int = self._crypto.d2i_CMS_bio(bio, None)
        self._crypto.BIO_free(bio)
        assert message, "OpenSSL read nothing"
        return message

    def _take(self, bio: int) -> bytes:
        start = c_void_p()
        length = self._crypto.BIO_ctrl(bio, _BIO_CTRL_INFO, 0, ctypes.byref(start))
        content = ctypes.string_at(start, length)
        self._crypto.BIO_free(bio)
        return content

    def _read(self, path: Path, kind: str) -> int:
        pem = path.read_bytes()
        bio = self._crypto.BIO_new_mem_buf(pem, len(pem))
        found: int = getattr(self._crypto, f"PEM_read_bio_{kind}")(bio, None, None, None)
        self._crypto.BIO_free(bio)
        assert found, path
        return found


if __name__ == "__main__":
    tell_rate(Cms(Path(sys.argv[1])).exchange, Path(sys.argv[1]), float(sys.argv[2]))
