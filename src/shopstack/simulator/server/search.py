"""Owns Shopify's search syntax: reading a ``query`` argument and finding what it matches, warnings included.

Where values come from is left to a ``Corpus``. Behaviour is taken from recorded answers: an unknown field is ignored
with a warning, an unknown value matches nothing with a warning, and an unquoted time is cut at its first colon and
read in the shop's timezone (https://shopify.dev/docs/api/usage/search-syntax).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from shopstack.simulator.schema import SearchFilter


class InvalidSearchError(Exception):
    """A search that Shopify refuses with an error instead of a warning."""


class Corpus(Protocol):
    """What is searched: keys, and per filter the value (or list of values) of each key."""

    def keys(self) -> set[str]:
        """Every key that can be found."""
        ...

    def values(self, name: str) -> Mapping[str, Any]:
        """The value of a filter for each key. Raises ``InvalidSearchError`` where it cannot be told."""
        ...

    def with_id(self, number: str) -> set[str]:
        """The keys of what has this number as its id."""
        ...

    def text(self) -> Mapping[str, str]:
        """The words that a term without a field is looked for in."""
        ...


@dataclass(frozen=True)
class Term:
    """One term: an optional field, a comparator and a value as written."""

    name: str | None
    comparator: str
    value: str
    quoted: bool = False


@dataclass(frozen=True)
class Connective:
    """Terms joined by ``and`` or ``or``, or one negated by ``not``."""

    kind: str
    parts: tuple[Node, ...]


Node = Term | Connective

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<paren>[()])
      | (?P<negation>-(?=[\w(]))
      | (?P<field>[A-Za-z_][\w.]*)\s*:\s*(?P<comparator>>=|<=|>|<|=)?
            (?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<bare>[^\s():]*)(?P<cut>:[^\s()]*)?)
      | "(?P<phrase>(?:[^"\\]|\\.)*)"
      | '(?P<quote>(?:[^'\\]|\\.)*)'
      | (?P<word>[^\s()]+)
    )""",
    re.VERBOSE,
)


class _Parser:
    """Recursive descent over the tokens; ``and`` binds closer than ``or``, side by side means ``and``."""

    def __init__(self, text: str) -> None:
        self.tokens = [match for match in _TOKEN.finditer(text) if match.group().strip()]
        self.position = 0

    def peek(self) -> re.Match[str] | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def word(self) -> str | None:
        token = self.peek()
        return token["word"].upper() if token and token["word"] else None

    def disjunction(self) -> Node | None:
        parts = [self.conjunction()]
        while self.word() == "OR":
            self.position += 1
            parts.append(self.conjunction())
        return joined("or", parts)

    def conjunction(self) -> Node | None:
        parts: list[Node | None] = []
        while (token := self.peek()) is not None:
            if token["paren"] == ")" or self.word() == "OR":
                break
            if self.word() == "AND":
                self.position += 1
                continue
            parts.append(self.factor(token))
        return joined("and", parts)

    def factor(self, token: re.Match[str]) -> Node | None:
        self.position += 1
        if token["negation"] or (token["word"] and token["word"].upper() == "NOT"):
            following = self.peek()
            inner = self.factor(following) if following else None
            return Connective("not", (inner,)) if inner else None
        if token["paren"] == "(":
            inner = self.disjunction()
            self.position += 1  # the closing parenthesis; a missing one is forgiven
            return inner
        return term_of(token)


def joined(kind: str, parts: list[Node | None]) -> Node | None:
    """The parts under one connective; one part alone needs none."""
    present = tuple(part for part in parts if part is not None)
    if len(present) > 1:
        return Connective(kind, present)
    return present[0] if present else None


def term_of(token: re.Match[str]) -> Term:
    """The term that one token stands for; an unquoted value ends at its first colon."""
    if token["field"]:
        quoted = token["double"] if token["double"] is not None else token["single"]
        value = quoted if quoted is not None else token["bare"]
        return Term(token["field"], token["comparator"] or "=", unescaped(value), quoted is not None)
    phrase = token["phrase"] if token["phrase"] is not None else token["quote"]
    return Term(None, "=", unescaped(phrase) if phrase is not None else token["word"], phrase is not None)


