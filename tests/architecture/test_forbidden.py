"""What no file may say: each of these opens a hole that no other test would see."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source import calls, imports, modules, templates

MAILS = {"templates/accounts/mail/letter.html"}  # has no style sheet to link to, and no page's security policy
FORBIDDEN_IN_TEMPLATES = {
    "user text past the escaping": r"\|\s*(safe|safeseq)\b|\{%\s*filter\s+safe|autoescape\s+off",
    "inline style": r"\sstyle\s*=",
    "style element": r"<style\b",
    "inline handler": r"\s(on[a-z]+|hx-on[:\w-]*)\s*=\s*[\"'{]",
    "inline script": r"<script\b(?![^>]*\bsrc=)",
    "address that runs": r"javascript:",
    "something of another origin": r"(src|href|action)\s*=\s*[\"'](https?:)?//",
}


@pytest.mark.parametrize("what", FORBIDDEN_IN_TEMPLATES)
def test_templates_have_no(what):
    pattern = re.compile(FORBIDDEN_IN_TEMPLATES[what])
    found = [
        (path, match[0])
        for path, text in templates().items()
        if path.endswith(".html") and not (what == "style element" and path in MAILS)
        for match in pattern.finditer(re.sub(r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}", "", text, flags=re.DOTALL))
    ]
    assert found == []


def test_mails_fetch_nothing():
    """A picture or a style from elsewhere would tell a stranger who reads a mail, and when."""
    for path in MAILS:
        assert not re.search(r"<(img|link|script|iframe|object)\b|\bsrc=|@import|url\(", templates()[path]), path


@pytest.mark.parametrize("name", ["mark_safe", "csrf_exempt", "SafeText", "xframe_options_exempt", "html_safe"])
def test_no_module_imports(name):
    found = [path for path, tree in modules().items() for _, full in imports(tree) if full.endswith(f".{name}")]
    assert found == (["timetracking/api/surface.py"] if name == "csrf_exempt" else [])  # programs bring no cookie


@pytest.mark.parametrize(
    "name", ["print", "eval", "exec", "breakpoint", "SafeString", "extra", "RawSQL", "pickle.loads"]
)
def test_no_module_calls(name):
    found = [
        (path, line) for path, tree in modules().items() for line, called, _ in calls(tree)
        if called == name or (name in ("extra",) and called.endswith(f".{name}"))
    ]  # fmt: skip
    assert found == []


def test_no_file_is_left_half_done():
    pattern = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    sources = [*templates().items(), *((path, _text(path)) for path in modules())]
    assert [path for path, text in sources if pattern.search(text)] == []


def _text(path: str) -> str:
    from tests.architecture.source import ROOT

    return (ROOT / path).read_text()
