"""The house rules that can be measured: size, names, docstrings, and what may not stand anywhere.

Linter and type checker hold the rest; this file does not repeat them.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.kit.source import Source, places, python_sources, texts

pytestmark = pytest.mark.quick

MAX_MODULE_LINES = 500
"""Longer ones hold two ideas."""

MEDIAN_MODULE_LINES = 180
"""What the better half of the code bases we learnt from keeps."""

MAX_FUNCTION_LINES = 50
"""One screen, docstring and blank lines not counted."""

USUAL_FUNCTION_LINES = 28
"""95 of 100 functions stay within this."""

MAX_PARAMETERS = 6
"""More means that a record is missing."""

EMPTY_NAMES = frozenset({"util", "utils", "helper", "helpers", "manager", "common", "misc"})
"""Names that say nothing about what is inside."""

THIS = Path("tests/test_style.py")
"""Spells what it looks for, so it is not looked through."""

TERMS = re.compile(r"\b(?:window manager|common name)\b")
"""The field's own terms that hold such a word: X11's, and X.509's."""

UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
LOCAL_PATH = re.compile(r"(?<![\w.$}/-])/(?:work|root|home/\w+)/")
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|deb\.debian)\.(?:org|com)\b")
BARE_NOQA = re.compile(r"#\s*noqa(?!: [A-Z]+\d+(?:, [A-Z]+\d+)* -- \S)")
BARE_IGNORE = re.compile(r"#\s*type:\s*ignore(?!\[[a-z, -]+\]\s+#\s*\S)")
BARE_PRAGMA = re.compile(r"#\s*pragma: no (?:cover|branch)(?! -- \S)")
SKIPPED = re.compile(r"\bpytest\.(?:mark\.)?(?:skip|skipif|xfail|importorskip)\b")

LIBRARY = ("agent", "protocol", "simulator")


def _source(text: str, path: str = "agent/signet_agent/example.py") -> Source:
    return Source(Path(path), text)


def _empty_names(source: Source) -> list[str]:
    """Name files, classes and functions that carry a word which says nothing."""
    names = [*source.path.with_suffix("").parts, *(node.name for node, _ in source.definitions())]
    words = {name: set(re.findall(r"[a-z]+", TERMS.sub("", _spaced(name)))) for name in names}
    return [f"{source.path}: {name}" for name, found in words.items() if found & EMPTY_NAMES]


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower().replace("_", " ")


def _undocumented(source: Source) -> list[str]:
    """Name what a reader can reach and nobody described."""
    missing = [] if ast.get_docstring(source.tree) else [f"{source.path}"]
    for node, public in source.definitions():
        is_magic = node.name.startswith("__")
        if public and not is_magic and not _is_overload(node) and not ast.get_docstring(node):
            missing.append(f"{source.path}:{node.lineno} {node.name}")
    return missing


def _is_overload(node: ast.AST) -> bool:
    decorators = getattr(node, "decorator_list", [])
    return any(ast.unparse(each).endswith("overload") for each in decorators)


