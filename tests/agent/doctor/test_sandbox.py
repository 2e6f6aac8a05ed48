"""The walls around the document room, counted."""

import pytest

from signet_agent.doctor.base import Status
from signet_agent.doctor.sandbox import SandboxCheck
from signet_agent.doctor.surroundings import Layer
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick


def test_all_layers_are_fine(spoil: Spoil) -> None:
    finding = SandboxCheck().run(spoil())

    assert (finding.status, finding.detail) == (Status.OK, "limits, files")


def test_a_missing_layer_is_told_with_its_own_words(spoil: Spoil) -> None:
    layers = (
        Layer("limits", holds=True),
        Layer("files", holds=False, detail="ENOSYS"),
        Layer("calls", holds=False),
    )

    finding = SandboxCheck().run(spoil(layers=layers))

    assert finding.status is Status.NOTICE
    assert "2 层" in finding.sentence.zh
    assert finding.detail == "files: ENOSYS; calls: missing"


def test_layers_that_were_not_tried_are_told(spoil: Spoil) -> None:
    assert SandboxCheck().run(spoil(layers=())).status is Status.NOTICE
