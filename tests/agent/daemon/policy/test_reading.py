"""A broken policy is named by line and field, and never half used."""

from pathlib import Path

import pytest

from signet_agent.daemon.policy import PolicyError, read_policy
from signet_agent.daemon.policy.reading import MAX_POLICY_BYTES, parse_policy
from tests.kit.running_agent import POLICY, PORTAL

pytestmark = pytest.mark.quick

SITE = """version = 1

[[site]]
origin = "https://one.example"
name = { zh-Hans = "一" }
mark = "一"
operations = ["login"]

[[site]]
origin = "https://two.example"
name = { zh-Hans = "二" }
mark = "二"
operations = ["sign"]
  [[site.form]]
  id = "a/1"
  kind = { zh-Hans = "表" }
  title = { zh-Hans = "表" }
  after = [{ zh-Hans = "之后" }]
    [site.form.labels]
    total = { zh-Hans = "合计" }
"""


def fault(text: str) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text)
    return caught.value


def test_a_whole_policy_is_read() -> None:
    site = parse_policy(POLICY).site[0]
    assert site.origin == PORTAL
    assert site.form[0].total == "tax_due"


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("https://two.example", "http://two.example", 10, "site[1].origin"),
        ("https://two.example", "https://*.two.example", 10, "site[1].origin"),
        ("https://two.example", "https://two.example/", 10, "site[1].origin"),
        ("https://two.example", "https://two.example:443", 10, "site[1].origin"),
        ("https://two.example", "https://two.example:99999", 10, "site[1].origin"),
        ("https://two.example", "https://127.0.0.1", 10, "site[1].origin"),
        ("https://two.example", "https://TWO.example", 10, "site[1].origin"),
        ("https://two.example", f"https://{'a' * 60}.{'b.' * 100}example", 10, "site[1].origin"),
        ("https://two.example", "https://one.example", 10, "site[1].origin"),
        ('["sign"]', '["sing"]', 13, "site[1].operations[0]"),
        ('["sign"]', "[]", 13, "site[1].operations"),
        ('mark = "二"', 'mark = "二二"', 12, "site[1].mark"),
        ('mark = "二"', 'marc = "二"', 12, "site[1].marc"),
        ('name = { zh-Hans = "二" }', 'name = { en = "two" }', 11, "site[1].name"),
        ('{ zh-Hans = "二" }', '{ zh-Hans = "二", fr = "deux" }', 11, "site[1].name"),
        ('{ zh-Hans = "二" }', '{ zh-Hans = "二\\n" }', 11, "site[1].name[...]"),
        ('kind = { zh-Hans = "表" }', 'kind = { en = "x" }', 16, "site[1].form[0].kind"),
        ('title = { zh-Hans = "表" }', 'title = { en = "x" }', 17, "site[1].form[0].title"),
        ('{ zh-Hans = "之后" }', '{ en = "x" }', 18, "site[1].form[0].after"),
        ('{ zh-Hans = "合计" }', '{ en = "x" }', 20, "site[1].form[0].labels.total"),
        ('id = "a/1"', 'id = "a/1"\ntotal = "sum"', 16, "site[1].form[0].total"),
        ("version = 1", "version = 2", 1, "version"),
    ],
)
def test_a_fault_is_named_by_line_and_field(old: str, new: str, line: int, field: str) -> None:
    assert old in SITE
    head, _, tail = SITE.rpartition(old)
    error = fault(head + new + tail)
    assert (error.line, error.field) == (line, field), str(error)
    assert str(line) in str(error)


def test_a_missing_field_points_at_its_section() -> None:
    error = fault(SITE.replace('mark = "二"\n', ""))
    assert error.line == 9
    assert error.sentence == "mark is missing"


def test_a_field_missing_at_the_top_is_a_fault_of_the_whole() -> None:
    error = fault(SITE.replace("version = 1\n", ""))
    assert (error.line, error.field) == (0, "")
    assert str(error) == "version is missing"


def test_broken_toml_names_its_line() -> None:
    error = fault('version = 1\n[[site]\norigin = "x"\n')
    assert error.line == 2
    assert error.field == ""


def test_toml_that_ends_too_early_is_refused_as_a_whole() -> None:
    assert fault('version = "').field == ""


def test_key_stores_need_absolute_paths_and_names_of_their_own() -> None:
    stores = """version = 1
[[module]]
name = "one"
path = "lib/one.so"
"""
    assert fault(stores).field == "module[0].path"
    twice = stores.replace("lib/", "/lib/") + '[[software]]\nname = "one"\npath = "/token"\n'
    error = fault(twice)
    assert (error.line, error.field) == (6, "software[0].name")


