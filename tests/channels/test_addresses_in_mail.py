"""Addresses of mail with letters other than ASCII, before and after the @."""

import email
from email.policy import SMTP

import pytest

from papertrack.channels.email_message import ascii_address
from papertrack.config.channels import EmailChannel
from papertrack.errors import DeliveryError


def channel(port, **settings):
    settings = {"to": ("me@müller.example",), "sender": "papers@größe.example"} | settings
    return EmailChannel(name="mail", type="email", host="127.0.0.1", port=port, **settings)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("me@example.org", "me@example.org"),
        ("me@müller.example", "me@xn--mller-kva.example"),
        ("me@MÜLLER.example", "me@xn--mller-kva.example"),
        ("Jürgen@例え.example", "Jürgen@xn--r8jz45g.example"),
    ],
)
def test_a_host_name_is_written_as_dns_has_it(address, written):
    assert ascii_address(address) == written


def test_a_mail_goes_to_a_host_whose_name_has_umlauts(smtp_server, deliver):
    server = smtp_server(enable_SMTPUTF8=False)
    assert deliver(channel(server.port)) == ()
    (mail,) = server.mails
    assert mail.rcpt_tos == ["me@xn--mller-kva.example"]
    assert mail.mail_from == "papers@xn--gre-6ka8i.example"
    assert mail.content.isascii()
    parsed = email.message_from_bytes(mail.content, policy=SMTP)
    assert parsed["To"].addresses[0].addr_spec == "me@xn--mller-kva.example"
    assert parsed["List-Id"] == "<mail.papertrack.xn--gre-6ka8i.example>"


def test_a_mailbox_with_umlauts_needs_a_server_that_takes_it(smtp_server, deliver):
    server = smtp_server(enable_SMTPUTF8=True)
    assert deliver(channel(server.port, to=("jürgen@müller.example",))) == ()
    (mail,) = server.mails
    assert mail.rcpt_tos == ["jürgen@xn--mller-kva.example"]
    assert "SMTPUTF8" in mail.mail_options
    assert "To: jürgen@xn--mller-kva.example\r\n" in mail.content.decode()
    other = smtp_server(enable_SMTPUTF8=False)
    with pytest.raises(DeliveryError) as caught:
        deliver(channel(other.port, to=("jürgen@müller.example",)))
    assert (caught.value.kind, caught.value.unknown, other.mails) == ("refused", False, [])


def test_an_impossible_host_name_is_a_failed_delivery(deliver):
    with pytest.raises(DeliveryError) as caught:
        deliver(channel(25, to=("me@ü..example",)))
    assert caught.value.kind == "address"
