from datetime import date

import pytest
from arxiv_pages import DAY, FAULTS, atom, atom_item, item, rss, thirty_entries

from papertrack.errors import SourceError
from papertrack.models import Paper, Skipped
from papertrack.sources.arxiv.feeds import Feed, parse_feed
from papertrack.sources.arxiv.xml import ArxivRecord

FORMS = pytest.mark.parametrize(
    ("feed", "make"), [(rss, item), (atom, atom_item)], ids=["rss", "atom"]
)


def only(**parts):
    """The only announcement of a feed with one item."""
    (record,) = parse_feed(rss(item(**parts))).records
    return record


def refusal(body):
    with pytest.raises(SourceError) as caught:
        parse_feed(body)
    assert caught.value.source == "arxiv"
    assert len(caught.value.what) < 200
    return caught.value


@FORMS
def test_an_item_becomes_an_announcement_with_all_its_fields(feed, make):
    paper = Paper(
        "2603.00001",
        "A Paper",
        2,
        abstract="What it says.",
        authors=("Ada One", "Bo Two"),
        categories=("cs.CL", "cs.LG"),
    )
    assert parse_feed(feed(make())) == Feed(DAY, (ArxivRecord(paper, "new", DAY),), (), 1)


@FORMS
def test_papers_are_in_the_order_of_the_feed(feed, make):
    parsed = parse_feed(feed(make("2603.00003"), make("2603.00001"), make("hep-th/0703166")))
    ids = [record.paper.id for record in parsed.records]
    assert ids == ["2603.00003", "2603.00001", "hep-th/0703166"]
    assert parsed.size == 3


# The day


@FORMS
def test_a_feed_without_papers_has_its_day(feed, make):
    del make
    assert parse_feed(feed()) == Feed(DAY, (), (), 0)


def test_the_day_is_that_of_the_channel_then_of_its_items_then_the_build_date():
    sunday = "<pubDate>Sun, 29 Mar 2026 00:00:00 -0400</pubDate>"
    assert parse_feed(rss(item(pubDate=sunday))).day == DAY
    assert parse_feed(rss(item(pubDate=sunday), pubDate=None)).day == date(2026, 3, 29)
    assert parse_feed(rss(item(pubDate=None), pubDate=None)).day == DAY


def test_the_day_of_an_atom_feed_is_that_of_its_entries_then_the_update_date():
    late = "<updated>2026-04-01T03:59:59+00:00</updated>"
    assert parse_feed(atom(updated=late)).day == DAY, "23:59 in New York"
    sunday = "<published>2026-03-29T00:00:00-04:00</published>"
    assert parse_feed(atom(atom_item(published=sunday), updated=late)).day == date(2026, 3, 29)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Thu, 03 Feb 2011 00:00:00 -0500", date(2011, 2, 3)),
        ("Thu, 03 Feb 2011 04:59:59 +0000", date(2011, 2, 2)),
        ("Thu, 03 Feb 2011 05:00:00 GMT", date(2011, 2, 3)),
        ("Wed, 03 Aug 2011 04:00:00 +0000", date(2011, 8, 3)),
        ("Wed, 03 Aug 2011 03:59:59 +0000", date(2011, 8, 2)),
        ("Wed, 03 Aug 2011 00:00:00", date(2011, 8, 3)),
        ("2011-08-03", date(2011, 8, 3)),
    ],
)
def test_the_day_is_a_date_in_new_york(text, day):
    assert parse_feed(rss(pubDate=f"<pubDate>{text}</pubDate>")).day == day


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "Tue, 31 Feb 2026 00:00:00 -0400",
        "Fri, 31 Dec 9999 23:00:00 -9999",
        "1 Jan 99999999999999999999 00:00:00 GMT",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
    ],
)
def test_an_invalid_date_is_ignored(text):
    dates = f"<pubDate>{text}</pubDate>"
    assert parse_feed(rss(item(pubDate=dates), pubDate=dates)).day == DAY
    error = refusal(rss(item(pubDate=dates), pubDate=dates, built=None))
    assert (error.kind, error.what) == (
        "not-a-listing",
        "arXiv sent a feed without a date",
    )


