"""The commands `today`, `trending`, `list`, `search` and `show`."""

from typing import Annotated, Literal

import typer

from papertrack.cli import printed_rows
from papertrack.cli import search as search_module
from papertrack.cli import today as today_module
from papertrack.cli import trending as trending_module
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.dash_arguments import FilterCommand, SearchCommand
from papertrack.cli.date_ranges import parse_range
from papertrack.cli.options import (
    PAPER_COLUMNS,
    CrossListsOption,
    DeadlineOption,
    EverythingOption,
    FormatOption,
    IdsArgument,
    LimitOption,
    OfflineOption,
    SinceOption,
    SourceOption,
    StarredOption,
    TagOption,
    TopicOption,
    UnreadOption,
    UntilOption,
    format_option,
)
from papertrack.cli.search import ResultOrder, SearchOptions, parse_filters
from papertrack.cli.session import choose_format, limit_for, start
from papertrack.cli.trending import RankedBy, TrendingOptions, Window
from papertrack.display import FORMATS, HUMAN_FORMATS
from papertrack.tracker import papers
from papertrack.tracker.papers import Selection

app = new_app()
_LIMIT = 20  # papers shown by default in the formats for people, and in feeds
_FiltersArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILTER...", help="filters as in `search`, such as venue:ICML"),
]
_SortOption = Annotated[
    Literal["newest", "oldest", "upvotes", "match"] | None,
    typer.Option(help="order; match: best match first, the default with --topic"),
]


_TrendingFormatOption = Annotated[str, format_option(PAPER_COLUMNS, (*FORMATS[1:], "atom"))]


@app.command("today")
def today_command(
    context: typer.Context,
    date: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="listing day (UTC): 2026-03-31, yesterday, monday, 3d"),
    ] = None,
    days: Annotated[int | None, typer.Option(metavar="N", help="the last N listing days")] = None,
    week: Annotated[str | None, typer.Option(metavar="W", help="ISO week: 2026-W14")] = None,
    month: Annotated[str | None, typer.Option(metavar="M", help="month: 2026-03")] = None,
    topic: TopicOption = None,
    source: SourceOption = None,
    limit: LimitOption = None,
    offline: OfflineOption = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="fetch again, even if recently fetched")
    ] = False,
    sample: Annotated[
        bool,
        typer.Option("--sample", help="show the included sample; uses no network and no library"),
    ] = False,
    cross_lists: CrossListsOption = False,
    deadline: DeadlineOption = None,
    format: FormatOption = "auto",
) -> None:
    """Update the library, then show new papers, matches first, and trending papers.

    Exit code 3: some days could not be fetched; 4: no day could be fetched, and stored papers are
    shown.

    \b
    papertrack today --date yesterday       yesterday
    papertrack today --week 2026-W14 -f md  a week, as markdown
    papertrack today --sample -t video      one topic of the sample
    """
    options = today_module.TodayOptions(
        date,
        days,
        week,
        month,
        topic,
        source,
        limit,
        offline,
        refresh,
        sample,
        cross_lists,
        deadline,
        format,
    )
    run_and_exit(context, lambda: today_module.run(options, start(context.obj)))


_WindowOption = Annotated[
    Window | None,
    typer.Option(help="listing days to include, up to today (7d; 30d with late or --weekly)"),
]
_MeasureOption = Annotated[RankedBy, typer.Option(help="value to rank by")]
_WeeklyOption = Annotated[
    bool, typer.Option("--weekly", help="compare with the ranks of a week before")
]


@app.command("trending")
def trending_command(
    context: typer.Context,
    window: _WindowOption = None,
    by: _MeasureOption = "rising",
    weekly: _WeeklyOption = False,
    topic: TopicOption = None,
    source: SourceOption = None,
    limit: LimitOption = None,
    format: _TrendingFormatOption = "auto",
) -> None:
    """Rank stored papers by upvotes gained, or by a count.

    Rising is (3 + upvotes) * sqrt((1 + upvotes gained a day) / age in days), where an hour of a
    weekend counts half. Late: papers listed at least three days ago, by upvotes gained a day.
    Code: by stars gained a day. Fetches nothing; run `papertrack fetch` or `papertrack today` for
    that.

    \b
    papertrack trending
    papertrack trending --by late
    papertrack trending --weekly
    papertrack trending --window 30d --by stars --limit 50
    papertrack trending -f atom > trending.atom
    """
    options = TrendingOptions(window, by, weekly, topic, source, limit, format)
    run_and_exit(context, lambda: trending_module.run(options, start(context.obj)))


