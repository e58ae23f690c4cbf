import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.sources.links import code_url, find_doi, web_url
from papertrack.text import clean


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org:8080/a?b=c#d",
        "HTTPS://Example.org/~me/p(1)",
        "https://medium.com/@someone/paper",
        "https://bücher.example/größe",
    ],
)
def test_safe_urls_are_unchanged(url):
    assert web_url(url) == url


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "//example.org",
        "example.org/x",
        "https://",
        "https:///path",
        "https://localhost/x",
        "https://user:secret@example.org/",
        "https://github.com\\@evil.example/",
        "https://evil.example\\.github.com/",
        "https://example.org/a b",
        "https://example.org/\nSet-Cookie: x",
        "https://example.org/\x1b]8;;",
        "https://example.org/\u202egpj.exe",
        "https://example.org/\ud800",
        'https://example.org/"onclick="x',
        "https://example.org/<script>",
        "",
        None,
        7,
        True,
        ["https://example.org"],
        {"url": "https://example.org"},
    ],
)
def test_anything_else_is_not_a_link(value):
    assert web_url(value) is None
    assert code_url(value) is None


def test_white_space_around_a_link_is_removed():
    assert web_url(" https://example.org/x\n") == "https://example.org/x"


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/o/r",
        "https://github.com/o/r/",
        "https://github.com/o/r///",
        "https://github.com/o/r.git",
        "https://github.com/o/r.git/",
        "http://www.github.com/o/r",
        "https://GitHub.com/o/r",
        "https://github.com/o/r/tree/main",
        "https://github.com/o/r/blob/main/README.md",
        "https://github.com/o/r?tab=readme-ov-file",
        "https://github.com/o/r#usage",
    ],
)
def test_a_repository_at_github_has_a_normal_form(url):
    assert code_url(url) == "https://github.com/o/r"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/o/r.github.io", "https://github.com/o/r.github.io"),
        ("https://github.com/owner", "https://github.com/owner"),
        ("https://gitlab.com/a/b/c.git", "https://gitlab.com/a/b/c"),
        ("https://huggingface.co/spaces/a/b/", "https://huggingface.co/spaces/a/b"),
        ("https://notgithub.com/o/r/tree/main", "https://notgithub.com/o/r/tree/main"),
    ],
)
def test_other_repositories_keep_their_url(url, expected):
    assert code_url(url) == expected


@given(st.from_regex(r"https?://[a-z.@:\\/]+.{0,20}", fullmatch=True) | st.text())
def test_a_link_is_visible_and_normalising_twice_changes_nothing(text):
    link = code_url(text)
    if link is not None:
        assert clean(link) == link
        assert " " not in link
        assert code_url(link) == link


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1000/Ab_(1)2", "10.1000/Ab_(1)2"),
        ("https://doi.org/10.1000/ab.", "10.1000/ab"),
        ("doi:10.1000/1, 10.1000/2", "10.1000/1"),
        ("10.1000/", None),
        ("NA", None),
        ("", None),
    ],
)
def test_the_first_doi_of_a_text_is_found(text, doi):
    assert find_doi(text) == doi
