"""What the window says of a certificate."""

from msgspec.structs import replace

from signet_agent.desktop.texts import Texts
from signet_agent.desktop.widgets.certificates import choice_lines
from signet_agent.model import Algorithm
from tests.kit.consents import CITIZEN


def test_sm2_is_named_so_that_two_certificates_of_one_person_can_be_told_apart() -> None:
    texts = Texts("zh-Hans")
    other, national = (
        choice_lines(texts, replace(CITIZEN, algorithm=algorithm))
        for algorithm in (Algorithm.RS256, Algorithm.SM2)
    )
    assert [line for line in national if line not in other] == [f"{other[1]} · 国密 SM2"]
    assert choice_lines(texts, CITIZEN) == other
