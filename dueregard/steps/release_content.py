"""What a release says, put together: tables, questions, what was given up and lost, and what stands beside them."""

from __future__ import annotations

import hashlib
import json
from statistics import median
from typing import TYPE_CHECKING

from dueregard import __version__
from dueregard.evidence.published import AREA, SCHOOL, TREND, WHOLE, WITHIN

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.disclose.plan import Choice, Planned, Wish
    from dueregard.disclose.policy import Policy
    from dueregard.engines.schools import School
    from dueregard.evidence.published import Coordinates, Published, PublishedTable, Row
    from dueregard.evidence.released import AboutRelease, Asked, Lost, Question, Released, Revision
    from dueregard.evidence.snapshot import Snapshot
    from dueregard.steps.release_counts import Counted

UNSAFE = "It could not be made safe at any detail, by itself or with what was published before."
PARTLY = "Returns that were not whole keep their school out of every figure that needs them; each figure says how many."


class Figures:
    """Makes the figures of a release for each choice of how fine they are. Tables that stay the same are made once."""

    def __init__(
        self, counted: list[Counted], policy: Policy, *, version: str, snapshot: str,
        parents: tuple[tuple[str, str, str], ...] = (),
    ) -> None:  # fmt: skip
        self.counted, self.policy, self.parents = counted, policy, parents
        self.release, self.snapshot = f"{policy.name} {version}", snapshot
        self._made: dict[tuple[str, frozenset[Coordinates]], dict[str, PublishedTable]] = {}

    def wishes(self) -> list[Wish]:
        """Each question as it could be shown."""
        from dueregard.disclose.plan import Wish

        ends = {"all": WHOLE, "trend": TREND, "area": AREA, "school": SCHOOL}
        return [
            Wish(
                q.id, q.places, {kind: q.id + ends[kind] for kind in q.protected}, _is_pooled(q), q.whole.measure.stage
            )
            for q in self.counted
        ]

    def __call__(self, choice: Choice) -> Published:
        """Every figure of the release, as fine as was chosen for each question."""
        from dueregard.evidence.published import Published
        from dueregard.publish.release_tables import set_name

        shown = [question for question in self.counted if choice.places[question.id] is not None]
        tables = tuple(t for question in shown for t in self._tables(question, choice))
        sets = {set_name(schools): schools for question in shown for schools in question.sets.values()}
        pooled = (q.pooled.figures for q in shown if q.pooled is not None and q.id in choice.pooled)
        return Published(
            release=self.release, snapshot=self.snapshot, policy=self.policy.name, tables=tables, parents=self.parents,
            pooled=tuple(figure for figures in pooled for figure in figures),
            school_sets=tuple(sorted(sets.items())),
        )  # fmt: skip

    def _tables(self, question: Counted, choice: Choice) -> list[PublishedTable]:
        made = self._all_tables(question, choice.hidden)
        place = choice.places[question.id]
        kinds = ["all", *(["trend"] if question.id in choice.trends else [])]
        kinds += {"school": ["area", "school"], "area": ["area"]}.get(str(place), [])
        return [made[kind] for kind in kinds if kind in made]

    def _all_tables(self, question: Counted, hidden: frozenset[Coordinates]) -> dict[str, PublishedTable]:
        if (question.id, hidden) not in self._made:
            self._made[question.id, hidden] = tables_of(question, hidden)
        return self._made[question.id, hidden]


def _is_pooled(question: Counted) -> bool:
    return question.pooled is not None and bool(question.pooled.figures)


def tables_of(question: Counted, hidden: frozenset[Coordinates] = frozenset()) -> dict[str, PublishedTable]:
    """The tables of one question: the whole, the years, the areas, the schools."""
    from dueregard.disclose.figures import direct_figures
    from dueregard.publish import release_tables as made

    sets = {period: made.set_name(schools) for period, schools in question.sets.items()}
    cells, manner = question.protected, made.Manner(question.comparison, direct_figures, sets, hidden)
    found = {"all": made.table(question.id, cells["all"], manner)}
    if "trend" in cells:
        found["trend"] = made.table(question.id + TREND, cells["trend"], manner)
    if "area" in cells:
        found["area"] = made.strata_table(question.id + AREA, cells["area"], manner, over_schools=True)
    found["school"] = made.strata_table(question.id + SCHOOL, cells["school"], manner, over_schools=False)
    return found


