"""Which definitions changed between two snapshots, and what kind of change is it? From the manifests alone."""

from __future__ import annotations

from typing import Any

from dueregard.evidence.difference import DefinitionChange, Kind
from dueregard.evidence.snapshot import Manifest

# What follows from rows and files, or stands beside the id. Whatever else a manifest holds is a definition.
NOT_DEFINITIONS = (
    "snapshot", "tables", "rows", "columns", "left_out", "sources", "findings", "code_version", "frozen_at", "store",
)  # fmt: skip
WORDS = {"lists": "code list", "profiles": "profile", "caveats": "caveat", "format": "snapshot format"}
SHOWN = 60  # characters of an entry; a longer one is only said to have changed
SENTENCES = {
    Kind.SAME: "The two are the same snapshot.",
    Kind.DEFINITION: "This is a definition diff: the {same} are the same, and only lists, profile, mapping or caveats changed.",
    Kind.READING: "The {same} are the same and no definition changed: they were read otherwise (see code version, columns and "
    "rows left out).",
    Kind.DATA: "The data changed; lists, profile, mapping and caveats are the same.",
    Kind.DATA_AND_DEFINITION: "Both the data and the definitions changed: what moves cannot be put down to one of them.",
}


def definition_changes(before: Manifest, after: Manifest) -> tuple[DefinitionChange, ...]:
    """Code lists, profiles, caveats and any other definition that is not the same in both."""
    found: list[DefinitionChange] = []
    for name in Manifest.__slots__:
        if name not in NOT_DEFINITIONS:
            found += _changes(WORDS.get(name, name.replace("_", " ")), getattr(before, name), getattr(after, name))
    return tuple(found)


def _changes(what: str, before: Any, after: Any) -> list[DefinitionChange]:
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        names = sorted({*before, *after})
        return [DefinitionChange(what, name, _shown(before.get(name)), _shown(after.get(name)))
                for name in names if before.get(name) != after.get(name)]  # fmt: skip
    if isinstance(before, list) and isinstance(after, list):
        gone = [DefinitionChange(what, _name(x), "there", None) for x in before if x not in after]
        return gone + [DefinitionChange(what, _name(x), None, "there") for x in after if x not in before]
    return [DefinitionChange(what, what, _shown(before), _shown(after))]


def _name(entry: Any) -> str:
    return entry if isinstance(entry, str) else "an entry"


def _shown(entry: Any) -> str | None:
    if entry is None:
        return None
    text = str(entry)
    return text if len(text) <= SHOWN else "(long)"


def kind_of(before: Manifest, after: Manifest) -> Kind:
    """What kind of change is it? The same files are told by their hashes, the same rows by those of the tables."""
    if before.snapshot == after.snapshot:
        return Kind.SAME
    is_defined_otherwise = bool(definition_changes(before, after))
    if before.tables == after.tables or _files(before) == _files(after):
        return Kind.DEFINITION if is_defined_otherwise else Kind.READING
    return Kind.DATA_AND_DEFINITION if is_defined_otherwise else Kind.DATA


def sentence_of(before: Manifest, after: Manifest) -> str:
    """The kind of change, in a sentence."""
    same = "source files" if _files(before) == _files(after) else "rows"
    return SENTENCES[kind_of(before, after)].format(same=same)


def _files(manifest: Manifest) -> list[tuple[str, str]]:
    """Files by table and hash: a new name does not make another file of it."""
    return sorted((source["table"], source["sha256"]) for source in manifest.sources)
