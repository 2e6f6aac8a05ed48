"""What the portal keeps: nonces of logins under way, cases, offers to sign, receipts.

The database itself refuses what must not happen twice: a nonce, a ``once`` value, a second
accepted document for the same enterprise, form and period.
"""
# Django ships no types, so its base classes are unknown to the checker.
# mypy: disallow-subclassing-any=False
# ruff: noqa: DJ008 -- there is no admin site, and nothing prints a row

from django.db import models


class LoginNonce(models.Model):
    """A nonce that was given to one browser session; it disappears when it is used.

    Only digests are kept: reading the database gives nobody a login.
    """

    digest = models.CharField(max_length=64, unique=True)
    session = models.CharField(max_length=64, db_index=True)
    issued_at = models.DateTimeField(db_index=True)


class Case(models.Model):
    """One enterprise's work on one form for one period, from the draft on.

    ``replaces`` is the number of the accepted case that this one corrects, or empty. ``draft`` is
    what the person typed, as it was typed.
    """

    number = models.CharField(max_length=32, unique=True, null=True)  # noqa: DJ001 -- holds the row's id, so it is set after the row exists
    department = models.CharField(max_length=32)
    form = models.CharField(max_length=32)
    period = models.CharField(max_length=7)
    applicant_code = models.CharField(max_length=18)
    agent_cid = models.CharField(max_length=18)
    replaces = models.CharField(max_length=32, default="")
    draft = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        """One case per chain of corrections."""

        constraints = (
            models.UniqueConstraint(
                fields=("form", "period", "applicant_code", "agent_cid", "replaces"),
                name="one_case_at_a_time",
            ),
        )


class Offer(models.Model):
    """The bytes that were offered for a signature, kept exactly as they were sent."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="offers")
    once = models.CharField(max_length=64, unique=True)
    document = models.BinaryField()
    mandate_id = models.CharField(max_length=16)
    offered_at = models.DateTimeField()


class Receipt(models.Model):
    """An accepted document: the offer that was signed, the signature, and who signed it.

    ``signer`` holds the members of the verified certificate that the receipt names.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="receipt")
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="receipt")
    once = models.CharField(max_length=64, unique=True)
    form = models.CharField(max_length=32)
    period = models.CharField(max_length=7)
    applicant_code = models.CharField(max_length=18)
    replaces = models.CharField(max_length=32, default="")
    signature = models.BinaryField()
    signer = models.JSONField()
    signed_at = models.DateTimeField()
    accepted_at = models.DateTimeField()

    class Meta:
        """One accepted document per period, and one correction per accepted document."""

        constraints = (
            models.UniqueConstraint(
                fields=("form", "period", "applicant_code", "replaces"),
                name="accepted_once",
            ),
        )