def unescaped(value: str) -> str:
    """A value without the backslashes that protect special characters."""
    return re.sub(r"\\(.)", r"\1", value)


def parse_search(text: str | None) -> Node | None:
    """The search as a tree; None where there is nothing to search for."""
    return _Parser(text or "").disjunction()


@dataclass
class SearchResult:
    """What a search found: the matching keys (None: everything), the parsed form and the warnings."""

    keys: set[str] | None
    parsed: dict[str, Any] | None = None
    warnings: list[dict[str, str]] = field(default_factory=list)


class Search:
    """Evaluates searches of one ``query`` argument: its filters, and the shop's frame of time."""

    def __init__(
        self, filters: Mapping[str, SearchFilter], timezone: str, now: datetime, *, strict_times: bool = False
    ) -> None:
        self._filters = filters
        self._timezone = ZoneInfo(timezone)
        self._now = now
        self._strict_times = strict_times
        self._warnings: list[dict[str, str]] = []

    def run(self, text: str | None, corpus: Corpus) -> SearchResult:
        """Find what matches. Raises ``InvalidSearchError`` where Shopify answers with an error."""
        self._warnings = []
        tree = parse_search(text)
        if tree is None:
            return SearchResult(None)
        return SearchResult(self._evaluate(tree, corpus), parsed_form(tree), self._warnings)

    def _evaluate(self, node: Node, corpus: Corpus) -> set[str] | None:
        """The keys that match; None where the term is ignored."""
        if isinstance(node, Term):
            return self._term(node, corpus)
        results = [found for part in node.parts if (found := self._evaluate(part, corpus)) is not None]
        if not results:
            return None
        if node.kind == "not":
            return corpus.keys() - results[0]
        return set.intersection(*results) if node.kind == "and" else set.union(*results)

    def _term(self, term: Term, corpus: Corpus) -> set[str] | None:
        if term.name is None:
            return matching(corpus.text(), lambda words: term.value.casefold() in words.casefold())
        known = self._filters.get(term.name)
        if known is None:
            self._warn(term.name, "Invalid search field for this query.", "invalid_field")
            return None
        if term.value == "*" and not term.quoted:
            return matching(corpus.values(term.name), lambda value: value not in (None, "", []))
        test = self._test(known, term)
        if test and term.name == "id" and term.comparator == "=":
            return corpus.with_id(term.value.rsplit("/", 1)[-1])
        return matching(corpus.values(term.name), test) if test else None

    def _test(self, known: SearchFilter, term: Term) -> Callable[[Any], bool] | None:
        """The test of a single value, by the filter's type; None, with a warning, where the value means nothing."""
        if known.type == "time":
            interval = time_interval(term.value, self._timezone, self._now)
            if interval is None:
                self._bad_time(term)
                return None
            return within(term.comparator, *interval)
        if known.type in ("id", "integer", "float"):
            number = decimal_of(term.value.rsplit("/", 1)[-1])
            if number is None:
                self._warn(known.name, f"Input `{term.value}` is not an accepted value.", "invalid_value")
                return None
            return within(term.comparator, number, number)
        if known.type == "boolean":
            wanted = term.value.casefold() == "true"
            return lambda value: bool(value) is wanted
        return self._text_test(known, term)

    def _text_test(self, known: SearchFilter, term: Term) -> Callable[[Any], bool]:
        wanted = [term.value] if term.quoted else term.value.split(",")
        accepted = {each.casefold() for each in known.values}
        for each in wanted:
            if accepted and each.casefold() not in accepted:
                self._warn(known.name, f"Input `{each}` is not an accepted value.", "invalid_value")
        return text_test([each.casefold() for each in wanted])

    def _bad_time(self, term: Term) -> None:
        if self._strict_times:
            raise InvalidSearchError(f"Invalid timestamp for query filter `{term.name}`.")
        self._warn(str(term.name), f"Input `{term.value}` is not an accepted value.", "invalid_value")

    def _warn(self, name: str, message: str, code: str) -> None:
        self._warnings.append({"field": name, "message": message, "code": code})


