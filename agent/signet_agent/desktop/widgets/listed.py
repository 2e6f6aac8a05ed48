"""What a list of documents, or a file that cannot be shown, looks like on paper.

A list is shown whole: each document with its name, its size, its comparison code and everything it
says, one below the other, so that nothing is agreed to unseen.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from signet_agent.desktop.look import Look
from signet_agent.model import ConsentRecord, Item, Operation, Paper, Row

_UNIT = 1000
_UNITS = ("B", "kB", "MB", "GB")


def paper_of(look: Look, record: ConsentRecord) -> Paper:
    """Return the paper of a record that signs: the document's own, a list, or a file's facts."""
    if record.operation is Operation.SIGN_BATCH:
        count = look.texts.count("list.title", len(record.items))
        return Paper(count, tuple(_list_rows(look, record.items)))
    if record.operation is Operation.SIGN_FILE:
        return Paper(look.texts("file.title"), tuple(_file_rows(look, record.items[0])))
    return record.paper


def code_of(record: ConsentRecord) -> str:
    """Return the comparison code below the paper; a list has one for each document on it."""
    if record.operation is Operation.SIGN_FILE:
        return record.items[0].code
    return record.code


def size_text(octets: int) -> str:
    """Return a size as people read it: three digits and a unit of a power of a thousand."""
    amount, unit = float(octets), 0
    while amount >= _UNIT and unit < len(_UNITS) - 1:
        amount, unit = amount / _UNIT, unit + 1
    digits = 0 if unit == 0 or amount >= _UNIT / 10 else 1
    return f"{amount:.{digits}f} {_UNITS[unit]}"


def _list_rows(look: Look, items: tuple[Item, ...]) -> Iterator[Row]:
    for number, item in enumerate(items, 1):
        name = item.name or look.texts("list.unnamed")
        facts = look.texts("list.facts", size=size_text(item.size), code=item.code)
        yield Row(f"{number}. {name}", facts)
        if item.paper.title:
            yield Row(item.paper.title, "", level=1)
        if item.paper.text:
            yield Row(item.paper.text, "", level=1)
        for row in item.paper.rows:
            yield replace(row, level=row.level + 1, total=False)
    total = size_text(sum(item.size for item in items))
    yield Row(look.texts.count("list.total", len(items)), total, total=True)


def _file_rows(look: Look, item: Item) -> Iterator[Row]:
    yield Row(look.texts("file.name"), item.name)
    yield Row(look.texts("file.size"), size_text(item.size))
    yield Row(look.texts("file.unseen"), "")
    yield Row(look.texts("file.advice"), "")
