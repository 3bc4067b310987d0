"""The viewer in a cell of a real JupyterLab, and in a script of somebody else's that Panel serves."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cable import free_port

ROOT = Path(__file__).resolve().parents[2]
STAR = ROOT / "assets" / "stars" / "apStar-dr17-2M17335483-2753043.fits"
DRAWN = re.compile(r"^([1-9]\d*) of \1 draws")
CELLS = (
    f"import inspector\nviewer = inspector.Inspector({str(STAR)!r}, mc_num=20)\nviewer",
    "result = await viewer.answer()\nprint('drawn', result.mc_num)",
    "viewer.label = 'mg_h'",
    "print('chosen', list(viewer.elements))",
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@contextmanager
def serving(*command: str, url: str, folder: Path) -> Iterator[str]:
    """A server in its own process, once it answers at `url`."""
    private = {f"JUPYTER_{what}_DIR": str(folder / what) for what in ("CONFIG", "DATA", "RUNTIME")}
    environment = os.environ | private | {"IPYTHONDIR": str(folder / "ipython"), "PYTHONPATH": str(ROOT)}
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen([sys.executable, "-m", *command], stdout=said, stderr=said, env=environment)
    try:
        until_it_answers(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def until_it_answers(url: str, process: subprocess.Popen[bytes], patience: float = 90) -> None:
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            continue
        return
    raise AssertionError(f"Nothing answers at {url}")


@pytest.fixture
def page(context: Any) -> Iterator[Any]:
    page = context.new_page()
    yield page
    page.close()


def notebook(*sources: str) -> str:
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{i}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for i, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells})


def test_a_cell_of_jupyterlab_shows_a_star_and_follows(page: Any, tmp_path: Path) -> None:
    (tmp_path / "star.ipynb").write_text(notebook(*CELLS))
    port = free_port()
    options = ("--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=", "--LabApp.news_url=None")
    lab = ("jupyterlab", *options, f"--ServerApp.root_dir={tmp_path}", "--ServerApp.port_retries=0")
    with serving(*lab, url=f"http://localhost:{port}/api", folder=tmp_path):
        page.goto(f"http://localhost:{port}/lab/tree/star.ipynb?reset")
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # else JupyterLab asks which kernel to start
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.get_by_text(DRAWN).wait_for()
        page.get_by_text("drawn 20").wait_for()
        page.get_by_text("chosen ['Mg']").wait_for()
        page.get_by_role("button", name=re.compile(r"^Mg\b"), pressed=True).wait_for()
        page.get_by_text("Abundance [Mg/H]").wait_for()

        page.get_by_role("button", name=re.compile(r"^Al\b")).click()
        page.get_by_text("Abundance [Al/H]").wait_for()
        page.get_by_role("textbox", name="mc_num").fill("30")
        page.get_by_role("textbox", name="mc_num").press("Enter")
        page.get_by_text(re.compile(r"^30 of 30 draws")).wait_for()
        page.get_by_role("tab", name="Visits").click()
        page.get_by_text(re.compile(r"30 draws each.*\[Al/H\]")).wait_for()

        assert page.evaluate("document.querySelectorAll('style[id*=inspector], #connection').length") == 0
        assert not page.evaluate("Boolean(window.inspector)")
        page.get_by_role("menuitem", name="Settings", exact=True).click()
        page.locator(".lm-Menu-item", has_text="Theme").first.click()
        page.locator(".lm-Menu-item", has_text=re.compile("JupyterLab Dark$")).click()
        page.wait_for_function(
            "colour => Bokeh.documents.some((d) => [...d.all_models].some((m) => m.major_label_text_color === colour))",
            arg="#e6e9ed",
        )
        page.close()  # it would go on asking for a server that is gone


def test_a_script_of_ones_own_serves_a_star(page: Any, tmp_path: Path) -> None:
    script = tmp_path / "stars.py"
    script.write_text(
        f"import panel as pn\nimport inspector\n\nviewer = inspector.Inspector({str(STAR)!r}, mc_num=20)\n"
        "pn.Column('# My star', viewer).servable()\n"
    )
    port = free_port()
    url = f"http://localhost:{port}/stars"
    with serving("panel", "serve", str(script), f"--port={port}", url=url, folder=tmp_path):
        page.goto(url)
        page.get_by_role("heading", name="My star").wait_for()
        page.get_by_text(DRAWN).wait_for()
        page.get_by_role("button", name=re.compile(r"^Mg\b")).click()
        page.get_by_text("Abundance [Mg/H]").wait_for()
        assert page.url == url
        assert page.title() != "APOGEE inspector"
