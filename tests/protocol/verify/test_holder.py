"""What a department learns from a verified certificate."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import NameOID

from signet_protocol.verify import Holder, HolderKind, Reason
from signet_protocol.verify.policy import IdentityOids
from tests.kit.pki import (
    CITIZEN,
    ENTERPRISE,
    REGISTRATION_NUMBER,
    TAX_NUMBER,
    USCC,
    Subject,
    private_key,
)
from tests.protocol.verify.city import City, refused

pytestmark = pytest.mark.quick


def test_an_enterprise_certificate_names_agent_company_and_code(city: City) -> None:
    authority = city.hierarchy.enterprise
    certificate = authority.issue(ENTERPRISE, private_key("p256").public_key())
    assert Holder.of(certificate) == Holder(
        name="张三 样例",
        organisation="云汀样例科技有限公司",
        kind=HolderKind.ENTERPRISE,
        serial_number="59542025E001482101",
        issuer="云汀市证书服务中心（示例）企业 CA",
        fingerprint=certificate.fingerprint(SHA256()).hex(),
        cid="990101199001010011",
        social_insurance_number="",
        registration_number="",
        uscc="91990100MAYT00013L",
        tax_number="",
    )


def test_a_citizen_certificate_names_a_citizen_and_no_company(city: City) -> None:
    certificate = city.hierarchy.citizen.issue(CITIZEN, private_key("p256").public_key())
    holder = Holder.of(certificate)
    assert holder.kind is HolderKind.CITIZEN
    assert (holder.organisation, holder.uscc) == ("", "")


def test_an_unknown_unit_is_neither_enterprise_nor_citizen(city: City) -> None:
    subject = Subject("张三 样例", unit="机构证书", serial_number=0x0A)
    holder = Holder.of(city.hierarchy.citizen.issue(subject, private_key("p256").public_key()))
    assert holder.kind is HolderKind.OTHER
    assert holder.serial_number == "0A"


def test_the_registration_and_tax_numbers_are_read(city: City) -> None:
    numbers = {REGISTRATION_NUMBER: "990100000013", TAX_NUMBER: "9901000MAYT0001"}
    subject = Subject("张三 样例", identities=numbers)
    holder = Holder.of(city.hierarchy.enterprise.issue(subject, private_key("p256").public_key()))
    assert (holder.registration_number, holder.tax_number) == ("990100000013", "9901000MAYT0001")


@pytest.mark.parametrize("tag", [0x0C, 0x13, 0x16, 0x80, 0x81])
def test_a_number_is_read_in_every_form_that_authorities_write(city: City, tag: int) -> None:
    value = x509.UnrecognizedExtension(USCC, bytes([tag, 3]) + b"91X")
    key = private_key("p256").public_key()
    certificate = city.hierarchy.citizen.issue(Subject("张三"), key, extensions=[(value, False)])
    assert Holder.of(certificate).uscc == "91X"


@pytest.mark.parametrize("tag", [0xA0, 0xA1])
def test_a_number_is_read_behind_the_tag_of_its_choice(city: City, tag: int) -> None:
    octets = bytes([tag, 5, 0x13, 3]) + b"91X"
    value = x509.UnrecognizedExtension(USCC, octets)
    key = private_key("p256").public_key()
    certificate = city.hierarchy.citizen.issue(Subject("张三"), key, extensions=[(value, False)])
    assert Holder.of(certificate).uscc == "91X"


def test_a_department_says_where_its_numbers_stand(city: City) -> None:
    oids = IdentityOids(tax_number=("1.2.86.11.7.5", TAX_NUMBER.dotted_string))
    key = private_key("p256").public_key()
    numbers = {x509.ObjectIdentifier("1.2.86.11.7.5"): "old", TAX_NUMBER: "new"}
    both = city.hierarchy.citizen.issue(Subject("张三", identities=numbers), key)
    assert Holder.of(both, oids).tax_number == "old"
    assert Holder.of(both).tax_number == "new"


def test_a_certificate_without_a_name_is_refused(city: City) -> None:
    certificate = city.hierarchy.citizen.issue(Subject(""), private_key("p256").public_key())
    with refused(Reason.CERTIFICATE_MALFORMED):
        Holder.of(certificate)


def test_a_certificate_with_two_names_is_refused(city: City) -> None:
    class Twins(Subject):
        def as_name(self) -> x509.Name:
            names = ("张三", "李四")
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])

    certificate = city.hierarchy.citizen.issue(Twins(""), private_key("p256").public_key())
    with refused(Reason.CERTIFICATE_MALFORMED):
        Holder.of(certificate)


@pytest.mark.parametrize(
    "value",
    [b"", b"\x04\x01x", b"\x0c\x05x", b"\x0c\x01xy", b"\x0c\x01\xff"],
    ids=["empty", "another type", "cut", "trailing octet", "no UTF-8"],
)
def test_an_identity_extension_out_of_form_is_refused(city: City, value: bytes) -> None:
    certificate = city.hierarchy.citizen.issue(
        Subject("张三"),
        private_key("p256").public_key(),
        extensions=[(x509.UnrecognizedExtension(USCC, value), False)],
    )
    with refused(Reason.CERTIFICATE_MALFORMED):
        Holder.of(certificate)
