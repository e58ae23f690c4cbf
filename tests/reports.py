"""A report with two papers: `ENTRY` has every field, and `BARE` only the required ones."""

import io
from datetime import UTC, date, datetime

from papertrack.display import DrawStyle, write
from papertrack.models import (
    Claim,
    Entry,
    Failure,
    Match,
    Observation,
    Paper,
    PaperListing,
    Related,
    Report,
    Section,
    State,
)

NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)
DAY = date(2026, 3, 31)
FULL = Paper(
    id="2603.00001",
    title="Agents that plan",
    version=2,
    abstract="We plan, and = plan again.",
    authors=("Ada One", "Bo Two", "Cy Three"),
    categories=("cs.CL", "cs.AI"),
    keywords=("planning", "agents"),
    submitted=datetime(2026, 3, 28, 17, tzinfo=UTC),
    announced=date(2026, 3, 30),
    updated=datetime(2026, 3, 29, 17, tzinfo=UTC),
    code_url="https://github.com/o/r",
    project_url="https://o.example/r",
    organization="The Lab",
    comment="9 pages, to appear at ICML 2026",
    journal_ref="J. Plans 1, 2 (2026)",
    doi="10.1000/plan_1",
    venue="J. Plans",
    tldr="Agents *plan* & replan.",
)
ENTRY = Entry(
    FULL,
    first_seen=datetime(2026, 3, 30, 9, tzinfo=UTC),
    claims=(
        Claim(
            "arxiv",
            NOW,
            FULL._replace(code_url=None, project_url=None, organization=None, tldr=None),
        ),
        Claim(
            "huggingface",
            NOW,
            Paper(FULL.id, "", code_url=FULL.code_url, organization="L", tldr="T"),
        ),
    ),
    listings=(
        PaperListing("arxiv", date(2026, 3, 29)),
        PaperListing("huggingface", date(2026, 3, 30), 4),
        PaperListing("mine", date(2026, 3, 30)),
        PaperListing("arxiv", DAY, kind="revised"),
    ),
    observations=(
        Observation(datetime(2026, 3, 30, 9, tzinfo=UTC), 3, 1, 2),
        Observation(datetime(2026, 3, 30, 21, tzinfo=UTC), 40, 2, 3),
        Observation(datetime(2026, 3, 31, 9, tzinfo=UTC), 45, 6, 7),
    ),
    state=State(starred=True, read=False, hidden=True, tags=("later", "plans")),
    matches=(Match("agents", "agent", "title", "Agents", 100),),
    gained=42,
    section="new",
    context="We plan, and plan again.",
    related=(Related("graphs", 9.25, 8.0, ("node", "edge")),),
)
BARE = Entry(Paper("cran:12", "Wing flow"), first_seen=datetime(2026, 3, 31, 9, tzinfo=UTC))
REPORT = Report(
    "today",
    NOW,
    "Tuesday 2026-03-31",
    (
        Section("New", (ENTRY, BARE), 1234, kind="new"),
        Section("Rising", (ENTRY._replace(context=None),), 1, kind="trending"),
        Section("Other", (), 0, empty_text="Nothing else."),
    ),
    notes=("A note.", "Nothing else."),
    failures=(Failure("arxiv", "timeout", "too slow"),),
)


def shown(report, form, **look):
    """The output of a report in a format."""
    out = io.StringIO()
    write(report, form, out, DrawStyle(**look))
    return out.getvalue()
