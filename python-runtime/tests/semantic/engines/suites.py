"""The lists of questions. A new list of questions with SQL written by hand is a line in `written.WRITTEN`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from tests.semantic.engines import aggregates, names, random_questions
from tests.semantic.engines.outcomes import Outcome, Target
from tests.semantic.engines.written import WRITTEN

Check = Callable[[Target], Iterator[Outcome]]

# In the order of the report; the last ones are not in the short form. TPC-H, whose tables are files, is added to them.
SHORT: dict[str, Check] = {
    **WRITTEN,
    "names": names.check,
    "aggregates": aggregates.check,
    "random": partial(random_questions.check, worlds=8),
}
LONG: dict[str, Check] = {**SHORT, "random": partial(random_questions.check, worlds=25)}
