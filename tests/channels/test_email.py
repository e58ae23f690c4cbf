"""Delivery as email: the emails at real servers, and what is known after a failure."""

import email
import re
import time
from base64 import b64decode
from contextlib import suppress
from email.policy import SMTP
from email.utils import parsedate_to_datetime
from socket import SHUT_RDWR
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from messages import AT, MESSAGE, pour
from tricks import TRICKS

from papertrack import log
from papertrack.channels import boundary
from papertrack.channels.email_message import email_message
from papertrack.config.channels import EmailChannel
from papertrack.errors import DeliveryError
from papertrack.logfile import open_log
from papertrack.text import clean, shorten

HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "MIME-Version"),
    "Content-Type",
]


def email_channel(port=25, **settings):
    settings = {"to": ("you@example.org",), "sender": "me@example.org"} | settings
    return EmailChannel(name="My mail", type="email", host="127.0.0.1", port=port, **settings)


def parsed(content):
    return email.message_from_bytes(content, policy=SMTP)


def test_an_email_arrives_as_text_and_html_with_reproducible_headers(smtp_server, deliver):
    server = smtp_server()
    to = ("you@example.org", "o'neil+papers@example.org")
    for _ in range(2):
        assert deliver(email_channel(server.port, to=to)) == ()
    first, second = server.mails
    mail, again = parsed(first.content), parsed(second.content)
    assert [*again.items()][:-1] == [*mail.items()][:-1], "all headers but the MIME boundary"
    assert (first.mail_from, first.rcpt_tos) == ("me@example.org", list(to))
    assert [*mail.keys()] == HEADERS
    assert mail["From"].addresses[0].display_name == "papertrack"
    assert [address.addr_spec for address in mail["To"].addresses] == list(to)
    assert mail["Subject"] == MESSAGE.subject
    assert mail["Message-ID"] == f"<{MESSAGE.id}@example.org>"
    assert mail["List-Id"] == "<my-mail.papertrack.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(mail["Date"]) == AT
    assert mail.get_content_type() == "multipart/alternative"
    text, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    assert text == MESSAGE.text
    assert html.strip() == MESSAGE.html
    assert first.content.isascii()
    assert max(map(len, first.content.splitlines())) <= 78


def test_an_email_without_html_is_plain_text(smtp_server, deliver):
    server = smtp_server()
    deliver(email_channel(server.port), MESSAGE._replace(html=None))
    assert parsed(server.mails[0].content).get_content_type() == "text/plain"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # with implicit TLS the server does not see it
@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_login_requires_a_trusted_certificate(smtp_server, authority, deliver, encryption):
    settings = {
        "starttls": {"tls_context": authority.context, "require_starttls": True},
        "tls": {"ssl_context": authority.context, "auth_require_tls": False},
    }
    server = smtp_server(auth_required=True, **settings[encryption])
    channel = {"encryption": encryption, "user": "me", "password_env": "P", "port": server.port}
    deliver(email_channel(**channel, ca_file=authority.path), P=server.password)
    assert len(server.mails) == 1
    with pytest.raises(DeliveryError, match="refused the login of me") as caught:
        deliver(email_channel(**channel, ca_file=authority.path), P="wrong")
    assert (caught.value.kind, caught.value.unknown) == ("refused", False)
    with pytest.raises(DeliveryError, match="is not trusted") as caught:
        deliver(email_channel(**channel), P=server.password)
    assert (caught.value.kind, caught.value.unknown) == ("connection", False)
    assert len(server.mails) == 1


def test_a_server_without_encryption_receives_neither_password_nor_email(smtp_server, deliver):
    server = smtp_server()
    channel = email_channel(server.port, encryption="starttls", user="me", password_env="P")
    with pytest.raises(DeliveryError, match="does not offer the configured encryption") as caught:
        deliver(channel, P=server.password)
    assert (caught.value.kind, caught.value.unknown) == ("refused", False)
    assert server.mails == []


