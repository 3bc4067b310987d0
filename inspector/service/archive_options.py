"""The options that tell where files may be fetched, for every command that fetches."""

from __future__ import annotations

import argparse

from inspector.service.archive_server import HOSTS, ArchiveServer


def add_archive_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--archive`` and ``--host``."""
    parser.add_argument(
        "--archive", default="", metavar="URL", help="a mirror of the survey's archive, such as https://HOST/sas"
    )
    parser.add_argument(
        "--host", action="append", default=[], help=f"another server that may be asked (default: {HOSTS[0]} alone)"
    )


def archive_server(options: argparse.Namespace) -> ArchiveServer:
    """Where files may be fetched, as the options say; raises `SettingsError` for an address that may not be asked."""
    return ArchiveServer((*HOSTS, *options.host), options.archive)
