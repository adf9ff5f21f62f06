"""Where the measured databases are, and the environment in which the product runs on them: as in production."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench"
SIZES = (10_000, 200_000, 1_000_000)
ENGINES = ("sqlite", "postgresql")


def sizes_from(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def database_url(engine: str, size: int | str) -> str:
    """The address of one database; starts the private PostgreSQL, which ends with this process."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if engine == "sqlite":
        return f"sqlite:///{FOLDER / f'{size}.sqlite3'}"
    from timesheets_site.embedded_pg import start

    return start(FOLDER / "postgresql").replace("/postgres?", f"/bench_{size}?")


def marker(engine: str, size: int | str) -> Path:
    """A file that is there once the database is complete; it names what to measure in it."""
    return FOLDER / f"{engine}-{size}.json"


def environment(url: str) -> dict[str, str]:
    """Production settings behind a proxy that speaks https, with collected and compressed static files."""
    key = FOLDER / "key"
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not key.exists():
        key.write_text(secrets.token_urlsafe(64))
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return {
        **kept,
        "DATABASE_URL": url,
        "DEVELOPMENT": "0",
        "SECRET_KEY": key.read_text(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "BEHIND_PROXY": "1",
        "VAR_DIR": str(FOLDER / "app"),
        "LOG_LEVEL": "ERROR",
        "API_REQUESTS_PER_ORGANISATION": "10000000",
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "timesheets_site.settings",
    }


def python(url: str, *arguments: str, capture: bool = False) -> str:
    """Run this Python on a database with production settings; what it printed, if captured."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(url),
        check=True,
        text=True,
        stdout=subprocess.PIPE if capture else None,
    )
    return done.stdout or ""
