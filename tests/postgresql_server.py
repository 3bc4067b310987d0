"""A real PostgreSQL, from the packages of the system, for a test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


def binaries() -> Path | None:
    """Where the server's programs lie: Debian keeps them off the PATH, by version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class PostgresqlServer:
    """One server on a socket in a folder of its own; it refuses to run as root, so it does not."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has 107 characters at most
        if os.geteuid() == 0:
            shutil.chown(self._folder, self._user)
        self._data = self._folder / "data"
        self._run("initdb", "-D", self._data, "-U", "me", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses= -c fsync=off -c unix_socket_directories={self._folder}"
        self._run("pg_ctl", "-D", self._data, "-w", "-s", "-l", self._folder / "log", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: ``immediate`` is as if it had crashed."""
        self._run("pg_ctl", "-D", self._data, "-w", "-s", "-m", mode, "stop")

    def sql(self, statement: str) -> str:
        """Run a statement as the owner; what it prints."""
        done = self._run("psql", "-h", self._folder, "-U", "me", "-d", "postgres", "-At", "-c", statement)
        return done.stdout.strip()

    def url(self, database: str) -> str:
        """Of a database, as a user writes it."""
        return f"postgresql://me@/{database}?host={self._folder}"

    def remove(self) -> None:
        """End it, and leave nothing behind."""
        subprocess.run([*self._command("pg_ctl"), "-D", self._data, "-m", "immediate", "-s", "stop"], check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _command(self, program: str) -> list[str]:
        as_user = ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--init-groups", "--"]
        return [*(as_user if os.geteuid() == 0 else []), str(self._programs / program)]

    def _run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*self._command(program), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "psql" else subprocess.DEVNULL,  # the server would hold a pipe open
            stderr=subprocess.PIPE if program in ("psql", "initdb") else subprocess.DEVNULL,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"
        return done