def matching(values: Mapping[str, Any], test: Callable[[Any], bool]) -> set[str]:
    """The keys whose value passes; of a list of values any may."""
    return {
        key
        for key, value in values.items()
        if (any(map(test, value)) if isinstance(value, list | tuple) else value is not None and test(value))
    }


def text_test(wanted: list[str]) -> Callable[[Any], bool]:
    """Whether a text equals one of the wanted ones, case aside; a trailing ``*`` matches by prefix."""
    exact = {each for each in wanted if not each.endswith("*")}
    prefixes = tuple(each[:-1] for each in wanted if each.endswith("*"))

    def test(value: Any) -> bool:
        text = str(value).casefold()
        forms = (text, text.lstrip("#"))  # an order's name is found with and without its sign
        return any(form in exact or form.startswith(prefixes) for form in forms)

    return test


def within(comparator: str, start: Any, end: Any) -> Callable[[Any], bool]:
    """The test against an interval (first and last moment of what was written, or a number twice)."""
    compare: Mapping[str, Callable[[Any], bool]] = {
        "=": lambda value: start <= value <= end,
        ">": lambda value: value > end,
        ">=": lambda value: value >= start,
        "<": lambda value: value < start,
        "<=": lambda value: value <= end,
    }
    passes = compare[comparator]
    kind = comparable_time if isinstance(start, datetime) else comparable_number

    def test(value: Any) -> bool:
        known = kind(value)
        return known is not None and passes(known)

    return test


def comparable_time(value: Any) -> datetime:
    """A stored time as an aware datetime."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def comparable_number(value: Any) -> Decimal | None:
    """A stored number, or the number at the end of a global id."""
    return decimal_of(str(value).rsplit("/", 1)[-1].split("?")[0])


def decimal_of(text: str) -> Decimal | None:
    """The number that a text is, or None."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


_TIME: Final = re.compile(
    r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.\d+)?)?)?)?(Z|[+-]\d\d:?\d\d)?"
)


def time_interval(text: str, timezone: ZoneInfo, now: datetime) -> tuple[datetime, datetime] | None:
    """First and last microsecond of the year, month, day, hour, minute or second written; None if it is no time.

    Without an offset the text is read in the shop's timezone.
    """
    if text == "now":
        return now, now
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    given = [int(part) if part else None for part in match.groups()[:6]]
    year, month, day, hour, minute, second = given
    zone = datetime.fromisoformat(f"2000-01-01T00:00:00{match[7]}").tzinfo if match[7] else timezone
    try:
        start = datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=zone)
    except ValueError:
        return None
    end = following(start, sum(part is not None for part in given))
    return start.astimezone(UTC), end.astimezone(UTC) - timedelta(microseconds=1)


def following(start: datetime, precision: int) -> datetime:
    """The start of the next unit: year (1), month (2), day (3), hour (4), minute (5) or second (6)."""
    if precision == 1:
        return start.replace(year=start.year + 1)
    if precision == 2:
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    steps = {3: timedelta(days=1), 4: timedelta(hours=1), 5: timedelta(minutes=1), 6: timedelta(seconds=1)}
    return start + steps[precision]


def parsed_form(node: Node) -> dict[str, Any]:
    """The tree as ``extensions.search[].parsed`` shows it."""
    if isinstance(node, Connective):
        if node.kind == "not":
            return {"not": parsed_form(node.parts[0])}
        return {node.kind: [parsed_form(part) for part in node.parts]}
    bounds = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
    name = node.name or "default"
    if node.comparator in bounds:
        return {"field": name, "range": {bounds[node.comparator]: node.value}}
    return {"field": name, "match_all": node.value}
