"""What a bundle says: the published figures, the questions that they answer, and everything a reader needs beside them.

From one of these follow all files of a bundle whose name does not contain `sig`, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.protected import ShownCount
from dueregard.evidence.published import Published
from dueregard.measures.measure import Measure


@dataclass(frozen=True, slots=True)
class SchoolsLeftOut:
    """How many schools stay out of a figure, and for which reason. Their pupils stand in no table, so they are not told here."""

    period: str
    state: str
    schools: int


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a release. id: `arrested-ethnicity`; its tables in `Published` are `{id}`, `{id}-area`, and so on.

    comparison: the codes with which a group is compared, one for each column of the split (None: those of the group
    itself); () where nothing is compared. place: the finest place that is shown: school, area, all.
    """

    id: str
    measure: Measure
    periods: tuple[str, ...]
    comparison: tuple[str | None, ...]
    estimand: str
    place: str
    schools_used: tuple[tuple[str, int], ...]
    left_out: tuple[SchoolsLeftOut, ...]
    not_identified: ShownCount
    disagreeing: ShownCount
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Detail that was given up for safety. question: its id; before, after: places.

    tables: those that would have narrowed a small count, read together with it; (): earlier releases would have.
    """

    question: str
    before: str
    after: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """What did the protection cost, over all tables? Shares of cells and of pupils, and how much wider intervals are.

    widening: the median over all rates of (width of the published interval) / (width if the shown numbers were the true ones).
    """

    n_cells: int
    n_shown: int
    n_low: int
    n_hidden: int
    share_of_pupils_shown: str
    widening: str

    @property
    def n_absent(self) -> int:
        """Cells of which the source has no count."""
        return self.n_cells - self.n_shown - self.n_low - self.n_hidden


@dataclass(frozen=True, slots=True)
class Revision:
    """One earlier release of the same policy that was public at some time. because: why it was corrected or withdrawn."""

    version: str
    state: str
    snapshot: str
    sha256: str
    because: str


@dataclass(frozen=True, slots=True)
class AboutRelease:
    """What stands behind every figure. rules: (rule, value, why) of the policy. policy_text: the policy itself, as JSON. quality: (what, in words)."""

    version: str
    snapshot: str
    code_version: str
    policy: str
    policy_sha256: str
    policy_text: str
    audience: str
    policy_words: str
    rules: tuple[tuple[str, str, str], ...]
    symbols: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    lists: tuple[tuple[str, str], ...]
    quality: tuple[tuple[str, str], ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked and is not in the release, and why: never left out silently."""

    id: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Released:
    """Everything that a bundle says."""

    about: AboutRelease
    questions: tuple[Question, ...]
    published: Published
    given_up: tuple[GivenUp, ...]
    lost: Lost
    revisions: tuple[Revision, ...]
    not_answered: tuple[Asked, ...]
    schools: tuple[tuple[str, str], ...] = ()  # (number, name) of the schools that tables name, where a name is known
