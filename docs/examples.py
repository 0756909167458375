"""Every example in the documentation runs. `python -m docs.examples` also writes what was printed into the pages.

A page is read from top to bottom, in one empty folder:

- a block marked `csv PATH` or `toml PATH` is written to that path;
- in a block marked `sh` or `console`, each line `dueregard ...` or `NAME=$(dueregard ...)` runs;
- a block marked `text` straight after it shows what the last of its commands printed. A line `...` stands for lines
  that are left out. Progress lines with their times are left out always, and any snapshot id equals any other.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUN = (
    "README.md",
    "docs/tutorial/borough.md",
    "docs/how-to/own-files.md",
    "docs/how-to/mappings.md",
    "docs/how-to/us-files.md",
    "docs/how-to/uk-files.md",
    "docs/how-to/json.md",
    "docs/how-to/standardise.md",
    "docs/how-to/decompose.md",
    "docs/how-to/gates.md",
    "docs/how-to/sensitivity.md",
    "docs/how-to/made-up-forces.md",
    "docs/how-to/snapshots-diff.md",
    "docs/how-to/intersections.md",
    "docs/how-to/publish.md",
    "docs/how-to/verify-a-release.md",
)
OPEN_DATA = Path(os.environ.get("DUEREGARD_SHARED", ROOT.parent / "shared")) / "data"
US_FILES = {
    "downloads/crdc-2013-14.parquet": "crdc_2013_14_schools_sample1000.parquet",
    "downloads/crdc-2020-21.parquet": "crdc_2020_21_schools_6states.parquet",
}
UK_FILES = {  # in a folder of their own, so copied: a source may read its own folder and no other
    "downloads/london/stops.parquet": "police_uk_stop_search_metropolitan_16months.parquet",
    "downloads/london/boroughs.zip": "ons_london-2021-lad22-gen20_shp.zip",
    "downloads/london/census.csv.gz": "ons_census2021_ethnicity20_by_single_age_ltla.csv.gz",
    "downloads/2018-2019/census.csv.gz": "dfe_performance_tables_school_census.csv.gz",
    "downloads/exclusions.csv.gz": "dfe_exclusions_national_characteristics_2011-12_2016-17.csv.gz",
}
UK_PAGE = "docs/how-to/uk-files.md"
OWN_FILES = "docs/how-to/own-files.md"  # holds the tables of `my-folder`, which other pages use
WITH_OWN_FILES = ("README.md", "docs/how-to/json.md", "docs/how-to/snapshots-diff.md")
SHELL = ("sh", "console")
WRITTEN = ("csv", "toml")
PASSED_OVER = ("make ", ". ", "#", "git ", "cd ")  # lines of a shell that are not ours to run
FENCE = re.compile(r"^```(\w*)[ ]?(.*)$")
ASSIGNED = re.compile(r"(\w+)=\"?\$\((.*)\)\"?")
SNAPSHOT_ID = re.compile(r"\b[0-9a-f]{32}\b")
TIMED = re.compile(r".*\(\d+(\.\d+)? s\)$")
LEFT_OUT = "..."


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. line: of its first content line. follows: the shell block straight before it, by place."""

    kind: str
    about: str
    text: str
    line: int
    follows: int | None


@dataclass(frozen=True, slots=True)
class Ran:
    """One command: where it stands, what it printed, the exit code. skipped: why it was not run, or empty."""

    page: str
    line: int
    command: str
    printed: str
    exit_code: int
    skipped: str = ""


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found: list[Block] = []
    inside: tuple[str, str, int] | None = None
    kept: list[str] = []
    shell: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        fence = FENCE.match(line)
        if inside is None and fence and fence[1]:
            inside, kept = (fence[1], fence[2].strip(), number + 1), []
        elif inside is not None and line == "```":
            found.append(Block(inside[0], inside[1], "\n".join(kept), inside[2], shell))
            shell = len(found) - 1 if inside[0] in SHELL else None
            inside = None
        elif inside is not None:
            kept.append(line)
        elif line.strip():
            shell = None
    return found


def commands(block: Block) -> Iterator[tuple[int, str]]:
    """The lines of a shell block that run, with their line in the page; a line that ends in `\\` goes on."""
    whole, start = "", 0
    for offset, line in enumerate(block.text.splitlines()):
        start = start if whole else block.line + offset
        whole += line.removeprefix("$ ").strip().removesuffix("\\")
        if line.endswith("\\"):
            continue
        if whole and not whole.startswith(PASSED_OVER):
            yield start, whole
        whole = ""


def called(command: str) -> tuple[str | None, list[str]]:
    """(name that takes the output, words after `dueregard`).

    >>> called('S=$(dueregard freeze mine --into work)')
    ('S', ['freeze', 'mine', '--into', 'work'])
    """
    assigned = ASSIGNED.fullmatch(command)
    words = shlex.split(assigned[2] if assigned else command, comments=True)
    if words[:1] != ["dueregard"]:
        raise ValueError(f"`{command}` is not a command that the examples may hold.")
    return (assigned[1] if assigned else None), words[1:]


