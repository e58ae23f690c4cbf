"""The rules of naming and wording that a program can check.

Names are nouns and verbs of the field, a class name means one class, docstrings begin with a
one-line summary, and messages and help use the terms of the glossary.
"""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "papertrack"
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
CLI_FILES = [file for file in FILES if file.startswith("cli/")]

# Names that hide what a value is; its noun says it: paper, entry, topic, message.
VAGUE_NAMES = {"one", "some", "found", "said", "told", "met", "wanted"}
LONGEST_SUMMARY = 99
# Words for which the glossary has a term: match, complete, related, source, undo, and so on. Words
# that are also used with another meaning, such as table or mark, cannot be checked here.
FORBIDDEN_WORDS = re.compile(
    r"\b(one|things?|came|met|said|says|told|tells?|telling|near|sights?|wording|signature"
    r"|remembere?d?|turn|means|courier|fare|suffers?|whole|wanted|nobody)\b"
    r"|(take|taken|takes|put|puts) (it )?(back|away)|no (file|id|moment)\b|is none\b",
    re.IGNORECASE,
)


@cache
def _tree(file):
    return ast.parse((PACKAGE / file).read_text(encoding="utf-8"))


def _nodes(file, *types):
    return [node for node in ast.walk(_tree(file)) if isinstance(node, types)]


def _documented_nodes(file):
    """The nodes of a file that have a docstring, each with its docstring."""
    types = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [(node, text) for node in _nodes(file, *types) if (text := ast.get_docstring(node))]


def _defined_names(file):
    """All names that a file gives to variables, parameters, attributes, functions and imports."""
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ExceptHandler):
            yield node.name or "", node.lineno
        elif isinstance(node, ast.alias):
            yield node.asname or "", node.lineno


def _is_command(node):
    """Whether a function is a command, so that its docstring is its help."""
    return isinstance(node, ast.FunctionDef) and (
        node.name.endswith("_command") or node.name == "_root"
    )


def _user_facing_texts(file):
    """The help texts and messages in a file of the command line, with their lines."""
    documented = _documented_nodes(file)
    docstrings = {id(node.body[0].value) for node, _ in documented}
    for node, text in documented:
        if _is_command(node):
            # Examples are commands: only the text above them is prose.
            yield text.partition("\b")[0], node.lineno
    for node in _nodes(file, ast.Constant):
        is_text = isinstance(node.value, str) and " " in node.value.strip()
        if is_text and id(node) not in docstrings:
            yield node.value, node.lineno


def test_no_two_classes_have_the_same_name():
    """A leading underscore makes no difference."""
    places = defaultdict(list)
    for file in FILES:
        for node in _nodes(file, ast.ClassDef):
            places[node.name.lstrip("_")].append(f"{file}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_name_is_vague():
    offenders = [
        f"{file}:{line}: {name}"
        for file in FILES
        for name, line in _defined_names(file)
        if name.strip("_") in VAGUE_NAMES
    ]
    assert offenders == []


def test_a_docstring_begins_with_a_summary_of_one_line():
    offenders = [
        f"{file}:{getattr(node, 'lineno', 1)}: {summary}"
        for file in FILES
        for node, text in _documented_nodes(file)
        for summary, *rest in [text.splitlines()]
        if len(summary) > LONGEST_SUMMARY or (rest and rest[0])
    ]
    assert offenders == []


def test_help_and_messages_use_the_terms_of_the_glossary():
    offenders = [
        f"{file}:{line}: {match[0]!r} in {text!r}"
        for file in CLI_FILES
        for text, line in _user_facing_texts(file)
        if (match := FORBIDDEN_WORDS.search(text))
    ]
    assert offenders == []


def test_the_readers_of_the_code_find_known_facts():
    """A rule whose reader finds nothing can never fail."""
    assert len(_nodes("errors.py", ast.ClassDef)) > 5
    names = {name for name, _ in _defined_names("cli/run.py")}
    assert {"run", "arguments", "code", "stream"} <= names
    summaries = [text.splitlines()[0] for _, text in _documented_nodes("cli/run.py")]
    assert "Run the command line and exit the process." in summaries
    texts = [text for file in CLI_FILES for text, _ in _user_facing_texts(file)]
    assert any(text.startswith("Update the library, then") for text in texts), "help of today"
    assert "exit 1 if nothing was delivered, like grep" in texts, "help of an option"
    assert "cannot write the output" in texts, "a message"
    assert FORBIDDEN_WORDS.search("they rest; take it back")
