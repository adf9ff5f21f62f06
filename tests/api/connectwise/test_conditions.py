"""The language of conditions: what it says, what it refuses, and that nothing else can come of any text."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timetracking.api.connectwise import filtering
from timetracking.api.connectwise.conditions import (
    DEEPEST,
    MOST_TERMS,
    And,
    Comparison,
    Moment,
    Node,
    Not,
    Or,
    parse,
)
from timetracking.api.connectwise.entry_fields import PLAIN
from timetracking.api.refusals import BadRequest


def test_and_binds_tighter_than_or_and_parentheses_tighter_still():
    one, two, three = (Comparison(name, "=", (Decimal(1),)) for name in "abc")
    assert parse("a=1 or b=1 and c=1") == Or((one, And((two, three))))
    assert parse("(a=1 or b=1) and c=1") == And((Or((one, two)), three))
    assert parse("NOT (a=1 and b=1) or c=1") == Or((Not(And((one, two))), three))


@pytest.mark.parametrize(
    ("text", "comparison"),
    [
        ("Member/ID = 123", Comparison("member/id", "=", (Decimal(123),))),
        ("notes!='a \"b\"'", Comparison("notes", "!=", ('a "b"',))),
        (r'notes = "say \"no\""', Comparison("notes", "=", ('say "no"',))),
        ('notes = ""', Comparison("notes", "=", ("",))),
        ("x >= -1.5", Comparison("x", ">=", (Decimal("-1.5"),))),
        ("x = NULL", Comparison("x", "=", (None,))),
        ("x != true", Comparison("x", "!=", (True,))),
        ("timeStart < [2024-02-19T08:00:00Z]", Comparison("timestart", "<", (Moment("2024-02-19T08:00:00Z"),))),
        ("x not in ('a', 2,null)", Comparison("x", "in", ("a", Decimal(2), None), negated=True)),
        ("x NOT LIKE '%a'", Comparison("x", "like", ("%a",), negated=True)),
        ("x contains 'a'", Comparison("x", "contains", ("a",))),
        ("_info/lastUpdated > [2024-01-01]", Comparison("_info/lastupdated", ">", (Moment("2024-01-01"),))),
    ],
)
def test_each_kind_of_comparison(text, comparison):
    assert parse(text) == comparison


@pytest.mark.parametrize(
    "text",
    [
        "a", "a=", "=1", "a=1 b=2", "a=1 and", "a=1 or or b=1", "(a=1", "a=1)", "()", "a='x", 'a="x\\"', "a=[2024",
        "a in ()", "a in (1", "a in 1", "a like 5", "a contains null", "not a=1", "a=1;drop", "a==1", "a=1.2.3", "a=-",
        "a=1e5", "a=12a", "a/=1", "/a=1", "a//b=1", "and=1", "null=1", "a=b", "a is null", "a <> 1", "a=1--",
        "a=\u0661", "é=1", "a=" + "9" * 31,
        "(" * (DEEPEST + 1) + "a=1" + ")" * (DEEPEST + 1),
        " and ".join(["a=1"] * (MOST_TERMS + 1)),
        "a='" + "x" * 2_000 + "'",
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(BadRequest) as refused:
        parse(text)
    assert refused.value.code == "InvalidArgument"


def test_as_much_as_is_allowed_is_read():
    parse("(" * DEEPEST + "a=1" + ")" * DEEPEST)
    parse(" and ".join(["a=1"] * MOST_TERMS))
    parse("a in (" + ",".join(["1"] * 900) + ")")


# --- Any text, and any tree -------------------------------------------------------------------------------------------

NAMES = st.sampled_from(sorted(PLAIN))
TEXTS = st.text(st.characters(exclude_characters="\x00\\", exclude_categories=["Cs"]), max_size=10)
NUMBERS = st.decimals(-(10**12), 10**12, allow_nan=False, places=2)
VALUES = st.one_of(TEXTS, NUMBERS, st.booleans(), st.none(), st.dates().map(lambda day: Moment(day.isoformat())))
COMPARISONS = st.one_of(
    st.builds(Comparison, NAMES, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.tuples(VALUES)),
    st.builds(Comparison, NAMES, st.sampled_from(["like", "contains"]), st.tuples(TEXTS), st.booleans()),
    st.builds(Comparison, NAMES, st.just("in"), st.lists(VALUES, min_size=1, max_size=3).map(tuple), st.booleans()),
)
TREES = st.recursive(
    COMPARISONS,
    lambda part: st.one_of(
        st.builds(Not, part), st.builds(And, st.tuples(part, part)), st.builds(Or, st.tuples(part, part))
    ),
    max_leaves=4,
)


def value_text(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    if isinstance(value, Moment):
        return f"[{value.text}]"
    if isinstance(value, bool):
        return "TRUE" if value else "false"
    return "null" if value is None else f"{value:f}"


def text_of(node: Node) -> str:
    match node:
        case And(parts):
            return " AND ".join(f"({text_of(part)})" for part in parts)
        case Or(parts):
            return " or ".join(f"({text_of(part)})" for part in parts)
        case Not(part):
            return f"not ({text_of(part)})"
    values = [value_text(value) for value in node.values]
    negated = "NOT " if node.negated else ""
    if node.operator == "in":
        return f"{node.field} {negated}in ({', '.join(values)})"
    return f"{node.field} {negated}{node.operator} {values[0]}"


@given(TREES)
@settings(max_examples=80)
def test_a_tree_that_was_written_is_read_again_and_asks_only_for_known_columns(tree):
    text = text_of(tree)
    with contextlib.suppress(BadRequest):
        assert parse(text) == tree
        filtering.condition(text, PLAIN)


@given(st.one_of(st.text(max_size=60), st.text("()[]'\"\\=<>!,/ aAnNdDoOrRtTiI019-.%*", max_size=60)))
@settings(max_examples=150)
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(BadRequest):
        filtering.condition(text, PLAIN)