# Ids and kinds


@pytest.mark.parametrize(
    ("parts", "version"),
    [
        ({}, 2),
        ({"guid": None}, 2),
        ({"guid": None, "description": None}, None),
        ({"guid": None, "link": None}, 2),
        ({"guid": "<guid>oai:arXiv.org:2603.00001</guid>"}, 2),
        ({"guid": "<guid>tag:elsewhere</guid>", "description": "<description/>"}, None),
    ],
)
def test_the_id_is_that_of_the_guid_then_of_the_text_then_of_the_link(parts, version):
    paper = only(**parts).paper
    assert (paper.id, paper.version) == ("2603.00001", version)


def test_the_version_of_another_paper_is_ignored():
    other = "<description>arXiv:2603.00009v1 Announce Type: new</description>"
    assert only(guid="<guid>2603.00001</guid>", description=other).paper.version is None


@pytest.mark.parametrize(
    ("parts", "version"), [({"id": None}, 2), ({"id": None, "summary": None}, None)]
)
def test_the_id_of_an_atom_entry_may_be_that_of_its_text_or_link(parts, version):
    (record,) = parse_feed(atom(atom_item(**parts))).records
    assert (record.paper.id, record.paper.version) == ("2603.00001", version)


@pytest.mark.parametrize("kind", ["new", "cross", "replace", "replace-cross"])
def test_the_kind_is_that_of_its_element_then_of_the_text(kind):
    element = f"<arxiv:announce_type>{kind}</arxiv:announce_type>"
    assert only(announce_type=element).kind == kind
    text = f"<description>arXiv:2603.00001v1 Announce Type: {kind} \nAbstract: A.</description>"
    assert only(announce_type=None, description=text).kind == kind


def test_an_unknown_kind_counts_as_missing():
    assert only(announce_type="<arxiv:announce_type>absonly</arxiv:announce_type>").kind is None
    assert only(announce_type=None, description=None).kind is None


# Texts, authors, categories


@pytest.mark.parametrize(
    ("text", "abstract"),
    [
        ("arXiv:2603.00001v1 Announce Type: new \nAbstract:   We show\n  $x$.", "We show $x$."),
        ("arXiv:hep-th/0703166v5 Announce Type: replace-cross\nAbstract: A.", "A."),
        ("arXiv:2603.00001v1 Announce Type: new \nAbstract: Abstract: A.", "Abstract: A."),
        ("arXiv:2603.00001v1 Announce Type: new", None),
        ("arXiv:2603.00001v1 Announce Type: new \nAbstract: ", None),
        ("See arXiv:2603.00001v1 Announce Type: new", "See arXiv:2603.00001v1 Announce Type: new"),
        ("&lt;think&gt; &amp; 0", "<think> & 0"),
        ("0", "0"),
        ("", None),
    ],
)
def test_the_abstract_is_the_text_after_its_head(text, abstract):
    assert only(description=f"<description>{text}</description>").paper.abstract == abstract


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("Ada One", ("Ada One",)),
        ("Ratna Kandala,  Deepti, Bo\n Two", ("Ratna Kandala", "Deepti", "Bo Two")),
        ("Ada One (MIT), Bo Two", ("Ada One", "Bo Two")),
        ("Ada One (1 and 2), Bo Two (2) ((1) MIT, Boston, (2) ETH)", ("Ada One", "Bo Two")),
        ("Ada One (Dept. (Physics, Lab (A, B)), MIT), Bo Two", ("Ada One", "Bo Two")),
        ("Ada One (MIT, Bo Two", ("Ada One", "MIT", "Bo Two")),
        ("Ada (Lovelace) One), Ada One", ("Ada One",)),
        (", ,", ()),
        ("(MIT)", ()),
    ],
)
def test_authors_are_names_without_affiliations_and_duplicates(text, authors):
    assert only(creator=f"<dc:creator>{text}</dc:creator>").paper.authors == authors


def test_several_creators_are_joined_in_their_order():
    several = "<dc:creator>Ada One</dc:creator><dc:creator>Bo Two, Ada One</dc:creator>"
    assert only(creator=several).paper.authors == ("Ada One", "Bo Two")


