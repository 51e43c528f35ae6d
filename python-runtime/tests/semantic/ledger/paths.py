"""The joins of a ledger: how the rows of each source lead to what a name means, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Path = tuple[str, ...]
Paths = Mapping[str, Path]
"""The steps to each node: `links` finds many rows, every other step one at most."""

_OF_CUSTOMER: Paths = {"customers": ("customer",), "customers.regions": ("customer", "region")}
PATHS: Mapping[str, Paths] = {
    "orders": {
        "orders": (),
        **_OF_CUSTOMER,
        "buyer": ("customer",),
        "payer": ("payer",),
        "payer.regions": ("payer", "region"),
        "regions": ("payer", "region"),  # as the paths of the query say
        "tags": ("links", "tag"),
    },
    "visits": {"visits": (), **_OF_CUSTOMER},
    "balances": {"balances": (), **_OF_CUSTOMER},
    "customers": {"customers": (), "customers.regions": ("region",)},
}
_TABLES = {"customer": "customers", "payer": "customers", "region": "regions", "tag": "tags"}
_NODES = {"size": "orders", "band": "orders", "place": "customers.regions", "often": "customers"}


def node_of(field: str) -> str:
    """Return the node that a field, or an expression by its name, reads."""
    return _NODES.get(field) or field.rpartition(".")[0]


def table_of(source: str, node: str) -> str:
    """Return the table of a node."""
    path = PATHS[source][node]
    return _TABLES[path[-1]] if path else source


def paths_through(node: str, sources: Iterable[str]) -> Paths:
    """Return the steps from a node to all that every source reaches through it, with one row at most."""
    found: list[dict[str, Path]] = []
    for source in sources:
        start = PATHS[source].get(node)
        rests = PATHS[source].items() if start is not None else ()
        found.append(
            {
                other: path[len(start or ()) :]
                for other, path in rests
                if path[: len(start or ())] == start and "links" not in path[len(start or ()) :]
            }
        )
    first, *others = found
    return {other: path for other, path in first.items() if all(rest.get(other) == path for rest in others)}
