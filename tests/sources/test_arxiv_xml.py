"""Properties of the parsers of all three services."""

import re
import subprocess
import sys

import pytest
from arxiv_pages import api_response, atom, atom_item, item, record, records, result, rss
from hypothesis import given
from hypothesis import strategies as st

from papertrack.errors import SourceError
from papertrack.sources.arxiv.api import parse_api_page
from papertrack.sources.arxiv.feeds import parse_feed
from papertrack.sources.arxiv.oai import parse_records
from papertrack.text import clean

BODIES = {
    "rss": (parse_feed, rss(item(), item("2603.00002"))),
    "atom": (parse_feed, atom(atom_item(), atom_item("2603.00002"))),
    "oai": (parse_records, records(record(), record("2603.00002"))),
    "api": (parse_api_page, api_response(result(), result("2603.00002v1"))),
}
SERVICES = pytest.mark.parametrize(("parse", "body"), BODIES.values(), ids=BODIES)
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'

LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
PARAMETER = b'<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1/x.dtd"> %b;]>'


def refusal(parse, body):
    with pytest.raises(SourceError) as caught:
        parse(body)
    error = caught.value
    assert error.source == "arxiv"
    assert clean(error.what) == error.what
    assert len(error.what) < 200
    return error


@SERVICES
@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"  \n",
        lambda _: b"Rate exceeded.",
        lambda _: b"[[[[[[",
        lambda _: b"<!doctype html>\n<html><title>Just a moment...</title></html>",
        lambda _: b"<html><body><h1>Checking your browser</h1></body></html>",
        lambda _: b"\x1f\x8b\x08\x00\x00",
        lambda body: body[: len(body) * 2 // 3],
        lambda body: body + body,
        lambda body: body.replace(b"A Paper", b"A \xff\xfe\xc3( Paper"),
        lambda body: body.replace(b"A Paper", b"A \x00 Paper"),
        lambda body: body.replace(b"A Paper", b"A &nbsp; Paper"),
        lambda body: body.replace(b"A Paper", b"A &#0; Paper"),
        lambda body: body.replace(b"A Paper", b"A & Paper"),
        lambda body: body.replace(b"A Paper", b"<a>" * 100_000),
    ],
)
def test_an_invalid_xml_body_is_an_error_with_its_beginning(parse, body, damage):
    error = refusal(parse, damage(body))
    assert error.kind == "not-xml"
    assert error.what.startswith("arXiv sent invalid XML: ")


@pytest.mark.parametrize(
    "name", ["klingon", "hex", "idna", "undefined", "utf-7", "utf-32", "rot13"]
)
@SERVICES
def test_an_unknown_encoding_is_an_error(parse, body, name):
    assert refusal(parse, body.replace(b"UTF-8", name.encode())).kind == "not-xml"


@SERVICES
def test_declared_encodings_are_used(parse, body):
    text = body.decode().replace("A Paper", "Un théorème")
    for name in ("ISO-8859-1", "UTF-16"):
        page = parse(text.replace("UTF-8", name).encode(name))
        assert page.records[0].paper.title == "Un théorème"


@SERVICES
@pytest.mark.parametrize("declared", [LAUGHS, OUTSIDE, PARAMETER, b"<!DOCTYPE rss>"])
@pytest.mark.parametrize("used", [b"&b;", b"A Paper"])
def test_a_document_type_declaration_is_refused(parse, body, declared, used):
    evil = body.replace(HEAD, HEAD + declared).replace(b"A Paper", used)
    assert refusal(parse, evil).kind == "not-xml"


@SERVICES
def test_excessively_nested_elements_are_not_a_title(parse, body):
    deep = b"<a>" * 50_000 + b"</a>" * 50_000
    several = body.replace(b"A Paper", deep, 1).replace(b"A Paper", b"Another")
    assert refusal(parse, several).kind == "not-a-listing"
    assert refusal(parse, deep).kind == "not-a-listing"


@SERVICES
def test_a_page_with_absurdly_many_tags_is_refused_before_it_takes_memory(parse, body):
    many = body.replace(b"A Paper", b"<a/>" * 1_000_001, 1)
    error = refusal(parse, many)
    assert error.kind == "not-a-listing"
    assert "1,000," in error.what


@SERVICES
def test_namespaces_comments_and_sections_change_nothing(parse, body):
    plain = parse(body)
    assert parse(body.replace(b"http://", b"https://").replace(b'term="https', b'term="http'))
    other = re.sub(rb"xmlns(:\w+)?=.http://[a-z.]*/", rb'xmlns\1="https://elsewhere/', body)
    other = re.sub(rb"xmlns(:\w+)?='http", rb"xmlns\1='https", other)
    other = other.replace(b"A Paper", b"A <!-- no --><![CDATA[Paper]]>")
    assert parse(other) == plain


@SERVICES
@given(st.data())
def test_any_changed_bytes_parse_or_raise_a_source_error(parse, body, data):
    at = data.draw(st.integers(0, len(body)))
    length = data.draw(st.integers(0, 200))
    inserted = data.draw(
        st.binary(max_size=8) | st.sampled_from([b"<title>", b"</entry>", b"<item/>"])
    )
    try:
        page = parse(body[:at] + inserted + body[at + length :])
    except SourceError as error:
        assert error.kind in {"not-xml", "not-a-listing", "refused"}  # noqa: PT017 - either way is right
    else:
        for text in _texts(page):
            assert clean(text) == text


@given(st.binary())
def test_any_bytes_raise_a_source_error(body):
    for parse in (parse_feed, parse_records, parse_api_page):
        refusal(parse, body)


def test_no_xml_library_is_imported_before_a_response_is_parsed():
    script = (
        "import papertrack.sources.arxiv.feeds, papertrack.sources.arxiv.oai, sys;"
        "import papertrack.sources.arxiv.api; print(*sys.modules)"
    )
    loaded = set(subprocess.check_output([sys.executable, "-c", script], text=True).split())
    assert not loaded & {"xml", "defusedxml", "pyexpat", "email", "zoneinfo", "httpx"}


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
