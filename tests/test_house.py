"""The house is in order: layers, lint, types, and a wheel that carries what it needs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(*command, **options):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_imports_point_one_way():
    run(sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")


def test_lint():
    run(sys.executable, "-m", "ruff", "check", ".")


def test_types():
    run(sys.executable, "-m", "mypy")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    place = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(place), str(ROOT))
    return next(place.glob("*.whl"))


def test_a_wheel_works_outside_the_checkout(wheel, tmp_path):
    """Unpacked elsewhere, it opens a bundled star with the bundled weights."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    script = (
        "import inspector, pathlib; from inspector.files.bundled_files import bundled_path;"
        f"assert pathlib.Path(inspector.__file__).is_relative_to({str(tmp_path)!r});"
        "path = next(bundled_path('stars').glob('apStar*.fits'));"
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
