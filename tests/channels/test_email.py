"""Mails: what arrives at real servers, and what is known when one fails."""

import email
import time
from contextlib import suppress
from email.policy import SMTP
from email.utils import parsedate_to_datetime
from socket import SHUT_RDWR

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from messages import AT, MESSAGE
from tricks import TRICKS

from papertrack.channels.email_message import email_message
from papertrack.config.channels import EmailChannel
from papertrack.errors import DeliveryError
from papertrack.text import clean, shorten

HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "MIME-Version"),
    "Content-Type",
]


def mail(port=25, **more):
    more = {"to": ("you@example.org",), "sender": "me@example.org"} | more
    return EmailChannel(name="My mail", type="email", host="127.0.0.1", port=port, **more)


def parsed(content):
    return email.message_from_bytes(content, policy=SMTP)


def test_a_mail_arrives_as_text_and_html_with_headers_that_stay_the_same(post_office, sent):
    office = post_office()
    to = ("you@example.org", "o'neil+papers@example.org")
    for _ in range(2):
        assert sent(mail(office.port, to=to)) == ()
    first, second = office.mails
    read, again = parsed(first.content), parsed(second.content)
    assert [*again.items()][:-1] == [*read.items()][:-1], "all but the line between the parts"
    assert (first.mail_from, first.rcpt_tos) == ("me@example.org", list(to))
    assert [*read.keys()] == HEADERS
    assert read["From"].addresses[0].display_name == "papertrack"
    assert [one.addr_spec for one in read["To"].addresses] == list(to)
    assert read["Subject"] == MESSAGE.subject
    assert read["Message-ID"] == f"<{MESSAGE.id}@example.org>"
    assert read["List-Id"] == "<my-mail.papertrack.example.org>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(read["Date"]) == AT
    assert read.get_content_type() == "multipart/alternative"
    text, html = (part.get_content().replace("\r\n", "\n") for part in read.iter_parts())
    assert text == MESSAGE.text
    assert html.strip() == MESSAGE.html
    assert first.content.isascii()
    assert max(map(len, first.content.splitlines())) <= 78


def test_a_mail_without_html_is_plain_text(post_office, sent):
    office = post_office()
    sent(mail(office.port), MESSAGE._replace(html=None))
    assert parsed(office.mails[0].content).get_content_type() == "text/plain"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server sees no TLS where it is outside
@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_login_happens_under_a_certificate_that_is_trusted(
    post_office, authority, sent, encryption
):
    how = {
        "starttls": {"tls_context": authority.context, "require_starttls": True},
        "tls": {"ssl_context": authority.context, "auth_require_tls": False},
    }
    office = post_office(auth_required=True, **how[encryption])
    channel = {"encryption": encryption, "user": "me", "password_env": "P", "port": office.port}
    sent(mail(**channel, ca_file=authority.path), P=office.password)
    assert len(office.mails) == 1
    with pytest.raises(DeliveryError, match="refused the login of me") as caught:
        sent(mail(**channel, ca_file=authority.path), P="wrong")
    assert (caught.value.kind, caught.value.unknown) == ("refused", False)
    with pytest.raises(DeliveryError, match="is not trusted") as caught:
        sent(mail(**channel), P=office.password)
    assert (caught.value.kind, caught.value.unknown) == ("connection", False)
    assert len(office.mails) == 1


def test_a_server_without_encryption_gets_neither_password_nor_mail(post_office, sent):
    office = post_office()
    channel = mail(office.port, encryption="starttls", user="me", password_env="P")
    with pytest.raises(DeliveryError, match="does not offer the encryption") as caught:
        sent(channel, P=office.password)
    assert (caught.value.kind, caught.value.unknown) == ("refused", False)
    assert office.mails == []


def _lost(connection):
    connection.shutdown(SHUT_RDWR)


def _silent(connection):
    with suppress(OSError):
        while connection.recv(1):
            pass


def _trickling(connection):
    for _ in range(500):
        connection.sendall(b"2")
        time.sleep(0.02)


