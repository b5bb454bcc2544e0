"""A real WordPress on a MariaDB of its own, from Debian's packages, for the tests marked `real`.

PHP and MariaDB are installed as Debian has them, without their services; WordPress itself is only unpacked,
so that no web server comes along.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import httpx

from tests.servers import debian
from tests.servers.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".real" / "wordpress"

#: Program looked for, and the package that brings it.
PROGRAMS = {"php": "php-cli", "mariadbd": "mariadb-server-core", "my_print_defaults": "mariadb-client-core"}
#: What WordPress needs PHP to be able to do, and the package that brings it.
EXTENSIONS = {
    "mysqli": "php-mysql",
    "gd": "php-gd",
    "curl": "php-curl",
    "xml": "php-xml",
    "mbstring": "php-mbstring",
}
#: WordPress and what its files point to.
UNPACKED = (
    "wordpress",
    "wordpress-theme-twentytwentythree",
    "libjs-cropper",
    "libjs-underscore",
    "php-getid3",
)

OWNER, OWNER_PASSWORD = "admin", "Adm1n-pass-word"
#: Seconds until the servers answer; 2 is usual.
START_LIMIT = 60.0

_CONFIG = """<?php
define('DB_HOST', getenv('TABUH_DB')); define('UPLOADS', getenv('TABUH_UPLOADS'));
define('WP_HOME', getenv('TABUH_URL')); define('WP_SITEURL', getenv('TABUH_URL'));
define('DB_NAME', 'wp'); define('DB_USER', 'wp'); define('DB_PASSWORD', 'wp');
define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define($name . '_KEY', $name . ' key of a test'); define($name . '_SALT', $name . ' salt of a test');
}
define('WP_ENVIRONMENT_TYPE', 'local');  // application passwords work without encryption
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
"""
_CREATE = """CREATE DATABASE IF NOT EXISTS wp CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS wp@'127.0.0.1' IDENTIFIED BY 'wp';
GRANT ALL ON wp.* TO wp@'127.0.0.1';
"""
#: Answers one line: the application password.
_MAKE_PASSWORD = (
    '$_SERVER["HTTP_HOST"] = "127.0.0.1"; require "wp-load.php";'
    "echo WP_Application_Passwords::create_new_application_password("
    '(int) $argv[1], ["name" => "tabuh " . wp_generate_uuid4()])[0];'
)
_MAKE_USER = (
    '$_SERVER["HTTP_HOST"] = "127.0.0.1"; require "wp-load.php";'
    'echo wp_insert_user(["user_login" => $argv[1], "user_pass" => "x" . wp_rand(), "role" => $argv[2]]);'
)
#: Waits for the end of its input, which comes when the test run ends in whatever way, and cleans up.
_UNDERTAKER = 'cat >/dev/null; for one in $1; do kill -KILL -- "-$one"; done 2>/dev/null; rm -rf $2'


class Author(NamedTuple):
    """Who may write on the site, and with what."""

    name: str
    password: str


class WordPress:
    """A running site, empty at first, as a context manager."""

    def __init__(self) -> None:
        self.url = ""
        self._running: list[subprocess.Popen[bytes]] = []
        self._undertaker: subprocess.Popen[bytes] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="tabuh-wp-"))
        self._environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        if not is_installed():
            raise RuntimeError("WordPress is not installed: run ./tabuh test --real once")
        try:
            shutil.copytree(FOLDER / "database", self._folder / "database", symlinks=True)
            self._start(self._folder / "database")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _start(self, database: Path) -> None:
        """MariaDB, then PHP; returns when the site answers."""
        ports = free_ports(2)
        self.url = f"http://127.0.0.1:{ports[1]}"
        uploads = f"wp-content/uploads-{ports[1]}"
        self._environment = {
            **os.environ,
            "TABUH_DB": f"127.0.0.1:{ports[0]}",
            "TABUH_URL": self.url,
            "TABUH_UPLOADS": uploads,
            "PHP_CLI_SERVER_WORKERS": "4",
        }
        init = self._folder / "init.sql"
        init.write_text(_CREATE)
        self._run(
            *_mariadbd(database),
            f"--port={ports[0]}",
            "--bind-address=127.0.0.1",
            f"--socket={self._folder / 'sock'}",
            f"--init-file={init}",
            log="mariadb.log",
        )
        self._wait(lambda: _listens(ports[0]))
        self._run("php", "-S", f"127.0.0.1:{ports[1]}", "-t", ".", log="php.log")
        self._wait(lambda: _listens(ports[1]))
        self._undertaker = subprocess.Popen(
            [
                "/bin/sh", "-c", _UNDERTAKER, "sh", " ".join(str(one.pid) for one in self._running),
                f"{self._folder} {FOLDER / 'site' / uploads}",
            ],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip

    def _run(self, *command: str, log: str) -> None:
        with (self._folder / log).open("wb") as out:
            self._running.append(
                subprocess.Popen(
                    command,
                    cwd=_site(),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,  # Ctrl-C reaches pytest, which stops us
                    env=self._environment,
                )
            )

    def _wait(self, ready: Callable[[], bool]) -> None:
        ends_at = time.monotonic() + START_LIMIT
        while time.monotonic() < ends_at:
            if ready():
                return
            if self._running[-1].poll() is not None:
                break
            time.sleep(0.05)
        logs = "\n".join(one.read_text(errors="replace")[-2000:] for one in self._folder.glob("*.log"))
        raise RuntimeError(f"WordPress did not start: {logs}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for running in reversed(self._running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGTERM)
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()
        self._running.clear()
        if self._undertaker is not None:
            self._undertaker.communicate()  # the end of its input: it removes the files
        shutil.rmtree(self._folder, ignore_errors=True)

    def owner(self) -> Author:
        """The site's administrator, with a new application password."""
        return Author(OWNER, self.php(_MAKE_PASSWORD, "1"))

    def author(self, name: str, role: str = "author") -> Author:
        """A new user of a role, with an application password."""
        number = self.php(_MAKE_USER, name, role)
        return Author(name, self.php(_MAKE_PASSWORD, number))

    def php(self, code: str, *arguments: str) -> str:
        """What a piece of PHP prints inside this site."""
        return _done(["php", "-r", code, "--", *arguments], cwd=_site(), env=self._environment)


