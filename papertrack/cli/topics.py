"""The commands `topics list`, `add`, `remove`, `edit`, `test` and `suggest`, and `why`."""

import sys
from typing import Annotated

import typer

from papertrack.cli import printed_rows
from papertrack.cli.app import new_app, new_group, run_and_exit
from papertrack.cli.options import STRUCTURED_FORMATS, IdsArgument, TopicOption, format_option
from papertrack.cli.session import Session, choose_format, start
from papertrack.cli.topic_options import (
    AllOption,
    AnyOption,
    AuthorOption,
    BreadthOption,
    CategoryOption,
    DropOption,
    NameArgument,
    NewNameArgument,
    NoneOption,
    OptionalNameArgument,
    OrganizationOption,
    RenameOption,
    ThresholdOption,
    WeeksOption,
    WhenOption,
    topic_change,
)
from papertrack.display import DrawStyle
from papertrack.tracker.wording import WITHOUT_TOPICS

app = new_app()
topics_app = new_group()
app.add_typer(topics_app, name="topics", help="List, change and test your topics.")


@topics_app.command("list")
def topics_list_command(
    context: typer.Context,
    format: Annotated[str, format_option("columns: name, settings")] = "auto",
) -> None:
    """List your topics with their phrases.

    \b
    papertrack topics list
    """

    def work() -> int:
        from papertrack.display.verdicts import draw_topics, topic_lines

        session, form = start(context.obj), choose_format(format)
        topics = session.config.topics
        if form == "table":
            draw_topics(topics, sys.stdout, DrawStyle(session.options.color))
        else:
            sys.stdout.writelines(topic_lines(topics, form, session.now))
        _advise_without_topics(session)
        return 0

    run_and_exit(context, work)


@topics_app.command("add")
def topics_add_command(
    context: typer.Context,
    name: NewNameArgument,
    any: AnyOption = None,
    all: AllOption = None,
    none: NoneOption = None,
    author: AuthorOption = None,
    organization: OrganizationOption = None,
    category: CategoryOption = None,
    threshold: ThresholdOption = None,
    breadth: BreadthOption = None,
    when: WhenOption = None,
) -> None:
    """Add a topic to the configuration file.

    The rest of the file is unchanged. A missing file is created.

    \b
    papertrack topics add "world models" --any "world model" --none "world model un"
    papertrack topics add people --author "Yejin Choi" --category cs.CL
    papertrack topics add labs --organization "Allen Institute"
    papertrack topics add graphs --any "graph network" --when new --when "upvotes >= 50"
    """

    def work() -> int:
        from papertrack.cli.topic_changes import add

        change = topic_change(
            any, all, none, author, organization, category, threshold, breadth=breadth, when=when
        )
        return add(context.obj, name, change)

    run_and_exit(context, work)


@topics_app.command("remove")
def topics_remove_command(context: typer.Context, name: NameArgument) -> None:
    """Remove a topic from the configuration file.

    The rest of the file is unchanged.

    \b
    papertrack topics add video --any "video generation"
    papertrack topics remove video
    """

    def work() -> int:
        from papertrack.cli.topic_changes import remove

        return remove(context.obj, name)

    run_and_exit(context, work)


@topics_app.command("edit")
def topics_edit_command(
    context: typer.Context,
    name: NameArgument,
    any: AnyOption = None,
    all: AllOption = None,
    none: NoneOption = None,
    author: AuthorOption = None,
    organization: OrganizationOption = None,
    category: CategoryOption = None,
    drop: DropOption = None,
    threshold: ThresholdOption = None,
    rename: RenameOption = None,
    breadth: BreadthOption = None,
    when: WhenOption = None,
) -> None:
    """Change or rename a topic.

    Without options, open the configuration file in $VISUAL or $EDITOR, then check it.

    \b
    papertrack topics add video --any "video generation"
    papertrack topics edit video --any text-to-video --drop "video generation" --threshold 95
    papertrack topics edit video --rename films --breadth related
    papertrack topics edit video
    """

    def work() -> int:
        from papertrack.cli.topic_changes import edit

        change = topic_change(
            any,
            all,
            none,
            author,
            organization,
            category,
            threshold,
            drop,
            rename,
            breadth,
            when,
        )
        return edit(context.obj, name, change)

    run_and_exit(context, work)


@topics_app.command("test")
def topics_test_command(
    context: typer.Context,
    name: OptionalNameArgument = None,
    any: AnyOption = None,
    all: AllOption = None,
    none: NoneOption = None,
    author: AuthorOption = None,
    organization: OrganizationOption = None,
    category: CategoryOption = None,
    drop: DropOption = None,
    threshold: ThresholdOption = None,
    breadth: BreadthOption = None,
    weeks: WeeksOption = None,
    format: Annotated[
        str,
        format_option(
            "columns: the kind of the line, such as new or week, then its values",
            STRUCTURED_FORMATS,
        ),
    ] = "auto",
) -> None:
    """Test a topic on all stored papers, without changing it.

    With a name, test that topic; with a name and options, compare the changed topic with it; with
    options only, test a new topic.

    \b
    papertrack topics test --any "world model"
    papertrack topics add video --any "video generation"
    papertrack topics test video
    papertrack topics test video --none "video game" --threshold 95 --weeks 12
    """

    def work() -> int:
        from papertrack.cli.trial import run

        change = topic_change(
            any, all, none, author, organization, category, threshold, drop, breadth=breadth
        )
        return run(context.obj, name, change, weeks, format)

    run_and_exit(context, work)


@topics_app.command("suggest")
def topics_suggest_command(
    context: typer.Context,
    name: OptionalNameArgument = None,
    format: Annotated[
        str,
        format_option(
            "columns: kind, phrase, papers, others, ratio, example, command",
            STRUCTURED_FORMATS,
        ),
    ] = "auto",
) -> None:
    """Suggest topics from your starred papers, or terms for a topic.

    Without a name, suggest topics from phrases that are typical of your starred papers. With a
    name, suggest terms typical of its papers, and terms of outliers to exclude. Each suggestion
    comes with counts, example papers and the command that applies it; nothing is changed.

    \b
    papertrack topics suggest
    papertrack topics add video --any "video generation"
    papertrack topics suggest video
    """

    def work() -> int:
        from papertrack.cli.suggestions import run

        return run(context.obj, name, format)

    run_and_exit(context, work)


@app.command("why")
def why_command(
    context: typer.Context,
    ids: IdsArgument,
    topic: TopicOption = None,
    format: Annotated[str, format_option("lines: papers, their topics, and the reasons")] = "auto",
) -> None:
    """Explain why papers match your topics, or do not.

    Shows for each topic which phrase matched which words, and where, or which phrases are missing,
    and once papers are starred, how `recommend` would rank the paper, and why.

    \b
    papertrack why 2603.10165
    papertrack topics add video --any "video generation"
    papertrack why 2603.10165 --topic video
    """

    def work() -> int:
        from papertrack.display.verdicts import draw_verdicts, verdict_lines
        from papertrack.tracker.verdicts import explain

        session, form = start(context.obj), choose_format(format)
        tracker = session.tracker()
        verdicts = explain(tracker.for_topic(topic), printed_rows.resolve(tracker, ids))
        if form == "table":
            draw_verdicts(verdicts, sys.stdout, DrawStyle(session.options.color))
        else:
            sys.stdout.writelines(verdict_lines(verdicts, form, session.now))
        _advise_without_topics(session)
        return session.exit_code()

    run_and_exit(context, work)


def _advise_without_topics(session: Session) -> None:
    if not session.config.topics:
        session.inform(WITHOUT_TOPICS)
