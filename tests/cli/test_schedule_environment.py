"""What a schedule takes over from the environment in which it is printed or installed."""

import os
import plistlib
import shlex

import pytest

from papertrack.cli.schedule_environment import check_is_installed, network_variables
from papertrack.errors import UsageError

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
NOTHING = dict.fromkeys((*NAMES, *map(str.lower, NAMES), "SSL_CERT_FILE", "SSL_CERT_DIR"), "")
PROXY = "http://me:50%25@proxy.example:3128"


def test_proxies_and_certificates_are_offered_and_taken_over_on_request(papertrack):
    papertrack.configure("")
    environ = NOTHING | {"HTTPS_PROXY": PROXY, "SSL_CERT_FILE": "ca.pem"}
    offered = papertrack("alert", "schedule", env=environ)
    assert (offered.code, "PROXY" in offered.out) == (0, False)
    assert "HTTPS_PROXY, SSL_CERT_FILE" in offered.err
    assert "--environment" in offered.err
    assert PROXY not in offered.err
    taken = papertrack("alert", "schedule", "--environment", env=environ)
    certificates = shlex.quote(f"SSL_CERT_FILE={papertrack.home}/ca.pem")
    variables = f"env HTTPS_PROXY={PROXY} {certificates} "
    assert variables.replace("%", r"\%") in taken.out
    assert taken.err == ""
    plist = papertrack("alert", "schedule", "--environment", "--for", "launchd", env=environ).out
    job = plistlib.loads(plist[plist.index("<?xml") :].encode())
    assert job["EnvironmentVariables"]["HTTPS_PROXY"] == PROXY


def test_without_proxies_and_certificates_nothing_is_offered(papertrack):
    papertrack.configure("")
    assert papertrack("alert", "schedule", env=NOTHING).err == ""


def test_the_variables_of_requests_have_absolute_paths():
    environ = {"https_proxy": "a:1", "HTTPS_PROXY": "b:2", "no_proxy": "*", "SSL_CERT_DIR": "c"}
    assert network_variables(environ | {"HTTP_PROXY": ""}) == (
        ("https_proxy", "a:1"),
        ("no_proxy", "*"),
        ("SSL_CERT_DIR", os.path.abspath("c")),
    )


@pytest.mark.parametrize(
    "program",
    [
        "/home/me/.cache/uv/archive-v0/x/bin/papertrack",
        "/home/me/.cache/pipx/0a1b/bin/papertrack",
        "/home/me/.local/pipx/.cache/0a1b/bin/papertrack",
        "/Users/me/Library/Caches/uv/x/bin/papertrack",
        "/big/uvdata/archive-v0/x/bin/papertrack",
    ],
)
def test_a_program_in_a_cache_folder_is_refused_with_advice(program):
    with pytest.raises(UsageError) as caught:
        check_is_installed(program, {"UV_CACHE_DIR": "/big/uvdata"})
    assert caught.value.why == program
    assert "uv tool install" in caught.value.next_step


def test_an_installed_program_is_accepted():
    for program in (
        "/home/me/.local/bin/papertrack",
        "/x/cached/papertrack",
        "/usr/bin/papertrack",
    ):
        check_is_installed(program, {"UV_CACHE_DIR": "/big/uvdata", "XDG_CACHE_HOME": ""})
