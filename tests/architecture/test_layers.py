"""The arrows: imports point down, services are the only writers, rules know neither clock nor database."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import calls, imports, modules

# The higher the number, the nearer to the person. What is not named is a module of its app's ground floor (accounts)
# or a front door (timetracking).
LEVELS = {
    "timesheets_site.lib": 0,
    "accounts.tenancy": 1,
    "accounts.permissions": 1,
    "accounts.zones": 1,
    "accounts.models": 2,
    "accounts": 3,
    "accounts.services": 4,
    "accounts.selectors": 4,
    "timetracking.models": 5,
    "timetracking.rules": 6,
    "timetracking.services": 7,
    "timetracking.selectors": 7,
}
FRONT_DOORS = 8
ACCOUNTS_DOORS = ("access_pages", "admin", "admin_base", "admin_paths", "context", "forms", "management", "middleware",
                  "navigation",
                  "urls", "views")  # fmt: skip

# Rows of the product's own workings, which nobody edits and no event tells of; and the demo's data.
OTHER_WRITERS = {
    "accounts/tenancy.py",  # the managers themselves
    "accounts/audit.py",  # the trail
    "accounts/once.py",  # one-time keys, in the transaction of their effect
    "accounts/sessions.py",
    "accounts/browsers.py",  # trusted browsers
    "accounts/throttle.py",  # guesses
    "accounts/rate_limits.py",  # requests of a minute
    "accounts/management/commands/tidy.py",  # what has had its time
    "accounts/middleware.py",  # the organisation used last
    "accounts/models/user.py",  # create_user(), which Django asks of a manager
    "timetracking/demo/",  # 12 weeks of entries at once; its catalogue goes through the service
}
SURFACES = {"connectwise", "grow", "intacct", "kimai", "native", "portal"}
CREATORS = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
MANAGERS = re.compile(r"\b(objects|unscoped|with_deleted|_base_manager|_default_manager)\b")
CLOCKS = re.compile(r"^(timezone\.now|timezone\.localdate|time\.time|((dt\.)?(date|datetime))\.(now|today|utcnow))$")


def dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def level(module: str) -> int:
    """How high a module stands."""
    first, _, rest = module.partition(".")
    part = rest.split(".")[0]
    if f"{first}.{part}" in LEVELS:
        return LEVELS[f"{first}.{part}"]
    if first == "accounts":
        return FRONT_DOORS if part in ACCOUNTS_DOORS else LEVELS["accounts"]
    return FRONT_DOORS


def pointing_up() -> Iterator[tuple[str, str]]:
    for path, tree in modules().items():
        here = dotted(path)
        if here.startswith("timesheets_site") and not here.startswith("timesheets_site.lib"):
            continue  # settings, the site map and the admin site put the parts together
        for _line, name in imports(tree):
            if name.split(".")[0] in ("accounts", "timetracking", "timesheets_site") and level(name) > level(here):
                yield path, name


def test_imports_point_down():
    assert list(pointing_up()) == []


def test_imports_are_absolute():
    assert [(path, name) for path, tree in modules().items() for _, name in imports(tree) if name.startswith(".")] == []


def test_accounts_knows_nothing_of_the_product():
    found = [(path, name) for path, tree in modules().items() for _, name in imports(tree)
             if path.startswith("accounts/") and name.startswith("timetracking")]  # fmt: skip
    assert found == []


def test_services_and_selectors_do_not_call_each_other():
    found = []
    for path, tree in modules().items():
        for mine, theirs in (("services", "selectors"), ("selectors", "services")):
            found += [(path, name) for _, name in imports(tree) if f"/{mine}/" in path and f".{theirs}." in name]
    assert found == []


def test_interfaces_do_not_import_each_other():
    found = []
    for path, tree in modules().items():
        own = re.match(r"timetracking/api/(\w+)/", path)
        for _, name in imports(tree):
            other = re.match(r"timetracking\.api\.(\w+)\.", name)
            if own and other and other[1] != own[1] and other[1] in SURFACES:
                found.append((path, name))
    assert found == []


def writes(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls that store rows, as far as their look tells: managers' and querysets', and save() and delete() of rows."""
    for line, called, call in calls(tree):
        receiver, _, verb = called.rpartition(".")
        if any(
            (
                verb in CREATORS and MANAGERS.search(receiver),
                verb == "update" and call.keywords and not call.args,
                verb == "save" and receiver and not re.search(r"(session|form|super\(\))$", receiver),
                verb == "delete" and receiver and not call.args and not re.search(r"(cache|session)$", receiver),
            )
        ):
            yield line, called


def test_only_services_write():
    found = [
        (path, line, called)
        for path, tree in modules().items()
        if "/services/" not in path and not any(path.startswith(writer) for writer in OTHER_WRITERS)
        for line, called in writes(tree)
    ]
    assert found == []


def test_the_other_writers_still_write():
    for writer in OTHER_WRITERS:
        trees = [tree for path, tree in modules().items() if path.startswith(writer)]
        assert any(True for tree in trees for _ in writes(tree)), writer


def test_what_writes_is_recognised():
    code = "Ticket.objects.create(a=1)\nrow.save()\nrow.delete()\nTicket.objects.filter(a=1).update(a=2)"
    assert [line for line, _ in writes(ast.parse(code))] == [1, 2, 3, 4]
    assert (
        list(writes(ast.parse("names.update(others)\nservice.create(actor, x=1)\ntime_entries.delete(actor, 5)"))) == []
    )


def test_rules_are_pure():
    found = []
    for path, tree in modules().items():
        if "/rules/" not in path:
            continue
        found += [(path, line, called) for line, called, _ in calls(tree) if CLOCKS.match(called)]
        found += [(path, line, name) for line, name in imports(tree)
                  if name.startswith(("django.http", "django.db", "django.utils.timezone", "django.shortcuts", "time."))
                  or name == "time"]  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and MANAGERS.fullmatch(node.attr):
                found.append((path, node.lineno, node.attr))
            if isinstance(node, ast.arg | ast.Name) and getattr(node, "arg", getattr(node, "id", "")) == "request":
                found.append((path, node.lineno, "request"))
    assert found == []