@pytest.mark.parametrize("challenge", ["abcde", "YQ"])
def test_a_challenge_that_is_not_base64_is_a_refusal_and_no_password_follows(
    scripted_smtp, deliver, challenge
):
    server = scripted_smtp(
        EHLO="250-here\r\n250 AUTH CRAM-MD5 PLAIN",
        **{"CRAM-MD5": f"334 {challenge}", "AUTH": "235 welcome"},
    )
    with pytest.raises(DeliveryError, match="a login challenge that is not base64") as caught:
        deliver(email_channel(server.port, user="me", password_env="P"), P="pass word")
    assert (caught.value.kind, caught.value.unknown) == ("refused", False)
    assert not any(line.startswith("AUTH PLAIN") for line in server.lines)


def test_where_md5_is_forbidden_another_login_is_used(scripted_smtp, deliver, monkeypatch):
    # What hmac raises on systems in FIPS mode, which no test can switch on.
    def forbidden(*_):
        raise ValueError("[digital envelope routines] unsupported")

    monkeypatch.setattr("hmac.HMAC", forbidden)
    server = scripted_smtp(
        EHLO="250-here\r\n250 AUTH CRAM-MD5 PLAIN",
        **{"CRAM-MD5": "334 YWJj", "AUTH": "235 welcome", "*": "501 cancelled"},
    )
    assert deliver(email_channel(server.port, user="me", password_env="P"), P="pass word") == ()
    assert any(line.startswith("AUTH PLAIN") for line in server.lines)


