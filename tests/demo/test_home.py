"""The demonstration's folder: made once, complete, and without any authority's key."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import demo.home
from demo.home import DemoHome, open_home
from demo.identities import CITIZEN, ENTERPRISE, Identity
from signet_agent.channel.token_messages import OpenModule
from signet_agent.model import Algorithm, KeyUse, Token
from signet_agent.tokens.software import SoftwareProvider


def _token(home: DemoHome, identity: Identity) -> Token:
    module = OpenModule(identity.key, "software", str(home.token(identity)))
    (token,) = SoftwareProvider(module).tokens()
    return token


def test_a_second_start_keeps_what_the_first_one_made(tmp_path: Path) -> None:
    first, fresh = open_home(tmp_path / "home")
    pin = first.pin()

    second, again = open_home(tmp_path / "home")

    assert (fresh, again) == (True, False)
    assert second.pin() == pin


def test_a_folder_whose_certificates_end_soon_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_home(tmp_path / "home")
    monkeypatch.setattr(demo.home, "RENEW_BEFORE", timedelta(days=366))

    assert open_home(tmp_path / "home")[1] is True


def test_a_folder_that_was_left_half_done_is_made_anew(tmp_path: Path) -> None:
    home, _ = open_home(tmp_path / "home")
    (home.folder / "pin.txt").unlink()

    assert open_home(tmp_path / "home")[1] is True
    assert home.pin().isdigit()
    assert list(tmp_path.iterdir()) == [tmp_path / "home"]


def test_the_pin_is_six_random_digits_that_only_the_owner_reads(
    home: DemoHome, tmp_path: Path
) -> None:
    pins = {open_home(tmp_path / str(number))[0].pin() for number in range(3)}

    assert all(len(pin) == 6 and pin.isdigit() for pin in pins)
    assert len(pins) > 1
    for file in (home.folder / "pin.txt", home.site_key):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_key_in_the_folder_belongs_to_an_authority(home: DemoHome) -> None:
    authorities = [
        certificate.public_key()
        for file in (home.authorities, home.site_root)
        for certificate in x509.load_pem_x509_certificates(file.read_bytes())
    ]
    plain = [file for file in home.folder.rglob("*") if _holds_a_plain_key(file)]

    assert plain == [home.site_key]
    key = load_pem_private_key(home.site_key.read_bytes(), password=None)
    assert key.public_key() not in authorities


def _holds_a_plain_key(file: Path) -> bool:
    if not file.is_file():
        return False
    octets = file.read_bytes()
    # A PKCS#8 key in DER without encryption opens with a version; an encrypted one does not.
    return b"PRIVATE KEY" in octets or (file.suffix == ".p8" and octets[4:7] == b"\x02\x01\x00")


def test_the_enterprise_has_a_pair_of_rsa_keys(home: DemoHome) -> None:
    token = _token(home, ENTERPRISE)

    assert [each.uses for each in token.certificates] == [
        (KeyUse.LOGIN, KeyUse.SIGN),
        (KeyUse.OPEN,),
    ]
    signing = token.certificates[0]
    assert (signing.algorithm, signing.tail) == (Algorithm.RS256, "4821")
    assert signing.organisation == "云汀样例科技有限公司"
    assert token.demo


def test_the_citizen_has_one_ecdsa_key(home: DemoHome) -> None:
    (certificate,) = _token(home, CITIZEN).certificates

    assert (certificate.algorithm, certificate.tail) == (Algorithm.ES256, "0073")
    assert certificate.uses == (KeyUse.LOGIN, KeyUse.SIGN)
