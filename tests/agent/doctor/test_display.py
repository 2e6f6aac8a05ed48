"""Whether the consent window can be shown."""

import pytest

from signet_agent.doctor import display
from signet_agent.doctor.base import Status
from signet_agent.doctor.display import DisplayCheck
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("environment", "kind"),
    [({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":1"}, "Wayland"), ({"DISPLAY": ":1"}, "X11")],
)
def test_a_session_with_its_libraries_is_fine(
    spoil: Spoil, environment: dict[str, str], kind: str
) -> None:
    finding = DisplayCheck().run(spoil(environment=environment))

    assert (finding.status, finding.detail) == (Status.OK, kind)


def test_no_session_is_a_problem(spoil: Spoil) -> None:
    assert DisplayCheck().run(spoil(environment={})).status is Status.PROBLEM


def test_a_missing_library_is_a_problem_that_names_its_package(
    spoil: Spoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(display.X11_LIBRARIES, "libnot-there.so.7", "libnot-there7")

    finding = DisplayCheck().run(spoil(environment={"DISPLAY": ":1"}))

    assert finding.status is Status.PROBLEM
    assert finding.cure is not None
    assert finding.cure.zh == "请管理员安装 libnot-there7。"
    assert finding.detail == "libnot-there.so.7"
