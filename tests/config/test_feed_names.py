"""The names of feeds that come from their titles."""

import pytest

from papertrack.config.feed_names import checked_feed, name_of_title
from papertrack.config.records import FeedSettings
from papertrack.errors import UsageError


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Our Lab: News & Notes!", "our-lab-news-notes"),
        ("Zürich — Métro", "zurich-metro"),
        ("3 minutes", "feed-3-minutes"),
        ("论文", "feed"),
        ("", "feed"),
        ("A Lab", "a-lab"),
        ("x" * 31, "x" * 30),
        ("x" * 29 + " news", "x" * 29),
        ("x" * 28 + " news", "x" * 28 + "-n"),
    ],
)
def test_a_name_has_the_letters_and_digits_of_the_title(title, name):
    assert name_of_title(title, ()) == name


def test_a_name_that_is_taken_or_reserved_gets_a_number():
    assert name_of_title("Lab", ["lab", "lab-2"]) == "lab-3"
    assert name_of_title("arXiv", ()) == "arxiv-2"
    assert name_of_title("x" * 40, ["x" * 30]) == "x" * 30 + "-2"


def test_an_invalid_feed_is_refused_with_the_key_and_what_to_do():
    feed = FeedSettings("lab", "https://example.org/feed")
    assert checked_feed(feed) == feed
    refused = [
        (
            feed._replace(url="nowhere"),
            "url: is not a web address with http:// or https:// and without #",
            "for example https://example.org/feed.xml",
        ),
        (
            feed._replace(name="a b"),
            "name: is not a name of small letters, digits, - and _ that begins with a letter",
            "for example lab",
        ),
    ]
    for wrong, what, next_step in refused:
        with pytest.raises(UsageError) as caught:
            checked_feed(wrong)
        assert (caught.value.what, caught.value.next_step) == (what, next_step)