def run_page(page: str, folder: Path) -> list[Ran]:
    """Run every command of a page in this empty folder, and tell what each printed."""
    text = (ROOT / page).read_text(encoding="utf-8")
    _prepare(page, folder)
    before = Path.cwd()
    os.chdir(folder)
    try:
        return list(_run(page, blocks(text)))
    finally:
        os.chdir(before)


def _prepare(page: str, folder: Path) -> None:
    """What a reader already has: the open files where they are at hand, and a folder of their own."""
    for wanted, name in US_FILES.items():
        if (OPEN_DATA / name).is_file():
            (folder / wanted).parent.mkdir(exist_ok=True)
            (folder / wanted).symlink_to((OPEN_DATA / name).resolve())
    for wanted, name in UK_FILES.items() if page == UK_PAGE else ():
        if (OPEN_DATA / name).is_file():
            (folder / wanted).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(OPEN_DATA / name, folder / wanted)
    if page in WITH_OWN_FILES:
        for block in blocks((ROOT / OWN_FILES).read_text(encoding="utf-8")):
            if block.kind == "csv" and block.about.startswith("my-folder/"):
                _write(folder / block.about, block.text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def _run(page: str, found: list[Block]) -> Iterator[Ran]:
    names: dict[str, str] = {}
    for block in found:
        if block.kind in WRITTEN and block.about:
            _write(Path(block.about), block.text)
        for line, command in commands(block) if block.kind in SHELL else ():
            name, words = called(command)
            why = _why_not(words, names)
            if why:
                yield Ran(page, line, command, "", 0, why)
                continue
            code, out, err = _call([_filled(word, names) for word in words])
            if name:
                names[name] = out.strip()
            told = [x for x in err.splitlines() if not TIMED.match(x)] + ([] if name else out.splitlines())
            yield Ran(page, line, command, "\n".join(told), code)


def _why_not(words: list[str], names: dict[str, str]) -> str:
    for word in words:
        path = word.partition("=")[0]
        if path.startswith("downloads/") and not Path(path).exists():
            return "the open data are not beside this checkout"
        if word.startswith("$") and word[1:] not in names:
            return "a command that it needs did not run"
    return ""


def _filled(word: str, names: dict[str, str]) -> str:
    return names[word[1:]] if word.startswith("$") else word


def _call(words: list[str]) -> tuple[int, str, str]:
    from dueregard.cli import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    return code, out.getvalue(), err.getvalue()


def plain(text: str) -> list[str]:
    """Lines as they are compared: no trailing blanks, one id for every snapshot."""
    return [SNAPSHOT_ID.sub("<id>", line.rstrip()) for line in text.strip("\n").splitlines()]


def is_shown_truly(shown: str, printed: str) -> bool:
    """Is what a page shows what was printed?

    >>> is_shown_truly("a\\n...\\nd", "a\\nb\\nc\\nd"), is_shown_truly("a\\nc", "a\\nb\\nc")
    (True, False)
    """
    pattern = ""
    for line in plain(shown):
        pattern += r"(.*\n)*" if line == LEFT_OUT else re.escape(line) + r"\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in plain(printed))) is not None


def shown_outputs(page: str, ran: list[Ran]) -> Iterator[tuple[Block, Ran]]:
    """Each `text` block after a shell block, with the command whose output it shows."""
    found = blocks((ROOT / page).read_text(encoding="utf-8"))
    by_line = {one.line: one for one in ran}
    for block in found:
        if block.kind == "text" and block.follows is not None:
            lines = [line for line, _ in commands(found[block.follows])]
            if lines:
                yield block, by_line[lines[-1]]


def _again(shown: str, printed: str) -> str:
    """What a page should show, with as many lines before and after `...` as it has now."""
    lines, fresh = shown.splitlines(), [line.rstrip() for line in printed.strip("\n").splitlines()]
    if LEFT_OUT not in lines:
        return "\n".join(fresh)
    first, last = lines.index(LEFT_OUT), len(lines) - 1 - lines.index(LEFT_OUT)
    return "\n".join([*fresh[:first], LEFT_OUT, *(fresh[-last:] if last else [])])


def refresh(page: str) -> int:
    """Write what the commands print now into a page. Returns how many blocks changed."""
    folder = Path(tempfile.mkdtemp())
    try:
        ran = run_page(page, folder)
    finally:
        _clear(folder)
    path = ROOT / page
    lines, changed = path.read_text(encoding="utf-8").splitlines(), 0
    for block, one in reversed(list(shown_outputs(page, ran))):  # from the end, so that line numbers hold
        if not one.skipped and not is_shown_truly(block.text, one.printed):
            first = block.line - 1
            lines[first : first + len(block.text.splitlines())] = _again(block.text, one.printed).splitlines()
            changed += 1
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return changed


def _clear(folder: Path) -> None:
    """Snapshots are read-only: give the rights back, then away with them."""
    for inner in folder.rglob("*"):
        if inner.is_dir() and not inner.is_symlink():
            inner.chmod(0o700)
    shutil.rmtree(folder)


def main(pages: list[str]) -> None:
    for page in pages or RUN:
        print(f"{page}: {refresh(page)} outputs written anew")


if __name__ == "__main__":
    main(sys.argv[1:])
