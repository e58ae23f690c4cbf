"""The commands that print papers: today, trending, list, search, show."""

from typing import Annotated, Literal

import typer

from papertrack.calendar import Span, parse_day, utc_day
from papertrack.cli import today as todays
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.date_ranges import ends
from papertrack.cli.options import (
    CrossListsOption,
    DeadlineOption,
    EverythingOption,
    FormatOption,
    IdsArgument,
    LimitOption,
    SinceOption,
    SourceOption,
    StarredOption,
    TagOption,
    TopicOption,
    UnreadOption,
    UntilOption,
)
from papertrack.cli.search import SearchCommand
from papertrack.cli.session import choose_format, limit_for, start
from papertrack.display import FOR_PEOPLE
from papertrack.tracker import papers
from papertrack.tracker.editions import EditionRequest, trending
from papertrack.tracker.papers import Selection

app = new_app()
_FOR_PEOPLE = 20


@app.command("today")
def today_command(
    context: typer.Context,
    date: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="a listing day (UTC): 2026-03-31, yesterday, 3d"),
    ] = None,
    days: Annotated[int | None, typer.Option(metavar="N", help="the last N days")] = None,
    week: Annotated[str | None, typer.Option(metavar="W", help="an ISO week: 2026-W14")] = None,
    month: Annotated[str | None, typer.Option(metavar="M", help="a month: 2026-03")] = None,
    topic: TopicOption = None,
    source: SourceOption = None,
    limit: LimitOption = None,
    offline: Annotated[bool, typer.Option("--offline", help="ask no source")] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="ask again, however lately it was done")
    ] = False,
    sample: Annotated[
        bool, typer.Option("--sample", help="show the shipped sample; no network, no library")
    ] = False,
    cross_lists: CrossListsOption = False,
    deadline: DeadlineOption = None,
    format: FormatOption = "auto",
) -> None:
    """Bring the library up to date, then print new papers, yours first, and what is trending.

    Exit code 3: some days could not be had; 4: none could, and what is stored is shown.

    \b
    papertrack today                          this morning
    papertrack today --date yesterday -t rag  yesterday, one topic
    papertrack today --week 2026-W14 -f md    a week as markdown
    """
    asked = todays.TodayOptions(
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
    run_and_exit(context, lambda: todays.run(asked, start(context.obj)))


@app.command("trending")
def trending_command(
    context: typer.Context,
    window: Annotated[
        Literal["1d", "7d", "30d"], typer.Option(help="papers listed in this time up to today")
    ] = "7d",
    by: Annotated[
        Literal["rising", "upvotes", "stars", "comments"], typer.Option(help="what to rank by")
    ] = "rising",
    topic: TopicOption = None,
    source: SourceOption = None,
    limit: LimitOption = None,
    format: FormatOption = "auto",
) -> None:
    """Rank stored papers by what they gain for their age, or by a count.

    Rising is (1 + upvotes) * sqrt((1 + upvotes gained a day) / age in days).

    Asks no source: `papertrack fetch` or `papertrack today` do.

    \b
    papertrack trending
    papertrack trending --window 30d --by stars --limit 50
    """

    def work() -> int:
        session, form = start(context.obj), choose_format(format)
        last = utc_day(session.now)
        asked = EditionRequest(
            span=Span(parse_day(f"{int(window[:-1]) - 1}d", last), last),
            topic=topic,
            source=source,
            trending_limit=limit_for(form, limit, _FOR_PEOPLE),
            full=form not in FOR_PEOPLE,
        )
        return session.show(trending(session.tracker(), asked, by), form)

    run_and_exit(context, work)


@app.command("list")
def list_command(
    context: typer.Context,
    topic: TopicOption = None,
    source: SourceOption = None,
    starred: StarredOption = False,
    unread: UnreadOption = False,
    tag: TagOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    everything: EverythingOption = False,
    cross_lists: CrossListsOption = False,
    limit: LimitOption = None,
    format: FormatOption = "auto",
) -> None:
    """List stored papers, newest listing first; selections narrow each other.

    Without any, the last 30 days that are neither read nor hidden.

    \b
    papertrack list --topic rag --all
    papertrack list --starred -f ids | xargs papertrack show
    """

    def work() -> int:
        session, form = start(context.obj), choose_format(format)
        first, last = ends(session, since, until)
        selection = Selection(
            topic=topic,
            source=source,
            starred=starred,
            unread=unread,
            tag=tag,
            since=first,
            until=last,
            everything=everything,
            limit=limit_for(form, limit, _FOR_PEOPLE),
            cross_lists=cross_lists or session.config.sources.cross_lists,
            only_ids=form == "ids",
        )
        return session.show(papers.list_papers(session.tracker(), selection), form)

    run_and_exit(context, work)


@app.command("search", cls=SearchCommand)
def search_command(
    context: typer.Context,
    query: Annotated[
        list[str], typer.Argument(metavar="QUERY", help="words to look for, and filters")
    ],
    since: SinceOption = None,
    online: Annotated[
        bool, typer.Option("--online", help="first let Hugging Face search, and store what comes")
    ] = False,
    deadline: DeadlineOption = None,
    limit: LimitOption = None,
    format: FormatOption = "auto",
) -> None:
    """Search titles, abstracts and keywords of everything stored, best first.

    Words need not all be there, nor be spelled right. "A phrase" must be there, -word must not.
    Filters: author:NAME, cat:cs or cat:cs.CL, since:DAY, is:unread, is:read, is:starred,
    is:hidden, topic:NAME, source:arxiv; a minus before a filter excludes what it finds. With
    filters alone, newest first.

    With --online, exit code 4: Hugging Face could not be asked, and what is stored is shown.

    \b
    papertrack search retrieval augmented generation
    papertrack search speculative decoding -draft since:90d
    papertrack search speculative decoding --online
    papertrack search '"chain of thought" author:"Jason Wei" cat:cs.CL is:unread'
    """

    def work() -> int:
        from papertrack.cli.search import search_online
        from papertrack.tracker.search import search

        session, form = start(context.obj), choose_format(format)
        first, _ = ends(session, since, None)
        shown, text = limit_for(form, limit, _FOR_PEOPLE), " ".join(query)
        found = search_online(session, text, deadline) if online else None
        report = search(session.tracker(), text, first, shown)
        return session.show(found.in_report(report) if found else report, form)

    run_and_exit(context, work)


@app.command("show")
def show_command(
    context: typer.Context,
    ids: IdsArgument,
    format: FormatOption = "auto",
) -> None:
    """Show papers in full: dates, links, counts over time, topics, abstract.

    \b
    papertrack show 2603.10165
    papertrack show https://huggingface.co/papers/2603.10165v2 "medical ai scientist"
    """

    def work() -> int:
        session, form = start(context.obj), choose_format(format)
        tracker = session.tracker()
        paper_ids = papers.resolve(tracker, ids)
        return session.show(papers.show(tracker, paper_ids), form, cards=form in FOR_PEOPLE)

    run_and_exit(context, work)
