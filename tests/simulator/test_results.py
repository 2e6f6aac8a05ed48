"""What the simulator signs and opens holds for our own verification, and for openssl."""

import hashlib
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from signet_protocol.gm.gmt0010 import seal
from signet_protocol.verify import Reason, SignatureReport
from signet_simulator.people import Crowd
from signet_simulator.scripts import Order, PersonName
from tests.kit.running_agent import code_of
from tests.kit.running_simulator import SITE, scene
from tests.protocol.vectors import validator
from tests.simulator.results import FORM, NONCE, base64, octets, openssl, verifier_in

SIGNERS: list[PersonName] = ["enterprise", "citizen"]


def _as_person(name: PersonName, answer: str = "allow") -> Order:
    return Order(answer, person=name, times=9)


@pytest.mark.parametrize("person", SIGNERS)
async def test_a_login_token_is_accepted_by_our_verification(
    crowd: Crowd, tmp_path: Path, person: PersonName
) -> None:
    async with scene(crowd, _as_person(person)) as shown:
        answer = await shown.page.call("login", nonce=NONCE)

    validator("reply", "login").validate(answer["result"])
    report = verifier_in(tmp_path, crowd).login(answer["result"]["token"], origin=SITE, nonce=NONCE)
    assert report.errors == ()
    assert report.accepted
    assert report.holder is not None
    assert "演示 DEMO" in report.holder.name
    assert report.holder.cid == "000000199001010000"


async def test_a_login_token_is_for_one_site(crowd: Crowd, tmp_path: Path) -> None:
    async with scene(crowd) as shown:
        answer = await shown.page.call("login", nonce=NONCE)

    token = answer["result"]["token"]
    other = "https://another.example.gov"
    report = verifier_in(tmp_path, crowd).login(token, origin=other, nonce=NONCE)
    assert [each.reason for each in report.errors] == [Reason.LOGIN_SIGNATURE_WRONG]


async def _signed(crowd: Crowd, order: Order, **params: object) -> tuple[bytes, str]:
    """Have the form signed; return the signature and the digest."""
    async with scene(crowd, order) as shown:
        answer = await shown.page.call(
            "sign", document=base64(FORM), media_type="application/json", **params
        )
    validator("reply", "sign").validate(answer["result"])
    return octets(answer, "signature"), answer["result"]["digest"]


def _judge(folder: Path, crowd: Crowd, signature: bytes) -> SignatureReport:
    return verifier_in(folder, crowd).signature(signature, content=FORM)


@pytest.mark.parametrize("packaging", ["detached", "attached"])
@pytest.mark.parametrize("person", SIGNERS)
async def test_a_signature_is_accepted_by_our_verification_and_by_openssl(
    crowd: Crowd, tmp_path: Path, person: PersonName, packaging: str
) -> None:
    signature, digest = await _signed(crowd, _as_person(person), packaging=packaging)

    report = _judge(tmp_path, crowd, signature)
    assert report.errors == ()
    assert report.accepted
    assert report.attached is (packaging == "attached")
    assert digest == hashlib.sha256(FORM).hexdigest()
    cms, document = tmp_path / "cms.der", tmp_path / "document"
    cms.write_bytes(signature)
    document.write_bytes(FORM)
    trust = ("-CAfile", tmp_path / "demo-ca.pem", "-purpose", "any", "-binary")
    given = ("-content", document) if packaging == "detached" else ()
    read = openssl("cms", "-verify", "-cades", "-inform", "DER", "-in", cms, *given, *trust)
    assert read == FORM


async def test_another_document_has_another_signature(crowd: Crowd, tmp_path: Path) -> None:
    signature, _ = await _signed(crowd, Order("allow"))

    report = verifier_in(tmp_path, crowd).signature(signature, content=b"{}")

    assert not report.accepted


async def test_a_revoked_certificate_signs_and_the_server_finds_out(
    crowd: Crowd, tmp_path: Path
) -> None:
    signature, _ = await _signed(crowd, _as_person("revoked"))

    report = _judge(tmp_path, crowd, signature)

    assert Reason.CERTIFICATE_REVOKED in [each.reason for each in report.errors]


