"""What the policy says to one question. Pure: records in, a decision out."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from signet_agent.channel.document_messages import FormView
from signet_agent.daemon.policy.model import Form, Policy, Site, in_language
from signet_agent.errors import PolicyDeniedError, TokenError
from signet_agent.model import Certificate, KeyUse, Operation, Token
from signet_protocol.errors import ErrorCode


class Candidate(Struct, frozen=True):
    """A certificate that may be offered, and the token it lives on."""

    token: Token
    certificate: Certificate


class Offer(Struct, frozen=True):
    """What a site may ask for; ``plain`` allows signatures without attributes."""

    operations: tuple[Operation, ...] = ()
    plain: bool = False


class Decider:
    """Answers for one policy; a new policy means a new decider."""

    def __init__(self, policy: Policy) -> None:
        """Index the sites by origin."""
        self.policy = policy
        self._sites = {site.origin: site for site in policy.site}

    def allows_origin(self, origin: str) -> bool:
        """Whether a page of this origin may speak at all; equality of text, nothing else."""
        return origin in self._sites

    def admit(self, origin: str, operation: Operation) -> Site:
        """Return the site's rules if it may ask for this operation.

        Raises:
            PolicyDeniedError: it may not.
        """
        site = self._sites.get(origin)
        if site is None or operation not in site.operations:
            message = f"{origin} may not ask for {operation}"
            raise PolicyDeniedError(message)
        return site

    def offer(self, origin: str, day: date) -> Offer:
        """Return what a site may ask for on this day."""
        site = self._sites.get(origin)
        return Offer() if site is None else Offer(site.operations, plain_allowed(site, day))


def forms_in(site: Site, language: str) -> dict[str, FormView]:
    """Return a site's forms as the document room needs them, in the person's language."""
    return {form.id: _form_in(form, language) for form in site.form}


def form_of(site: Site, identifier: str) -> Form | None:
    """Return the site's form of this id, if policy knows it."""
    return next((form for form in site.form if form.id == identifier), None)


def plain_allowed(site: Site, day: date) -> bool:
    """Whether the site may still have signatures without attributes on this day."""
    return site.plain_until is not None and day <= site.plain_until


def candidates(
    site: Site,
    use: KeyUse,
    tokens: Iterable[Token],
    now: int,
    wanted: str | None = None,
    recipients: frozenset[str] | None = None,
) -> tuple[Candidate, ...]:
    """Return the certificates that may be offered to the person, at ``now`` (epoch seconds).

    ``wanted`` narrows to one fingerprint, ``recipients`` to those for whom an envelope was sealed;
    of these an expired one opens too, for what was sealed stays readable. A certificate that shows
    in two slots, or through two drivers, is offered once, from the first. The order of reasons
    tells the person the most useful one: no token, none for this use, none the policy allows, none
    that is valid today.

    Raises:
        TokenError: there is none, and why (``token.*``, ``page.certificate_unknown``).
        PolicyDeniedError: policy leaves none (``policy.key_denied``).
    """
    present = _named(tokens, wanted, recipients)
    fitting = [c for c in present if use in c.certificate.uses and c.certificate.algorithm]
    if not fitting:
        raise TokenError(f"none for {use}", ErrorCode.TOKEN_CERTIFICATE_UNSUITABLE)
    allowed = [c for c in fitting if _passes(site, c)]
    if not allowed:
        raise PolicyDeniedError("no present key passes", ErrorCode.POLICY_KEY_DENIED)
    valid = [c for c in allowed if recipients or _is_valid(c.certificate, now)]
    if not valid:
        raise TokenError("none is valid now", ErrorCode.TOKEN_CERTIFICATE_EXPIRED)
    first: dict[str, Candidate] = {}
    for candidate in valid:
        first.setdefault(candidate.certificate.fingerprint, candidate)
    return tuple(first.values())


def _named(
    tokens: Iterable[Token], wanted: str | None, recipients: frozenset[str] | None
) -> list[Candidate]:
    """Return what is present, and of it what the page or the envelope names."""
    present = [Candidate(token, c) for token in tokens for c in token.certificates]
    if not present:
        raise TokenError("no token with a certificate", ErrorCode.TOKEN_ABSENT)
    named = [
        c
        for c in present
        if wanted in {None, c.certificate.fingerprint}
        and (recipients is None or recipients.intersection(c.certificate.recipient_ids))
    ]
    if not named:
        raise TokenError("not present", ErrorCode.PAGE_CERTIFICATE_UNKNOWN)
    return named


def _is_valid(certificate: Certificate, now: int) -> bool:
    return certificate.not_before <= now <= certificate.not_after


def _passes(site: Site, candidate: Candidate) -> bool:
    issuers, modules = site.keys.issuers, site.keys.modules
    module = candidate.token.uri.partition(":")[2].partition("/")[0]
    return (not issuers or candidate.certificate.issuer in issuers) and (
        not modules or module in modules
    )


def _form_in(form: Form, language: str) -> FormView:
    return FormView(
        title=in_language(form.title, language),
        labels={member: in_language(label, language) for member, label in form.labels.items()},
        after=tuple(in_language(sentence, language) for sentence in form.after),
        total=form.total,
    )
