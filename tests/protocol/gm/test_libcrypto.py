"""Where SM2 is missing, wrong or unsafe, that is said, and nothing else is disturbed."""

import _hashlib
import ctypes
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from signet_protocol.gm import Sm2KeyError, Sm2PrivateKey, Sm2PublicKey, Sm2UnavailableError
from signet_protocol.gm.libcrypto import Libcrypto, has_leaky_inversion, load_libcrypto
from signet_protocol.gm.self_test import STANDARD, checked_libcrypto, require_vectors

pytestmark = pytest.mark.quick

P256 = ec.generate_private_key(ec.SECP256R1())


def test_a_library_without_the_functions_is_no_sm2() -> None:
    with pytest.raises(Sm2UnavailableError, match="older than OpenSSL 3"):
        Libcrypto(ctypes.CDLL("libm.so.6"))


def test_a_build_without_sm2_is_no_sm2(tmp_path: Path) -> None:
    source, library = tmp_path / "none.c", tmp_path / "none.so"
    source.write_text(
        "#include <stddef.h>\n"
        "void *EVP_PKEY_CTX_new_from_name(void *c, char *n, char *p) { return NULL; }\n"
    )
    # Linked with the real one: only the answer about SM2 is another.
    subprocess.run(
        [
            "gcc",
            "-shared",
            "-fPIC",
            "-o",
            library,
            source,
            "-Wl,--no-as-needed",
            "-l:libcrypto.so.3",
        ],
        check=True,
    )
    with pytest.raises(Sm2UnavailableError, match="without it"):
        Libcrypto(ctypes.CDLL(str(library)))


@pytest.mark.parametrize("member", ["digest", "signature", "sm3_abc", "plaintext"])
def test_one_wrong_answer_is_no_sm2(member: str) -> None:
    wrong = getattr(STANDARD, member)[:-1] + b"\0"
    with pytest.raises(Sm2UnavailableError, match="examples"):
        require_vectors(load_libcrypto(), STANDARD._replace(**{member: wrong}))


def test_the_self_test_runs_once() -> None:
    assert checked_libcrypto() is checked_libcrypto()


def test_hashing_works_without_touching_sm2() -> None:
    script = (
        "import sys; from signet_protocol.gm.sm3 import sm3; from signet_protocol.gm import sm4;"
        "sys.exit(sm3(b'').hex()[:8] != '1ab21d83')"
    )
    subprocess.run([sys.executable, "-I", "-c", script], check=True)


def test_a_failure_leaves_no_error_for_the_next_user_of_the_library() -> None:
    library = ctypes.CDLL(_hashlib.__file__)
    library.ERR_peek_error.restype = ctypes.c_ulong
    key = Sm2PrivateKey.generate()
    assert not key.public_key.verify_digest(b"\x30\x00", bytes(32))
    with pytest.raises(Sm2KeyError):
        Sm2PublicKey.from_point(b"\x04" + bytes(64))
    assert library.ERR_peek_error() == 0
    ssl.create_default_context()


def test_a_key_of_another_curve_is_refused() -> None:
    spki = P256.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pkcs8 = P256.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(Sm2KeyError):
        Sm2PublicKey.from_spki(spki)
    with pytest.raises(Sm2KeyError):
        checked_libcrypto().read_public(spki)
    with pytest.raises(Sm2KeyError):
        Sm2PrivateKey.from_pkcs8(pkcs8)


@pytest.mark.parametrize("octets", [b"", b"\x30\x00", bytes(100)])
def test_octets_that_are_no_private_key_are_refused(octets: bytes) -> None:
    with pytest.raises(Sm2KeyError):
        Sm2PrivateKey.from_pkcs8(octets)


def test_a_public_handle_has_no_secret_and_does_nothing_that_needs_one() -> None:
    library = checked_libcrypto()
    handle = library.read_public(Sm2PrivateKey.generate().public_key.spki)
    with pytest.raises(Sm2KeyError, match="private"):
        library.read_scalar(handle, 32)
    assert library.sign(handle, bytes(32)) is None
    assert library.decrypt(handle, b"\x30\x00") is None


@pytest.mark.parametrize(
    ("machine", "version", "leaky"),
    [
        ("x86_64", 0x30200000, False),
        ("aarch64", 0x30000160, False),
        ("aarch64", 0x30200050, True),
        ("arm64", 0x30200060, False),
        ("ARM64", 0x30300040, True),
        ("aarch64", 0x30400030, False),
        ("aarch64", 0x30500030, True),
        ("aarch64", 0x30500040, False),
        ("aarch64", 0x30600000, False),
        ("aarch64", 0x40000000, False),
    ],
)
def test_a_build_whose_timing_tells_keys_is_known(machine: str, version: int, leaky: bool) -> None:
    assert has_leaky_inversion(machine, version) is leaky


def test_private_keys_are_refused_where_timing_tells_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    monkeypatch.setattr("signet_protocol.gm.libcrypto._FIRST_LEAKY", 0x30000000)
    monkeypatch.setattr("signet_protocol.gm.libcrypto._MENDED", dict.fromkeys(range(0x306), 2**32))
    with pytest.raises(Sm2UnavailableError, match="CVE-2025-9231"):
        Sm2PrivateKey.generate()
