"""The software library itself: what no test of the agent asks of it."""

import ctypes
from collections.abc import Callable, Iterator
from ctypes import byref, c_ubyte, c_uint32, c_void_p, create_string_buffer
from dataclasses import dataclass
from pathlib import Path

import pytest

from signet_agent.channel.token_messages import SkfForm
from signet_agent.tokens.skf_structures import Structures
from signet_protocol.gm import DEFAULT_ID, Sm2PrivateKey
from signet_protocol.gm.gmt0009 import read_ciphertext
from signet_protocol.gm.sm2 import compute_e
from signet_protocol.gm.sm3 import sm3
from signet_protocol.gm.sm4 import decrypt_sm4_cbc, encrypt_sm4_blocks
from tests.skf.build import SoftSkf
from tests.skf.devices import ADMIN_PIN, CONTAINER, PIN, Container, Pair, plug_in, set_tries, tries

OK, FAIL = 0, 0x0A00_0001
INVALID_HANDLE, INVALID_PARAMETER = 0x0A00_0005, 0x0A00_0006
BUFFER_TOO_SMALL = 0x0A00_0020
PIN_INCORRECT, PIN_LOCKED, NOT_LOGGED_IN = 0x0A00_0024, 0x0A00_0025, 0x0A00_002D
ADMIN, USER = 0, 1
SM4_CBC, SM3, SM2_SIGN = 0x402, 1, 0x2_0100
STRUCTURES = Structures(SkfForm())


@dataclass
class Client:
    """A caller that has connected the one device and opened its one application."""

    library: ctypes.CDLL
    key: Sm2PrivateKey
    application_folder: Path
    device: c_void_p
    application: c_void_p

    def call(self, name: str, *words: object) -> int:
        return int(self.library[name](*words)) & 0xFFFF_FFFF

    def open(self, name: str, *words: object) -> c_void_p:
        handle = c_void_p()
        assert self.call(name, *words, byref(handle)) == OK
        return handle

    def login(self, pin: str = PIN, user: int = USER) -> int:
        left = c_uint32()
        return self.call("SKF_VerifyPIN", self.application, user, pin.encode(), byref(left))

    def octets(self, name: str, *words: object) -> bytes:
        """Call a function that hands out octets, first for their number."""
        size = c_uint32()
        assert self.call(name, *words, None, byref(size)) == OK
        buffer = create_string_buffer(size.value)
        assert self.call(name, *words, buffer, byref(size)) == OK
        return buffer.raw[: size.value]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    skf = SoftSkf.compile(tmp_path / "skf")
    key, opens = Sm2PrivateKey.generate(), Sm2PrivateKey.generate()
    folder = plug_in(skf, {"app": {CONTAINER: Container(Pair(key, b""), Pair(opens, b""))}})
    made = Client(ctypes.CDLL(str(skf.path)), key, folder / "app", c_void_p(), c_void_p())
    made.device = made.open("SKF_ConnectDev", folder.name.encode())
    made.application = made.open("SKF_OpenApplication", made.device, b"app")
    yield made
    made.call("SKF_DisConnectDev", made.device)


def test_a_buffer_that_is_too_small_is_left_alone(client: Client) -> None:
    size, buffer = c_uint32(3), create_string_buffer(b"xyz")

    assert client.call("SKF_EnumDev", 1, buffer, byref(size)) == BUFFER_TOO_SMALL
    assert (buffer.value, size.value > 3) == (b"xyz", True)
    assert client.call("SKF_EnumDev", 1, buffer, None) == INVALID_PARAMETER


def test_a_handle_of_another_kind_or_of_nothing_is_refused(client: Client) -> None:
    size = c_uint32()
    for handle in (client.device, c_void_p(1), None):
        assert client.call("SKF_EnumContainer", handle, None, byref(size)) == INVALID_HANDLE


def test_what_belongs_to_a_device_closes_with_it(client: Client) -> None:
    other = client.open("SKF_ConnectDev", client.application_folder.parent.name.encode())
    application = client.open("SKF_OpenApplication", other, b"app")
    assert client.call("SKF_DisConnectDev", other) == OK

    assert client.call("SKF_CloseApplication", application) == INVALID_HANDLE


def test_the_state_of_a_device_is_told_by_its_name(client: Client) -> None:
    state = c_uint32(9)
    for name, expected in ((client.application_folder.parent.name.encode(), 1), (b"none", 0)):
        assert client.call("SKF_GetDevState", name, byref(state)) == OK
        assert state.value == expected


def test_a_device_is_locked_and_unlocked(client: Client) -> None:
    assert client.call("SKF_LockDev", client.device, 0xFFFF_FFFF) == OK
    assert client.call("SKF_UnlockDev", client.device) == OK


def test_a_device_knows_whom_it_trusts_by_a_challenge(client: Client) -> None:
    challenge = create_string_buffer(8)
    assert client.call("SKF_GenRandom", client.device, challenge, 8) == OK
    right = encrypt_sm4_blocks(b"1234567812345678", challenge.raw + bytes(8))

    assert client.call("SKF_DevAuth", client.device, bytes(16), 16) == FAIL
    assert client.call("SKF_DevAuth", client.device, right, 16) == OK


