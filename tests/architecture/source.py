"""The product's source as syntax trees, and the templates as text: what the architecture tests look through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "timetracking", "timesheets_site")


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the product but migrations, by its path from the root."""
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text())
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts
    }


@cache
def templates() -> dict[str, str]:
    found = [*(ROOT / "templates").rglob("*"), *(path for app in APPS for path in (ROOT / app).rglob("templates/**/*"))]
    return {str(path.relative_to(ROOT)): path.read_text() for path in sorted(found) if path.is_file()}


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of each import, but those that only type checkers see."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        else:
            yield from imports(node)


def calls(tree: ast.AST) -> Iterator[tuple[int, str, ast.Call]]:
    """Line, the called expression as text, and the call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node
