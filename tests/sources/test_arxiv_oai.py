import pytest
from arxiv_pages import DAY, FAULTS, oai, record, records, thirty_entries

from papertrack.errors import SourceError
from papertrack.models import Paper, Skipped
from papertrack.sources.arxiv.categories import is_category, oai_set
from papertrack.sources.arxiv.oai import OaiPage, parse_records
from papertrack.sources.arxiv.xml import ArxivRecord


def only(**parts):
    """The only record of a response."""
    (parsed,) = parse_records(records(record(**parts))).records
    return parsed


def refusal(body):
    with pytest.raises(SourceError) as caught:
        parse_records(body)
    assert caught.value.source == "arxiv"
    assert len(caught.value.what) < 200
    return caught.value


@pytest.mark.parametrize("verb", ["ListRecords", "GetRecord"])
def test_a_record_becomes_an_announcement_of_its_datestamp_without_dates(verb):
    paper = Paper(
        "2603.00001",
        "A Paper",
        abstract="What it says.",
        authors=("Ada One Jr.", "Two"),
        categories=("cs.CL", "cs.LG"),
    )
    page = parse_records(records(record(), verb=verb))
    assert page == OaiPage((ArxivRecord(paper, None, DAY),), (), None)


@pytest.mark.parametrize(
    ("end", "token"),
    [
        ("", None),
        ("<resumptionToken/>", None),
        ("<resumptionToken> </resumptionToken>", None),
        (
            "<resumptionToken expirationDate='x'>a%3Db%26skip%3D25</resumptionToken>",
            "a%3Db%26skip%3D25",
        ),
    ],
)
def test_the_token_is_the_text_that_requests_the_next_page(end, token):
    assert parse_records(records(record(), end=end)).token == token


@pytest.mark.parametrize(
    "end", ["<token>x</token>", "<resumptionToken><x>x</x></resumptionToken>", "<Record/>"]
)
def test_an_element_that_may_have_been_a_token_is_reported(end):
    page = parse_records(records(record(), end=end))
    assert (len(page.records), page.token) == (1, None)
    ((where, reason),) = page.skipped
    assert where == end.partition(">")[0].rstrip("/") + ">"
    assert reason == "neither a record nor a token"


def test_a_quiet_day_has_no_records():
    body = oai("<error code='noRecordsMatch'>The combination results in an empty list.</error>")
    assert parse_records(body) == OaiPage((), (), None)


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        ("badArgument", "Illegal. Reason: Set does not exist", "Set does not exist"),
        ("badVerb", "No such verb.", "No such verb."),
        ("badResumptionToken", "", ""),
    ],
)
def test_any_other_error_is_a_refusal_with_its_code_and_reason(code, text, reason):
    error = refusal(oai(f"<error code='{code}'>{text}</error>"))
    assert error.kind == "refused"
    assert error.what == f"arXiv refused the request: {code}: {reason}"


def test_a_refusal_among_several_errors_counts():
    both = "<error code='noRecordsMatch'>None.</error><error code='badArgument'>No.</error>"
    assert refusal(oai(both)).kind == "refused"


def test_an_error_without_a_code_is_not_a_quiet_day():
    error = refusal(oai("<error><unexpected>1</unexpected></error>"))
    assert (error.kind, error.what) == ("refused", "arXiv refused the request: error: ")


def test_a_long_or_strange_error_is_shortened_and_cleaned():
    code, text = "\u202e" + "x" * 900, "\x85 y" * 900
    assert refusal(oai(f"<error code='{code}'>{text}</error>")).kind == "refused"


def test_deleted_records_are_left_out_and_do_no_harm():
    gone = "<record><header status='deleted'><identifier>oai:arXiv.org:2603.00009</identifier>"
    gone += "<datestamp>2026-03-31</datestamp></header></record>"
    page = parse_records(records(gone, record(), gone, gone))
    assert [entry.paper.id for entry in page.records] == ["2603.00001"]
    assert page.skipped == ()
    assert parse_records(records(gone)).records == ()


@pytest.mark.parametrize(
    ("inside", "header", "paper_id"),
    [
        ("<id>2603.00001</id>", "", "2603.00001"),
        (None, "oai:arXiv.org:2603.00001", "2603.00001"),
        ("<id>?</id>", "oai:arXiv.org:cs/0001024", "cs/0001024"),
        ("<id>math.GT/0309136</id>", "", "math/0309136"),
    ],
)
def test_the_id_is_that_of_the_metadata_then_of_the_header(inside, header, paper_id):
    body = record(id=inside).replace("oai:arXiv.org:2603.00001", header)
    (parsed,) = parse_records(records(body)).records
    assert parsed.paper.id == paper_id