async def test_an_expired_certificate_is_not_offered_as_the_agent_does_not(crowd: Crowd) -> None:
    async with scene(crowd, _as_person("expired")) as shown:
        answer = await shown.page.call("login", nonce=NONCE)

    assert code_of(answer) == "token.certificate_expired"


async def test_an_expired_certificate_signs_unchecked_and_the_server_finds_out(
    crowd: Crowd, tmp_path: Path
) -> None:
    signature, _ = await _signed(crowd, _as_person("expired", "allow-unchecked"))

    report = _judge(tmp_path, crowd, signature)

    assert Reason.CERTIFICATE_EXPIRED in [each.reason for each in report.errors]


async def test_a_batch_has_a_signature_for_each_document(crowd: Crowd, tmp_path: Path) -> None:
    texts = [f"第 {number} 份".encode() for number in range(20)]
    documents = [
        {"document": base64(text), "media_type": "text/plain", "name": f"{number}.txt"}
        for number, text in enumerate(texts)
    ]
    async with scene(crowd, _as_person("citizen")) as shown:
        answer = await shown.page.call("sign_batch", documents=documents)

    validator("reply", "sign_batch").validate(answer["result"])
    verifier = verifier_in(tmp_path, crowd)
    items = answer["result"]["items"]
    for text, item in zip(texts, items, strict=True):
        assert item["digest"] == hashlib.sha256(text).hexdigest()
        assert verifier.signature(b64decode(item["signature"]), content=text).accepted


async def test_a_batch_with_one_bad_document_gives_no_signature(crowd: Crowd) -> None:
    documents = [
        {"document": base64(FORM), "media_type": "application/json"},
        {"document": base64(b'{"b":1,"a":2}'), "media_type": "application/json"},
    ]
    async with scene(crowd) as shown:
        answer = await shown.page.call("sign_batch", documents=documents)

    assert code_of(answer) == "page.document_unsuitable"


@pytest.mark.parametrize("person", SIGNERS)
async def test_a_plain_signature_is_over_the_octets_themselves(
    crowd: Crowd, person: PersonName
) -> None:
    text = "同意".encode("gbk")
    async with scene(crowd, _as_person(person)) as shown:
        answer = await shown.page.call(
            "sign", document=base64(text), media_type="text/plain;charset=gbk", format="plain"
        )

    signature = octets(answer, "signature")
    certificate = x509.load_der_x509_certificate(octets(answer, "certificate"))
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, text, padding.PKCS1v15(), SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, text, ec.ECDSA(SHA256()))


@pytest.mark.parametrize(
    "wrapping",
    [
        (),
        ("-keyopt", "rsa_padding_mode:oaep"),
        ("-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"),
    ],
    ids=["PKCS #1", "OAEP with SHA-1", "OAEP with SHA-256"],
)
@pytest.mark.parametrize("cipher", ["-aes-128-cbc", "-aes-192-cbc", "-aes-256-cbc"])
@pytest.mark.parametrize("identifier", [(), ("-keyid",)], ids=["by serial", "by key"])
async def test_an_envelope_of_openssl_is_opened(
    crowd: Crowd,
    tmp_path: Path,
    wrapping: tuple[str, ...],
    cipher: str,
    identifier: tuple[str, ...],
) -> None:
    crowd.write(tmp_path)
    recipient = tmp_path / "enterprise-encryption.pem"
    envelope = openssl(
        *("cms", "-encrypt", "-binary", "-outform", "DER", cipher, *identifier),
        *("-recip", recipient, *wrapping),
        given="工资单".encode(),
    )
    async with scene(crowd) as shown:
        answer = await shown.page.call("decrypt", envelope=base64(envelope))

    validator("reply", "decrypt").validate(answer["result"])
    assert octets(answer, "content") == "工资单".encode()
    assert octets(answer, "certificate") == crowd.people["enterprise"].encryption.der  # type: ignore[union-attr]  # she has one


async def test_an_envelope_of_sm2_is_opened(crowd: Crowd) -> None:
    holding = crowd.people["sm2"].encryption
    assert holding is not None
    envelope = seal("工资单".encode(), [holding.certificate])

    async with scene(crowd) as shown:
        answer = await shown.page.call("decrypt", envelope=base64(envelope))

    assert octets(answer, "content") == "工资单".encode()