@pytest.mark.parametrize("when", ["hello", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_reply_without_end_is_cut_off(scripted_smtp, deliver, when):
    server = scripted_smtp(**{when: pour})
    with pytest.raises(DeliveryError, match="sent a reply without end") as caught:
        deliver(email_channel(server.port))
    assert (caught.value.kind, caught.value.unknown) == ("refused", when == ".")


def test_what_nobody_foresaw_is_a_failure_of_its_channel_with_its_traceback_in_the_log(tmp_path):
    path = tmp_path / "log"
    log.enable(open_log(str(path), lambda: AT, print, on_stderr=False))
    try:
        with pytest.raises(DeliveryError) as caught, boundary("mail"):
            b64decode("abcde")
    finally:
        log.disable()
    assert (caught.value.kind, caught.value.unknown) == ("unexpected", True)
    assert caught.value.what == "unexpected: binascii.Error, please report"
    assert "    Traceback" in path.read_text()


def _disconnect(connection):
    connection.shutdown(SHUT_RDWR)


def _stay_silent(connection):
    with suppress(OSError):
        while connection.recv(1):
            pass


def _trickle(connection):
    for _ in range(500):
        connection.sendall(b"2")
        time.sleep(0.02)


FAILURES = {
    "greets with a refusal": ({"hello": "554 no"}, "refused", False),
    "disconnects at once": ({"hello": _disconnect}, "connection", False),
    "sends nothing": ({"hello": _stay_silent}, "timeout", False),
    "trickles a greeting": ({"hello": _trickle}, "timeout", False),
    "refuses the sender": ({"MAIL": "550 no"}, "refused", False),
    "refuses all recipients": ({"RCPT": "450 not now"}, "refused", False),
    "refuses the text": ({"DATA": "451 not now"}, "refused", False),
    "is silent before the text": ({"DATA": _stay_silent}, "timeout", False),
    "refuses the transferred text": ({".": "552 too much"}, "refused", False),
    "disconnects after the text": ({".": _disconnect}, "connection", True),
    "is silent after the text": ({".": _stay_silent}, "timeout", True),
    "trickles after the text": ({".": _trickle}, "timeout", True),
}


@pytest.mark.parametrize(("replies", "kind", "unknown"), FAILURES.values(), ids=FAILURES)
def test_the_delivery_of_an_email_is_unknown_only_after_its_text_was_transferred(
    scripted_smtp, deliver, replies, kind, unknown
):
    server = scripted_smtp(**replies)
    # A time-out must leave time to transfer the text first; before the text it can be short.
    seconds = {("timeout", True): 4.0, ("timeout", False): 0.4}.get((kind, unknown), 60.0)
    with pytest.raises(DeliveryError) as caught:
        deliver(email_channel(server.port), seconds=seconds)
    assert (caught.value.channel, caught.value.kind) == ("My mail", kind)
    assert caught.value.unknown is unknown


def test_a_failed_connection_is_reported(unused_url, deliver):
    port = int(unused_url.rstrip("/").rpartition(":")[2])
    with pytest.raises(
        DeliveryError, match=r"cannot send email through 127\.0\.0\.1: \w"
    ) as caught:
        deliver(email_channel(port))
    assert (caught.value.kind, caught.value.unknown) == ("connection", False)


def test_a_refused_recipient_is_reported_and_the_other_receives_the_email(scripted_smtp, deliver):
    server = scripted_smtp(**{"TO:<no@example.org>": "550 nobody of that name"})
    warnings = deliver(email_channel(server.port, to=("no@example.org", "yes@example.org")))
    assert warnings == ("127.0.0.1 refused no@example.org: 550 nobody of that name",)
    assert "." in server.lines
    assert "..hidden dots" in " ".join(server.lines), "a dot at the start of a line must be doubled"


def test_the_reply_to_quit_does_not_matter(scripted_smtp, deliver):
    assert deliver(email_channel(scripted_smtp(QUIT=_stay_silent).port)) == ()
    assert deliver(email_channel(scripted_smtp(QUIT="500 what").port)) == ()


HOSTILE = st.text(
    st.characters() | st.sampled_from("\r\n\t\v\x85\u2028\u202e:<>=?_ "), max_size=400
)


@settings(max_examples=25)
@given(HOSTILE, HOSTILE)
@example("a\r\nBcc: all@example.org\r\n\r\n<script>", "mail\r\nX: y")
@example("=?utf-8?q?=0D=0ABcc:_all@example.org?=", "=?")
@example("long " * 400, "é" * 300)
def test_no_subject_or_channel_name_escapes_from_its_header(subject, name):
    content = email_message(
        MESSAGE._replace(subject=subject), name, "me@example.org", ["you@example.org"]
    )
    mail = parsed(content)
    assert [*mail.keys()] == HEADERS
    assert mail["To"].addresses[0].addr_spec == "you@example.org"
    assert mail["List-Id"].endswith(".papertrack.example.org>")
    assert [part.get_content_subtype() for part in mail.iter_parts()] == ["plain", "html"]
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert decoded_subject(content) == shorten(clean(subject), 200)


WORDS = st.lists(
    st.sampled_from(["Über", "étude", "größe", "学習", "e\u0301", "🧪", "a", "=", "=?", "?=", "_"])
    | st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
    max_size=40,
)


@settings(max_examples=100)
@given(WORDS, st.sampled_from(["", " "]))
@example(["Détection d'événements à l'échelle: une étude numérique des réseaux [réseaux]"], "")
@example(["ü" * 200], "")
@example(["word"] * 60, " ")
def test_a_subject_decodes_to_the_same_title_wherever_its_lines_are_folded(words, space):
    """The spaces at folds and between encoded words, which some versions of Python lose."""
    title = space.join(words)
    content = email_message(
        MESSAGE._replace(subject=title), "mail", "me@example.org", ["you@example.org"]
    )
    assert decoded_subject(content) == shorten(clean(title), 200)
    assert max(map(len, content.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78


def test_a_short_subject_in_ascii_is_sent_as_it_is():
    content = email_message(MESSAGE._replace(subject="3 papers"), "m", "a@b.org", ["c@d.org"])
    assert b"\r\nSubject: 3 papers\r\n" in content


def decoded_subject(content):
    """The subject as RFC 2047 reads it: lines joined, no space between encoded words."""
    lines = re.search(rb"(?m)^Subject: (.*(?:\r\n[ \t].*)*)\r\n", content)[1].decode("ascii")
    words = re.sub(r"(\?=)\s+(?==\?)", r"\1", lines.replace("\r\n", ""))
    return re.sub(r"=\?utf-8\?([bq])\?([^?\s]*)\?=", _decoded_word, words)


def _decoded_word(match):
    encoding, text = match.groups()
    if encoding == "b":
        return b64decode(text, validate=True).decode()
    return unquote(text.replace("_", " ").replace("%", "%25").replace("=", "%"), errors="strict")


def test_hostile_titles_stay_in_the_subject():
    for trick in TRICKS:
        mail = parsed(email_message(MESSAGE._replace(subject=trick), "m", "a@b.org", ["c@d.org"]))
        assert [*mail.keys()] == HEADERS