def test_twenty_thousand_parentheses_are_parsed():
    parentheses = "(" * 10_000 + ")" * 10_000
    assert only(creator=f"<dc:creator>Ada {parentheses}, Bo</dc:creator>").paper.authors == (
        "Ada",
        "Bo",
    )


def test_categories_are_those_of_arxiv_in_their_order():
    names = ("math.MP", "68T45", "math-ph", "I.4.2; E.4", "cond-mat.mes-hall", "math.MP", "F.2")
    elements = "".join(f"<category>{name}</category>" for name in names)
    assert only(categories=elements).paper.categories == ("math.MP", "math-ph", "cond-mat.mes-hall")


def test_titles_lose_their_hard_wraps_and_controls_and_may_be_0():
    assert (
        only(title="<title>Deep\n  Nets:\u202e &lt;b&gt;</title>").paper.title == "Deep Nets: <b>"
    )
    assert only(title="<title>0</title>").paper.title == "0"


# Unusable entries and feeds


def test_an_item_without_an_id_or_a_title_is_skipped_and_no_other():
    bad = item(guid="<guid>oai:arXiv.org:2613.00001v1</guid>", description=None, link=None)
    untitled = item("2603.00005", title="<title> \u200b</title>")
    feed = parse_feed(rss(*(item(f"2603.1000{n}") for n in range(5)), bad, untitled))
    assert len(feed.records) == 5
    assert feed.skipped == (
        Skipped("entry 6 (oai:arXiv.org:2613.00001v1)", "no arXiv id"),
        Skipped("entry 7 (oai:arXiv.org:2603.00005v2)", "no title"),
    )


def test_of_a_paper_listed_twice_the_first_entry_counts_and_nothing_is_skipped():
    again = item(title="<title>Again</title>")
    feed = parse_feed(rss(item(), again, again))
    assert [record.paper.title for record in feed.records] == ["A Paper"]
    assert (feed.size, feed.skipped) == (3, ())


def test_a_feed_with_half_of_its_entries_unusable_is_refused_with_the_first_reason():
    error = refusal(rss(item(), item(title=None)))
    assert (error.kind, error.what) == (
        "not-a-listing",
        "arXiv sent unusable entries (1 of 2): entry 2 (oai:arXiv.org:2603.00001v2): no title",
    )


@pytest.mark.parametrize("feed", [rss, atom])
def test_an_error_feed_is_an_error_with_arxivs_reason(feed):
    name = "description" if feed is rss else "subtitle"
    reason = "Bad archive 'nope'. Valid archive names are: " + ", ".join(["astro-ph"] * 40)
    error = refusal(
        feed(
            title="<title>Feed error for query: http://rss.arxiv.org/rss/nope</title>",
            **{name: f"<{name}>{reason}</{name}>"},
        )
    )
    assert error.kind == "refused"
    assert error.what.startswith("arXiv refused the feed: Bad archive 'nope'. Valid")


@pytest.mark.parametrize(
    "body",
    [
        b"<rss version='2.0'/>",
        b"<rss><channel/></rss>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'/>",
        b"<OAI-PMH/>",
        rss(item()).replace(b"item>", b"thing>"),
        atom(atom_item()).replace(b"entry>", b"thing>"),
    ],
)
def test_xml_that_is_not_a_feed_is_an_error_not_an_empty_day(body):
    assert refusal(body).kind == "not-a-listing"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "name",
    [
        *("guid", "link", "description", "title", "category", "pubDate"),
        *("arxiv:announce_type", "dc:rights", "dc:creator"),
    ],
)
def test_a_damaged_element_in_an_item_loses_no_other_paper(fault, name):
    feed = parse_feed(rss(*thirty_entries(item, fault, name)))
    assert feed.size == 30
    assert len(feed.records) == 29 + (name != "title")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "name", ["id", "link", "summary", "title", "category", "published", "updated", "dc:creator"]
)
def test_a_damaged_element_in_an_entry_loses_no_other_paper(fault, name):
    feed = parse_feed(atom(*thirty_entries(atom_item, fault, name)))
    assert feed.size == 30
    assert len(feed.records) == 29 + (name != "title")
