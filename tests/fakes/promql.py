"""As much of PromQL as our alerts use, over series written as promtool's tests write them.

Parsed by `promql-parser`; what is not known here is an error, never nothing. Where promtool is on the machine the
same tests run by it too (`tests/integration/test_alerts.py`), so that this reading and Prometheus' own agree.
"""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import promql_parser as ast

LOOKBACK_S = 300.0

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Value = Vector | float

_OPERATORS: Mapping[str, Callable[[float, float], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else math.nan,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_COMPARISONS = frozenset({">", "<", ">=", "<=", "==", "!="})
_AGGREGATIONS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "sum": sum,
    "min": min,
    "max": max,
    "count": lambda values: float(len(values)),
}
_MATCHES: Mapping[str, Callable[[str, str], bool]] = {
    "MatchOp.Equal": operator.eq,
    "MatchOp.NotEqual": operator.ne,
    "MatchOp.Re": lambda value, pattern: re.fullmatch(pattern, value) is not None,
    "MatchOp.NotRe": lambda value, pattern: re.fullmatch(pattern, value) is None,
}


@dataclass(frozen=True)
class Series:
    """One series: its name, its labels, and a sample every `interval_s` from zero on; None where there is none."""

    name: str
    labels: Mapping[str, str]
    samples: Sequence[float | None]
    interval_s: float

    def between(self, after: float, until: float) -> list[tuple[float, float]]:
        """Return time and value of the samples in (after, until]."""
        first = max(0, math.floor(after / self.interval_s) + 1)
        last = min(len(self.samples) - 1, math.floor(until / self.interval_s))
        found = ((i * self.interval_s, self.samples[i]) for i in range(first, last + 1))
        return [(at, value) for at, value in found if value is not None]


def read_series(text: str, values: str, interval_s: float) -> Series:
    """Return a series in promtool's notation: `name{a="b"}` and `1+2x3 _ 5`."""
    selector = ast.parse(text)
    assert isinstance(selector, ast.VectorSelector)
    assert selector.name is not None
    labels = {one.name: one.value for one in selector.matchers.matchers}
    return Series(selector.name, labels, [*_expand(values)], interval_s)


def _expand(values: str) -> Iterator[float | None]:
    for word in values.split():
        match = re.fullmatch(r"(-?[0-9.]+)(?:([+-][0-9.]+))?x([0-9]+)", word)
        if match:
            start, step = float(match[1]), float(match[2] or 0)
            yield from (start + step * i for i in range(int(match[3]) + 1))
        else:
            yield None if word == "_" else float(word)


def names_in(expression: str) -> set[str]:
    """Return the names of all series that an expression asks for; raise ValueError if it is not PromQL."""
    return {str(node.name) for node in _walk(ast.parse(expression)) if isinstance(node, ast.VectorSelector)}


def evaluate(expression: str, series: Iterable[Series], at: float) -> Value:
    """Return what an expression is at a time, seconds."""
    return _Evaluation([*series], at).of(ast.parse(expression))


def seconds(text: str) -> float:
    """Return a duration such as 90m in seconds."""
    return float(ast.parse_duration(text).total_seconds())


def fires(expression: str, hold_s: float, series: Sequence[Series], at: float, every_s: float) -> Vector:
    """Return what has held at each evaluation from `hold_s` before `at` until then: the alerts that fire."""
    steps = [at - i * every_s for i in range(math.ceil(hold_s / every_s) + 1)]
    found = [_vector(evaluate(expression, series, step)) for step in steps]
    return {labels: value for labels, value in found[0].items() if all(labels in one for one in found)}


def _vector(value: Value) -> Vector:
    assert isinstance(value, dict), "an alert asks for series"
    return value


class _Evaluation:
    def __init__(self, series: Sequence[Series], at: float) -> None:
        self._series, self._at = series, at

    def of(self, node: Any) -> Value:
        known: Mapping[type, Callable[[Any], Value]] = {
            ast.NumberLiteral: lambda n: float(n.val),
            ast.ParenExpr: lambda n: self.of(n.expr),
            ast.VectorSelector: self._select,
            ast.Call: self._call,
            ast.AggregateExpr: self._aggregate,
            ast.BinaryExpr: self._binary,
        }
        return known[type(node)](node)

    def _select(self, node: Any) -> Vector:
        found = {}
        at = self._at - (node.offset.total_seconds() if node.offset else 0.0)
        for one in self._matching(node):
            samples = one.between(at - LOOKBACK_S, at)
            if samples:
                found[frozenset(one.labels.items())] = samples[-1][1]
        return found

    def _matching(self, node: Any) -> list[Series]:
        matchers = node.matchers.matchers
        return [
            one
            for one in self._series
            if one.name == node.name
            and all(_MATCHES[str(m.op)](one.labels.get(m.name, ""), m.value) for m in matchers)
        ]

    def _call(self, node: Any) -> Value:
        name = node.func.name
        if name == "time":
            return self._at
        if name == "abs":
            return {labels: abs(value) for labels, value in _vector(self.of(node.args[0])).items()}
        if name in ("increase", "rate"):
            return self._grown(node.args[0], per_second=name == "rate")
        assert name == "histogram_quantile", f"{name} is not known here"
        return _quantile(node.args[0].val, _vector(self.of(node.args[1])))

    def _grown(self, node: Any, *, per_second: bool) -> Vector:
        span = node.range.total_seconds()
        found = {}
        for one in self._matching(node.vector_selector):
            values = [value for _, value in one.between(self._at - span, self._at)]
            if len(values) > 1:
                pairs = itertools.pairwise(values)
                grown = sum(later - earlier if later >= earlier else later for earlier, later in pairs)
                found[frozenset(one.labels.items())] = grown / span if per_second else grown
        return found

    def _aggregate(self, node: Any) -> Vector:
        kept = set(node.modifier.labels) if node.modifier else set()
        groups: dict[Labels, list[float]] = {}
        for labels, value in _vector(self.of(node.expr)).items():
            groups.setdefault(frozenset(p for p in labels if p[0] in kept), []).append(value)
        return {labels: _AGGREGATIONS[str(node.op)](values) for labels, values in groups.items()}

    def _binary(self, node: Any) -> Value:
        op, left, right = str(node.op), self.of(node.lhs), self.of(node.rhs)
        on = set(node.modifier.matching.labels) if node.modifier and node.modifier.matching else None
        if op in ("and", "or", "unless"):
            return _of_sets(op, _vector(left), _vector(right), on)
        if isinstance(left, float) and isinstance(right, float):
            return float(_OPERATORS[op](left, right))
        return _of_numbers(op, left, right, on)


def _of_sets(op: str, left: Vector, right: Vector, on: set[str] | None) -> Vector:
    theirs, ours = {_key(one, on) for one in right}, {_key(one, on) for one in left}
    if op == "or":
        return left | {labels: value for labels, value in right.items() if _key(labels, on) not in ours}
    return {labels: v for labels, v in left.items() if (_key(labels, on) in theirs) is (op == "and")}


def _of_numbers(op: str, left: Value, right: Value, on: set[str] | None) -> Vector:
    if isinstance(left, dict):
        other = (
            {_key(labels, on): value for labels, value in right.items()} if isinstance(right, dict) else {}
        )
        pairs = {
            labels: (value, right if isinstance(right, float) else other.get(_key(labels, on)))
            for labels, value in left.items()
        }
    else:
        assert isinstance(right, dict)
        pairs = {labels: (left, value) for labels, value in right.items()}
    found: Vector = {}
    for labels, (a, b) in pairs.items():
        result = None if b is None else _OPERATORS[op](a, b)
        if op in _COMPARISONS and result:
            found[labels] = a if isinstance(left, dict) else b or 0.0
        elif op not in _COMPARISONS and result is not None:
            found[labels] = float(result)
    return found


def _key(labels: Labels, on: set[str] | None) -> Labels:
    return labels if on is None else frozenset(pair for pair in labels if pair[0] in on)


def _quantile(share: float, buckets: Vector) -> Vector:
    groups: dict[Labels, list[tuple[float, float]]] = {}
    for labels, value in buckets.items():
        rest = frozenset(pair for pair in labels if pair[0] != "le")
        groups.setdefault(rest, []).append((float(dict(labels)["le"]), value))
    return {labels: _within(share, sorted(group)) for labels, group in groups.items()}


def _within(share: float, group: Sequence[tuple[float, float]]) -> float:
    wanted = share * group[-1][1]
    place = next(i for i, (_, count) in enumerate(group) if count >= wanted)
    (low, before) = group[place - 1] if place else (0.0, 0.0)
    high, count = group[place]
    if math.isinf(high):
        return low
    return low + (high - low) * ((wanted - before) / (count - before) if count > before else 0.0)


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for name in ("expr", "lhs", "rhs", "vector_selector"):
        if hasattr(node, name):
            yield from _walk(getattr(node, name))
    for one in getattr(node, "args", ()):
        yield from _walk(one)
