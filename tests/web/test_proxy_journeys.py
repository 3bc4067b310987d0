"""Behind nginx with the documented configuration: TLS, compression, websockets, and no metrics for strangers."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from cable import free_port
from conftest import ROOT, WINDOW, Visitor, start_server, stop_server
from watch import Watch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

FRAME = """
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    {site}
}}
"""


@dataclass
class Proxied:
    """Where the page is reached, and which authority vouches for it."""

    url: str
    certificate: Path


@pytest.fixture
def proxied(tmp_path: Path, star_file: Path) -> Iterator[Proxied]:
    if NGINX is None:
        (pytest.fail if os.environ.get("INSPECTOR_REQUIRE_NGINX") else pytest.skip)("needs nginx")
    port, inner = free_port(), free_port()
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made, *names], check=True, capture_output=True)
    site = (ROOT / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for example, here in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "inspector.example.org": "localhost",
        "127.0.0.1:5006": f"127.0.0.1:{inner}",
        "/etc/ssl/certs/inspector.pem": str(certificate),
        "/etc/ssl/private/inspector.key": str(key),
    }.items():
        assert example in site
        site = site.replace(example, here)
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(FRAME.format(folder=tmp_path, site=site), encoding="utf-8")
    server = start_server(str(star_file), "--port", str(inner), "--allow-websocket-origin", f"localhost:{port}")
    nginx = [NGINX, "-p", str(tmp_path), "-c", str(configuration)]
    try:
        subprocess.run(nginx, check=True)  # it listens once this returns
        yield Proxied(f"https://localhost:{port}/", certificate)
        subprocess.run([*nginx, "-s", "stop"], check=True)
    finally:
        stop_server(server)


def test_the_documented_proxy_serves_the_page(proxied: Proxied, watch: Watch) -> None:
    context = watch.context.browser.new_context(ignore_https_errors=True, viewport=WINDOW)
    watched = Watch(context)
    page = Visitor(context, proxied.url).open("?mc_num=20")
    page.get_by_role("tab", name="Errors").click()
    page.get_by_role("columnheader", name="corrected").wait_for()
    assert watched.verdict() == []
    context.close()

    trusted: Any = ssl.create_default_context(cafile=str(proxied.certificate))
    request = Request(proxied.url, headers={"Accept-Encoding": "gzip"})
    with urlopen(request, context=trusted, timeout=60) as answer:
        assert len(answer.headers["X-Request-ID"]) == 32  # nginx made it up
    script = Request(proxied.url + "static/js/bokeh.min.js", headers={"Accept-Encoding": "gzip"})
    with urlopen(script, context=trusted, timeout=60) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
    with pytest.raises(HTTPError, match="403"):
        urlopen(proxied.url + "metrics", context=trusted, timeout=60)
