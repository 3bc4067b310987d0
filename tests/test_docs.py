"""What the documentation says is true: it builds without a network, and its examples run."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

import inspector
from inspector import cli

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("[!_]*/*.md")), *sorted(DOCS.glob("*.md"))]
OTHER_PROGRAMS = {"git", "cd", "ssh", "source"}
"""What a reader types that is not ours to test."""


@dataclass(frozen=True)
class Block:
    """A fenced block of code."""

    page: Path
    language: str
    text: str


def blocks() -> list[Block]:
    """Every fenced block of every page."""
    fence = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [Block(p, *match.groups()) for p in PAGES for match in fence.finditer(p.read_text(encoding="utf-8"))]


BLOCKS = blocks()
COMMANDS = [
    (block.page, line)
    for block in BLOCKS
    if block.language == "sh"
    for line in block.text.splitlines()
    if line and not line.startswith("#")
]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def reader(tmp_path, monkeypatch):
    """Where somebody follows the documentation: a folder with the files of the repository, to be written to."""
    for shared in ("assets", "weights"):
        (tmp_path / shared).symlink_to(ROOT / shared)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_block_says_what_it_is():
    known = {"python", "sh", "json", "toml", "nginx", "text", "{include}", "{literalinclude}", "{toctree}"}
    for block in BLOCKS:
        assert block.language.split()[0] in known if block.language else False, f"{name(block.page)}: {block.text}"


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(b.page == page and b.language == "python" for b in BLOCKS)], ids=name
)
def test_the_python_of_a_page_runs_from_top_to_bottom(page, reader):
    namespace: dict[str, object] = {}
    for block in BLOCKS:
        if block.page == page and block.language == "python":
            exec(compile(block.text, name(page), "exec"), namespace)


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=lambda value: value if isinstance(value, str) else name(value))
def test_a_command_of_the_documentation_exists(page, line):
    for command in line.split(" && "):
        program, *arguments = shlex.split(command, comments=True)
        if program in OTHER_PROGRAMS:
            continue
        assert program in CHECKS, f"{name(page)}: nothing here checks {program}"
        CHECKS[program](arguments)


def check_inspector(arguments):
    parsed = cli.parser().parse_args(arguments)
    assert callable(parsed.run)


def check_python(arguments):
    if arguments[0] == "launch.py":
        check_inspector(["serve", *arguments[1:]])
    elif arguments[:2] == ["-m", "weights"]:
        check_weights(arguments[2:])
    elif arguments[0] != "-m":
        assert (ROOT / arguments[0]).is_file()
    else:
        assert arguments[1] in {"venv", "sphinx"}


def check_weights(arguments):
    from weights.__main__ import COMMANDS  # torch takes seconds

    command, *rest = arguments
    if command != "--help":
        parser = argparse.ArgumentParser()
        COMMANDS[command][0].add_arguments(parser)
        parser.parse_args(rest)


def check_pip(arguments):
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert arguments[0] == "install"
    for listed in re.findall(r"\[([\w,]+)\]", " ".join(arguments)):
        assert set(listed.split(",")) <= set(extras)


def check_lint(arguments):
    assert not arguments and os.access(ROOT / ".ci" / "lint", os.X_OK)


CHECKS = {
    ".ci/lint": check_lint,
    "inspector": check_inspector,
    "python": check_python,
    "pip": check_pip,
    "pytest": lambda arguments: None,
    "pip-audit": lambda arguments: None,
    "uv": lambda arguments: check_pip(arguments[1:]),
}


@pytest.mark.parametrize("page", [ROOT / n for n in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")], ids=name)
def test_what_a_page_of_the_repository_links_to_is_there(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_the_version_is_the_same_wherever_it_is_stated():
    stated = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert stated and stated[1] == inspector.__version__
    assert f"\n## {inspector.__version__}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_pictures_stay_small():
    sizes = {picture.name: picture.stat().st_size for picture in (DOCS / "images").iterdir()}
    assert sizes.pop("tour.webp") < 1_500_000
    assert max(sizes.values()) < 300_000


def run(*command, **options):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The documentation as a reader sees it; a warning is an error, and the notebook runs."""
    place = tmp_path_factory.mktemp("site")
    offline = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "JUPYTER_PLATFORM_DIRS": "1"}
    run(sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(DOCS), str(place / "html"),
        "-d", str(place / "doctrees"), env=os.environ | offline)  # fmt: skip
    return place / "html"


def test_the_site_builds_and_its_notebook_runs(site):
    notebook = (site / "example.html").read_text(encoding="utf-8")
    assert "flag_uncertain_logg" in notebook
    assert "data:image" in notebook or len(list((site / "_images").glob("*.png"))) >= 2


def test_the_site_fetches_nothing_from_another_host(site):
    fetched = re.compile(r"""<(?:script|img|link|iframe|source)\b[^>]*?\b(?:src|href)=["']((?:https?:)?//[^"']+)""")
    for page in site.rglob("*.html"):
        assert not fetched.findall(page.read_text(encoding="utf-8")), page.name
    for sheet in site.rglob("*.css"):
        assert not re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")), (
            sheet.name
        )


def test_the_site_describes_everything_the_library_offers(site):
    page = (site / "api.html").read_text(encoding="utf-8")
    for offered in inspector.__all__:
        assert f'id="inspector.{offered}"' in page, f"{offered} is not described"
