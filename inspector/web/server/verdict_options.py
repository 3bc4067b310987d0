"""The server's options on verdicts, and whom they let write."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from inspector.exceptions import InspectorError
from inspector.service.verdicts.event import reviewer_name
from inspector.service.verdicts.review_desk import ReviewDesk, ReviewTerms
from inspector.service.verdicts.scheme import load_scheme


@dataclass(frozen=True)
class VerdictOptions:
    """What was said of verdicts at the start.

    Attributes
    ----------
    store : str or None
        A SQLite file or the address of a PostgreSQL database; None for this user's own file.
    reviewer : str
        Empty where each page asks.
    scheme : str or None
        A TOML file; None for the one that comes with the program.
    show_others : bool
    anonymous : bool
        Whether people may write who only say who they are, though other machines reach the server.
    """

    store: str | None = None
    reviewer: str = ""
    scheme: str | None = None
    show_others: bool = False
    anonymous: bool = False


def add_verdict_arguments(parser: argparse.ArgumentParser) -> None:
    """The options, on whatever parser."""
    group = parser.add_argument_group("verdicts")
    group.add_argument(
        "--verdicts",
        metavar="FILE|URL",
        help="where verdicts are kept: a SQLite file or postgresql://user@host/database (default: a file of yours)",
    )
    group.add_argument("--reviewer", default="", metavar="NAME", help="who gives verdicts (default: each page asks)")
    group.add_argument("--scheme", metavar="FILE", help="TOML file with your own qualities and causes")
    group.add_argument("--show-others", action="store_true", help="show others' verdicts before one's own is given")
    group.add_argument(
        "--allow-anonymous-verdicts",
        action="store_true",
        help="take verdicts without a login though other machines reach this server",
    )


def read_verdict_options(arguments: argparse.Namespace) -> VerdictOptions:
    """What the parsed arguments say."""
    return VerdictOptions(
        arguments.verdicts,
        arguments.reviewer,
        arguments.scheme,
        arguments.show_others,
        arguments.allow_anonymous_verdicts,
    )


def open_desk(options: VerdictOptions, local: bool, login: bool = False) -> ReviewDesk | None:
    """Where verdicts are written; None where none are taken.

    A server that other machines reach takes none from people it cannot tell apart, unless it was told to. Whatever is
    wrong with a store or a scheme that was named is said at once; this user's own file is opened with the first page.

    Raises
    ------
    InspectorError
        If the store cannot be used, the scheme is none, or the name is none.
    """
    named = options.store is not None or options.scheme is not None or bool(options.reviewer)
    if not (local or login or options.anonymous):
        if named:
            raise InspectorError(
                "Other machines reach this server, and anyone could write verdicts under any name. Have people log in"
                " (--basic-auth FILE), allow that with --allow-anonymous-verdicts, or listen on localhost."
            )
        return None
    reviewer = reviewer_name(options.reviewer) if options.reviewer else ""
    terms = ReviewTerms(load_scheme(options.scheme), options.store, reviewer, options.show_others)
    if options.store is not None:
        _check(options.store)
    return ReviewDesk(terms)


def _check(where: str) -> None:
    """Open a store and let go of it: a server of several processes parts before they write."""
    from inspector.service.verdicts.store import open_store

    open_store(where).close()
