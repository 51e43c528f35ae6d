"""Who ran a statement: a person, or a program, by the name of the user and that of the application.

Sources: the application names that the products send by default, as their documentation gives them. A name that says
nothing is that of a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

CallerKind = Literal["person", "service_account", "scheduler", "bi_tool"]

# Each is looked for as a word of a name.
BI_TOOLS = (
    "bigquery bi engine|cognos|data studio|domo|grafana|hex|holistics|lightdash|looker|looker studio|metabase|"
    "microsoft\\.powerbi|microstrategy|mode|mode analytics|omni|power ?bi|preset|qlik|qliksense|redash|retool|"
    "sigma|sigmacomputing|sisense|superset|tableau|thoughtspot|mashup engine"
)
SCHEDULERS = (
    "airbyte|airflow|astronomer|azkaban|celery|cron|dagster|dataform|dbt|dlt|fivetran|hevo|hightouch|kestra|luigi|"
    "matillion|meltano|nifi|oozie|prefect|rivery|rudderstack|scheduled|scheduler|singer|sqlmesh|stitch|talend|temporal"
)
SERVICE_ACCOUNTS = (
    "app|application|batch|bot|daemon|elt|etl|exporter|ingest|integration|job|loader|monitor|monitoring|pipeline|"
    "prod app|robot|service|service account|serviceaccount|srv|svc|sys|system|worker"
)


def _words(alternatives: str) -> str:
    return rf"(?<![a-z])(?:{alternatives})(?![a-z])"


# What a name in lower case, with blanks in place of underscores, has of each kind: regular expressions that Python and
# PostgreSQL read alike, the first that is found decides. The names of Google's service accounts end with their domain,
# which databases of Google Cloud cut at `.iam`.
PATTERNS: tuple[tuple[CallerKind, str], ...] = (
    ("bi_tool", _words(BI_TOOLS)),
    ("scheduler", _words(SCHEDULERS)),
    ("service_account", rf"{_words(SERVICE_ACCOUNTS)}|[.]gserviceaccount[.]com$|@.*[.]iam$"),
)
_BI_TOOLS, _SCHEDULERS, _SERVICE_ACCOUNTS = (re.compile(pattern) for _, pattern in PATTERNS)


def classify(user: str | None, application: str | None, *, is_service: bool = False) -> CallerKind:
    """Return the kind of a caller. The application is more certain than the user, who may use several.

    `is_service` says that the database itself knows the user as that of a program.
    """
    for name in (application, user):
        text = (name or "").lower().replace("_", " ")
        if _BI_TOOLS.search(text):
            return "bi_tool"
        if _SCHEDULERS.search(text):
            return "scheduler"
    name = (user or "").lower().replace("_", " ")
    if is_service or _SERVICE_ACCOUNTS.search(name):
        return "service_account"
    return "person"


def count(callers: Iterable[tuple[str | None, str | None, int]]) -> dict[CallerKind, int]:
    """Sum calls by kind, of tuples of user, application and calls."""
    return add((classify(user, application), calls) for user, application, calls in callers)


def add(calls_of_kinds: Iterable[tuple[CallerKind, int]]) -> dict[CallerKind, int]:
    """Sum calls by kind."""
    counts: dict[CallerKind, int] = {}
    for kind, calls in calls_of_kinds:
        counts[kind] = counts.get(kind, 0) + calls
    return counts
