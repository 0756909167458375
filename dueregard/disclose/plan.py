"""The plan of a release: how fine each question may be shown, so that nothing is narrowed. Pure: figures in, a choice out.

First the floor: every question at its broadest, where figures are hidden jointly or, if that cannot help, left out. Then every
question at its finest, with the floor as it is: what is narrowed goes one rung of the policy's ladder down, until nothing is.
The floor is safe, so the way down ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dueregard.errors import ReleaseRefused

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.disclose.attack import Attack, Narrowed
    from dueregard.disclose.policy import Policy
    from dueregard.disclose.witnesses import Witnesses
    from dueregard.evidence.published import Coordinates, Published
    from dueregard.evidence.released import GivenUp

# In a `GivenUp`: the years beside each other; the comparison within schools; the question itself.
TREND, POOLED, LEFT_OUT = "trend", "pooled", "left out"
APART = {TREND: "years apart", POOLED: "not within schools"}
MOST_TABLES = 4  # that are named in a reason
FEW = 0.05  # of the counts: where more would have to be hidden, a reader is better served by whole tables that are coarser


@dataclass(frozen=True, slots=True)
class Wish:
    """One question as it could be shown. places: finest first. tables: by place, and `trend`, the id of its table.
    is_pooled: it has figures that are pooled over schools. family: questions of one family sum up to the same totals."""

    id: str
    places: tuple[str, ...]
    tables: Mapping[str, str]
    is_pooled: bool = False
    family: str = ""

    @property
    def broadest(self) -> str:
        return self.places[-1]


@dataclass(frozen=True, slots=True)
class Choice:
    """How fine each question is shown. places: id -> place, None: not at all. trends: the questions whose years stand
    beside each other. pooled: those whose pooled figures are shown. hidden: counts that are hidden wherever they stand."""

    places: Mapping[str, str | None]
    trends: frozenset[str] = frozenset()
    pooled: frozenset[str] = frozenset()
    hidden: frozenset[Coordinates] = frozenset()

    def at(self, question: str, place: str | None) -> Choice:
        return replace(self, places={**self.places, question: place})


@dataclass(frozen=True, slots=True)
class Gave:
    """Detail that was given up. figures: those that would together have given a count away, the strongest first."""

    question: str
    before: str
    after: str
    figures: tuple[str, ...]
    tables: tuple[str, ...]
    release: str = ""

    @property
    def two(self) -> str:
        """Two figures that together give the count away: one of this release, and the strongest of another table."""
        own = next((figure for figure in self.figures if figure.startswith(f"{self.release} / ")), None)
        first = own or next(iter(self.figures), "what was published before")
        others = [figure for figure in self.figures if _table_of(figure) != _table_of(first)]
        second = next(iter([*others, *(f for f in self.figures if f != first)]), None)
        return f"“{first}”" + (f" and “{second}”" if second else "")

    def public(self) -> GivenUp:
        """As a reader of the release is told it: the tables, not the counts."""
        from dueregard.evidence.released import GivenUp

        return GivenUp(self.question, self.before, self.after, self.tables)


@dataclass(frozen=True, slots=True)
class Planned:
    """A release that is safe, and what it cost. attack: of these very figures, with all that was public before."""

    choice: Choice
    published: Published
    attack: Attack
    gave: tuple[Gave, ...]


Publish = Callable[[Choice], "Published"]


def plan(
    wishes: Sequence[Wish], publish: Publish, policy: Policy, *, earlier: Sequence[Published] = (), seconds: float = 60.0
) -> Planned:  # fmt: skip
    """How fine may each question be shown, so that the attacker narrows nothing, with all earlier releases before him?

    publish: makes the figures of a choice. earlier: what was public, in its order; it was attacked when it came out.
    Deterministic: the same figures after the same releases give the same choice.
    Raises SolverStopped where the time is over, and ReleaseRefused where nothing at all is left.
    """
    from dueregard.disclose.solver import NothingFits
    from dueregard.disclose.witnesses import Witnesses

    made = _Plan({wish.id: wish for wish in wishes}, publish, policy, list(earlier), seconds, Witnesses())
    try:
        return made.refined(made.floor())
    except NothingFits as fault:
        raise ReleaseRefused(
            "The source's own counts contradict each other: its totals by one column are not those by another, so it cannot be "
            "known what the figures give away together.",
            try_this="one `--split` at a time, or a corrected source.",
        ) from fault


@dataclass(slots=True)
class _Plan:
    wishes: dict[str, Wish]
    publish: Publish
    policy: Policy
    earlier: list[Published]
    seconds: float
    witnesses: Witnesses
    gave: list[Gave] = field(default_factory=list)

    def floor(self) -> Choice:
        """Every question at its broadest: with figures hidden, without years, or without the question, until it is safe."""
        trends = frozenset(wish.id for wish in self.wishes.values() if TREND in wish.tables)
        pooled = frozenset(wish.id for wish in self.wishes.values() if wish.is_pooled)
        choice = Choice({wish.id: wish.broadest for wish in self.wishes.values()}, trends, pooled)
        while True:
            choice, found = self._hidden(choice)
            if found.is_safe:
                return choice
            choice = self._without(choice, found)

    def _hidden(self, choice: Choice) -> tuple[Choice, Attack]:
        """With what must be hidden at the floor; and what the attacker finds then."""
        from dueregard.disclose.together import protect_together

        bare = replace(choice, hidden=frozenset())
        found = protect_together(lambda hidden: self.publish(replace(bare, hidden=hidden)), self.policy,
                                 earlier=self.earlier, seconds=self.seconds, witnesses=self.witnesses)  # fmt: skip
        return replace(bare, hidden=frozenset(found.hidden)), found.attack

    def _without(self, choice: Choice, found: Attack) -> Choice:
        """The questions that give something away: without what is pooled, then without their years, then left out."""
        published = self.publish(choice)
        for question, narrowed in self._questions_of(published, choice, found.narrowed).items():
            if question in choice.pooled:
                self._give(question, POOLED, APART[POOLED], narrowed, published)
                choice = replace(choice, pooled=choice.pooled - {question})
            elif question in choice.trends:
                self._give(question, TREND, APART[TREND], narrowed, published)
                choice = replace(choice, trends=choice.trends - {question})
            else:
                self._give(question, self.wishes[question].broadest, LEFT_OUT, narrowed, published)
                choice = choice.at(question, None)
        if all(place is None for place in choice.places.values()):
            raise ReleaseRefused(
                f"No question can be shown safely, at any detail: {self.gave[-1].question} would give a small count away by "
                f"{self.gave[-1].two}.",
                try_this="a period that overlaps no earlier release, or a longer one.",
            )
        return choice

    def refined(self, floor: Choice) -> Planned:
        """As fine as is safe above the floor."""
        choice = replace(floor, places={id: place and self.wishes[id].places[0] for id, place in floor.places.items()})
        asked: frozenset[Coordinates] | None = None
        if (hidden := self._finest(choice, floor)) is not None:
            return hidden
        while True:
            published = self.publish(choice)
            found = self._attacked(published, asked)
            if found.is_safe and asked is None:
                return Planned(choice, published, found, tuple(self.gave))
            if found.is_safe:
                asked = None  # the whole once more: an assumption that had to give way may hold again
                continue
            asked = (asked or frozenset()) | {one.of for one in found.narrowed}
            choice = self._one_rung_down(choice, published, found.narrowed)

    def _finest(self, choice: Choice, floor: Choice) -> Planned | None:
        """At the finest, with a few figures hidden: a whole table of areas is a dearer loss. None: hiding a few cannot help."""
        from dueregard.disclose.together import protect_together

        found = protect_together(lambda more: self.publish(replace(choice, hidden=floor.hidden | more)), self.policy,
                                 earlier=self.earlier, seconds=self.seconds, witnesses=self.witnesses)  # fmt: skip
        counts = sum(len(table.rows) for table in found.published.tables)
        if not found.attack.is_safe or len(found.hidden) > FEW * counts:
            return None
        choice = replace(choice, hidden=floor.hidden | frozenset(found.hidden))
        return Planned(choice, found.published, found.attack, tuple(self.gave))

    def _attacked(self, published: Published, asked: frozenset[Coordinates] | None) -> Attack:
        """What is narrowed? asked: of these counts alone; to give up tables only widens the others."""
        from dueregard.disclose.attack import attack

        return attack([*self.earlier, published], self.policy, is_exact=False, with_reasons=False, only=asked,
                      since=len(self.earlier), seconds=self.seconds, witnesses=self.witnesses)  # fmt: skip

    def _one_rung_down(self, choice: Choice, published: Published, narrowed: Iterable[Narrowed]) -> Choice:
        """The questions of narrowed counts one rung lower; where all of them are at their floor, whatever stands above."""
        hit = self._questions_of(published, choice, narrowed)
        above = {id for id, place in choice.places.items() if place and place != self.wishes[id].broadest}
        if loose := [id for id in hit if id in choice.pooled]:  # what is pooled speaks of schools one by one, too
            for question in loose:
                self._give(question, POOLED, APART[POOLED], hit[question], published)
            return replace(choice, pooled=choice.pooled - set(loose))
        lower = {id: one for id, one in hit.items() if id in above} or dict.fromkeys(
            sorted(above), next(iter(narrowed))
        )
        if not lower:  # the floor was attacked and is safe: it cannot be narrowed by less
            raise ReleaseRefused("The plan of the release does not end at its safe floor.", try_this="report this.")
        for question in _one_of_each_family(lower, narrowed, _holders(published, self._question_of()), self.wishes):
            one = lower[question]
            places, now = self.wishes[question].places, choice.places[question]
            after = places[places.index(str(now)) + 1]
            self._give(question, str(now), after, one, published)
            choice = choice.at(question, after)
        return choice

    def _questions_of(self, published: Published, choice: Choice, narrowed: Iterable[Narrowed]) -> dict[str, Narrowed]:
        """Which questions show a narrowed count, and which one? Where none shows it: those whose figures give it away."""
        holders = _holders(published, self._question_of())
        found: dict[str, Narrowed] = {}
        for one in narrowed:
            for question in holders.get(one.of) or self._by_reason(published, one):
                if choice.places[question]:
                    found.setdefault(question, one)
        if not found:
            found = {id: next(iter(narrowed)) for id, place in choice.places.items() if place}
        return dict(sorted(found.items()))

    def _question_of(self) -> dict[str, str]:
        """By table, its question."""
        return {table: id for id, wish in self.wishes.items() for table in wish.tables.values()}

    def _by_reason(self, published: Published, one: Narrowed) -> list[str]:
        tables = _tables_in(published, self._figures(published, one))
        return sorted({id for id, wish in self.wishes.items() if set(wish.tables.values()) & set(tables)})

    def _give(self, question: str, before: str, after: str, one: Narrowed, published: Published) -> None:
        figures = self._figures(published, one)
        self.gave.append(
            Gave(question, before, after, figures, _tables_in(published, figures)[:MOST_TABLES], published.release)
        )

    def _figures(self, published: Published, one: Narrowed) -> tuple[str, ...]:
        """The figures that give a count away, the strongest first."""
        from dueregard.disclose.attack import assume, reasons
        from dueregard.disclose.revised import joined_that_fits

        made = joined_that_fits([*self.earlier, published], seconds=self.seconds)
        assume(made, self.policy)
        return reasons(made, made.places[one.of], self.seconds)


def _one_of_each_family(
    hit: Iterable[str],
    narrowed: Iterable[Narrowed],
    holders: Mapping[Coordinates, list[str]],
    wishes: Mapping[str, Wish],
) -> list[str]:
    """Of questions that sum up to the same totals, the one with the most narrowed counts: to coarsen one is often enough."""
    counts = {id: sum(id in holders.get(one.of, ()) for one in narrowed) for id in hit}
    chosen: dict[str, str] = {}
    for id in sorted(counts, key=lambda id: (-counts[id], id)):
        chosen.setdefault(wishes[id].family or id, id)
    return sorted(chosen.values())


def _holders(published: Published, question_of: Mapping[str, str]) -> dict[Coordinates, list[str]]:
    """Which questions show a count or a denominator?"""
    found: dict[Coordinates, dict[str, None]] = {}
    for table in published.tables:
        question = question_of.get(table.id)
        for row in table.rows if question else ():
            for name in (row.of, row.over):
                if name is not None:
                    found.setdefault(name, {})[str(question)] = None
    return {name: list(ids) for name, ids in found.items()}


def _tables_in(published: Published, figures: Iterable[str]) -> tuple[str, ...]:
    """The tables of this release that reasons name, each once."""
    named = [
        table.id
        for why in figures
        for table in published.tables
        if why.startswith(f"{published.release} / {table.id}:")
    ]
    return tuple(dict.fromkeys(named))


def _table_of(figure: str) -> str:
    """The release and the table of a figure, as reasons name it."""
    return figure.partition(":")[0]