def is_installed() -> bool:
    """Whether `.real/wordpress` was made, completely, as it is meant now, and PHP and MariaDB are there."""
    with contextlib.suppress(FileNotFoundError):
        return (FOLDER / ".ready").read_text() == _version() and not _missing()
    return False


def install() -> None:
    """Install PHP and MariaDB with apt, unpack WordPress into `.real/wordpress` and set a site up there.

    Raises:
        RuntimeError: with what to do, when something is missing and cannot be installed.
    """
    if is_installed():
        return
    missing = _missing()
    if missing and not (debian.install(*missing) and not _missing()):
        raise RuntimeError(f"WordPress needs {', '.join(missing)}: install it and run this again")
    shutil.rmtree(FOLDER, ignore_errors=True)
    packages = FOLDER / "packages"
    packages.mkdir(parents=True)
    packages.chmod(0o777)  # apt fetches as a user of its own
    if not debian.download(*UNPACKED, folder=packages):
        raise RuntimeError("the packages of WordPress could not be fetched: the reason is above")
    for package in sorted(packages.glob("*.deb")):
        _done(["dpkg-deb", "-x", str(package), str(FOLDER / "root")])
    _copy_site()
    (FOLDER / "site" / "wp-config.php").write_text(_CONFIG)
    database = FOLDER / "database"
    login = ["--user=root"] if os.geteuid() == 0 else []
    auth = ["--auth-root-authentication-method=normal", "--skip-test-db"]
    _done(["mariadb-install-db", "--no-defaults", *login, f"--datadir={database}", *auth])
    _set_up(database)
    shutil.rmtree(packages)
    (FOLDER / ".ready").write_text(_version())


def _copy_site() -> None:
    """The tree with files in place of Debian's absolute symbolic links, which point outside of it."""
    root = FOLDER / "root"
    for link in [path for path in root.rglob("*") if path.is_symlink()]:
        target = Path(os.readlink(link))
        inside = root / target.relative_to("/") if target.is_absolute() else link.parent / target
        link.unlink()
        if inside.exists():
            link.symlink_to(inside)
    shutil.copytree(root / "usr/share/wordpress", FOLDER / "site", symlinks=False)


def _set_up(database: Path) -> None:
    """WordPress's own installer, run once; every test run begins with a copy of what it leaves."""
    with contextlib.ExitStack() as stack:
        site = WordPress()
        stack.push(site)
        site._start(database)
        form = {
            "weblog_title": "Mading",
            "user_name": OWNER,
            "admin_password": OWNER_PASSWORD,
            "admin_password2": OWNER_PASSWORD,
            "pw_weak": "1",
            "admin_email": "owner@example.com",
            "blog_public": "0",
        }
        answer = httpx.post(f"{site.url}/wp-admin/install.php?step=2", data=form, timeout=60)
        if "Success!" not in answer.text:
            raise RuntimeError(f"WordPress could not be set up ({answer.status_code}): {answer.text[:2000]}")


def _missing() -> list[str]:
    missing = [package for program, package in PROGRAMS.items() if _program(program) is None]
    if "php-cli" in missing:
        return [*missing, *EXTENSIONS.values()]
    known = set(_done(["php", "-m"]).lower().split())
    return missing + [package for extension, package in EXTENSIONS.items() if extension not in known]


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def _mariadbd(database: Path) -> list[str]:
    program = _program("mariadbd")
    assert program is not None
    login = ["--user=root"] if os.geteuid() == 0 else []
    quick = ["--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--innodb-buffer-pool-size=64M"]
    return [program, "--no-defaults", *login, f"--datadir={database}", *quick]


def _site() -> Path:
    return FOLDER / "site"


def _version() -> str:
    return hashlib.sha256(repr((UNPACKED, _CONFIG, _CREATE, OWNER_PASSWORD)).encode()).hexdigest()


def _done(command: list[str], *, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, check=False, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0:
        print(done.stdout[-5000:], done.stderr[-5000:], file=sys.stderr)
        raise RuntimeError(f"{' '.join(command[:4])} failed: the reason is above")
    return done.stdout


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    try:
        install()
    except RuntimeError as reason:
        sys.exit(str(reason))
    print(FOLDER)
