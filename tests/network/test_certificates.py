"""Which certificates are trusted."""

import ssl
import sys

import httpx
import pytest
from proxy_servers import http_proxy

from papertrack.network.certificates import context_with, ssl_context
from papertrack.network.transport import error_text


def test_the_certificates_of_ssl_cert_file_are_trusted(monkeypatch, secure, get):
    monkeypatch.setenv("SSL_CERT_FILE", secure.ca_file)
    assert get(f"https://127.0.0.1:{secure.port}/") == b"hi"


def test_an_untrusted_certificate_is_reported_with_the_variable_to_set(secure, get):
    with pytest.raises(httpx.ConnectError) as caught:
        get(f"https://127.0.0.1:{secure.port}/")
    assert error_text(caught.value).startswith("its certificate is not trusted (")
    assert "SSL_CERT_FILE" in error_text(caught.value)


def test_an_untrusted_certificate_behind_a_proxy_is_that_of_the_server(monkeypatch, secure, get):
    with http_proxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        with pytest.raises(httpx.ConnectError) as caught:
            get(f"https://papers.invalid:{secure.port}/")
    assert error_text(caught.value).startswith("its certificate is not trusted (")


def test_a_file_that_cannot_be_read_is_named(monkeypatch, tmp_path, get):
    path = tmp_path / "ca.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    for text in (None, "", "-----BEGIN CERTIFICATE-----\n"):
        if text is not None:
            path.write_text(text)
        with pytest.raises(OSError, match="cannot read certificates") as caught:
            get("https://papers.invalid/")
        assert str(path) in str(caught.value)


def test_plain_http_needs_no_certificates(monkeypatch, tmp_path, server, get):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    server.expect_request("/").respond_with_data("hi")
    assert get(server.url_for("/")) == b"hi"


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="the system verifies there itself")
def test_without_variables_the_certificates_of_the_system_are_trusted(monkeypatch):
    monkeypatch.delenv("SSL_CERT_DIR")
    files = ssl.get_default_verify_paths()
    if not files.cafile:
        pytest.skip("this system has no file of certificates")
    system = context_with(files.cafile).get_ca_certs(binary_form=True)
    assert set(system) <= set(ssl_context().get_ca_certs(binary_form=True))


def test_certificates_and_names_are_always_verified(monkeypatch, secure):
    monkeypatch.setenv("SSL_CERT_FILE", secure.ca_file)
    context = ssl_context()
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED


def test_an_error_whose_causes_lead_back_to_itself_has_a_text():
    error, other = ValueError("one"), ValueError("two")
    error.__cause__, other.__cause__ = other, error
    assert error_text(error) == "one"
