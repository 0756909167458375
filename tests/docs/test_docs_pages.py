"""No page is lost, no link is dead, no generated page is stale, no command is undocumented, no forbidden word is used."""

from __future__ import annotations

import json
import re

import pytest

from docs import examples, generate

ROOT = examples.ROOT
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "DEVELOPERS.md", ROOT / "CHANGELOG.md"])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ANCHOR = re.compile(r"^#+ (.+)$", re.MULTILINE)

# Words that no page may hold: what a number may not be called, and what names a machine.
FORBIDDEN = (r"no disparit", r"complian", r"\bsignifican", r"statistically", r"/work/", r"/tmp/", r"/home/\w", r"localhost",
             r"pypi", r"https?://")  # fmt: skip
OF_PEOPLE = r"\bbias|discriminat"  # findings of people: these pages say so, no other has the words
SAID_OF_PEOPLE = ("README.md", "docs/explanation/disparity.md", "docs/reference/terms.md")  # there: a kind of complaint
OFFICIAL_LABELS = ("Compliant handcuffing", "Non-compliant handcuffing")  # labels of the Home Office list of tactics


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as they are made on the page."""
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in ANCHOR.findall(text)]
    return set(plain)


@pytest.mark.parametrize("name", NAMES)
def test_links_resolve(name):
    dead = []
    for target in LINK.findall(text_of(name)):
        path, _, anchor = target.partition("#")
        page = (ROOT / name).parent / path if path else ROOT / name
        if not page.exists() or (anchor and anchor not in anchors(page.read_text(encoding="utf-8"))):
            dead.append(target)
    assert dead == []


def test_every_page_is_linked_from_the_index():
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / target.partition("#")[0]).resolve() for target in LINK.findall(text_of("docs/index.md"))}
    rules = ROOT / "docs" / "reference" / "rules.md"  # lists the pages of the codes
    linked |= {(rules.parent / target.partition("#")[0]).resolve() for target in LINK.findall(rules.read_text())}
    assert [name for name in NAMES if (ROOT / name).resolve() not in linked | {index.resolve()}] == []


@pytest.mark.parametrize("name", sorted(generate.pages()))
def test_generated_pages_are_fresh(name):
    written = (generate.FOLDER / name).read_text(encoding="utf-8")
    assert written == generate.pages()[name], f"docs/reference/{name} is stale: `make docs` writes it."


def test_no_other_page_stands_among_the_generated():
    there = {str(page.relative_to(generate.FOLDER)) for page in generate.FOLDER.rglob("*") if page.is_file()}
    assert there == {*generate.pages(), *generate.BY_COMMANDS}


def test_every_command_is_documented():
    reference = text_of("docs/reference/commands.md")
    used = "\n".join(text_of(page) for page in examples.RUN)
    for name in generate.command_names():
        assert f"## {name}\n" in reference
        assert f"dueregard {name}" in used or f"`{name}`" in used, f"{name} stands in no guide"


def test_every_argument_and_option_is_explained():
    rows = re.findall(r"^\| `([^`]+)`[^|]*\| ([^|]*) \|", text_of("docs/reference/commands.md"), re.MULTILINE)
    assert len(rows) > 30
    assert [name for name, meaning in rows if not meaning.strip()] == []


@pytest.mark.parametrize("name", NAMES)
def test_forbidden_words_are_absent(name):
    text = text_of(name)
    for label in OFFICIAL_LABELS:
        text = text.replace(label, "")
    words = (*FORBIDDEN, *(() if name in SAID_OF_PEOPLE else (OF_PEOPLE,)))
    assert [word for word in words if re.search(word, text, re.IGNORECASE)] == []


def test_decisions_are_numbered_and_short():
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(file.name[:3]) for file in files] == list(range(1, len(files) + 1))
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequences"))
        assert len(text.split()) < 350, f"{file.name}: one screen"


def test_every_table_and_stage_has_its_reference():
    from dueregard.records.tables import TABLE_NAMES
    from dueregard.terms.stages import STAGES

    tables, measures = text_of("docs/reference/tables.md"), text_of("docs/reference/measures.md")
    assert [name for name in TABLE_NAMES if f"## {name}\n" not in tables] == []
    assert [stage.code for stage in STAGES if f"| `{stage.code}` |" not in measures] == []


def test_the_glossary_is_in_order():
    words = re.findall(r"^\*\*(.+?)\*\*: ", text_of("docs/glossary.md"), re.MULTILINE)
    assert words == sorted(words, key=str.casefold)
    assert len(words) > 70


def keys_of(document: object) -> set[str]:
    """Every key in a JSON document, but those that are codes of groups."""
    if isinstance(document, dict):
        inside = [keys_of(value) for key, value in document.items() if key not in ("pupils", "where")]
        return set(document).union(*inside)
    return set().union(*(keys_of(value) for value in document)) if isinstance(document, list) else set()


def test_every_key_of_the_json_is_explained(tmp_path):
    page = text_of("docs/how-to/json.md")
    printed = [one.printed for one in examples.run_page("docs/how-to/json.md", tmp_path) if "--json" in one.command]
    assert len(printed) == 3
    keys = set().union(*(keys_of(json.loads(text)) for text in printed))
    assert sorted(key for key in keys if f"`{key}`" not in page) == []
