"""Forms: every member a row, named by policy, and nothing hidden or added."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.channel.document_messages import FormView, Shown
from signet_agent.documents.previews.base import (
    MAX_PARAGRAPH_CHARS,
    MAX_SHOWN_BYTES,
    NotShowableError,
    reveal,
)
from signet_agent.documents.previews.form import (
    MAX_INSERTED_CHARS,
    MAX_LEVEL,
    MAX_ROWS,
    FormPreview,
)
from signet_agent.model import Row

RETURN = {
    "agent": {"cid": "990101198808080013", "name": "张三 样例"},
    "applicant": {"code": "91990100MAYT00013L", "name": "云汀样例科技有限公司"},
    "carry_in": "0.00",
    "case_no": "GS-2026-1112-000381",
    "form": "gs1/1",
    "once": "3f9a",
    "pay_by": "2026-11-16",
    "sales": [
        {"count": "31", "rate": "13", "tax": "143000.00"},
        {"count": "58", "rate": "13", "tax": "24232.00"},
    ],
    "tax_due": "48627.65",
}
VIEW = FormView(
    title="增值税纳税申报表（月报）",
    labels={
        "applicant": "纳税人",
        "applicant.name": "名称",
        "applicant.code": "代码",
        "sales": "销项明细",
        "sales.rate": "税率",
        "sales.count": "份数",
        "sales.tax": "税额",
        "carry_in": "上期留抵税额",
        "tax_due": "本期应补税额",
    },
    after=("应补税额 {tax_due} 元，请于 {pay_by} 前缴清", "申报后开始受理"),
    total="tax_due",
)


def _show(document: dict[str, Any], view: FormView | None = None) -> Shown:
    forms = {"gs1/1": view} if view else {}
    return FormPreview().show(rfc8785.dumps(document), forms)


def _rows(document: dict[str, Any], view: FormView | None = None) -> list[tuple[str, str, int]]:
    return [(row.label, row.value, row.level) for row in _show(document, view).paper.rows]


def _view(**changes: Any) -> FormView:  # noqa: ANN401 -- fields of several types
    return FormView(**({"title": "表", "labels": {}} | changes))


def test_labelled_members_come_first_in_the_order_of_the_labels_and_the_others_follow() -> None:
    assert _rows(RETURN, VIEW) == [
        ("纳税人", "", 0),
        ("名称", "云汀样例科技有限公司", 1),
        ("代码", "91990100MAYT00013L", 1),
        ("销项明细 1", "", 0),
        ("税率", "13", 1),
        ("份数", "31", 1),
        ("税额", "143,000.00", 1),
        ("销项明细 2", "", 0),
        ("税率", "13", 1),
        ("份数", "58", 1),
        ("税额", "24,232.00", 1),
        ("上期留抵税额", "0.00", 0),
        ("本期应补税额", "48,627.65", 0),
        ("agent", "", 0),
        ("cid", "990101198808080013", 1),
        ("name", "张三 样例", 1),
        ("case_no", "GS-2026-1112-000381", 0),
        ("form", "gs1/1", 0),
        ("once", "3f9a", 0),
        ("pay_by", "2026-11-16", 0),
    ]


def test_title_form_and_sum_line_come_from_policy() -> None:
    shown = _show(RETURN, VIEW)

    assert (shown.form, shown.paper.title) == ("gs1/1", "增值税纳税申报表（月报）")
    assert [row.label for row in shown.paper.rows if row.total] == ["本期应补税额"]


def test_sentences_are_filled_with_signed_members() -> None:
    assert _show(RETURN, VIEW).after == (
        "应补税额 48,627.65 元，请于 2026-11-16 前缴清",
        "申报后开始受理",
    )


@pytest.mark.parametrize("form", [None, "gs1/2", 5, True, "", ["gs1/1"], {"id": "gs1/1"}])
def test_a_form_that_policy_does_not_know_is_shown_by_its_own_names(form: object) -> None:
    document = {key: value for key, value in RETURN.items() if key != "form"}
    if form is not None:
        document["form"] = form  # type: ignore[assignment]  # other types are the point

    shown = _show(document, VIEW)

    assert (shown.form, shown.paper.title, shown.after) == ("", "", ())
    assert [row.label for row in shown.paper.rows][:4] == ["agent", "cid", "name", "applicant"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1286400.00", "1,286,400.00"),
        ("-17600.00", "-17,600.00"),
        ("0.00", "0.00"),
        ("999.99", "999.99"),
        ("-0.50", "-0.50"),
        ("0012345.00", "0012345.00"),
        ("12345.0", "12345.0"),
        ("12345.000", "12345.000"),
        ("12345", "12345"),
        ("+12345.00", "+12345.00"),
        ("12345.00\n", "12345.00\n"),
        ("１２３４５.００", "１２３４５.００"),
        ("1" * 22 + ".00", "1" * 22 + ".00"),
        (12345, "12345"),
        (-1, "-1"),
        (True, "true"),
        (False, "false"),
        (None, "⟦null⟧"),
        ("null", "null"),
        ("", "⟦⟧"),
        (" \u3000", "⟦U+0020 U+3000⟧"),
        ({}, "⟦{}⟧"),
        ([], "⟦[]⟧"),
        ("[]", "[]"),
        ("⟦⟧", "⟦U+27E6⟧⟧"),
        ("说明\n第二行", "说明\n第二行"),
        ("abc\u202e5", "abc⟦U+202E⟧5"),
        ("<b>1</b>", "<b>1</b>"),
    ],
)
def test_a_value_is_shown_literally_but_for_groups_and_marks(value: object, shown: str) -> None:
    assert _rows({"a": value}) == [("a", shown, 0)]


def test_policy_may_name_what_true_and_false_are_called() -> None:
    view = _view(
        labels={"declared": "申报人声明", "declared=true": "是", "declared=false": "否"},
        after=("声明：{declared}",),
    )

    shown = _show({"declared": True, "form": "gs1/1"}, view)

    assert shown.paper.rows[0] == Row("申报人声明", "是")
    assert shown.after == ("声明：是",)
    assert _rows({"declared": False, "form": "gs1/1"}, view)[0] == ("申报人声明", "否", 0)
    assert _rows({"declared": "true", "form": "gs1/1"}, view)[0] == ("申报人声明", "true", 0)


def test_a_list_of_values_is_numbered() -> None:
    assert _rows({"a": ["x", {"b": "y"}, [["z"]]]}) == [
        ("a 1", "x", 0),
        ("a 2", "", 0),
        ("b", "y", 1),
        ("a 3 1 1", "z", 2),
    ]


def test_hidden_characters_of_a_name_are_marked_and_line_breaks_too() -> None:
    assert _rows({"a\nb": "1", "c\u200b": "2", "": "3"}) == [
        ("⟦⟧", "3", 0),
        ("a⟦U+000A⟧b", "1", 0),
        ("c⟦U+200B⟧", "2", 0),
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"本期应补税额": "0.00"},
        {"x": {"本期应补税额": "0.00"}},
        {"sales": [{"名称": "0.00"}]},
    ],
)
def test_a_member_named_like_the_label_of_another_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(NotShowableError):
        _show(RETURN | document, VIEW)


@pytest.mark.parametrize("name", ["applicant.name", "declared=true", "sales.tax"])
def test_a_name_that_spells_the_path_of_another_gets_no_label(name: str) -> None:
    view = _view(labels={"applicant.name": "名称", "declared=true": "是", "sales.tax": "税额"})
    document = {name: "x", f"{name}.": {"name": "y"}, "form": "gs1/1"}

    labels = [label for label, _, _ in _rows(document, view)]

    assert sorted(labels) == sorted(["form", name, f"{name}.", "name"])


def test_a_label_is_for_the_member_at_its_own_place_only() -> None:
    rows = _rows(RETURN | {"x": {"tax_due": "0.00"}}, VIEW)

    assert ("tax_due", "0.00", 1) in rows
    assert ("本期应补税额", "48,627.65", 0) in rows
    assert [row.label for row in _show(RETURN, VIEW).paper.rows if row.total] == ["本期应补税额"]


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("{a}{a}", "11"),
        ("{b}", "{a}"),
        ("{true}", "false"),
        ("}{ {a} }", "}{ 1 }"),
        ("{line}", "x⟦U+000A⟧y"),
    ],
)
def test_a_place_is_filled_once_and_on_one_line(sentence: str, shown: str) -> None:
    document = {"a": 1, "b": "{a}", "form": "gs1/1", "line": "x\ny", "true": False}

    assert _show(document, _view(after=(sentence,))).after == (shown,)


@pytest.mark.parametrize(
    "sentence",
    [
        "{missing}",
        "{}",
        "{a!r}",
        "{a:>99}",
        "{a.__class__}",
        "{list}",
        "{object}",
        "{object.b}",
        "{list[0]}",
        "{long}",
    ],
)
def test_a_sentence_that_cannot_be_filled_refuses_the_document(sentence: str) -> None:
    document = {
        "a": "1",
        "form": "gs1/1",
        "list": ["1"],
        "long": "字" * (MAX_INSERTED_CHARS + 1),
        "object": {"b": "1"},
    }

    with pytest.raises(NotShowableError):
        _show(document, _view(after=(sentence,)))


def _nested(depth: int) -> dict[str, Any]:
    document: dict[str, Any] = {"a": "1"}
    for _ in range(depth):
        document = {"a": document}
    return document


def test_nesting_has_a_limit() -> None:
    assert _rows(_nested(MAX_LEVEL))[-1] == ("a", "1", MAX_LEVEL)

    with pytest.raises(NotShowableError):
        _rows(_nested(MAX_LEVEL + 1))


def test_lists_in_lists_have_a_limit() -> None:
    value: Any = "1"
    for _ in range(MAX_LEVEL + 2):
        value = [value]

    with pytest.raises(NotShowableError):
        _rows({"a": value})


def test_the_number_of_rows_has_a_limit() -> None:
    assert len(_rows({"a": ["1"] * MAX_ROWS})) == MAX_ROWS

    with pytest.raises(NotShowableError):
        _rows({"a": ["1"] * (MAX_ROWS + 1)})


@pytest.mark.parametrize(
    "document",
    [
        {"a": "字" * (MAX_PARAGRAPH_CHARS + 1)},
        {"字" * (MAX_PARAGRAPH_CHARS + 1): "1"},
        {"a": "\u200b" * (MAX_PARAGRAPH_CHARS // 8 + 1)},
        {"a": ["\u200b" * (MAX_PARAGRAPH_CHARS // 8)] * (MAX_SHOWN_BYTES // MAX_PARAGRAPH_CHARS)},
    ],
)
def test_what_is_too_long_to_be_shown_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(NotShowableError):
        _rows(document)


def test_a_form_of_very_many_members_ends_fast() -> None:
    document = {f"{number:x}": 1 for number in range(25_000)}
    before = time.perf_counter()

    with pytest.raises(NotShowableError):
        _rows(document)

    assert time.perf_counter() - before < 2.0


NAMES = st.one_of(
    st.sampled_from(["form", "tax_due", "applicant", "name", "sales", "a.b", "a=true", "\u202e"]),
    st.text(st.characters(codec="utf-8"), max_size=5),
)
SCALARS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.booleans(),
    st.none(),
    st.sampled_from(["gs1/1", "1000.00", "\u200b", "a\nb"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=6)
LABELS = {"applicant": "纳税人", "applicant.name": "名称", "tax_due": "应补税额"}


def _leaves(value: Any) -> Iterator[Any]:  # noqa: ANN401 -- JSON
    """Yield every value that has to stand in a row of its own."""
    if isinstance(value, dict) and value:
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list) and value:
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _names(value: Any) -> Iterator[str]:  # noqa: ANN401 -- JSON
    """Yield every member's name."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _names(member)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)


