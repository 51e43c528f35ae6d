"""The data sets of a scan: those of a request, that of the URL, or all of the project."""

from __future__ import annotations

from dataclasses import dataclass

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.bigquery.connect import Json, Session

PAGE_ITEMS = 1000


@dataclass(frozen=True)
class Dataset:
    """A data set, which is in one location."""

    project: str
    name: str
    location: str

    @property
    def schema(self) -> str:
        """The name in SQL, quoted."""
        return f"`{self.project}`.`{self.name}`"


def select_datasets(session: Session, requested: list[str] | None) -> list[Dataset]:
    """Return the requested data sets, named `dataset` or `project.dataset`. Raises 400 if one does not exist."""
    address = session.address
    names = requested or ([address.dataset] if address.dataset else [])
    with session.guard("introspection_failed"):
        if names:
            return [_find(session, *_split(name, address.project)) for name in dict.fromkeys(names)]
        return [_describe(item) for item in list_all(session, "datasets", address.project, "datasets")]


def list_all(session: Session, items: str, *path: str) -> list[Json]:
    """Return all items of a list of the API."""
    found: list[Json] = []
    page: Json = {"nextPageToken": ""}
    while (token := page.get("nextPageToken")) is not None:
        page = session.get(*path, maxResults=PAGE_ITEMS, pageToken=token)
        found += page.get(items, ())
    return found


def _split(name: str, project: str) -> tuple[str, str]:
    other, _, dataset = name.rpartition(".")
    return other or project, dataset


def _find(session: Session, project: str, name: str) -> Dataset:
    from ktx_daemon.warehouses.bigquery.errors import ApiError

    try:
        return _describe(session.get(project, "datasets", name))
    except ApiError as error:
        if error.reason != "notFound":
            raise
        detail = f"BigQuery has no data set '{project}.{name}', or the user may not see it"
        raise BadRequestError("schema_not_found", detail) from None


def _describe(resource: Json) -> Dataset:
    reference = resource["datasetReference"]
    return Dataset(reference["projectId"], reference["datasetId"], resource.get("location") or "US")
