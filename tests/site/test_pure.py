"""Fragments that are rendered once for equal values."""

from dataclasses import dataclass

import pytest
from django.template import Engine
from django.template.context import Context
from django.utils import translation

from timesheets_site.lib import pure


@dataclass(frozen=True)
class Row:
    text: str


@pytest.fixture
def rendered(monkeypatch):
    """`rendered(row)` goes through the tag; `rendered.times` counts how often the fragment was made."""
    made = []
    monkeypatch.setattr(
        pure.Engine.get_default(),
        "get_template",
        lambda name: made.append(name) or Engine().from_string("{{ row.text }}"),
    )
    pure._rendered.cache_clear()

    def render(row: Row) -> str:
        template = Engine(builtins=["timesheets_site.lib.pure"]).from_string("{% pure 'row.html' row=row %}")
        return template.render(Context({"row": row, "secret": "unseen"}))

    render.times = made
    yield render
    pure._rendered.cache_clear()


def test_equal_values_are_rendered_once(rendered):
    assert rendered(Row("a & b")) == rendered(Row("a & b")) == "a &amp; b"
    assert len(rendered.times) == 1


def test_another_value_or_language_is_another_fragment(rendered):
    assert (rendered(Row("a")), rendered(Row("b"))) == ("a", "b")
    with translation.override("de"):
        rendered(Row("a"))
    assert len(rendered.times) == 3