def _literal(value: Any) -> set[str]:  # noqa: ANN401 -- JSON
    """Return what a value may look like."""
    if value is None or value in ({}, []):
        return {"⟦null⟧", "⟦{}⟧", "⟦[]⟧"}
    if isinstance(value, bool):
        return {"true", "false"}
    text = str(value)
    hidden = " ".join(f"U+{ord(each):04X}" for each in text)
    return {reveal(text), f"⟦{hidden}⟧", "1,000.00"}


def _is_known(name: str, labels: list[str]) -> bool:
    """Whether a member's name, or the label of one of that name, stands before some row."""
    spellings = {reveal(name, ""), f"⟦{' '.join(f'U+{ord(each):04X}' for each in name)}⟧"}
    spellings |= {label for path, label in LABELS.items() if path.rsplit(".", 1)[-1] == name}
    return any(label.startswith(spelling) for label in labels for spelling in spellings)


@given(DOCUMENTS, st.booleans())
def test_every_member_of_any_document_stands_in_a_row(
    document: dict[str, Any], known: bool
) -> None:
    if known:
        document = document | {"form": "gs1/1"}

    rows = _show(document, _view(labels=LABELS)).paper.rows

    values = [row.value for row in rows if row.value]
    leaves = list(_leaves(document)) if document else []
    assert len(values) == len(leaves)
    assert all(any(value in _literal(leaf) for value in values) for leaf in leaves)
    labels = [row.label for row in rows]
    assert all(_is_known(name, labels) for name in _names(document))


@given(DOCUMENTS)
def test_no_row_of_any_document_has_an_invisible_character(document: dict[str, Any]) -> None:
    for row in _show(document, _view(labels=LABELS)).paper.rows:
        assert row.label == reveal(row.label, "").replace("⟦U+27E6⟧", "⟦")
        assert row.value == reveal(row.value).replace("⟦U+27E6⟧", "⟦")


@given(DOCUMENTS, DOCUMENTS)
def test_two_documents_of_text_look_the_same_only_when_they_are(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    texts = [
        {name: value for name, value in each.items() if isinstance(value, str)}
        for each in (one, other)
    ]

    assert (_rows(texts[0]) == _rows(texts[1])) == (texts[0] == texts[1])
