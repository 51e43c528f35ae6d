"""The join paths of a world, by enumeration of all of them. It does not use the semantic layer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.semantic.world import World

Steps = tuple[tuple[str, str, str, str], ...]  # (kind, own column, node, its column)
KINDS = {"many_to_one": ("one", "many"), "one_to_one": ("same", "same"), "one_to_many": ("many", "one")}


class NoPathError(Exception):
    """There is no join path between the nodes."""


class AmbiguousError(Exception):
    """There are several join paths, and none is a subsequence of all others."""


class UnrelatedError(Exception):
    """Two nodes have no table in common that they can be grouped by."""


class WorldPaths:
    """Finds the paths between the nodes of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tables = {name: name for name in world}
        for table in world.values():
            self.tables.update({link.alias: link.to for link in table.links if link.alias})
        self.steps: dict[str, list[tuple[str, str, str, str]]] = {name: [] for name in self.tables}
        self.owners: dict[tuple[str, tuple[str, str, str, str]], str] = {}
        self._known_paths: dict[tuple[str, str], list[Steps]] = {}
        for node, table_name in self.tables.items():
            for link in world[table_name].links:
                target = link.alias or link.to
                if target == node:
                    continue
                kinds = KINDS[link.relationship]
                self._add(node, node, (kinds[0], link.column, target, link.key))
                self._add(node, target, (kinds[1], link.key, node, link.column))

    def _add(self, owner: str, start: str, step: tuple[str, str, str, str]) -> None:
        if (start, step) not in self.owners:  # otherwise the same columns, joined from both sides
            self.steps[start].append(step)
            self.owners[start, step] = owner

    # --- paths ---

    def path(self, start: str, end: str) -> Steps:
        found = self._path(start, end)
        is_plain = start != end and start in self.world and end in self.world
        if is_plain and all(step[0] != "many" for step in found) and self._is_ambiguous_start(start, end, found):
            raise AmbiguousError(f"{end} gives a role to other rows of {start}")
        if is_plain and any(step[0] == "many" for step in found):
            with contextlib.suppress(NoPathError):
                if self._path(end, start)[-1][2] != start:
                    raise AmbiguousError(f"{start} is a role, seen from {end}")
        return found

    def _is_ambiguous_start(self, start: str, end: str, found: Steps) -> bool:
        """Return whether a role of the start, declared by the one side of its join, is another path to the end."""
        for role in (role for role, table in self.tables.items() if table == start and role != start):
            for node in self._candidates(start, end):
                for path in self._paths(role, node):
                    nodes = [step[2] for step in path]
                    defines_role = self.owners[role, path[0]] == path[0][2] and path[0][0] == found[0][0]
                    if not defines_role or any(self.tables[name] == start for name in nodes):
                        continue
                    if any(step[0] == "many" for step in path) or any(self._enters_roles_in_reverse(role, path)):
                        continue
                    if nodes[:-1] == [step[2] for step in found[:-1]]:
                        if path[0][1::2] != found[0][1::2]:
                            return True
                    elif not _is_subsequence(found[:-1], path[:-1]):
                        return True
        return False

    def _path(self, start: str, end: str) -> Steps:
        if start == end:
            return ()
        ends = self._candidates(start, end)
        found = [path for node in ends for path in self._paths(start, node)]
        reverse_flags = [self._enters_roles_in_reverse(start, path) for path in found]
        paths = [path for path, flags in zip(found, reverse_flags, strict=True) if not any(flags[:-1])]
        if end in self.world:  # the plain name does not mean a role in reverse
            paths = [path for path in paths if not self._enters_roles_in_reverse(start, path)[-1]]
        without_fan_out = [path for path in paths if all(step[0] != "many" for step in path)]
        candidates = without_fan_out or paths
        if not candidates:
            raise NoPathError(f"{start} to {end}")
        named = [path for path in candidates if not self._enters_roles_in_reverse(start, path)[-1]]
        others = [path for path in candidates if path not in named]
        if named and others:
            own_row = tuple(step for step in min(named, key=len) if step[2] != self.tables[end])
            if not _is_subsequence(own_row, min(others, key=len)):
                raise AmbiguousError(f"{start} to {end}")
        candidates = named or others
        for path in candidates:
            rivals = [other for other in candidates if other != path]
            if all(_is_subsequence(path[:-1], other[:-1]) and len(path) < len(other) for other in rivals):
                return path
        raise AmbiguousError(f"{start} to {end}")

    def _candidates(self, start: str, end: str) -> list[str]:
        """Return the nodes that a name may refer to: a role, or a table and its roles."""
        if end not in self.world or self.tables[start] == end:
            return [end]
        return [end, *(role for role, table in self.tables.items() if table == end and role != end)]

    def reach(self, start: str) -> set[str]:
        """Return all nodes with an unambiguous path."""
        found = set()
        for end in self.tables:
            with contextlib.suppress(NoPathError, AmbiguousError):
                self.path(start, end)
                found.add(end)
        return found

    def reached_tables(self, start: str) -> set[str]:
        """Return the tables to which any path leads, also several."""
        paths = [path for end in self.tables for path in self._paths(start, end)]
        found = [path[-1][2] for path in paths if not any(self._enters_roles_in_reverse(start, path)[:-1])]
        return {self.tables[start], *(self.tables[node] for node in found)}

    def _paths(self, start: str, end: str) -> list[Steps]:
        if (start, end) not in self._known_paths:
            self._known_paths[start, end] = list(self._find_paths(start, end, ()))
        return self._known_paths[start, end]

    def _find_paths(
        self, start: str, end: str, visited: tuple[str, ...], has_left_grain: bool = False
    ) -> Iterator[Steps]:
        """Yield the paths that do not fan out after they have left the grain of their start (chasm traps)."""
        for step in self.steps[start]:
            if step[0] == "many" and has_left_grain:
                continue
            if step[2] == end:
                yield (step,)
            elif step[2] not in (*visited, start):
                for rest in self._find_paths(step[2], end, (*visited, start), has_left_grain or step[0] == "one"):
                    yield (step, *rest)

    def _enters_roles_in_reverse(self, start: str, path: Steps) -> list[bool]:
        """Return for each step whether it enters a role in reverse without leaving it by the role's join."""
        before = [start, *(step[2] for step in path)]
        owners = [self.owners[node, step] for node, step in zip(before, path, strict=False)]
        return [
            step[2] not in self.world and owner == step[2] and follower in (None, step[2])
            for step, owner, follower in zip(path, owners, [*owners[1:], None], strict=True)
        ]


def _is_subsequence(path: Steps, other: Steps) -> bool:
    """Return whether the nodes of a path are a subsequence of those of another one."""
    rest = iter(step[2] for step in other)
    return all(step[2] in rest for step in path)
