"""A wheel carries what it needs, and CSS and JavaScript lie in files that lint reads."""

import ast
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(place), str(ROOT)]
    subprocess.run(command, check=True)
    return next(place.glob("*.whl"))


def test_a_wheel_works_outside_the_checkout(wheel, tmp_path):
    """Unpacked elsewhere, it opens a bundled star with the bundled weights, and a store of verdicts."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    script = (
        "import inspector, pathlib; from inspector.files.bundled_files import bundled_path;"
        f"assert pathlib.Path(inspector.__file__).is_relative_to({str(tmp_path)!r});"
        "path = next(bundled_path('stars').glob('apStar*.fits'));"
        "from inspector.service.verdicts.store import open_store; open_store('verdicts.sqlite').close();"
        "from inspector.service.verdicts.scheme import load_scheme; load_scheme();"
        "print(inspector.analyze(inspector.read_star(path).coadd, mc_num=2).row()['weights_hash'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(done.stdout.strip()) == 64, done.stderr


IN_A_STRING = re.compile(
    r"\{[^{}]*[\w-]+: ?[^{}]+;[^{}]*\}|=> |\bfunction\b.*\{|\b(const|let|var) \w+ =|\.emit\(\)|addEventListener"
)
"""A rule of CSS, or a piece of JavaScript."""


def test_styles_and_scripts_are_files_which_lint_reads():
    found = []
    for file in (ROOT / "inspector").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        found += [f"{file.relative_to(ROOT)}:{one.lineno}" for one in strings if IN_A_STRING.search(one.value)]
    assert found == []
