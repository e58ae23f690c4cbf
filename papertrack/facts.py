"""Single values of an entry as text, and reports to read, shared by several output formats."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from papertrack.identifiers import FEED_ENTRY, abstract_url, is_arxiv
from papertrack.models import Entry, Paper, Reasons, Related, Report
from papertrack.text import TexReader, may_have_tex

_BARS = "▁▂▃▄▅▆▇█"
_ET_AL = 3  # Lists of this many names are shortened.
_CURVE_POINTS = 3  # Fewer counts make no curve.
_IN_THOUSANDS = 10_000
SPARK_WIDTH = 8
_DOI_OF_ARXIV = "10.48550/arxiv."


def readable_report(report: Report, *, abstracts: bool = True) -> Report:
    """Return a report for people, with the TeX of its papers converted; see TexReader.

    That takes time, so formats without abstracts do not convert them.
    """
    reader = TexReader()
    return report._replace(
        sections=tuple(
            section._replace(
                entries=(
                    readable_entry(entry, reader, abstracts=abstracts) for entry in section.entries
                )
            )
            for section in report.sections
        )
    )


def readable_entry(entry: Entry, reader: TexReader, *, abstracts: bool = True) -> Entry:
    """Return a paper for people, with its TeX converted; see TexReader."""
    paper = entry.paper
    texts = (paper.title, *paper.authors, (abstracts and paper.abstract) or "")
    if not may_have_tex("\n".join(texts)):
        return entry
    title, authors = reader.read(paper.title), tuple(map(reader.read, paper.authors))
    abstract = reader.read(paper.abstract) if paper.abstract and abstracts else paper.abstract
    if (title, authors, abstract) == (paper.title, paper.authors, paper.abstract):
        return entry
    return entry._replace(paper=paper._replace(title=title, authors=authors, abstract=abstract))


class Code(NamedTuple):
    """The address of a paper's code, and the text that names it: "comment" or "abstract".

    `named_in` is None if a source has a field with the address.
    """

    url: str | None = None
    named_in: str | None = None


_NO_CODE = Code()


def upvotes(entry: Entry) -> str:
    """The last known number of upvotes, or a dash."""
    number = entry.latest.upvotes if entry.latest else None
    return "-" if number is None else str(number)


def comments(entry: Entry) -> str:
    """The last known number of comments, or a dash."""
    number = entry.latest.comments if entry.latest else None
    return "-" if number is None else str(number)


def stars(entry: Entry) -> str:
    """The last known number of stars of the code, in thousands from 10,000; "" if unknown."""
    number = entry.latest.stars if entry.latest else None
    if number is None:
        return ""
    return f"{number // 1000}k" if number >= _IN_THOUSANDS else str(number)


def in_words(number: str, noun: str) -> str:
    """A number as text with its noun: "1 upvote", "43 upvotes", "12k stars"."""
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


def signed_gain(entry: Entry) -> str:
    """The upvotes gained, with a sign; a dash if unknown."""
    return "-" if entry.gained is None else f"{entry.gained:+d}"


def authors(entry: Entry) -> str:
    """The authors, shortened as by `shorten_names`."""
    return shorten_names(entry.paper.authors)


def first_author(entry: Entry) -> str:
    """The first author of several, with "et al."; "" if there are not several."""
    names = entry.paper.authors
    return f"{names[0]} et al." if len(names) > 1 else ""


def shorten_names(names: Sequence[str]) -> str:
    """One name, two names with "and", or the first with "et al."."""
    return f"{names[0]} et al." if len(names) >= _ET_AL else " and ".join(names)


def service_ranks(entry: Entry) -> str:
    """The newest rank of the paper at each other service: "#3 on Papers with Code"."""
    from papertrack.source_registry import short_title

    newest = {each.source: each.rank for each in entry.ranks}
    ranks = (f"#{rank} on {short_title(source)}" for source, rank in newest.items() if rank)
    return ", ".join(ranks)


def topics(entry: Entry) -> str:
    """The topics that the paper matches, then those that it is related to, marked "related:"."""
    names = [match.topic for match in entry.matches]
    return ", ".join([*names, *(f"related: {related.topic}" for related in entry.related)])


def reasons(entry: Entry) -> str:
    """The topics of the paper, each with the matched words and their field."""
    matches = [f"{match.topic}: {match.matched} in {match.field}" for match in entry.matches]
    related = [
        f"related: {related.topic} ({', '.join(related.words)})" for related in entry.related
    ]
    return ", ".join([*matches, *related])


def recommendation(entry: Entry) -> str:
    """Why a paper is recommended; "" if it is not."""
    return "" if entry.reasons is None else recommended_for(entry.reasons)


def recommended_for(reasons: Reasons) -> str:
    """The words for a paper, similar starred papers, and the words against it."""
    words, papers, against = (", ".join(names) for names in reasons)
    parts = (words, papers and f"like {papers}", against and f"against: {against}")
    return " · ".join(filter(None, parts)) or "no word in common"


def relatedness(related: Related) -> str:
    """The score of a related paper, the score required, and the main words behind it."""
    words = f"; top words: {', '.join(related.words)}" if related.words else ""
    return f"score {related.score:.1f}, threshold {related.least:.1f}{words}"


def newest_listing_day(entry: Entry) -> date | None:
    """The newest listing day, revisions included; None if the paper was never listed."""
    return max((listed.day for listed in entry.listings), default=None)


def page_url(entry: Entry) -> str | None:
    """The web page of a paper: Hugging Face if it was listed there, else arXiv or its DOI.

    That of an entry of a feed that has neither is the page that the feed links to.
    """
    # The quicker test comes first.
    if entry.first_listed_by("huggingface") and is_arxiv(entry.paper.id):
        return f"https://huggingface.co/papers/{entry.paper.id}"
    if entry.paper.id.startswith(FEED_ENTRY):
        return entry.paper.project_url
    return abstract_url(entry.paper.id)


def code(paper: Paper) -> Code:
    """The code that a source names, else that named in the comment or abstract."""
    if paper.code_url:
        return Code(paper.code_url)
    for named_in, text in (("comment", paper.comment), ("abstract", paper.abstract)):
        # Most texts have no address, which is quickly seen, and brief entries have none of them.
        if text and "/" in text and (url := _code_link(text)):
            return Code(url, named_in)
    return _NO_CODE


def _code_link(text: str) -> str | None:
    from papertrack.code_links import code_link  # Few lists need it.

    return code_link(text)


def doi(paper: Paper) -> str | None:
    """The DOI of the published version, else the DOI that is the paper's id."""
    return paper.doi or (paper.id[4:] if paper.id.startswith("doi:") else None)


