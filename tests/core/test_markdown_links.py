"""Addresses in markdown are links, which formatters leave as they are."""

import pytest

from papertrack.escaping import linked_markdown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("See https://x.org/a_b.", "See <https://x.org/a_b>."),
        ("(http://x.org/a?b=c)", "(<http://x.org/a?b=c>)"),
        ("https://x.org/{{a}}", "<https://x.org/%7B%7Ba%7D%7D>"),
        ("at www.x.org/y_z, yes", r"at [www\.x.org/y\_z](http://www.x.org/y_z), yes"),
        ("mail a.b@c.org now", "mail <a.b@c.org> now"),
        ("a_b@c and javascript:x", r"a\_b\@c and javascript:x"),
        ("no_link", r"no\_link"),
        ("", ""),
    ],
)
def test_addresses_are_links_and_other_text_is_escaped(text, written):
    assert linked_markdown(text) == written
