"""Reference pages written out of the code, so that no fact of it stands in the documentation a second time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import inspector
from inspector.science.bitmask import ASTRONN_BITS, PIXEL_BITS, STAR_BITS
from inspector.science.flag_rules import BAD_RULE, FLAGS, WARN_RULE
from inspector.science.labels import LABELS
from inspector.science.result_columns import COLUMNS, FIT_COLUMNS, GOODNESS_COLUMNS, Column
from inspector.science.settings import MC_NUM, RATE, SEED

ROOT = Path(__file__).resolve().parents[1]

VERDICT_ACTIONS = ("export", "import", "merge", "summary")


def write_reference(folder: Path) -> None:
    """Write every reference page into `folder`, which the pages of the documentation include."""
    folder.mkdir(exist_ok=True)
    pages = {
        "labels": labels(),
        "flags": flags(),
        "columns": columns(COLUMNS),
        "opinion_columns": columns((*GOODNESS_COLUMNS, *FIT_COLUMNS[:2])),
        "settings": settings(),
        "pixel_bits": pixel_bits(),
        "star_bits": star_bits(),
        "batch_help": help_of("batch"),
        "serve_help": help_of("serve"),
        "verdicts_help": "".join(help_of("verdicts", *one) for one in ((), *((action,) for action in VERDICT_ACTIONS))),
        "fetch_help": help_of("fetch"),
        "cache_help": help_of("cache"),
        "api": api(),
    }
    for name, text in pages.items():
        _write(folder / f"{name}.md", text)


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:  # Sphinx rebuilds what is newer
        path.write_text(text, encoding="utf-8")


def labels() -> str:
    """The 22 labels."""
    rows = ((label.symbol, f"`{label.name}`", label.unit, _answers(label.element)) for label in LABELS)
    return table(("label", "column", "unit", "answered by"), rows)


def _answers(element: str | None) -> str:
    return "the full-spectrum branch" if element is None else "its own branch, from its censor windows"


def flags() -> str:
    """The result flags with their rules."""
    rows = [(str(flag.bit), f"`{flag.name}`", flag.rule, flag.meaning) for flag in FLAGS]
    rows += [("", "`flag_warn`", WARN_RULE, "Look at the star."), ("", "`flag_bad`", BAD_RULE, "Do not use the star.")]
    return table(("bit", "column", "set when", "what it tells"), rows)


def columns(of: Sequence[Column]) -> str:
    """Columns of the result table; those of the labels once, for all 22."""
    names = {prefix + label.name for label in LABELS[1:] for prefix in ("", "e_", "raw_", "raw_e_")}
    rows = ((f"`{c.name}`", c.unit or "", c.description) for c in of if c.name not in names)
    return table(("column", "unit", "what it holds"), rows)


def settings() -> str:
    """Bounds of what can be set."""
    return table(
        ("setting", "from", "to"), ((f"`{b.name}`", f"{b.low:,}", f"{b.high:,}") for b in (MC_NUM, SEED, RATE))
    )


def pixel_bits() -> str:
    """The pixel bitmask, and which of its bits astroNN masks."""
    rows = ((b.bit, f"`{b.name}`", b.description, "yes" if b.bit in ASTRONN_BITS else "") for b in PIXEL_BITS)
    return table(("bit", "name", "meaning", "replaced by 1"), rows)


def star_bits() -> str:
    """The star's bitmask."""
    return table(("bit", "name", "meaning"), ((b.bit, f"`{b.name}`", b.description) for b in STAR_BITS))


def help_of(*command: str) -> str:
    """What ``inspector COMMAND --help`` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "inspector.cli", *command, "--help"],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "88"},
        capture_output=True,
        text=True,
        check=True,
    )
    return f"```text\n{done.stdout.rstrip()}\n```\n"


def api() -> str:
    """Everything that ``import inspector`` offers, from its docstrings."""
    offered = [(name, getattr(inspector, name)) for name in inspector.__all__]
    errors = [name for name, thing in offered if isinstance(thing, type) and issubclass(thing, Exception)]
    classes = [name for name, thing in offered if isinstance(thing, type) and name not in errors]
    functions = [name for name, thing in offered if not isinstance(thing, type)]
    return "\n".join(
        [
            *_section("Functions", "autofunction", functions),
            *_section("Values", "autoclass", classes, ":members:"),
            *_section("Errors", "autoexception", errors, ":show-inheritance:"),
        ]
    )


def _section(title: str, directive: str, names: Iterable[str], *options: str) -> list[str]:
    lines = [f"## {title}", "", "```{eval-rst}"]
    for name in names:
        lines += [f".. {directive}:: inspector.{name}", *(f"   {option}" for option in options), ""]
    return [*lines, "```", ""]


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
