"""The commands about watched topics: topics list, add, remove, edit, test, suggest; why."""

import sys

import typer

from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.exit_handling import print_error
from papertrack.cli.options import (
    FormatOption,
    IdsArgument,
    StructuredFormatOption,
    TopicOption,
)
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
    RenameOption,
    ThresholdOption,
    WeeksOption,
    WhenOption,
    change_of,
)
from papertrack.tracker import papers

app = new_app()
topics_app = new_app()
app.add_typer(
    topics_app, name="topics", help="The topics you watch, as the configuration has them."
)


@topics_app.command("list")
def topics_list_command(context: typer.Context, format: FormatOption = "auto") -> None:
    """List your topics with their phrases.

    \b
    papertrack topics list
    """

    def work() -> int:
        from papertrack.display.verdicts import topic_lines

        session, form = start(context.obj), choose_format(format)
        sys.stdout.writelines(topic_lines(session.config.topics, form, session.now))
        return _without_topics(session)

    run_and_exit(context, work)


@topics_app.command("add")
def topics_add_command(
    context: typer.Context,
    name: NewNameArgument,
    any: AnyOption = None,
    all: AllOption = None,
    none: NoneOption = None,
    author: AuthorOption = None,
    category: CategoryOption = None,
    threshold: ThresholdOption = None,
    breadth: BreadthOption = None,
    when: WhenOption = None,
) -> None:
    """Add a topic to the configuration file.

    All else in the file stays as it is; where there is none, it is written.

    \b
    papertrack topics add "world models" --any "world model" --none "world model un"
    papertrack topics add people --author "Yejin Choi" --category cs.CL
    papertrack topics add graphs --any "graph network" --when new --when "upvotes >= 50"
    """

    def work() -> int:
        from papertrack.cli.topic_changes import add

        change = change_of(any, all, none, author, category, threshold, breadth=breadth, when=when)
        return add(context.obj, name, change)

    run_and_exit(context, work)


@topics_app.command("remove")
def topics_remove_command(context: typer.Context, name: NameArgument) -> None:
    """Take a topic out of the configuration file.

    All else in the file stays as it is.

    \b
    papertrack topics remove "world models"
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
    category: CategoryOption = None,
    drop: DropOption = None,
    threshold: ThresholdOption = None,
    rename: RenameOption = None,
    breadth: BreadthOption = None,
    when: WhenOption = None,
) -> None:
    """Change what a topic says, or its name.

    Without options, the file is opened in $VISUAL or $EDITOR, and checked afterwards.

    \b
    papertrack topics edit rag --any "retrieval augmentation" --drop RAG --threshold 95
    papertrack topics edit rag --rename retrieval --breadth related
    papertrack topics edit rag
    """

    def work() -> int:
        from papertrack.cli.topic_changes import edit

        change = change_of(any, all, none, author, category, threshold, drop, rename, breadth, when)
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
    category: CategoryOption = None,
    drop: DropOption = None,
    threshold: ThresholdOption = None,
    breadth: BreadthOption = None,
    weeks: WeeksOption = None,
    format: StructuredFormatOption = "auto",
) -> None:
    """Try a topic on everything stored; changes nothing.

    A name alone tests the topic as it is, options with it a draft of it, which is compared with it;
    options without a name a new topic.

    \b
    papertrack topics test rag
    papertrack topics test rag --none "rag doll" --threshold 95 --weeks 12
    papertrack topics test --any "world model"
    """

    def work() -> int:
        from papertrack.cli.trial import run

        change = change_of(any, all, none, author, category, threshold, drop, breadth=breadth)
        return run(context.obj, name, change, weeks, format)

    run_and_exit(context, work)


@topics_app.command("suggest")
def topics_suggest_command(
    context: typer.Context,
    name: OptionalNameArgument = None,
    format: StructuredFormatOption = "auto",
) -> None:
    """Suggest topics from your starred papers, or terms for a topic; changes nothing.

    Without a name: phrases that set starred papers apart from all others, as ready topics. With
    one: terms typical of its papers, and of those that are unlike the others. Each comes with its
    counts, papers that say it, and the command that takes it up.

    \b
    papertrack topics suggest
    papertrack topics suggest rag
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
    format: FormatOption = "auto",
) -> None:
    """Say for each topic which phrase met which words where, or what was missing.

    \b
    papertrack why 2603.10165
    papertrack why 2603.10165 --topic rag
    """

    def work() -> int:
        from papertrack.display.verdicts import verdict_lines
        from papertrack.tracker.verdicts import explain

        session, form = start(context.obj), choose_format(format)
        tracker = session.tracker()
        verdicts = explain(tracker.for_topic(topic), papers.resolve(tracker, ids))
        sys.stdout.writelines(verdict_lines(verdicts, form, session.now))
        return _without_topics(session)

    run_and_exit(context, work)


def _without_topics(session: Session) -> int:
    if not session.config.topics and not session.anywhere.quiet:
        adding = "`papertrack topics add NAME --any PHRASE` adds one"
        print_error(
            ["no topics yet", f"{adding}, `papertrack config init` writes a file with some"]
        )
    return 0
