"""Fits the thresholds on all sets but one, and evaluates them on that one."""

from __future__ import annotations

from statistics import mean

from measure import Measured, detect
from truth import Score

ACCEPT = [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0]
MIN_PRECISION = 0.95
DEFAULT = 2.0


def fit(results: list[Measured]) -> None:
    """Print, for each set, the threshold that the others choose, and the score with it."""
    scores = {result.name: {accept: score(result, accept) for accept in ACCEPT} for result in results}
    print(f"\n{'left out':14}{'accept':>8}{'precision':>11}{'recall':>8}{'F1':>7}   bits from which links are accepted")
    for name, own in scores.items():
        others = [score for other, score in scores.items() if other != name]
        chosen = choose(others or [own])
        print(f"{name:14}{chosen:8}{own[chosen].precision:11.3f}{own[chosen].recall:8.3f}{own[chosen].f1:7.3f}")
    print(f"{'none':14}{choose(list(scores.values())):8}{'':26}   the default is {DEFAULT}")


def choose(scores: list[dict[float, Score]]) -> float:
    """Return the threshold with the best mean F1 of those with the least loss of precision."""
    lost = {accept: sum(max(0.0, MIN_PRECISION - score[accept].precision) for score in scores) for accept in ACCEPT}
    best = min(lost.values())
    # Of equal ones, the strictest.
    return max((mean(score[accept].f1 for score in scores), accept) for accept in ACCEPT if lost[accept] == best)[1]


def score(result: Measured, accept: float) -> Score:
    """Return the score of a set with a threshold, by the same counts."""
    detection, _ = detect({**result.request, "weights": {"accept": accept}})
    return Measured(result.name, result.database, result.request, detection, 0, 0, 0).links
