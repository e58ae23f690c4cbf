"""What papertrack prints cannot act on the terminal, whoever wrote it."""

import ast
import json
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from tricks import unseemly

import papertrack
from papertrack.cli.output import clean_output, cleaned
from papertrack.escaping import command_line

_ESCAPE = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e"


@pytest.mark.parametrize(
    "own",
    [
        "\x1b[1;31mred\x1b[0m\n",
        "\x1b]8;id=1;https://arxiv.org/abs/2603.00001\x1b\\2603.00001\x1b]8;;\x1b\\\n",
        "\x1b[2K\x1b[1A\x1b[?25l\r",
        "a\tb\r\n  two  blanks\n",
        "\U0001f469\u200d\U0001f52c\n",
    ],
)
def test_colours_links_and_progress_bars_pass(own):
    assert clean_output(own) == own


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (_ESCAPE, "]0;title[2J31m"),
        ("\x1b]52;c;ZXZpbA==\x07", "]52;c;ZXZpbA=="),
        ("\x1b]8;;javascript:alert\x07x", "]8;;javascript:alertx"),
        ("\x1bPq\x1b\\", "Pq\\"),
        ("\x1b[6n\x1bc", "[6nc"),
        ("a\u200bb\u202e\x00", "ab"),
    ],
)
def test_everything_else_that_could_act_is_removed(text, shown):
    assert clean_output(f"before {text}\nafter") == f"before {shown}\nafter"


def test_a_lenient_stream_ignores_errors_and_another_does_not():
    with open("/dev/full", "wb", buffering=0) as full:
        stream = TextIOWrapper(full, write_through=True)
        cleaned(stream, lenient=True).write("x")
        cleaned(stream, lenient=True).flush()
        with pytest.raises(OSError, match="No space"):
            cleaned(stream).write("x")
        stream.detach()
    memory = StringIO()
    cleaned(memory).writelines(["a\x1b", "b"])
    assert memory.getvalue() == "ab"


def test_lines_before_an_error_are_written():
    def lines():
        yield from (f"{number}\n" for number in range(20))
        raise OSError

    memory = StringIO()
    with pytest.raises(OSError):  # noqa: PT011 - raised above
        cleaned(memory).writelines(lines())
    assert memory.getvalue().split() == [str(number) for number in range(20)]


_ENCODED = ["é\n", f"{_ESCAPE}\n", "\ud800\n", "a\u200db\n", "\U0001f469\u200d\U0001f52c\n", "{}\n"]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("lines", [_ENCODED, _ENCODED[::-1], _ENCODED * 9, _ENCODED[-1:] * 9, []])
def test_encoded_lines_are_written_as_their_text_is_whatever_the_encoding(lines, encoding):
    files = BytesIO(), BytesIO()
    for file, is_encoded in zip(files, (False, True), strict=True):
        stream = TextIOWrapper(file, encoding, errors="replace", newline="\n")
        output = cleaned(stream)
        output.write("before ")
        if is_encoded:
            output.write_utf8(line.encode(errors="surrogatepass") for line in lines)
        else:
            output.writelines(lines)
        output.write("after")
        output.flush()
        stream.detach()
    assert files[1].getvalue() == files[0].getvalue()
    assert unseemly(files[1].getvalue().decode(encoding), "\n") == []


def test_encoded_lines_before_an_error_are_written():
    def lines():
        yield from (b"%d\n" % number for number in range(20))
        raise OSError

    stream = TextIOWrapper(BytesIO(), "utf-8")
    with pytest.raises(OSError):  # noqa: PT011 - raised above
        cleaned(stream).write_utf8(lines())
    assert stream.buffer.getvalue().split() == [b"%d" % number for number in range(20)]


# --- of files, tables and templates with odd names


def test_odd_names_of_files_and_tables_are_shown_as_text(papertrack):
    papertrack.configure("")
    row = {"id": "2603.00001", "title": "T", "listed": "2026-03-31"}
    odd = papertrack.home / f"{_ESCAPE}.jsonl"
    odd.write_text(json.dumps(row) + "\n{}\n")
    state = {"papertrack": 1, "rows": {_ESCAPE: {"starred": 1}}}
    results = [papertrack("import", odd)]
    (papertrack.library / "state.2603.json").write_text(json.dumps(state))
    (papertrack.home / "bad.j2").write_text(f"{{% {_ESCAPE} %}}")
    results += [
        papertrack("library", "verify"),
        papertrack("--config", _ESCAPE, "config", "path"),
        papertrack("--library", _ESCAPE, "library", "info"),
        papertrack("export", "--all", "--template", "bad.j2"),
        papertrack("export", "--all", "-o", f"{_ESCAPE}/x.md"),
        papertrack("show", _ESCAPE),
        papertrack("list", "--topic", _ESCAPE),
        papertrack(_ESCAPE),
        papertrack("list", f"--{_ESCAPE}"),
        papertrack("library", "backup", "-o", f"{_ESCAPE}.zip"),
    ]
    assert {result.code for result in results} <= {0, 2, 5}
    for result in results:
        assert unseemly(result.out + result.err, "\n\t") == []


# --- no other way to the terminal

_PACKAGE = Path(papertrack.__file__).parent
# What may be done with the streams, which `run` has replaced by those that clean.
_ALLOWED = {"write", "writelines", "flush", "isatty", "encoding", "fileno"}
_REPLACES_THE_STREAMS = {"cli/run.py"}


def _ways_to_the_terminal(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            if name in ("sys.__stdout__", "sys.__stderr__", "typer.echo", "typer.secho"):
                yield name
            inner = ast.unparse(node.value)
            if inner in ("sys.stdout", "sys.stderr") and node.attr not in _ALLOWED:
                yield name
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "input"):
            yield ast.unparse(node.func)
        elif isinstance(node, ast.Constant) and node.value in ("/dev/tty", "/dev/stdout"):
            yield node.value


def test_nothing_is_printed_except_through_the_cleaning_streams():
    ways = {
        (str(path.relative_to(_PACKAGE)), way)
        for path in _PACKAGE.rglob("*.py")
        for way in _ways_to_the_terminal(path)
    }
    assert {way for way in ways if way[0] not in _REPLACES_THE_STREAMS} == set()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("2603.00001",), "papertrack show 2603.00001"),
        (("x:$(touch y)", ";id"), "papertrack show 'x:$(touch y)' ';id'"),
        (("--library=x", "a'b"), """papertrack show -- --library=x 'a'"'"'b'"""),
    ],
)
def test_a_command_line_to_paste_does_only_what_it_says(arguments, line):
    assert command_line("show", *arguments) == line
