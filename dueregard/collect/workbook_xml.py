"""The XML inside a workbook, whichever kind it is: by the parser of the standard library, with types and entities refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from xml.parsers import expat

from dueregard.collect.clerk import unescaped
from dueregard.collect.parts import Archive
from dueregard.collect.tally import LONGEST_CELL, Mark
from dueregard.collect.workbook_fault import Fault, misshapen

SMALL = 1 << 22  # bytes of a part that describes; the texts and the sheets are read in blocks
DEEPEST = 64
NO_MEMORY = 1  # the parser's own number for it


def parse(
    blocks: Iterable[bytes], start: Callable[[str, dict[str, str]], Any], end: Callable[[str], Any] | None = None,
    characters: Callable[[str], Any] | None = None,
) -> None:  # fmt: skip
    """Read one XML part. Names come as `namespace name`. Raises Fault on a document type, an entity, or broken XML."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    for handler in ("StartDoctypeDeclHandler", "EntityDeclHandler", "ExternalEntityRefHandler", "SkippedEntityHandler"):
        setattr(parser, handler, _refuse_types)
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError as fault:
        if fault.code == NO_MEMORY:
            raise MemoryError from None
        raise misshapen("a part of the workbook is not well-formed XML.") from None


def _refuse_types(*_: object) -> None:
    raise Fault("E_XML_DTD", "a part of the workbook declares a document type or entities.",
                "copy the table into a new workbook: no spreadsheet program writes these.")  # fmt: skip


def elements(archive: Archive, name: str) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small part, in order, without their texts: (name without namespace, attributes)."""
    if name not in archive.parts:
        raise misshapen("a part that the workbook needs is missing.")
    found: list[tuple[str, dict[str, str]]] = []
    parse([archive.whole(name, SMALL)], lambda tag, attributes: found.append((tag.rpartition(" ")[2], attributes)))
    return found


def text_of(runs: list[str], *, is_escaped: bool = True) -> str | Mark:
    """A text of a workbook; is_escaped: `_x000D_` stands for a sign."""
    text = "".join(runs)
    if len(text) > LONGEST_CELL * 7:  # an escaped sign takes seven
        return Mark.LONG
    plain = unescaped(text) if is_escaped else text
    if plain is None:
        return Mark.FAULTY
    return plain if len(plain) <= LONGEST_CELL else Mark.LONG
