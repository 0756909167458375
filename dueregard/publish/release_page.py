"""The pages of a release: the page to read, and its notes on methods, quality, hiding and revisions. Each needs nothing else."""

from __future__ import annotations

import json
from typing import Any

from dueregard.evidence.published import AREA, SCHOOL, TREND
from dueregard.evidence.released import AboutRelease, Released
from dueregard.publish import words
from dueregard.publish.cells_shown import Shown
from dueregard.publish.formulas import Formula, formula_of
from dueregard.publish.page import template
from dueregard.publish.release_lines import Chapter, Line, chapters
from dueregard.publish.release_status import STATUS
from dueregard.publish.release_views import chapter_view, key_sentences
from dueregard.publish.release_words import ABSENT, HIDDEN, LOOKS, LOW, NOBODY, count_sign, of_sign, rule_name

PAGES = (
    ("index.html", "Figures"),
    ("hidden.html", "What is hidden, and why"),
    ("methods.html", "Methods"),
    ("quality.html", "Quality"),
    ("revisions.html", "Revisions"),
)
FOR_WHOM = {
    "public": "Public release.",
    "oversight": "For oversight bodies, which may publish it.",
    "scrutiny panel": "For members of the scrutiny panel, who keep it to themselves.",
    "internal": "Internal. Not for publication.",
}
FURTHER = {AREA: ", by area", SCHOOL: ", by school", TREND: ", by year"}  # a table of a question, after its id
PLACES = {"school": "school by school", "area": "area by area", "all": "all schools together",
          "pooled": "compared within the same school", "trend": "years beside each other", "left out": "left out"}  # fmt: skip


def render_pages(released: Released, files: tuple[tuple[str, str], ...]) -> dict[str, bytes]:
    """Every page. files: (name, what it is) of all files of the release, for the list at the end of the page."""
    found = chapters(released)
    shared = _shared(released, found)
    own = {
        "index.html": _index(released, found, files),
        "hidden.html": _hidden(released),
        "methods.html": _methods(released),
        "quality.html": _quality(released),
        "revisions.html": {"revisions": revision_rows(released)},
    }
    return {name: rendered(f"release_{name}", shared | {"here": name} | own[name]) for name, _ in PAGES}


def rendered(name: str, context: dict[str, Any]) -> bytes:
    return str(template(name).render(**context)).encode()


def banner(about: AboutRelease) -> str:
    """For whom is it?"""
    protected = "" if policy_of(about)["method"] == "none" else " Small numbers are protected."
    return FOR_WHOM.get(about.audience, f"For: {about.audience}.") + protected


def periods_words(released: Released) -> str:
    """Of which time are the figures? Of the whole tables, not of the trends."""
    found = sorted({dict(row.of)["period"] for table in released.published.tables
                    if not table.id.endswith(TREND) for row in table.rows})  # fmt: skip
    return words.period_words(tuple(found)) if found else "No figure"


def _shared(released: Released, found: tuple[Chapter, ...]) -> dict[str, Any]:
    return {
        "about": released.about,
        "internal": banner(released.about),
        "pages": (*PAGES, (STATUS, "Status and signatures")),
        "periods": periods_words(released),
        "signs": signs_in_use(released, found),
        "lost": lost_sentences(released),
        "rules": rule_rows(released.about),
    }


def rule_rows(about: AboutRelease) -> list[tuple[str, str, str]]:
    return [(rule_name(rule), words.capital(said), why) for rule, said, why in about.rules]


