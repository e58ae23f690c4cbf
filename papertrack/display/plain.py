"""Lines for pipes: tab-separated, one paper a line, no colours, no cuts."""

from collections.abc import Iterator

from papertrack import facts
from papertrack.display import SAMPLE
from papertrack.merge import provenance
from papertrack.models import Entry, Report
from papertrack.source_registry import short_title


def rows(report: Report) -> Iterator[str]:
    """section, id, upvotes, gained, comments, listing day, topics, title: a tab between each."""
    yield from _sample_mark(report)
    for section in report.sections:
        for entry in section.entries:
            fields = (
                section.kind or "-",
                entry.paper.id,
                facts.upvotes(entry),
                facts.gained(entry),
                facts.comments(entry),
                str(facts.listed(entry) or "-"),
                facts.topics(entry) or "-",
                entry.paper.title,
            )
            yield "\t".join(fields) + "\n"


def ids(report: Report) -> Iterator[str]:
    """Each paper's id once, in the order of the report."""
    yield from _sample_mark(report)
    shown: set[str] = set()
    for section in report.sections:
        for entry in section.entries:
            if entry.paper.id not in shown:
                shown.add(entry.paper.id)
                yield entry.paper.id + "\n"


def cards(report: Report) -> Iterator[str]:
    """Each paper in full: a name, a tab and a value a line, a blank line between papers."""
    yield from _sample_mark(report)
    for section in report.sections:
        for number, entry in enumerate(section.entries):
            if number:
                yield "\n"
            yield from (f"{name}\t{value}\n" for name, value in card(entry) if value)


def card(entry: Entry) -> Iterator[tuple[str, str]]:
    """The facts of a paper in full, with their names."""
    paper = entry.paper
    yield "id", paper.id if paper.version is None else f"{paper.id} (version {paper.version})"
    yield "title", paper.title
    yield "authors", ", ".join(paper.authors)
    yield "organization", paper.organization or ""
    yield "dates", ", ".join(_dates(entry))
    yield "categories", ", ".join(paper.categories)
    yield "keywords", ", ".join(paper.keywords)
    yield "upvotes", _counts(entry)
    yield "history", _history(entry)
    yield (
        "topics",
        "; ".join(
            f"{one.topic}: {one.phrase!r} met {one.matched!r} in {one.field} ({one.score})"
            for one in entry.matches
        ),
    )
    yield (
        "related",
        "; ".join(f"{one.topic}: says {', '.join(one.words)}" for one in entry.related),
    )
    yield "page", facts.page(entry) or ""
    yield "code", paper.code_url or ""
    yield "project", paper.project_url or ""
    yield "state", _state(entry)
    yield "origins", _origins(entry)
    yield "abstract", paper.abstract or ""


def _dates(entry: Entry) -> Iterator[str]:
    paper = entry.paper
    announced = paper.announced or entry.listed("arxiv")
    if paper.submitted:
        yield f"submitted {paper.submitted.date()}"
    if announced:
        yield f"announced {announced}"
    for listed in entry.listings:
        if listed.kind == "revised":
            yield f"revised {listed.day}"
        elif listed.source == "huggingface":
            yield f"on Daily Papers {listed.day}"
        elif listed.source != "arxiv":
            yield f"listed by {short_title(listed.source)} {listed.day}"
    if paper.updated and paper.updated != paper.submitted:
        yield f"updated {paper.updated.date()}"
    yield f"first seen {entry.first_seen.date()}"


def _origins(entry: Entry) -> str:
    """Which source each field was taken from, where several told of the paper."""
    by_source: dict[str, list[str]] = {}
    for field, source in provenance(entry.claims).items():
        by_source.setdefault(source, []).append(field.removesuffix("_url"))
    if len(by_source) < 2:  # noqa: PLR2004  # one source told everything
        return ""
    return "; ".join(f"{', '.join(fields)} from {name}" for name, fields in by_source.items())


def _counts(entry: Entry) -> str:
    latest = entry.latest
    if latest is None or latest.upvotes is None:
        return ""
    gain = "seen once, so no gain is known" if entry.gained is None else f"{entry.gained:+d}"
    comments = "" if latest.comments is None else f", comments: {latest.comments}"
    stars = "" if latest.stars is None else f", stars of the code: {latest.stars}"
    return f"{latest.upvotes} ({gain}){comments}{stars}"


def _history(entry: Entry) -> str:
    seen = [one for one in entry.observations if one.upvotes is not None]
    if len(seen) < 2:  # noqa: PLR2004  # one sight is no history
        return ""
    ends = f"{seen[0].upvotes} on {seen[0].at:%m-%d %H:%M} to {seen[-1].upvotes} on "
    return f"{facts.sparkline(entry)} {ends}{seen[-1].at:%m-%d %H:%M} UTC".strip()


def _state(entry: Entry) -> str:
    state = entry.state
    words = [word for word in ("starred", "read", "hidden") if getattr(state, word)]
    return ", ".join([*words, *(f"#{tag}" for tag in state.tags)])


def _sample_mark(report: Report) -> Iterator[str]:
    if report.sample:
        yield f"# {SAMPLE}\n"
