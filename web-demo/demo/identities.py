"""The people and enterprises of the demonstration. Every name and number is a sample."""

from dataclasses import dataclass, field

from cryptography.x509 import ObjectIdentifier

# The arc of GM/T 0015 for numbers in certificates, where a department's policy looks for them.
CID = ObjectIdentifier("1.2.156.10260.4.1.1")
REGISTRATION_NUMBER = ObjectIdentifier("1.2.156.10260.4.1.3")
USCC = ObjectIdentifier("1.2.156.10260.4.1.4")
TAX_NUMBER = ObjectIdentifier("1.2.156.10260.4.1.5")


@dataclass(frozen=True)
class Identity:
    """A holder of certificates, and how the token that carries them is labelled.

    ``certificate_serials`` are those of the signing and, for enterprises, of the encryption
    certificate.
    """

    key: str
    name: str
    unit: str
    certificate_serials: tuple[int, ...]
    label: str
    serial: str
    organisation: str = ""
    numbers: dict[ObjectIdentifier, str] = field(default_factory=dict)

    @property
    def signing_serial(self) -> str:
        """Return the signing certificate's serial number in hexadecimal, as receipts show it."""
        return f"{self.certificate_serials[0]:X}"


ENTERPRISE = Identity(
    key="e1",
    name="张三 样例",
    organisation="云汀样例科技有限公司",
    unit="企业证书",
    certificate_serials=(0x59542025E001482101, 0x59542025E001482102),
    label="企业 USB Key（演示）",
    serial="YT-UK-4821",
    numbers={
        CID: "990101198808080013",
        REGISTRATION_NUMBER: "990100000000013",
        USCC: "91990100MAYT00013L",
        TAX_NUMBER: "91990100MAYT00013L",
    },
)

CITIZEN = Identity(
    key="c01",
    name="张三 样例",
    unit="市民证书",
    certificate_serials=(0x59542022C001007303,),
    label="市民卡（演示）",
    serial="YT-SMK-0073",
    numbers={CID: "990101198808080013"},
)