def publication(paper: Paper) -> str:
    """The journal reference of a published paper, else the DOI of that version; "" without both.

    arXiv gives DOIs of its own to papers that are not published elsewhere.
    """
    doi = paper.doi or ""
    return paper.journal_ref or ("" if doi.lower().startswith(_DOI_OF_ARXIV) else doi)


def summary_author(source: str | None) -> str:
    """Who wrote the `tldr` of a paper, for readers: "machine-written by Hugging Face"."""
    from papertrack.source_registry import short_title

    return f"machine-written by {short_title(source)}" if source else "machine-written"


def sparkline(entry: Entry, width: int = SPARK_WIDTH) -> str:
    """A curve of the upvotes in equal steps from the first to the last count.

    Empty if there are fewer than three counts.
    """
    counts = [
        (observation.at, observation.upvotes)
        for observation in entry.observations
        if observation.upvotes is not None
    ]
    if len(counts) < _CURVE_POINTS:
        return ""
    first, last = counts[0][0], counts[-1][0]
    step = (last - first) / (width - 1)
    points = [first + step * number for number in range(width - 1)] + [last]
    values = [next(number for at, number in reversed(counts) if at <= point) for point in points]
    return levels(values, low=min(values))


def levels(values: Sequence[float], low: float = 0) -> str:
    """A bar for each value in one line of text, the highest for the maximum, from `low` up."""
    scale = (len(_BARS) - 1) / ((max(values, default=low) - low) or 1)
    return "".join(_BARS[round((value - low) * scale)] for value in values)