def test_a_pin_is_changed_by_who_knows_it(client: Client) -> None:
    left = c_uint32()
    words = (client.application, USER)
    change = "SKF_ChangePIN"
    assert client.call(change, *words, b"000000", b"654321", byref(left)) == PIN_INCORRECT
    assert left.value == 5
    assert client.call(change, *words, PIN.encode(), b"654321", byref(left)) == OK

    assert client.login() == PIN_INCORRECT
    assert client.login("654321") == OK


def test_a_locked_pin_is_freed_by_the_admin(client: Client) -> None:
    set_tries(client.application_folder, 1)
    left = c_uint32()
    assert client.login("000000") == PIN_LOCKED
    assert client.login() == PIN_LOCKED
    words = (client.application, ADMIN_PIN.encode(), b"654321", byref(left))

    assert client.call("SKF_UnblockPIN", *words) == OK
    assert client.login("654321") == OK
    assert tries(client.application_folder) == 6


def test_nothing_is_done_with_a_key_before_the_login_or_after_it(client: Client) -> None:
    container = client.open("SKF_OpenContainer", client.application, CONTAINER.encode())
    value = create_string_buffer(128)
    sign: Callable[[], int] = lambda: client.call(  # noqa: E731 -- asked three times below
        "SKF_ECCSignData", container, bytes(32), 32, value
    )
    assert sign() == NOT_LOGGED_IN
    assert client.login(ADMIN_PIN, ADMIN) == OK
    assert sign() == NOT_LOGGED_IN
    assert client.login() == OK
    assert sign() == OK
    assert client.call("SKF_ClearSecureState", client.application) == OK
    assert sign() == NOT_LOGGED_IN


def test_keys_are_made_in_a_new_container(client: Client) -> None:
    kind, blob = c_uint32(), create_string_buffer(268)
    assert client.login() == OK
    for name, make, number, expected in (
        (b"ecc", "SKF_GenECCKeyPair", SM2_SIGN, 2),
        (b"rsa", "SKF_GenRSAKeyPair", 1024, 1),
    ):
        container = client.open("SKF_CreateContainer", client.application, name)
        assert client.call("SKF_GetContainerType", container, byref(kind)) == OK
        assert kind.value == 0
        assert client.call(make, container, number, blob) == OK
        assert client.call("SKF_GetContainerType", container, byref(kind)) == OK
        assert kind.value == expected
        exported = client.octets("SKF_ExportPublicKey", container, 1)
        assert exported == blob.raw[: len(exported)]
        assert client.call("SKF_CloseContainer", container) == OK


def test_a_hash_with_a_key_and_an_identity_is_e(client: Client) -> None:
    point = client.key.public_key.point
    blob = b"\0\1\0\0" + point[1:33].rjust(64, b"\0") + point[33:].rjust(64, b"\0")
    words = (client.device, SM3, blob, DEFAULT_ID, len(DEFAULT_ID))
    digest = client.open("SKF_DigestInit", *words)
    assert client.call("SKF_DigestUpdate", digest, b"docu", 4) == OK
    out, size = create_string_buffer(32), c_uint32(32)

    assert client.call("SKF_Digest", digest, b"ment", 4, out, byref(size)) == OK
    assert out.raw == compute_e(point, b"document", DEFAULT_ID)
    assert client.call("SKF_CloseHandle", digest) == OK


def test_a_hash_without_a_key_is_sm3(client: Client) -> None:
    digest = client.open("SKF_DigestInit", client.device, SM3, None, None, 0)
    out, size = create_string_buffer(32), c_uint32(32)

    assert client.call("SKF_Digest", digest, b"document", 8, out, byref(size)) == OK
    assert out.raw == sm3(b"document")


def test_a_session_key_encrypts_and_decrypts_as_sm4_does(client: Client) -> None:
    assert client.login() == OK
    container = client.open("SKF_OpenContainer", client.application, CONTAINER.encode())
    opens = Sm2PrivateKey.from_pkcs8(
        (client.application_folder / CONTAINER / "open.key").read_bytes()
    )
    wrapped = STRUCTURES.write_ciphertext(*read_ciphertext(opens.public_key.encrypt(b"k" * 16)))
    key = client.open("SKF_ImportSessionKey", container, SM4_CBC, wrapped, len(wrapped))
    padded = STRUCTURES.cipher_parameter((c_ubyte * 32)(*b"i" * 16), 16, 1, 0)
    message = b"twenty octets are it"

    assert client.call("SKF_EncryptInit", key, padded) == OK
    out, size = create_string_buffer(64), c_uint32(64)
    assert client.call("SKF_EncryptUpdate", key, message[:7], 7, out, byref(size)) == OK
    first = out.raw[: size.value]
    size.value = 64
    assert client.call("SKF_Encrypt", key, message[7:], 13, out, byref(size)) == OK
    sealed = first + out.raw[: size.value]
    assert decrypt_sm4_cbc(b"k" * 16, b"i" * 16, sealed) == message

    assert client.call("SKF_DecryptInit", key, padded) == OK
    size.value = 64
    assert client.call("SKF_Decrypt", key, sealed, len(sealed), out, byref(size)) == OK
    assert out.raw[: size.value] == message
    assert client.call("SKF_EncryptInit", key, padded) == OK
    size.value = 64
    assert client.call("SKF_EncryptFinal", key, out, byref(size)) == OK
    assert size.value == 16