def question_of(counted: Counted, place: str) -> Question:
    """What is asked, as a reader is told it."""
    from dueregard.evidence.released import Question, SchoolsLeftOut

    cells = counted.protected["all"]
    trend = counted.protected.get("trend")
    return Question(
        id=counted.id, measure=counted.whole.measure, periods=(trend or cells).periods, comparison=counted.comparison,
        estimand=counted.estimand, place=place, schools_used=(trend or cells).schools_used,
        left_out=tuple(SchoolsLeftOut(left.period, left.state, left.schools) for left in cells.left_out if left.schools),
        not_identified=cells.not_identified,
        disagreeing=cells.disagreeing, caveats=cells.caveats,
    )  # fmt: skip


def released_of(
    counted: list[Counted], planned: Planned, about: AboutRelease, *, revisions: tuple[Revision, ...],
    not_answered: tuple[Asked, ...], schools: tuple[School, ...] = (),
) -> Released:  # fmt: skip
    """Everything that the bundle says."""
    from dueregard.evidence.released import Asked, Released

    places = [(q, planned.choice.places[q.id]) for q in counted]
    dropped = [Asked(q.id, q.title, UNSAFE) for q, place in places if not place]
    dropped += [one for q, place in places if place for one in _not_pooled(q, planned.choice)]
    return Released(
        about=about,
        questions=tuple(question_of(q, place) for q, place in places if place),
        published=planned.published,
        given_up=tuple(one.public() for one in planned.gave),
        lost=lost_of(planned.published),
        revisions=revisions,
        not_answered=(*not_answered, *dropped),
        schools=_named(planned.published, schools),
    )


def _not_pooled(question: Counted, choice: Choice) -> list[Asked]:
    """The comparison within schools that is not shown: of which groups, and why. One line a question."""
    from dueregard.evidence.released import Asked
    from dueregard.measures.columns import code_label

    if question.pooled is None or not question.comparison:
        return []
    id, title = f"{question.id}{WITHIN}", f"{question.title}, compared within the same school"
    if _is_pooled(question) and question.id not in choice.pooled:
        return [Asked(id, title, UNSAFE)]
    by_why: dict[str, list[str]] = {}
    for name, why in question.pooled.refused:
        codes = name.removeprefix(f"{id}-").split(",")
        labels = [code_label(column, code) for column, code in zip(question.whole.measure.columns, codes, strict=False)]
        by_why.setdefault(why, []).append(", ".join(labels))
    return [Asked(id, title, f"{'; '.join(labels)}: {why[:1].lower()}{why[1:]}") for why, labels in by_why.items()]


def _named(published: Published, schools: tuple[School, ...]) -> tuple[tuple[str, str], ...]:
    """The names of the schools that the tables tell one by one."""
    told = {value for table in published.tables for row in table.rows for column, value in row.of if column == "school"}
    return tuple((one.urn, one.name) for one in schools if one.urn in told and one.name)


def lost_of(published: Published) -> Lost:
    """What did the protection cost? Told from what is shown alone, so that it tells nothing more."""
    from dueregard.evidence.released import Lost

    rows = [row for table in published.tables for row in table.rows]
    states = [str(row.n.state) for row in rows]
    wider = [found for row in rows if (found := _widening(row)) is not None]
    return Lost(
        n_cells=len(rows),
        n_shown=sum(row.n.shown is not None for row in rows),
        n_low=states.count("low"),
        n_hidden=sum(state.startswith("hidden") for state in states),
        share_of_pupils_shown=_share_shown(published),
        widening=f"{median(wider):.2f}" if wider else "none",
    )


