"""Structures against the offsets that the C compiler gives the library's own header."""

import ctypes
import subprocess
from pathlib import Path

import pytest

from signet_agent.channel.token_messages import SkfForm
from signet_agent.tokens.skf_structures import SkfFormError, Structures

HEADER = Path("tests/skf/library").resolve()
POINT = b"\x04" + bytes(range(1, 65))

SIZES = """
#include <stddef.h>
#include <stdio.h>
#include "skf.h"
int main(void) {
    printf("%zu %zu %zu %zu %zu %zu %zu %zu", offsetof(DEVINFO, SerialNumber),
           offsetof(DEVINFO, Reserved), sizeof(ECCPUBLICKEYBLOB), sizeof(RSAPUBLICKEYBLOB),
           sizeof(BLOCKCIPHERPARAM), offsetof(ECCCIPHERBLOB, Cipher),
           offsetof(ENVELOPEDKEYBLOB, PubKey), offsetof(ENVELOPEDKEYBLOB, ECCCipherBlob));
}
"""


def _sizes_in_c(folder: Path, form: SkfForm) -> list[int]:
    program, words = folder / "sizes", [f"-DULONG_BYTES={form.ulong_size}"]
    words += [] if form.packed else ["-DNATURAL_ALIGNMENT"]
    (folder / "sizes.c").write_text(SIZES)
    subprocess.run(["cc", f"-I{HEADER}", *words, "-o", program, folder / "sizes.c"], check=True)
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return [int(word) for word in printed.split()]


@pytest.mark.parametrize("ulong_size", [4, 8])
@pytest.mark.parametrize("packed", [True, False])
def test_every_structure_is_as_the_compiler_lays_it_out(
    tmp_path: Path, ulong_size: int, packed: bool
) -> None:
    form = SkfForm(ulong_size=ulong_size, packed=packed)  # type: ignore[arg-type]  # 4 or 8
    serial, reserved, point, modulus, cipher, blob, public, wrapped = _sizes_in_c(tmp_path, form)
    structures = Structures(form)
    info = bytearray(reserved + 64)
    info[serial : serial + 3] = b"123"

    assert structures.read_device(bytes(info)).serial == "123"
    assert ctypes.sizeof(structures.cipher_parameter) == cipher
    ciphertext = structures.write_ciphertext(POINT, b"h" * 32, b"c" * 5)
    assert len(ciphertext) == blob + 5
    assert ciphertext[blob:] == b"c" * 5
    envelope = structures.write_envelope(0x401, POINT, b"k" * 32, ciphertext)
    assert envelope[public : public + 4] == (256).to_bytes(4, "little")
    assert envelope[wrapped:] == ciphertext
    assert envelope[public - 32 : public] == b"k" * 32 or not packed
    with pytest.raises(SkfFormError):
        structures.read_public_key(bytes(point + modulus))


def test_the_packed_structures_have_the_standards_sizes(tmp_path: Path) -> None:
    assert _sizes_in_c(tmp_path, SkfForm())[1:] == [230, 132, 268, 44, 164, 76, 208]


@pytest.mark.parametrize("right", [True, False])
def test_a_number_may_lie_at_either_end_of_its_field(right: bool) -> None:
    number = bytes(range(1, 33))
    field = number.rjust(64, b"\0") if right else number.ljust(64, b"\0")

    assert Structures(SkfForm()).read_signature(2 * field) == 2 * number


def test_a_number_that_fills_its_field_is_none_of_the_curve() -> None:
    with pytest.raises(SkfFormError, match="larger than the curve"):
        Structures(SkfForm()).read_signature(b"\1" * 128)


def test_a_point_of_another_size_is_not_written() -> None:
    with pytest.raises(ValueError, match="65 octets"):
        Structures(SkfForm()).write_ciphertext(POINT[:-1], bytes(32), b"")
