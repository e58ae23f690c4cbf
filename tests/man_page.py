"""Writes the man page, `.man/papertrack.1`, from the commands and their help.

    python tests/man_page.py

`test_man_page.py` fails while the file differs from the help. Exit codes come from README.md.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import typer

from papertrack import __version__
from papertrack.cli.app import _app

ROOT = Path(__file__).parents[1]
FILE = ROOT / ".man/papertrack.1"
SUMMARY = "new and trending papers in your terminal"
_EXIT_CODES = re.compile(r"^\| ([\d, ]+) \| (.*) \|$", re.MULTILINE)


def man_page():
    """The man page in the macros of man(7), with which every system formats it."""
    group = typer.main.get_group(_app(completing=False))
    context = group.make_context("papertrack", [], resilient_parsing=True)
    return "\n".join(_lines(group, context)) + "\n"


def _lines(group, context):
    yield '.\\" Written by tests/man_page.py from the help of the commands.'
    yield f'.TH PAPERTRACK 1 "" "papertrack {__version__}" "User Commands"'
    yield from (".SH NAME", f"papertrack \\- {SUMMARY}")
    yield from (".SH SYNOPSIS", ".B papertrack", "[\\fIoption\\fR ...] \\fIcommand\\fR [...]")
    yield ".SH DESCRIPTION"
    yield from _text(group.help.partition("The options below")[0])
    yield from (".SH OPTIONS", "These options work before and after the command.")
    yield from _options(group, context)
    yield from (".SH COMMANDS", *_commands(group, context, ".SS"))
    yield from (".SH EXIT STATUS", *_exit_codes())
    yield ".SH FILES"
    yield "The configuration is the file whose path \\fBpapertrack config path\\fR prints."


def _commands(group, context, macro) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = typer.Context(command, info_name=name, parent=context)
        usage = command.get_usage(inner).removeprefix("Usage: ")
        yield f"{macro} {_escaped(' '.join(usage.split()))}"
        yield from _text(command.help or "")
        yield from _options(command, inner)
        if hasattr(command, "list_commands"):
            yield from _commands(command, inner, ".SS")


def _options(command, context):
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and (parameter.name != "help" or context.parent is None):
            yield from (".TP", f".B {_escaped(record[0])}", _escaped(record[1]))


def _text(help_text):
    """Paragraphs of a help text; those after a \\b keep their lines."""
    for paragraph in re.split(r"\n\s*\n", help_text.strip()):
        literal, text = paragraph.startswith("\b"), paragraph.lstrip("\b\n")
        yield ".PP"
        if literal:
            yield from (".nf", ".RS 4", *map(_escaped, text.splitlines()), ".RE", ".fi")
        else:
            yield from (_escaped(line.strip()) for line in text.splitlines())


def _exit_codes():
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("| exit code | meaning |")[2]
    for codes, meanings in _EXIT_CODES.findall(table.partition("\n\n")[0]):
        pairs = zip(codes.split(", "), meanings.split("; "), strict=True)
        yield from (line for code, text in pairs for line in (".TP", f".B {code}", _escaped(text)))


def _escaped(text):
    """A line as text: no escapes of its own, no macro at its beginning, and hyphens to copy."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(man_page(), encoding="utf-8")