def _share_shown(published: Published) -> str:
    """At least which share of the pupils counted stands in a number that is shown? `none`: it cannot be told.

    Of the finest rows that there are. A shown number counts with its least, a low one with the top of its band, a hidden one
    with its roll; what the source has not is no part of it.
    """
    from dueregard.disclose.possible import is_of_the_source

    rows = [row for table in published.tables for row in table.rows if dict(row.of)["unit"] == "pupils"]
    rows = [row for row in rows if "school" in dict(row.of)] or rows
    least = sum(row.n.at_least for row in rows if row.n.shown is not None)
    others = [_most_of(row) for row in rows if row.n.shown is None and not is_of_the_source(row.n)]
    if None in others or not least + sum(most or 0 for most in others):
        return "none"
    return f"at least {100 * least // (least + sum(most or 0 for most in others))}%"


def _most_of(row: Row) -> int | None:
    """The most that a count can be which is not shown: the top of its band, or its roll. None: it is not known."""
    from dueregard.evidence.published import ROLL

    if row.n.at_most is not None:
        return row.n.at_most
    is_over_roll = row.denominator is not None and row.over is not None and dict(row.over)["stage"] == ROLL
    return row.denominator.at_most if is_over_roll and row.denominator is not None else None


def _widening(row: Row) -> float | None:
    """How many times as wide is the interval of a shown rate as that of the shown numbers taken for the true ones?"""
    from dueregard.disclose.estimates import protected_rate
    from dueregard.evidence.protected import exact
    from dueregard.publish.printing import RATE, read_back

    printed = read_back(RATE, row.printed)
    if printed is None or row.n.shown is None or row.denominator is None or not row.denominator.shown:
        return None
    options = dict(row.printed[0].options)
    alone = protected_rate(exact(row.n.shown), exact(row.denominator.shown), as_risk=options["method"] == "risk",
                           per=int(options["per"]))  # fmt: skip
    if alone is None or alone.upper <= alone.lower:
        return None
    return (printed.upper - printed.lower) / (alone.upper - alone.lower) / 1000


def about_release(snapshot: Snapshot, policy: Policy, version: str) -> AboutRelease:
    """What stands behind every figure, with the policy as it was."""
    from dueregard.evidence.released import AboutRelease

    manifest, text = snapshot.manifest, policy_text(policy)
    rejected = sum(row["rows"] for row in manifest.left_out)
    quality = [("Sources", ", ".join(manifest.profiles) or "not named"), ("Returns", PARTLY)]
    quality.append(("Rows that the checks refused", "some rows were left out of the snapshot" if rejected else "none"))
    return AboutRelease(
        version=version, snapshot=snapshot.id, code_version=__version__, policy=policy.name,
        policy_sha256=hashlib.sha256(text.encode()).hexdigest(), policy_text=text, audience=policy.audience,
        policy_words=policy.words, rules=rules_of(policy), symbols=symbols_of(policy), sources=tuple(manifest.profiles),
        lists=tuple(sorted(manifest.lists.items())), quality=tuple(quality), caveats=tuple(manifest.caveats),
    )  # fmt: skip


def policy_text(policy: Policy) -> str:
    """A policy as one text; the same policy has the same."""
    from dueregard.publish.plain import as_plain

    return json.dumps(as_plain(policy), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def policy_from(text: str) -> Policy:
    """The policy of a text; checked, so that a bundle cannot bring a policy that protects nothing."""
    from dueregard.disclose.policy import Policy, check_policy
    from dueregard.publish.plain import revive

    return check_policy(revive(Policy, json.loads(text)))


def rules_of(policy: Policy) -> tuple[tuple[str, str, str], ...]:
    """Each rule that has a reason: its name, its value in words, and why."""
    from dueregard.publish.release_words import rule_words

    return tuple((rule, rule_words(policy, rule), why) for rule, why in policy.reasons)


def symbols_of(policy: Policy) -> tuple[tuple[str, str], ...]:
    """The signs that stand where there is no number, and what they mean."""
    from dueregard.publish.release_words import symbols

    return symbols(policy.low_to)
