"""The project's own files, read for the tests that hold the house rules."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

_NOT_CODE = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
)


@dataclass(frozen=True)
class FunctionMeasure:
    """How large one function is: lines with code in them, and parameters besides self and cls."""

    place: str
    code_lines: int
    parameters: int


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the top of the tree, and its text."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text)

    @cached_property
    def name(self) -> str:
        """The dotted name by which the file is imported."""
        parts = list(self.path.with_suffix("").parts)
        if parts[0] in {"agent", "protocol", "simulator", "web-demo"}:
            parts = parts[1:]
        return ".".join(parts).removesuffix(".__init__")

    @property
    def is_test(self) -> bool:
        """Whether the file belongs to the tests."""
        return self.path.parts[0] == "tests"

    def definitions(self) -> Iterator[tuple[Definition, bool]]:
        """Yield every class and function, with whether it is part of the module's face."""
        yield from _definitions(self.tree, public=True)

    def functions(self) -> Iterator[FunctionMeasure]:
        """Measure every function, those inside others too."""
        for node, _ in self.definitions():
            if isinstance(node, ast.ClassDef):
                continue
            last = node.end_lineno or node.lineno
            arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
            yield FunctionMeasure(
                place=f"{self.path}:{node.lineno} {node.name}",
                code_lines=len(self._code & set(range(node.lineno, last + 1))),
                parameters=sum(each.arg not in {"self", "cls"} for each in arguments),
            )

    def imports(self) -> Iterator[str]:
        """Yield the dotted name of everything that is imported, wherever in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)

    @cached_property
    def _code(self) -> set[int]:
        """The lines that hold code: neither blank, nor comment, nor docstring."""
        lines: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type not in _NOT_CODE:
                lines.update(range(token.start[0], token.end[0] + 1))
        for node in ast.walk(self.tree):
            if isinstance(node, Definition | ast.Module) and ast.get_docstring(node) is not None:
                first = node.body[0]
                lines -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
        return lines

    def _absolute(self, node: ast.ImportFrom) -> str:
        """Resolve a relative import; ``from . import x`` in a.b.c means a.b."""
        if not node.level:
            return node.module or ""
        up = node.level - (self.path.name == "__init__.py")
        parts = self.name.split(".")[: -up or None]
        return ".".join([*parts, *filter(None, [node.module])])


def _definitions(node: ast.AST, *, public: bool) -> Iterator[tuple[Definition, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            reachable = public and not child.name.startswith("_")
            yield child, reachable
            within = reachable and isinstance(child, ast.ClassDef)
            yield from _definitions(child, public=within)
        else:
            yield from _definitions(child, public=public)


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return every file under version control, from the top of the tree."""
    # safe.directory: the tree may belong to someone else than the tests' user (a container).
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=TOP, capture_output=True, check=True).stdout
    names = listed.decode().rstrip("\0").split("\0")
    return tuple(Path(name) for name in names if (TOP / name).is_file())


@cache
def python_sources() -> tuple[Source, ...]:
    """Return every Python file under version control."""
    return tuple(
        Source(path, (TOP / path).read_text("utf-8"))
        for path in tracked_files()
        if path.suffix == ".py"
    )


@cache
def texts() -> tuple[tuple[Path, str], ...]:
    """Return every text file under version control; pictures and the like are left out."""
    found = []
    for path in tracked_files():
        octets = (TOP / path).read_bytes()
        if b"\0" not in octets:
            found.append((path, octets.decode("utf-8")))
    return tuple(found)


def places(pattern: re.Pattern[str], path: Path, text: str) -> list[str]:
    """Return "path:line text" for each line in which a pattern is found."""
    return [
        f"{path}:{number} {line.strip()}"
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
