"""What may be secret in the output of a program is not kept."""

import pytest

from papertrack.channels.redaction import redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cannot reach the server: timed out", "cannot reach the server: timed out"),
        ("POST https://me:pw@x.org:8/h/T0/B1?k=1 failed", "POST https://x.org/*** failed"),
        ("API_KEY=abc and more", "API_KEY=*** and more"),
        ('{"token": "abc", "id": 3}', '{"token": "***", "id": 3}'),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("sent Bearer abc", "sent Bearer ***"),
        ("Bearer: none", "Bearer: none"),
        ("xoxb-1234567890-abcdefghij", "***"),
        ("internationalization-of-papers", "internationalization-of-papers"),
        ("http://[broken/path", "***"),
        ("key sentences were found", "key sentences were found"),
    ],
)
def test_secrets_are_replaced_and_other_words_stay(text, expected):
    assert redact(text) == expected


def test_given_secrets_are_replaced_the_longest_first_but_not_short_words():
    assert (
        redact("open sesame or open, or on", ["open", "open sesame", "on"]) == "*** or ***, or on"
    )