async def test_a_damaged_envelope_is_unsuitable_and_nobody_is_told_why(
    crowd: Crowd, tmp_path: Path
) -> None:
    crowd.write(tmp_path)
    recipient = tmp_path / "enterprise-encryption.pem"
    words = ("cms", "-encrypt", "-binary", "-outform", "DER", "-aes-128-cbc", "-recip", recipient)
    envelope = bytearray(openssl(*words, given=b"x" * 64))
    envelope[-1] ^= 1
    holding = crowd.people["sm2"].encryption
    assert holding is not None
    sealed = bytearray(seal(b"x", [holding.certificate]))
    sealed[-1] ^= 1

    async with scene(crowd) as shown:
        answers = [
            await shown.page.call("decrypt", envelope=base64(bytes(each)))
            for each in (envelope, sealed, b"no envelope", FORM)
        ]

    assert [code_of(answer) for answer in answers] == ["page.envelope_unsuitable"] * 4
    assert len({answer["error"]["message"] for answer in answers}) == 1


async def test_an_envelope_for_somebody_else_has_no_certificate_here(
    crowd: Crowd, tmp_path: Path
) -> None:
    Crowd.create().write(tmp_path)
    recipient = tmp_path / "enterprise-encryption.pem"
    words = ("cms", "-encrypt", "-binary", "-outform", "DER", "-aes-256-cbc", "-recip", recipient)
    envelope = openssl(*words, given=b"x")

    async with scene(crowd) as shown:
        answer = await shown.page.call("decrypt", envelope=base64(envelope))

    assert code_of(answer) == "page.certificate_unknown"


async def test_a_chosen_certificate_signs_when_it_is_named(crowd: Crowd) -> None:
    async with scene(crowd, Order("allow", person="citizen")) as shown:
        chosen = (await shown.page.call("choose"))["result"]
        answer = await shown.page.call(
            "sign",
            document=base64(FORM),
            media_type="application/json",
            certificate=chosen["fingerprint"],
        )

    assert answer["result"]["certificate"] == chosen["certificate"]
    der = b64decode(chosen["certificate"])
    assert chosen["fingerprint"] == hashlib.sha256(der).hexdigest()


async def test_a_certificate_that_nobody_has_is_unknown(crowd: Crowd) -> None:
    async with scene(crowd) as shown:
        answer = await shown.page.call(
            "sign", document=base64(b"x"), media_type="text/plain", certificate="0" * 64
        )

    assert code_of(answer) == "page.certificate_unknown"


async def test_a_certificate_of_sm2_is_shown_but_signs_in_no_form_of_the_contract(
    crowd: Crowd,
) -> None:
    async with scene(crowd, _as_person("sm2")) as shown:
        chosen = await shown.page.call("choose")
        login = await shown.page.call("login", nonce=NONCE)

    assert octets(chosen, "certificate") == crowd.people["sm2"].signing.der
    assert code_of(login) == "token.certificate_unsuitable"


def _sealed_otherwise(folder: Path, crowd: Crowd, *words: str) -> bytes:
    crowd.write(folder)
    recipient = folder / "enterprise-encryption.pem"
    command = ("cms", "-encrypt", "-binary", "-outform", "DER", "-recip", recipient)
    return openssl(*command, *words, given=b"x")


@pytest.mark.parametrize(
    "words",
    [
        ("-des3",),
        ("-aes-128-cbc", "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha224"),
        ("-aes-128-gcm",),
    ],
    ids=["triple DES", "OAEP with SHA-224", "AES-GCM"],
)
async def test_an_envelope_of_another_form_is_unsuitable(
    crowd: Crowd, tmp_path: Path, words: tuple[str, ...]
) -> None:
    envelope = _sealed_otherwise(tmp_path, crowd, *words)
    async with scene(crowd) as shown:
        answer = await shown.page.call("decrypt", envelope=base64(envelope))

    assert code_of(answer) == "page.envelope_unsuitable"


async def test_a_signature_is_no_envelope(crowd: Crowd) -> None:
    signature, _ = await _signed(crowd, Order("allow"))
    async with scene(crowd) as shown:
        answer = await shown.page.call("decrypt", envelope=base64(signature))

    assert code_of(answer) == "page.envelope_unsuitable"
