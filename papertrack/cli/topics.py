"""The commands about watched topics: topics list, why."""

import sys

import typer

from papertrack.cli.app import ending, new_app
from papertrack.cli.ending import tell
from papertrack.cli.options import FormatOption, IdsArgument, TopicOption
from papertrack.cli.session import Session, choose_format, start
from papertrack.tracker import reading

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

    ending(context, work)


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
        from papertrack.tracker.verdicts import why

        session, form = start(context.obj), choose_format(format)
        tracker = session.tracker()
        verdicts = why(tracker.about(topic), reading.resolve(tracker, ids))
        sys.stdout.writelines(verdict_lines(verdicts, form, session.now))
        return _without_topics(session)

    ending(context, work)


def _without_topics(session: Session) -> int:
    if not session.config.topics and not session.anywhere.quiet:
        tell(["no topics yet", "`papertrack config init` writes a file with some to edit"])
    return 0
