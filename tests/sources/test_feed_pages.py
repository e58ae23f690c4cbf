"""Feeds of journals, labs and blogs: the papers of their entries, and pages that are none."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.errors import SourceError
from papertrack.identifiers import is_valid_id
from papertrack.models import Skipped
from papertrack.sources.feed_document import read_feed
from papertrack.sources.feed_entries import text_of_html

NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
)
ITEM = "<item><title>A paper</title><link>https://lab.example.org/1</link>{}</item>"


def rss(*items):
    channel = f"<channel><title>Lab</title>{''.join(items)}</channel>"
    return f'<rss version="2.0" {NAMESPACES}>{channel}</rss>'.encode()


def sightings(body):
    return read_feed("lab", body, NOW).sightings


def only(parts="", item=ITEM):
    (sighting,) = sightings(rss(item.format(parts)))
    return sighting


def kind_of(body):
    with pytest.raises(SourceError) as caught:
        read_feed("lab", body, NOW)
    assert len(caught.value.what) < 200
    return caught.value.kind


@pytest.mark.parametrize(
    ("parts", "paper_id"),
    [
        ("<guid>oai:arXiv.org:2603.00001v2</guid>", "2603.00001"),
        ("<link>https://huggingface.co/papers/2603.00001</link>", "2603.00001"),
        ("<dc:identifier>https://doi.org/10.48550/arXiv.2603.00001</dc:identifier>", "2603.00001"),
        ("<prism:doi>10.1038/S41586-1</prism:doi>", "doi:10.1038/s41586-1"),
        ("<dc:identifier>doi:10.1101/2026.01.02.123456</dc:identifier>",
         "doi:10.1101/2026.01.02.123456"),
        ("<link>https://pubs.example.org/doi/abs/10.1021/acs.x?af=R</link>", "doi:10.1021/acs.x"),
        ("<link>https://f.example.org/articles/10.3389/f.2026.1/full</link>",
         "doi:10.3389/f.2026.1"),
        ("<guid>https://dx.doi.org/10.1/a</guid>", "doi:10.1/a"),
        ("<link>https://www.biorxiv.org/content/10.1101/2026.01.02.123456v1.full.pdf</link>",
         "doi:10.1101/2026.01.02.123456"),
    ],
)  # fmt: skip
def test_an_entry_is_the_paper_of_its_arxiv_id_or_doi(parts, paper_id):
    item = ITEM.replace("<link>https://lab.example.org/1</link>", "")
    assert only(parts, item).paper.id == paper_id


def test_an_arxiv_paper_keeps_the_doi_of_its_publication():
    parts = "<guid>arXiv:2603.00001</guid><prism:doi>10.1038/s41586-1</prism:doi>"
    paper = only(parts).paper
    assert (paper.id, paper.doi) == ("2603.00001", "10.1038/s41586-1")


def test_addresses_in_the_text_of_an_entry_do_not_make_it_that_paper():
    paper = only("<description>As in https://arxiv.org/abs/2603.00001</description>").paper
    assert paper.id.startswith("feed:")
    assert paper.project_url == "https://lab.example.org/1"


def test_an_entry_has_the_same_id_in_every_feed_that_names_its_address():
    one = sightings(rss(ITEM.format("<guid>https://lab.example.org/1</guid>")))
    other = read_feed("planet", rss(ITEM.format("<description>x</description>")), NOW).sightings
    assert one[0].paper.id == other[0].paper.id


def test_entries_with_the_same_guid_stay_different_papers():
    guid, second = "<guid isPermaLink='false'>1</guid>", ITEM.replace("A paper", "Another")
    papers = [each.paper for each in sightings(rss(ITEM.format(guid), second.format(guid)))]
    assert len({paper.id for paper in papers}) == 2


def test_an_entry_has_text_authors_keywords_and_venue():
    paper = only(
        "<description>&lt;p>What&lt;/p>&lt;script>x&lt;/script>it &lt;b>sa&lt;/b>ys.</description>"
        "<dc:creator>Ada One, Bo Two</dc:creator><category>biology</category>"
        "<prism:publicationName>Nature</prism:publicationName>"
    ).paper
    assert paper.abstract == "What it says."
    assert paper.authors == ("Ada One", "Bo Two")
    assert (paper.keywords, paper.venue) == (("biology",), "Nature")


@pytest.mark.parametrize(
    ("parts", "day"),
    [
        ("<pubDate>Mon, 30 Mar 2026 23:30:00 -0400</pubDate>", "2026-03-31"),
        ("<pubDate>30 Mar 2026</pubDate>", "2026-03-30"),
        ("<dc:date>2026-02-01</dc:date>", "2026-02-01"),
        ("<prism:publicationDate>2026-03-02</prism:publicationDate>", "2026-03-02"),
        ("<pubDate>Fri, 01 Jan 2027 00:00:00 GMT</pubDate>", "2026-03-31"),
        ("<pubDate>0000-00-00</pubDate>", "2026-03-31"),
        ("<pubDate>soon</pubDate>", "2026-03-31"),
        ("<dc:date>0001-01-01T00:00:00Z</dc:date>", "2026-03-31"),
        ("<pubDate>9999-12-31T23:59:59-12:00</pubDate>", "2026-03-31"),
        ("", "2026-03-31"),
    ],
)
def test_an_entry_belongs_to_the_day_of_its_publication_and_without_one_to_today(parts, day):
    assert only(parts).listed.day == date.fromisoformat(day)


TITLED = "<item><title>A paper</title></item>"
OLD = f'<rss version="0.91"><channel>{TITLED}</channel></rss>'
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title {}</title></entry></feed>'


@pytest.mark.parametrize(
    "version",
    [
        f"<rdf:RDF {RDF}><channel/>{TITLED}</rdf:RDF>",
        OLD,
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.example/0.91.dtd">' + OLD,
        ATOM.format('type="html">A &lt;i>paper&lt;/i>'),
        '\ufeff<?xml version="1.0" encoding="utf-8"?>' + ATOM.format(">A&nbsp;paper"),
    ],
)
def test_every_version_of_rss_and_atom_is_read(version):
    assert [each.paper.title for each in sightings(version.encode())] == ["A paper"]


def test_a_feed_without_entries_is_quiet_and_not_an_error():
    assert read_feed("lab", rss(), NOW) == ((), (), None, False)


def test_an_entry_without_a_title_is_skipped():
    untitled = ITEM.replace("A paper", "")
    page = read_feed("lab", rss(ITEM, ITEM, untitled), NOW)
    assert page.skipped == (Skipped("entry 3 of lab (https://lab.example.org/1)", "no title"),)


def test_what_is_hostile_in_an_entry_is_left_out():
    item = (
        "<item><title>A\u202e &amp;#27;[31mpaper</title><link>javascript:alert(1)</link>"
        "<link>data:text/html,x</link><guid isPermaLink='false'>-rf ../../x</guid></item>"
    )
    paper = only(item=item).paper
    assert (paper.title, paper.project_url) == ("A [31mpaper", None)
    assert is_valid_id(paper.id)
    assert paper.id.startswith("feed:")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "not-xml"),
        (b"{}", "not-xml"),
        (b"<html><p>Hello", "not-xml"),
        (b"<html><p>Hello</p></html>", "not-a-listing"),
        (b"/etc/passwd", "not-xml"),
        (rss(ITEM)[:-20], "not-xml"),
        (rss(ITEM).replace(b"paper", b"p\xffper"), "not-xml"),
        (b'<?xml version="1.0" encoding="utf-16"?>' + rss(ITEM), "not-xml"),
        (b'<?xml version="1.0" encoding="no-such"?>' + rss(ITEM), "not-xml"),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]>' + rss(ITEM), "not-xml"),
        (b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + rss(ITEM), "not-xml"),
        (b'<!DOCTYPE rss [<!ENTITY % a SYSTEM "http://127.0.0.1/">%a;]>' + rss(ITEM), "not-xml"),
        (rss("<a>" * 300 + "</a>" * 300), "not-a-listing"),
        (rss("<a/>" * 200_000), "not-a-listing"),
        (rss("<a {}/>".format(" ".join(f"a{n}=''" for n in range(101)))), "not-a-listing"),
        (rss(f"<a xml:base='{'x' * 2001}'/>"), "not-a-listing"),
        (rss(ITEM, ITEM.replace("A paper", "")), "not-a-listing"),
    ],
)
def test_a_page_that_is_no_feed_is_an_error(body, kind):
    assert kind_of(body) == kind


@given(st.binary(max_size=300), st.integers(0, 200))
def test_a_damaged_feed_is_read_or_an_error_and_nothing_else(noise, place):
    body = rss(ITEM.format("<pubDate>30 Mar 2026</pubDate>"))
    try:
        page = read_feed("lab", body[:place] + noise + body[place:], NOW)
    except SourceError:
        return
    assert all(is_valid_id(sighting.paper.id) for sighting in page.sightings)


@given(st.text(st.characters(exclude_characters="<&")))
def test_html_becomes_text_without_tags(text):
    assert text_of_html(f"<style>b</style><p title='x'>{text}</p>") == f"  {text} "


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a <b>c</B>d<br/>e", "a cd e"),
        ("1 < 2 <3 and x<y", "1 < 2 <3 and x "),
        ("İİİİ<style>b</STYLE>c", "İİİİ c"),
        ("a<!-- b > c -->d", "a d"),
        ("a<!-- b", "a "),
        ("a<SCRIPT>x<b></script >c", "a c"),
        ("<?xml x?>a<!DOCTYPE b>c", " a c"),
    ],
)
def test_tags_comments_and_programs_are_left_out(html, text):
    assert text_of_html(html) == text
