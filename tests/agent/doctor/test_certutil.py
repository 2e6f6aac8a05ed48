"""certutil matters only where trust was installed."""

from pathlib import Path

import pytest

from signet_agent.doctor.base import Status
from signet_agent.doctor.certutil import CertutilCheck
from signet_agent.doctor.surroundings import TrustView
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick


def test_an_installed_certutil_is_named(spoil: Spoil) -> None:
    finding = CertutilCheck().run(spoil())

    assert (finding.status, finding.detail) == (Status.OK, "/usr/bin/certutil")


def test_without_trust_nobody_misses_certutil(spoil: Spoil, tmp_path: Path) -> None:
    finding = CertutilCheck().run(spoil(environment={"PATH": str(tmp_path)}))

    assert finding.status is Status.OK
    assert finding.detail == ""


def test_with_trust_a_missing_certutil_is_told_with_its_package(
    spoil: Spoil, tmp_path: Path
) -> None:
    surroundings = spoil(environment={"PATH": str(tmp_path)}, trust=TrustView("usable"))

    finding = CertutilCheck().run(surroundings)

    assert finding.status is Status.NOTICE
    assert finding.cure is not None
    assert "libnss3-tools" in finding.cure.en
