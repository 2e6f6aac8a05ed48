"""What a department imports, and what comes along with it."""

import subprocess
import sys

import pytest

import signet_protocol.verify
from signet_protocol.comparison import comparison_code

pytestmark = pytest.mark.quick


def test_the_face_offers_what_it_lists() -> None:
    names = signet_protocol.verify.__all__
    assert len(set(names)) == len(names)
    assert all(hasattr(signet_protocol.verify, name) for name in names)
    assert signet_protocol.verify.comparison_code is comparison_code


def test_a_department_gets_no_desktop_and_no_network_code() -> None:
    program = "import sys, signet_protocol.verify; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    packages = {name.partition(".")[0] for name in done.stdout.split()}
    assert "signet_protocol" in packages
    unwanted = {"aiohttp", "asyncio", "django", "PySide6", "pkcs11", "pystray", "signet_agent"}
    assert packages.isdisjoint(unwanted)