def _index(released: Released, found: tuple[Chapter, ...], files: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return {
        "key_sentences": key_sentences(found),
        "chapters": [chapter_view(chapter, released) for chapter in found],
        "rounding": rounding_words(policy_of(released.about)),
        "not_answered": released.not_answered,
        "files": files,
    }


def policy_of(about: AboutRelease) -> dict[str, Any]:
    """The policy as data, as the release holds it."""
    found: dict[str, Any] = json.loads(about.policy_text)
    return found


def rounding_words(policy: dict[str, Any]) -> str:
    """Why may sums differ from their parts?"""
    if policy["method"] == "rounding":
        return f"Each is rounded to a multiple of {policy['base']} by itself, and a pupil may count in several schools."
    return "Where a number is hidden, its total is shown only where that gives nothing away; a pupil may count in several schools."


def signs_in_use(released: Released, found: tuple[Chapter, ...]) -> list[tuple[str, Shown, str]]:
    """The signs of the policy; of those that no table has, only *low* and *hidden* are explained."""
    used = {count_sign(count) for line in lines_of(found) for count in (line.n, line.denominator)} | {
        LOW,
        HIDDEN,
        "0",
        NOBODY,
    }
    return [(sign, of_sign(sign) if sign in LOOKS else Shown(sign), meaning)
            for sign, meaning in released.about.symbols if sign in used]  # fmt: skip


def lines_of(found: tuple[Chapter, ...]) -> list[Line]:
    return [line for chapter in found for section in chapter.sections for own in section.lines.values() for line in own]


def lost_sentences(released: Released) -> list[str]:
    """What did the protection cost? In numbers, in pupils, in the width of ranges."""
    lost = released.lost
    if not lost.n_cells:
        return ["No table is in this release."]
    said = [f"Of {words.whole(lost.n_cells)} numbers in the tables {words.whole(lost.n_shown)} are shown, "
            f"{words.whole(lost.n_low)} are low, {words.whole(lost.n_hidden)} are hidden, {words.whole(lost.n_absent)} were not collected."]  # fmt: skip
    if lost.share_of_pupils_shown != "none":
        said.append(
            f"Of the pupils who were counted, {lost.share_of_pupils_shown} stand in a number that is shown, if none hidden is above its roll."
        )
    if lost.widening != "none":
        said.append(
            f"The range of a shown rate is {lost.widening} times as wide (the median) as chance alone would make it."
        )
    return said


def _hidden(released: Released) -> dict[str, Any]:
    return {"hidden": hidden_rows(released), "given_up": given_up_rows(released)}


def given_up_rows(released: Released) -> list[tuple[str, str, str, str]]:
    """What was to be shown, how fine, how fine it is, and which tables would have told too much."""
    titles = {asked.id: asked.title for asked in released.not_answered} | titles_of(chapters(released))
    return [
        (titles.get(one.question, one.question), PLACES.get(one.before, one.before), PLACES.get(one.after, one.after),
         f"Read together with {_tables_told(one.tables, titles)}, it would have narrowed a small count.")
        for one in released.given_up
    ]  # fmt: skip


def _tables_told(tables: tuple[str, ...], titles: dict[str, str]) -> str:
    """Tables in words: the question of each, and how it is split further."""
    told = []
    for table in tables:
        question = max((id for id in titles if table.startswith(id)), key=len, default=table)
        further = FURTHER.get(table.removeprefix(question), "")
        told.append(f"“{titles.get(question, question)}{further}”")
    return " and ".join(told) or "earlier releases"


def hidden_rows(released: Released) -> list[tuple[str, str, str, str, str, str]]:
    """By question: how many numbers there are, and how many are shown, low, hidden, not collected."""
    rows = []
    for chapter in chapters(released):
        for section in chapter.sections:
            signs = [count_sign(line.n) for own in section.lines.values() for line in own]
            n = [len(signs), *(signs.count(sign) for sign in ("", LOW, HIDDEN, ABSENT))]
            every, shown, low, hidden, absent = map(words.whole, n)
            rows.append((f"{section.title}, by {chapter.title.lower()}", every, shown, low, hidden, absent))
    return rows


def titles_of(found: tuple[Chapter, ...]) -> dict[str, str]:
    return {s.question.id: f"{s.title}, by {c.title.lower()}" for c in found for s in c.sections}


def question_rows(released: Released) -> list[tuple[str, str, str]]:
    """Each question, what exactly is counted, and the finest place shown."""
    return [(q.id, q.estimand, PLACES.get(q.place, q.place)) for q in released.questions]


def _methods(released: Released) -> dict[str, Any]:
    rule, n = policy_of(released.about)["pooled"], len(released.published.pooled)
    return {
        "formulas": [(names, known.formula, known.source) for names, known in formulas_in_use(released)],
        "questions": question_rows(released),
        "pooled_rule": (
            f"One is released only where at least {rule['schools']} schools, and at least {rule['events']} events in each of "
            f"the two groups, contribute, and no school holds more than {rule['largest_share']:.0%} of the events; "
            f"in {rule['digits']} significant digits."
        ),
        "n_pooled": f"This release holds {n} pooled figures." if n else "This release holds no pooled figure.",
    }


def formulas_in_use(released: Released) -> list[tuple[str, Formula]]:
    """Each formula behind a printed range, once."""
    made = {dict(figure.options).get("made", "") for table in released.published.tables for row in table.rows
            for figure in row.printed}  # fmt: skip
    found: dict[str, Formula] = {}
    for name in sorted({part for text in made for part in text.partition(";")[0].split(", ") if part}):
        known = formula_of(name)
        if known is not None:
            found[name] = known
    return list(found.items())


def _quality(released: Released) -> dict[str, Any]:
    titles = titles_of(chapters(released))
    caveats: dict[str, list[str]] = {}
    for question in released.questions:
        for caveat in question.caveats:
            caveats.setdefault(caveat, []).append(titles[question.id])
    rows = [(caveat, named_or_all(own, released)) for caveat, own in caveats.items()]
    rows += [(caveat, "all") for caveat in released.about.caveats if caveat not in caveats]
    return {"caveats": rows, "schools": schools_rows(released)}


def named_or_all(titles: list[str], released: Released) -> str:
    return "all" if len(titles) == len(released.questions) else "; ".join(titles)


def schools_rows(released: Released) -> list[tuple[str, str, str, str]]:
    """Questions with the same schools stand together: questions, period, how many enter, how many stay out and why."""
    titles, found = titles_of(chapters(released)), {}  # type: ignore[var-annotated]
    for question in released.questions:
        for period, n in question.schools_used:
            out = [f"{left.schools}: {words.STATE_WORDS.get(left.state, left.state)}"
                   for left in question.left_out if left.period == period]  # fmt: skip
            found.setdefault((period, words.whole(n), "; ".join(out) or "none"), []).append(titles[question.id])
    return [(named_or_all(own, released), *told) for told, own in sorted(found.items())]


def revision_rows(released: Released) -> list[tuple[str, str, str, str, str]]:
    """Earlier releases: version, state, why, snapshot, hash."""
    return [(r.version, r.state.replace("_", " "), r.because or "none given", r.snapshot, r.sha256)
            for r in released.revisions]  # fmt: skip