FAILURES = {
    "greets with a refusal": ({"hello": "554 no"}, "refused", False),
    "hangs up at once": ({"hello": _lost}, "connection", False),
    "says nothing": ({"hello": _silent}, "timeout", False),
    "trickles a greeting": ({"hello": _trickling}, "timeout", False),
    "refuses the sender": ({"MAIL": "550 no"}, "refused", False),
    "refuses all recipients": ({"RCPT": "450 not now"}, "refused", False),
    "refuses the text": ({"DATA": "451 not now"}, "refused", False),
    "is silent before the text": ({"DATA": _silent}, "timeout", False),
    "refuses the text it read": ({".": "552 too much"}, "refused", False),
    "hangs up after the text": ({".": _lost}, "connection", True),
    "is silent after the text": ({".": _silent}, "timeout", True),
    "trickles after the text": ({".": _trickling}, "timeout", True),
}


@pytest.mark.parametrize(("answers", "kind", "unknown"), FAILURES.values(), ids=FAILURES)
def test_a_mail_may_have_arrived_only_after_its_text_was_given(
    script, sent, answers, kind, unknown
):
    server = script(**answers)
    # Where only the time ends it: enough to give the text before, or none to wait for.
    patience = {("timeout", True): 4.0, ("timeout", False): 0.4}.get((kind, unknown), 60.0)
    with pytest.raises(DeliveryError) as caught:
        sent(mail(server.port), seconds=patience)
    assert (caught.value.channel, caught.value.kind) == ("My mail", kind)
    assert caught.value.unknown is unknown


def test_nobody_there_is_told(unused_url, sent):
    port = int(unused_url.rstrip("/").rpartition(":")[2])
    with pytest.raises(
        DeliveryError, match=r"no mail can be sent through 127\.0\.0\.1: \w"
    ) as caught:
        sent(mail(port))
    assert (caught.value.kind, caught.value.unknown) == ("connection", False)


def test_a_mail_refused_for_one_of_two_is_sent_to_the_other_and_told(script, sent):
    server = script(**{"TO:<no@example.org>": "550 nobody of that name"})
    told = sent(mail(server.port, to=("no@example.org", "yes@example.org")))
    assert told == ("127.0.0.1 refused no@example.org: 550 nobody of that name",)
    assert "." in server.heard
    assert "..hidden dots" in " ".join(server.heard), "a dot that begins a line is doubled"


def test_a_goodbye_that_is_not_answered_does_not_matter(script, sent):
    assert sent(mail(script(QUIT=_silent).port)) == ()
    assert sent(mail(script(QUIT="500 what").port)) == ()


HOSTILE = st.text(
    st.characters() | st.sampled_from("\r\n\t\v\x85\u2028\u202e:<>=?_ "), max_size=400
)


@settings(max_examples=25)
@given(HOSTILE, HOSTILE)
@example("a\r\nBcc: all@example.org\r\n\r\n<script>", "mail\r\nX: y")
@example("=?utf-8?q?=0D=0ABcc:_all@example.org?=", "=?")
@example("long " * 400, "é" * 300)
def test_no_subject_and_no_name_of_a_channel_gets_out_of_its_header(subject, name):
    content = email_message(
        MESSAGE._replace(subject=subject), name, "me@example.org", ["you@example.org"]
    )
    read = parsed(content)
    assert [*read.keys()] == HEADERS
    assert read["To"].addresses[0].addr_spec == "you@example.org"
    assert read["List-Id"].endswith(".papertrack.example.org>")
    assert [part.get_content_subtype() for part in read.iter_parts()] == ["plain", "html"]
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert read["Subject"] == shorten(clean(subject), 200).replace("=?", "= ?")


def test_tricks_of_titles_stay_in_the_subject():
    for trick in TRICKS:
        read = parsed(email_message(MESSAGE._replace(subject=trick), "m", "a@b.org", ["c@d.org"]))
        assert [*read.keys()] == HEADERS
