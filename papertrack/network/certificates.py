"""The trusted certificates: those of the operating system, or of $SSL_CERT_FILE.

Companies and universities add their own to those of the system. On macOS and Windows truststore
lets the system verify certificates. Elsewhere they are files that OpenSSL reads; truststore is not
used there, as it reads the files again for each connection (37 ms) and holds a lock during each
handshake.
"""

import os
import ssl
import sys

# Where the files are if OpenSSL was built for another system, as in portable builds of Python;
# the list of Go, https://go.dev/src/crypto/x509/root_linux.go.
_WELL_KNOWN_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Gentoo
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # Alpine, BSD
)


def ssl_context() -> ssl.SSLContext:
    """Return a context for clients; reading all certificates takes about 30 ms.

    If $SSL_CERT_FILE or $SSL_CERT_DIR is set, only the certificates there are trusted. Raises
    OSError with the name of the file if it cannot be read.
    """
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        return context_with(file, folder)
    if sys.platform in {"darwin", "win32"}:
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    paths = ssl.get_default_verify_paths()
    if paths.cafile or paths.capath:
        context = _new_context()
        context.load_default_certs()
        return context
    return context_with(next(filter(os.path.isfile, _WELL_KNOWN_FILES), None) or _certifi())


def context_with(file: str | None, folder: str | None = None) -> ssl.SSLContext:
    """Return a context that trusts only the certificates in a file, or in an OpenSSL folder.

    Raises OSError with the name of the file if it cannot be read or has no certificates.
    """
    context = _new_context()
    try:
        context.load_verify_locations(file, folder)
    except OSError as error:  # ssl.SSLError is one, too
        reason = "no certificates in it" if isinstance(error, ssl.SSLError) else error.strerror
        raise OSError(error.errno, f"cannot read certificates: {reason}: {file}") from error
    return context


def _new_context() -> ssl.SSLContext:
    """Return a context without certificates.

    Not ssl.create_default_context, which from Python 3.13 on rejects the certificates of many
    companies because they lack identifiers that RFC 5280 requires; curl and pip accept them.
    """
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _certifi() -> str:
    """Return the certificates that come with httpx, for systems without any."""
    import certifi

    return certifi.where()