def _prints(source: Source) -> list[str]:
    return [
        f"{source.path}:{node.lineno}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    ]


def _everywhere(pattern: re.Pattern[str]) -> list[str]:
    return [
        place for path, text in texts() if path != THIS for place in places(pattern, path, text)
    ]


def _in_python(pattern: re.Pattern[str]) -> list[str]:
    return [
        place
        for source in python_sources()
        if source.path != THIS
        for place in places(pattern, source.path, source.text)
    ]


def test_modules_stay_readable_at_one_sitting() -> None:
    lengths = {source.path: len(source.text.splitlines()) for source in python_sources()}

    assert [f"{path} {lines}" for path, lines in lengths.items() if lines > MAX_MODULE_LINES] == []
    assert sorted(lengths.values())[len(lengths) // 2] <= MEDIAN_MODULE_LINES


def test_functions_stay_on_one_screen() -> None:
    measures = [measure for source in python_sources() for measure in source.functions()]

    assert [each for each in measures if each.code_lines > MAX_FUNCTION_LINES] == []
    assert [each for each in measures if each.parameters > MAX_PARAMETERS] == []


@pytest.mark.parametrize("part", ["agent", "protocol", "simulator", "web-demo", "tests"])
def test_long_functions_are_rare(part: str) -> None:
    measures = [
        measure
        for source in python_sources()
        if source.path.parts[0] == part
        for measure in source.functions()
    ]

    long = [each for each in measures if each.code_lines > USUAL_FUNCTION_LINES]
    assert len(long) <= 0.05 * len(measures), long


def test_a_function_is_measured_without_its_docstring_and_comments() -> None:
    text = (
        'def f(self, a, *, b):\n    """What.\n\n    Why.\n    """\n    # because\n\n    return a\n'
    )

    (measure,) = _source(text).functions()

    assert (measure.code_lines, measure.parameters) == (2, 2)


def test_no_name_is_an_empty_word() -> None:
    assert [name for source in python_sources() for name in _empty_names(source)] == []


def test_an_empty_word_is_found_in_file_class_and_function() -> None:
    source = _source("class TokenManager:\n  def run_misc(self): ...\n", "agent/string_utils.py")

    assert len(_empty_names(source)) == 3


def test_everything_public_is_described() -> None:
    sources = [source for source in python_sources() if not source.is_test]

    assert [place for source in sources for place in _undocumented(source)] == []


def test_a_missing_description_is_found() -> None:
    text = '"""M."""\nclass A:\n  """A."""\n  def b(self): ...\n  def _c(self): ...\ndef d(): ...\n'

    assert [place.rsplit(" ", 1)[1] for place in _undocumented(_source(text))] == ["b", "d"]


def test_the_library_prints_nothing() -> None:
    library = [source for source in python_sources() if source.path.parts[0] in LIBRARY]

    assert [place for source in library for place in _prints(source)] == []


def test_a_print_is_found() -> None:
    assert len(_prints(_source("def f():\n  print('x')\n"))) == 1


@pytest.mark.parametrize(
    ("pattern", "caught", "passed"),
    [
        (UNFINISHED, "# TODO: later", "todo_list = []"),
        (LOCAL_PATH, "open('/work/main/x')", "https://example.test/work/x"),
        (LOCAL_PATH, "cp x /home/somebody/y", "$TARGET/root/etc"),
        (REGISTRY, "https://pypi.org/simple", "the package index"),
        (BARE_NOQA, "x = 1  # noqa: E501", "x = 1  # noqa: E501 -- a key of the standard"),
        (BARE_NOQA, "x = 1  # noqa", "y = 2  # noqa: B008, ARG001 -- the frame's signature"),
        (BARE_IGNORE, "x = 1  # type: ignore[misc]", "x  # type: ignore[misc]  # stubs lie"),
        (BARE_PRAGMA, "if x:  # pragma: no cover", "if x:  # pragma: no cover -- Windows"),
        (SKIPPED, "@pytest.mark.skip", "pytest.mark.screen"),
    ],
)
def test_what_may_not_stand_anywhere_is_recognised(
    pattern: re.Pattern[str], caught: str, passed: str
) -> None:
    assert pattern.search(caught)
    assert not pattern.search(passed)


@pytest.mark.parametrize("pattern", [UNFINISHED, LOCAL_PATH, REGISTRY])
def test_no_text_says_what_may_not_stand_anywhere(pattern: re.Pattern[str]) -> None:
    assert _everywhere(pattern) == []


@pytest.mark.parametrize("pattern", [BARE_NOQA, BARE_IGNORE, BARE_PRAGMA, SKIPPED])
def test_every_exception_has_its_reason(pattern: re.Pattern[str]) -> None:
    assert _in_python(pattern) == []
