"""The server's options on who may come in: a file of users, or another site that knows them."""

from __future__ import annotations

import argparse
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inspector.exceptions import FileError, SettingsError
from inspector.files.untrusted_text import clean
from inspector.service.verdicts.event import reviewer_name

PROVIDERS = (
    *("auth0", "auth_code", "azure", "azurev2", "bitbucket", "generic"),
    *("github", "gitlab", "google", "okta"),
)
"""Those of Panel's that ask for the password on a page of their own."""

FROM_ENVIRONMENT = {
    "basic_auth": "PANEL_BASIC_AUTH",
    "oauth_provider": "PANEL_OAUTH_PROVIDER",
    "oauth_key": "PANEL_OAUTH_KEY",
    "oauth_secret": "PANEL_OAUTH_SECRET",
    "oauth_redirect_uri": "PANEL_OAUTH_REDIRECT_URI",
    "oauth_extra_params": "PANEL_OAUTH_EXTRA_PARAMS",
    "oauth_jwt_user": "PANEL_OAUTH_JWT_USER",
    "cookie_secret": "PANEL_COOKIE_SECRET",
}
"""Where an option may stand instead, as Panel calls it: a command line can be seen by others on the machine."""

_MAX_FILE = 1 << 20


@dataclass(frozen=True)
class LoginOptions:
    """Who may come in.

    Attributes
    ----------
    cookie_secret : str
        Signs the cookies; the same in all processes of a server.
    users : Path or None
        File of users and passwords.
    oauth : mapping
        Panel's OAuth options by its own names; empty with a file of users.
    allowed : frozenset of str
        Who of those that another site knows may come in; everybody if empty.
    """

    cookie_secret: str = field(repr=False)
    users: Path | None = None
    oauth: Mapping[str, object] = field(default_factory=dict, repr=False)
    allowed: frozenset[str] = frozenset()


def add_login_arguments(parser: argparse.ArgumentParser) -> None:
    """The options, on whatever parser."""
    group = parser.add_argument_group(
        "login", "Each option but --allow-user may stand in an environment variable, as Panel calls it."
    )
    group.add_argument("--basic-auth", metavar="FILE", help='users and passwords: {"ann": "her password", …}')
    group.add_argument("--oauth-provider", metavar="NAME", help=f"log in with {', '.join(PROVIDERS)}")
    group.add_argument("--oauth-key", metavar="ID", help="this server's id at the provider")
    group.add_argument("--oauth-secret", help="its secret; better in PANEL_OAUTH_SECRET")
    group.add_argument("--oauth-redirect-uri", metavar="URL", help="address of the login page that people come back to")
    group.add_argument("--oauth-extra-params", metavar="JSON", help="what the provider needs besides")
    group.add_argument("--oauth-jwt-user", metavar="KEY", help="which entry of the provider's answer names the user")
    group.add_argument(
        "--allow-user",
        action="append",
        default=[],
        metavar="NAME",
        help="with --oauth-provider: who may come in (default: everybody it knows); may be repeated",
    )
    group.add_argument(
        "--cookie-secret", help="signs cookies; better in PANEL_COOKIE_SECRET (default: a new one, logins end with it)"
    )


def read_login_options(
    arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ
) -> LoginOptions | None:
    """What the parsed arguments and the environment say; None where nobody has to log in.

    Raises
    ------
    FileError
        If the file of users is none.
    SettingsError
        If an option is missing, is said twice or makes no sense.
    """
    given = {name: _either(name, getattr(arguments, name), environment) for name in FROM_ENVIRONMENT}
    secret = given["cookie_secret"] or secrets.token_urlsafe(32)
    oauth = {name: value for name, value in given.items() if name.startswith("oauth_") and value}
    if given["basic_auth"] and oauth:
        raise SettingsError("--basic-auth and --oauth-… are two ways to log in. Choose one.")
    if arguments.allow_user and not oauth:
        raise SettingsError("--allow-user chooses among those who log in with --oauth-provider, which is not given.")
    if given["basic_auth"]:
        read_users(given["basic_auth"])
        return LoginOptions(secret, Path(given["basic_auth"]))
    if not oauth:
        return None
    allowed = frozenset(map(reviewer_name, arguments.allow_user))
    return LoginOptions(secret, None, _checked(oauth), allowed)


def read_users(path: str | Path) -> dict[str, str]:
    """Passwords by user; raises `FileError` for a file that holds none."""
    shape = 'It must hold users and passwords: {"ann": "her password", "bo": "his"}.'
    name = clean(str(path))
    try:
        with Path(path).open("rb") as file:
            users = json.loads(file.read(_MAX_FILE))
    except OSError as error:
        raise FileError(f"The file of users '{name}' cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"The file of users '{name}' is not JSON. {shape}") from error
    if not isinstance(users, dict) or not users or not all(isinstance(word, str) and word for word in users.values()):
        raise FileError(f"The file of users '{name}' names none, or one without a password. {shape}")
    for user in users:
        if reviewer_name(user) != user:
            raise FileError(f"The file of users '{name}' has a name with blanks to no purpose: {clean(user, 60)!r}.")
    return users


def _either(name: str, said: str | None, environment: Mapping[str, str]) -> str:
    """An option from the one place where it stands."""
    there = environment.get(FROM_ENVIRONMENT[name], "")
    if said and there and said != there:
        option = f"--{name.replace('_', '-')}"
        raise SettingsError(f"{option} and the variable {FROM_ENVIRONMENT[name]} differ. Give one of them.")
    return said or there


def _checked(oauth: dict[str, str]) -> dict[str, object]:
    """OAuth options that are complete."""
    missing = [name for name in ("provider", "key", "secret", "redirect_uri") if f"oauth_{name}" not in oauth]
    if missing:
        options = ", ".join(f"--oauth-{name.replace('_', '-')}" for name in missing)
        raise SettingsError(f"To log in with another site, {options} must be given too.")
    if oauth["oauth_provider"] not in PROVIDERS:
        raise SettingsError(f"--oauth-provider is {oauth['oauth_provider'][:40]!r}; choose {', '.join(PROVIDERS)}.")
    if not oauth["oauth_redirect_uri"].startswith(("https://", "http://")):
        raise SettingsError("--oauth-redirect-uri must be an address such as https://inspector.example.org/login.")
    more = {} if "oauth_extra_params" not in oauth else {"oauth_extra_params": _object(oauth["oauth_extra_params"])}
    return {**oauth, **more}


def _object(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise SettingsError('--oauth-extra-params must be JSON, such as {"subdomain": "example"}.')
    return value