def test_a_kind_of_card_is_named_by_its_profile() -> None:
    text = 'version = 1\n[[card]]\nprofile = "piv"\nreader = "Omnikey"\nexclusive = true\n'
    (card,) = parse_policy(text).card
    assert (card.profile, card.name, card.reader, card.exclusive) == (
        "piv",
        "card",
        "Omnikey",
        True,
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ('"piv"', '"visa"', 3, "card[0].profile"),
        ('reader = ""', 'atr = ""', 5, "card[0].atr"),
        ('name = "two"', 'name = "one"', 7, "card[1].name"),
    ],
)
def test_a_fault_of_a_card_is_named_by_line_and_field(
    old: str, new: str, line: int, field: str
) -> None:
    text = """version = 1
[[card]]
profile = "piv"
name = "one"
reader = ""
[[card]]
name = "two"
profile = "citizen"
"""
    parse_policy(text)
    error = fault(text.replace(old, new))
    assert (error.line, error.field) == (line, field), str(error)


def test_an_skf_library_is_named_with_how_its_maker_built_it() -> None:
    text = 'version = 1\n[[skf]]\nname = "gm"\npath = "/usr/lib/libgm.so"\n'
    (plain,) = parse_policy(text).skf
    assert (plain.ulong_size, plain.packed, plain.convention) == (4, True, "cdecl")
    assert (plain.digest_info, plain.events, plain.decrypt) == (True, False, "")

    own = 'ulong_size = 8\npacked = false\nconvention = "stdcall"\ndigest_info = false\n'
    (made,) = parse_policy(text + own + 'events = true\ndecrypt = "SKF_ECCDecrypt"\n').skf
    assert (made.ulong_size, made.packed, made.convention) == (8, False, "stdcall")
    assert (made.digest_info, made.events, made.decrypt) == (False, True, "SKF_ECCDecrypt")


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ('"/usr/lib/libgm.so"', '"libgm.so"', 4, "skf[0].path"),
        ("ulong_size = 8", "ulong_size = 16", 5, "skf[0].ulong_size"),
        ("ulong_size = 8", 'convention = "fastcall"', 5, "skf[0].convention"),
        ("ulong_size = 8", 'decrypt = "system"', 5, "skf[0].decrypt"),
        ("ulong_size = 8", 'decrypt = "SKF_A B"', 5, "skf[0].decrypt"),
        ("ulong_size = 8", "debug = true", 5, "skf[0].debug"),
        ('name = "two"', 'name = "one"', 7, "software[0].name"),
    ],
)
def test_a_fault_of_an_skf_library_is_named_by_line_and_field(
    old: str, new: str, line: int, field: str
) -> None:
    text = """version = 1
[[skf]]
name = "one"
path = "/usr/lib/libgm.so"
ulong_size = 8
[[software]]
name = "two"
path = "/token"
"""
    parse_policy(text)
    error = fault(text.replace(old, new))
    assert (error.line, error.field) == (line, field), str(error)


def test_no_file_is_a_fault_of_the_whole(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy(tmp_path / "none.toml")


def test_a_file_that_is_not_utf8_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(b"version = 1\n# \xff\n")
    with pytest.raises(PolicyError) as caught:
        read_policy(path)
    assert caught.value.line == 2


def test_an_endless_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(b"#" * (MAX_POLICY_BYTES + 1))
    with pytest.raises(PolicyError, match="larger"):
        read_policy(path)


def test_a_file_is_read_as_its_text_is(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY, "utf-8")
    assert read_policy(path) == parse_policy(POLICY)


@pytest.mark.parametrize("days", [180, 36_500])
def test_the_policy_may_say_how_long_the_log_is_kept(days: int) -> None:
    assert parse_policy("version = 1\n").audit.keep_days is None
    assert parse_policy(f"version = 1\n[audit]\nkeep_days = {days}\n").audit.keep_days == days


@pytest.mark.parametrize("days", ["179", "0", "-400", "36501", '"400"', "400.5", "true", "[]"])
def test_no_shorter_time_and_nothing_else_is_taken(days: str) -> None:
    error = fault(f"version = 1\n[audit]\nkeep_days = {days}\n")
    assert error.field == "audit.keep_days", str(error)


def test_an_unknown_rule_of_the_log_is_named() -> None:
    assert fault("version = 1\n[audit]\nkeep = 400\n").field == "audit.keep"
