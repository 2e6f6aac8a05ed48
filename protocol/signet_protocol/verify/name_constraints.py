"""Which names an authority may issue certificates for (RFC 5280, 4.2.1.10).

Distinguished names are compared. Where a constraint is of another form and the certificate has a
name of that form, the certificate is refused, as the RFC asks of whoever does not compare it.
"""

from collections.abc import Sequence

from cryptography import x509
from cryptography.x509 import NameOID

from signet_protocol.verify.certificates import find_extension


def are_names_allowed(certificate: x509.Certificate, constraints: x509.NameConstraints) -> bool:
    """Whether every name of a certificate is one that its authority may certify."""
    permitted = list(constraints.permitted_subtrees or ())
    excluded = list(constraints.excluded_subtrees or ())
    return all(_is_allowed(name, permitted, excluded) for name in _names(certificate))


def _names(certificate: x509.Certificate) -> list[x509.GeneralName]:
    """Return the names that constraints are about; an empty subject is none."""
    names: list[x509.GeneralName] = []
    if list(certificate.subject):
        names.append(x509.DirectoryName(certificate.subject))
    # RFC 5280, 4.2.1.10: an address in the subject is held to the constraints on addresses.
    addresses = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    names += [x509.RFC822Name(str(one.value)) for one in addresses if str(one.value).isascii()]
    alternative = find_extension(certificate, x509.SubjectAlternativeName)
    return names + list(alternative or ())


def _is_allowed(
    name: x509.GeneralName,
    permitted: Sequence[x509.GeneralName],
    excluded: Sequence[x509.GeneralName],
) -> bool:
    may = [one for one in permitted if type(one) is type(name)]
    may_not = [one for one in excluded if type(one) is type(name)]
    if not isinstance(name, x509.DirectoryName):
        return not (may or may_not)
    within = [_is_within(name.value, one.value) for one in may_not]
    if any(within):
        return False
    return not may or any(_is_within(name.value, one.value) for one in may)


def _is_within(name: x509.Name, subtree: x509.Name) -> bool:
    """Whether a distinguished name begins with the members of a subtree."""
    base = [_normal(rdn) for rdn in subtree.rdns]
    return [_normal(rdn) for rdn in name.rdns][: len(base)] == base


def _normal(rdn: x509.RelativeDistinguishedName) -> frozenset[tuple[str, str]]:
    """Return a member without case and spacing, which do not tell names apart (RFC 5280, 7.1)."""
    return frozenset(
        (one.oid.dotted_string, " ".join(str(one.value).casefold().split())) for one in rdn
    )