@app.command("list", cls=FilterCommand)
def list_command(
    context: typer.Context,
    filters: _FiltersArgument = None,
    topic: TopicOption = None,
    source: SourceOption = None,
    starred: StarredOption = False,
    unread: UnreadOption = False,
    tag: TagOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    everything: EverythingOption = False,
    cross_lists: CrossListsOption = False,
    sort: _SortOption = None,
    limit: LimitOption = None,
    format: FormatOption = "auto",
) -> None:
    """List stored papers, newest listing first; of a topic, best match first.

    A paper must pass all filters and options. Lists papers of the last 30 days that are neither
    read nor hidden; --all lists the others, too. Filters for a state (is:read, is:hidden,
    is:starred, tag:T, has:note) list papers in that state, whatever their age.

    \b
    papertrack list --unread --since monday --sort upvotes
    papertrack list --limit 3 -f ids | papertrack show -
    papertrack list has:code venue:ICML --all
    """

    def work() -> int:
        session, form = start(context.obj), choose_format(format)
        first, last = parse_range(session, since, until)
        selection = Selection(
            topic=topic,
            source=source,
            starred=starred,
            unread=unread,
            tag=tag,
            since=first,
            until=last,
            everything=everything,
            limit=limit_for(form, limit, _LIMIT),
            cross_lists=cross_lists or session.config.sources.cross_lists,
            only_ids=form == "ids",
            filters=parse_filters(filters) if filters else (),
            order=sort,
        )
        return session.show(papers.list_papers(session.tracker(), selection), form)

    run_and_exit(context, work)


@app.command("search", cls=SearchCommand)
def search_command(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="words, phrases and filters")],
    since: SinceOption = None,
    online: Annotated[
        bool, typer.Option("--online", help="search on Hugging Face first, and store the results")
    ] = False,
    deadline: DeadlineOption = None,
    sort: Annotated[
        ResultOrder, typer.Option(help="order of the most relevant papers")
    ] = "relevance",
    limit: LimitOption = None,
    format: FormatOption = "auto",
) -> None:
    """Search titles, abstracts and keywords of all stored papers, best match first.

    Words are optional and tolerate typos. "A phrase" is required; -word excludes a word. Filters:
    author:NAME, cat:cs or cat:cs.CL, topic:NAME, since:DAY, is:unread (or read, starred, hidden),
    has:code (or abstract, comment, doi, journal_ref, note, organization, project, tldr, venue),
    venue:ICML, org:NAME, source:arxiv, tag:T, "upvotes:>50"; a minus before a filter excludes its
    papers. With filters only, the newest papers come first. Ids and URLs find their papers.

    With --online, exit code 4: Hugging Face could not be reached, and stored papers are shown.

    \b
    papertrack search retrieval augmented generation
    papertrack search speculative decoding -draft since:90d
    papertrack search speculative decoding --online
    papertrack search '"chain of thought" author:"Jason Wei" cat:cs.CL is:unread'
    papertrack search 'has:code venue:ICML upvotes:>50'
    """
    options = SearchOptions(tuple(query), since, online, deadline, sort, limit, format)
    run_and_exit(context, lambda: search_module.run(options, start(context.obj)))


@app.command("show")
def show_command(
    context: typer.Context,
    ids: IdsArgument,
    format: Annotated[str, format_option("lines: name, tab and value")] = "auto",
) -> None:
    """Show papers in full: dates, links, counts over time, topics, abstract.

    Of a starred paper also what happened since, with the changes of its text word by word.

    \b
    papertrack show 2603.10165
    papertrack show https://huggingface.co/papers/2603.10165v2 "cinematic camera control"
    papertrack show 3                   row 3 of the table printed last
    """

    def work() -> int:
        session, form = start(context.obj), choose_format(format)
        tracker = session.tracker()
        paper_ids = printed_rows.resolve(tracker, ids)
        return session.show(
            papers.show(tracker, paper_ids, session.config.sources.rankings),
            form,
            cards=form in (*HUMAN_FORMATS, "md"),
        )

    run_and_exit(context, work)
