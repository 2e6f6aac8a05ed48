"""An origin is shown whole; what is cut is never the domain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.desktop.origin_parts import Line, lay_out, split_origin

pytestmark = pytest.mark.quick


def shown(lines: tuple[Line, ...]) -> str:
    return "".join(text for line in lines for text, _ in line)


def bold(lines: tuple[Line, ...]) -> str:
    return "".join(text for line in lines for text, weight in line if weight == "bold")


@pytest.mark.parametrize(
    ("origin", "domain"),
    [
        ("https://guoshui.localhost:8443", "guoshui.localhost"),
        ("https://jiaoyi.fuwu.yunting.example", "yunting.example"),
        ("https://etax.yunting.gov.cn", "yunting.gov.cn"),
        ("https://www.yunting.bj.cn", "yunting.bj.cn"),
        ("https://tax.example.co.uk:444", "example.co.uk"),
        ("https://a.gov.example", "gov.example"),
        ("https://gov.cn", "gov.cn"),
        ("https://localhost", "localhost"),
    ],
)
def test_the_registrable_domain_is_bold(origin: str, domain: str) -> None:
    assert bold(lay_out(split_origin(origin), 80)) == domain


def test_scheme_and_port_are_always_shown() -> None:
    lines = lay_out(split_origin("https://guoshui.localhost:8443"), 80)
    assert shown(lines) == "https://guoshui.localhost:8443"
    assert len(lines) == 1


def test_a_long_origin_is_cut_from_the_left_of_its_host() -> None:
    lines = lay_out(split_origin("https://jiaoyi.fuwu.pingtai.yunting.example:8443"), 40)
    assert len(shown(lines)) == 40
    assert shown(lines).startswith("https://…")
    assert shown(lines).endswith(".yunting.example:8443")


def test_a_domain_longer_than_a_line_goes_on_in_the_next() -> None:
    domain = "a" * 60 + ".example"
    lines = lay_out(split_origin(f"https://www.{domain}:8443"), 30)
    assert all(sum(len(text) for text, _ in line) <= 30 for line in lines)
    assert bold(lines) == domain


@pytest.mark.parametrize("origin", ["https://xn--gushui-xqf.example", "https://a.xn--p1ai"])
def test_a_host_with_other_letters_is_told_of(origin: str) -> None:
    assert split_origin(origin).encoded


def test_a_plain_host_is_not() -> None:
    assert not split_origin("https://guoshui.localhost").encoded


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


@given(labels=st.lists(LABEL, min_size=1, max_size=8), columns=st.integers(1, 90))
def test_no_letter_of_domain_or_port_is_ever_hidden(labels: list[str], columns: int) -> None:
    parts = split_origin(f"https://{'.'.join(labels)}:8443")
    lines = lay_out(parts, columns)
    assert bold(lines) == parts.domain
    assert shown(lines).endswith(parts.domain + ":8443")
    assert shown(lines).startswith("https://")
