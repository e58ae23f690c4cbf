"""The parsers against every recorded and official response of arXiv."""

import json
from collections import Counter
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from papertrack.errors import SourceError
from papertrack.sources.arxiv.api import parse_api_page
from papertrack.sources.arxiv.categories import is_category, oai_set
from papertrack.sources.arxiv.feeds import parse_feed
from papertrack.sources.arxiv.oai import parse_records
from papertrack.text import clean

OAI = "data/arxiv/oai_official_code_output"
FEEDS = "data/arxiv/rss_official_code_output"


def check(records):
    """Check what every paper of a real response has."""
    for paper, *_ in records:
        assert clean(paper.title) == paper.title != ""
        assert paper.abstract
        assert not paper.abstract.startswith(("arXiv:", "Abstract:"))
        assert paper.authors
        assert not [name for name in paper.authors if set(name) & set(",()")]
        assert all(map(is_category, paper.categories))
        assert paper.categories
        assert paper.announced is None


def refusal(parse, body):
    with pytest.raises(SourceError) as caught:
        parse(body)
    return caught.value


# Feeds


def test_every_recorded_feed_is_complete_except_the_truncated_feed(shared):
    sizes = {}
    for path in sorted(shared("data/arxiv/rss").glob("*.xml")):
        body = path.read_bytes()
        if "TRUNCATED" in path.name:
            assert refusal(parse_feed, body).kind == "not-xml"
            continue
        feed = parse_feed(body)
        check(feed.records)
        assert feed.skipped == ()
        assert feed.day.isoformat() in path.name
        assert {record.paper.version for record in feed.records} == {1}
        sizes[path.name[:12]] = feed.size
    assert sizes == {"arxiv_cs_ai_": 3, "arxiv_cs_cl_": 3, "arxiv_cs_lg_": 3, "atom_cs.AI_2": 7}


def test_every_official_feed_has_the_day_and_types_of_its_request(shared):
    requests = json.loads((shared(FEEDS) / "requests.json").read_text())
    assert {request["file"] for request in requests} == {
        path.name for path in shared(FEEDS).glob("*.xml")
    }
    for request in requests:
        body = (shared(FEEDS) / request["file"]).read_bytes()
        if request["status"] != 200:
            assert refusal(parse_feed, body).kind == "refused"
            continue
        feed = parse_feed(body)
        check(feed.records)
        assert Counter(record.kind for record in feed.records) == request["types"]
        assert (feed.size, feed.skipped) == (request["items"], ())
        # An Atom feed without papers has no date but that on which it was made.
        made = request["file"].startswith("atom") and not feed.size
        assert feed.day == date.fromisoformat("2026-11-22" if made else request["as_if_day"])


def test_rss_and_atom_have_the_same_content(shared):
    both = (shared(FEEDS) / f"{form}_many_2011-02-03.xml" for form in ("rss", "atom"))
    rss, atom = (parse_feed(path.read_bytes()) for path in both)
    assert rss == atom
    old_ids = {record.paper.id for record in rss.records if "/" in record.paper.id}
    assert old_ids == {"cond-mat/0703772", "hep-th/0703166", "math/0510544"}


def test_an_error_feed_has_arxivs_reason(shared):
    body = (shared(FEEDS) / "rss_error_version_0.91.xml").read_bytes()
    assert "Unsupported feed version 'RSS 0.91' requested" in refusal(parse_feed, body).what


# OAI-PMH


def test_every_official_page_of_records_is_complete(shared):
    sizes, tokens = [], []
    for number in range(1, 6):
        page = parse_records((shared(OAI) / f"listrecords_arXiv_page{number}.xml").read_bytes())
        check(page.records)
        assert page.skipped == ()
        assert all(date(2011, 2, 1) <= record.day <= date(2011, 2, 15) for record in page.records)
        sizes.append(len(page.records))
        tokens.append(page.token and page.token.rpartition("%26")[2])
    assert sizes == [25, 25, 25, 25, 19]
    assert tokens == ["skip%3D25", "skip%3D50", "skip%3D75", "skip%3D100", None]


def test_the_only_page_of_a_set_has_no_token(shared):
    page = parse_records((shared(OAI) / "listrecords_arXiv_set_physics_hep-th.xml").read_bytes())
    check(page.records)
    assert page.token is None
    assert all("hep-th" in record.paper.categories for record in page.records)
    assert [record.paper.id for record in page.records] == ["hep-th/9901002", "hep-th/0703166"]


