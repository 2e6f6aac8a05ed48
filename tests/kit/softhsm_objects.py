"""Write a folder's keys and certificates on a token; run as a process of its own.

Usage: ``softhsm_objects.py MODULE LABEL PIN FOLDER``. A file is named by CKA_ID and what it holds:
``01.rsa-private``, ``01.rsa-public`` (both PKCS#1), ``0a.ec-private`` (SEC 1), ``0a.ec-public``
(SubjectPublicKeyInfo), ``01.certificate`` (any octets); ``.always`` behind a private key stands
for CKA_ALWAYS_AUTHENTICATE.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import Attribute, CertificateType, ObjectClass
from pkcs11.util.ec import decode_ec_private_key, decode_ec_public_key
from pkcs11.util.rsa import decode_rsa_private_key, decode_rsa_public_key

Template = dict[Attribute, Any]


def certificate(content: bytes) -> Template:
    """Return a certificate object of octets that need not be a certificate."""
    return {
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
        Attribute.SUBJECT: b"0\0",
        Attribute.VALUE: content,
    }


def private(decode: Callable[[bytes], Template], content: bytes) -> Template:
    """Return a private key object that is used on the token only."""
    usual = {Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.SIGN: True}
    return {**decode(content), **usual}


READERS: dict[str, Callable[[bytes], Template]] = {
    "certificate": certificate,
    "rsa-private": lambda content: private(decode_rsa_private_key, content),
    "ec-private": lambda content: private(decode_ec_private_key, content),
    "rsa-public": decode_rsa_public_key,
    "ec-public": decode_ec_public_key,
}


def main(module: str, label: str, pin: str, folder: str) -> None:
    """Write everything that lies in the folder."""
    token = pkcs11.lib(module).get_token(token_label=label)
    with token.open(rw=True, user_pin=pin) as session:
        for file in sorted(Path(folder).iterdir()):
            identity, kind, *always = file.name.split(".")
            template = READERS[kind](file.read_bytes())
            template |= {Attribute.TOKEN: True, Attribute.ID: bytes.fromhex(identity)}
            if always:
                template[Attribute.ALWAYS_AUTHENTICATE] = True
            session.create_object(template)


if __name__ == "__main__":
    main(*sys.argv[1:])