def test_an_author_without_a_keyname_is_left_out_and_a_repeated_one_listed_once():
    names = [
        "<keyname>One</keyname><forenames>Ada\n B.</forenames><affiliation>MIT</affiliation>",
        "<forenames>Bo</forenames>",
        "<forenames>Ada B.</forenames><keyname>One</keyname>",
        "<keyname>The Lab</keyname><suffix/>",
    ]
    authors = "".join(f"<author>{name}</author>" for name in names)
    assert only(authors=f"<authors>{authors}</authors>").paper.authors == ("Ada B. One", "The Lab")


def test_categories_are_those_of_arxiv():
    categories = "<categories>math-ph  68T45 math.MP\nI.2.7 math-ph</categories>"
    assert only(categories=categories).paper.categories == ("math-ph", "math.MP")


def test_a_paper_may_be_titled_0():
    assert only(title="<title>0</title>").paper.title == "0"


@pytest.mark.parametrize("stamp", ["2026-03-31", "2026-03-31T22:30:00Z"])
def test_the_datestamp_may_have_a_time(stamp):
    (parsed,) = parse_records(records(record().replace("2026-03-31", stamp))).records
    assert parsed.day == DAY


@pytest.mark.parametrize("stamp", ["", "soon", "2026-02-31"])
def test_an_invalid_datestamp_leaves_the_day_unknown(stamp):
    (parsed,) = parse_records(records(record().replace("2026-03-31", stamp))).records
    assert parsed.day is None


# Unusable responses


def test_records_in_another_format_are_not_a_listing():
    other = record().replace("arXiv>", "dc>").replace("<arXiv ", "<dc ")
    error = refusal(records(other))
    assert error.kind == "not-a-listing"
    assert error.what.endswith(
        'entry 1 (oai:arXiv.org:2603.00001): not in the metadata format "arXiv"'
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<rss/>", "<rss> instead of an OAI-PMH response"),
        (b"<OAI-PMH/>", "an empty response instead of records"),
        (oai(""), "<request> instead of records"),
        (oai("<Identify><baseURL>x</baseURL></Identify>"), "<Identify> instead of records"),
        (
            oai("<ListIdentifiers><header/></ListIdentifiers>"),
            "<ListIdentifiers> instead of records",
        ),
        (records(), "<ListRecords> without a record"),
        (records(end="<resumptionToken>x</resumptionToken>"), "<ListRecords> without a record"),
        (records(record().replace("record>", "thing>")), "<thing> instead of record"),
    ],
)
def test_a_response_without_records_is_an_error_not_a_quiet_day(body, message):
    error = refusal(body)
    assert (error.kind, error.what) == ("not-a-listing", f"arXiv sent {message}")


def test_a_record_without_an_id_or_a_title_is_skipped_and_a_paper_listed_twice_counts_once():
    bad = record("abc")
    untitled = record("2603.00005", title=None)
    good = [record(f"2603.1000{number}") for number in range(5)]
    page = parse_records(records(*good, bad, untitled, good[0]))
    assert len(page.records) == 5
    assert page.skipped == (
        Skipped("entry 6 (abc)", "no arXiv id"),
        Skipped("entry 7 (2603.00005)", "no title"),
    )


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "name",
    [
        *("identifier", "datestamp", "setSpec", "id", "created", "updated", "authors", "author"),
        *("keyname", "forenames", "suffix", "title", "categories", "abstract"),
        *("header", "metadata", "arXiv"),
    ],
)
def test_a_damaged_element_in_a_record_loses_no_other_paper(fault, name):
    page = parse_records(records(*thirty_entries(record, fault, name)))
    assert len(page.records) + len(page.skipped) == 30
    lost = name in ("title", "metadata") or (name == "arXiv" and fault != "nested")
    assert len(page.records) == 30 - (lost or name == "arXiv")


# Sets and categories


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("cs.CL", "cs:cs:CL"),
        ("stat.ML", "stat:stat:ML"),
        ("q-bio.BM", "q-bio:q-bio:BM"),
        ("math", "math"),
        ("hep-th", "physics:hep-th"),
        ("math-ph", "physics:math-ph"),
        ("astro-ph", "physics:astro-ph"),
        ("astro-ph.GA", "physics:astro-ph:GA"),
        ("physics", "physics:physics"),
        ("physics.soc-ph", "physics:physics:soc-ph"),
    ],
)
def test_a_category_has_its_set(category, name):
    assert oai_set(category) == name


@pytest.mark.parametrize("text", ["cs.CL", "hep-th", "cond-mat.mes-hall", "math-ph", "cmp-lg"])
def test_text_in_the_form_of_a_category_is_a_category(text):
    assert is_category(text)


@pytest.mark.parametrize(
    "text", ["", "68T45", "I.4.2", "E.4", "I.4.2; E.4", "i.2.7", "cs", "cs.", "cs.CL ", "CS.CL"]
)
def test_acm_and_msc_classes_and_archives_are_not_categories(text):
    assert not is_category(text)
