"""The first tables: nonces of logins, cases, offers to sign, receipts."""
# Django ships no types, so its base classes are unknown to the checker.
# mypy: disallow-subclassing-any=False

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Create the tables."""

    initial = True

    dependencies: ClassVar[list[Any]] = []

    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="LoginNonce",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("session", models.CharField(db_index=True, max_length=64)),
                ("issued_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=32, null=True, unique=True)),
                ("department", models.CharField(max_length=32)),
                ("form", models.CharField(max_length=32)),
                ("period", models.CharField(max_length=7)),
                ("applicant_code", models.CharField(max_length=18)),
                ("agent_cid", models.CharField(max_length=18)),
                ("replaces", models.CharField(default="", max_length=32)),
                ("draft", models.JSONField()),
                ("saved_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("form", "period", "applicant_code", "agent_cid", "replaces"),
                        name="one_case_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("once", models.CharField(max_length=64, unique=True)),
                ("document", models.BinaryField()),
                ("mandate_id", models.CharField(max_length=16)),
                ("offered_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="portal.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("once", models.CharField(max_length=64, unique=True)),
                ("form", models.CharField(max_length=32)),
                ("period", models.CharField(max_length=7)),
                ("applicant_code", models.CharField(max_length=18)),
                ("replaces", models.CharField(default="", max_length=32)),
                ("signature", models.BinaryField()),
                ("signer", models.JSONField()),
                ("signed_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField()),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipt",
                        to="portal.case",
                    ),
                ),
                (
                    "offer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipt",
                        to="portal.offer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("form", "period", "applicant_code", "replaces"),
                        name="accepted_once",
                    )
                ],
            },
        ),
    ]