@pytest.mark.parametrize(
    ("name", "paper_id"),
    [("multiversion", "0906.5132"), ("oldstyle", "cs/0001024"), ("withdrawn", "0906.3336")],
)
def test_a_single_record_is_parsed_in_the_format_arxiv_only(shared, name, paper_id):
    folder = shared(OAI)
    page = parse_records((folder / f"getrecord_{name}_arXiv.xml").read_bytes())
    check(page.records)
    (record,) = page.records
    assert (record.paper.id, record.paper.version) == (paper_id, None)
    assert (record.paper.submitted, record.paper.updated) == (None, None)
    for other in ("arXivRaw", "oai_dc"):
        body = (folder / f"getrecord_{name}_{other}.xml").read_bytes()
        error = refusal(parse_records, body)
        assert error.kind == "not-a-listing"
        assert 'not in the metadata format "arXiv"' in error.what


def test_every_other_official_response_fails_with_the_error_in_its_name(shared):
    kinds = Counter()
    for path in shared(OAI).glob("*.xml"):
        body = path.read_bytes()
        if path.name == "error_noRecordsMatch.xml":
            assert parse_records(body) == ((), (), None)
        elif path.name.startswith("error"):
            error = refusal(parse_records, body)
            kinds[error.kind] += 1
            code = ET.fromstring(body)[-1].get("code")
            assert f": {code}: " in error.what
        elif "arXiv" not in path.name:
            kinds[refusal(parse_records, body).kind] += 1
    assert kinds == {"refused": 8, "not-a-listing": 8}


# The query API


def test_every_recorded_response_of_the_api_is_complete(shared):
    papers, refused = 0, []
    for path in sorted(shared("data/arxiv/api_atom_envelopes").glob("*.json")):
        envelope = json.loads(path.read_text(encoding="utf-8"))
        body = envelope["body"].encode("latin-1")
        if envelope["status_code"] != 200:
            error = refusal(parse_api_page, body)
            refused.append((path.name[:6], error.kind, error.what))
            continue
        page = parse_api_page(body)
        check(page.records)
        assert page.skipped == ()
        assert page.start == int(envelope["url"].partition("start=")[2].partition("&")[0])
        requested = int(envelope["url"].rpartition("max_results=")[2])
        assert page.size == min(requested, page.total - page.start)
        assert all(record.paper.version for record in page.records)
        assert all(record.paper.submitted <= record.paper.updated for record in page.records)
        papers += page.size
    assert papers == 218
    assert refused == [
        ("id_abc", "refused", "arXiv refused the query: incorrect id format for abc")
    ]


def test_old_style_ids_have_their_version(shared):
    (path,) = shared("data/arxiv/api_atom_envelopes").glob("id_quant-ph_0201082v1_*.json")
    body = json.loads(path.read_text(encoding="utf-8"))["body"].encode("latin-1")
    (record,) = parse_api_page(body).records
    assert (record.paper.id, record.paper.version) == ("quant-ph/0201082", 1)
    assert record.paper.categories == ("quant-ph", "cs.PL")


def test_no_response_is_accepted_by_the_parser_of_another_format(shared):
    folder = shared("data/arxiv")
    feed = (folder / "rss/arxiv_cs_ai_2026-04-27_4516dfc.xml").read_bytes()
    page = (shared(OAI) / "listrecords_arXiv_page1.xml").read_bytes()
    for parse, body in ((parse_records, feed), (parse_api_page, feed), (parse_feed, page)):
        assert refusal(parse, body).kind == "not-a-listing"


# Sets and categories


def test_every_active_category_and_archive_has_a_set_that_the_service_lists(shared):
    taxonomy = json.loads(shared("data/arxiv/taxonomy.json").read_text(encoding="utf-8"))
    listed = ET.fromstring((shared(OAI) / "listsets.xml").read_bytes())
    sets = {
        element.text for element in listed.iter("{http://www.openarchives.org/OAI/2.0/}setSpec")
    }
    for kind in ("CATEGORIES", "ARCHIVES"):
        active = [name for name, facts in taxonomy[kind].items() if facts["is_active"]]
        assert [name for name in active if oai_set(name) not in sets] == []
        if kind == "CATEGORIES":
            assert len(active) == 155


def test_every_past_and_present_category_has_the_form_of_a_category(shared):
    taxonomy = json.loads(shared("data/arxiv/taxonomy.json").read_text(encoding="utf-8"))
    strange = [name for name in taxonomy["CATEGORIES"] if not is_category(name)]
    assert strange == []
