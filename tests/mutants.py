"""The mutants of a source file: every change of one line that the operators below make.

Some changes are left out, because they give the same program by construction and so say nothing
about the tests:

- the order of the arguments of `suppress`, `min` and `max`, which only decides between equals
- `strict` of `zip`: sequences of different lengths would be a fault of the program, not an input
- no `encoding`: it means UTF-8 in the tests, as in almost all files; mypy and ruff see a wrong one
- `check_circular` of an encoder of JSON, which only saves time
- the number of a cache's version, which the same program writes and compares
- the names of types in `cast` and `TypeVar`, which nothing reads when the program runs
- None instead of False or "": mypy sees it, and most callers ask only whether there is anything
- what `__repr__` returns, which is for the tracebacks of developers
- one more or less of numbers from 10,000 on, which are budgets; they become 0 or double

Others survive one by one because nobody can notice them. Those seen with seeds 11, 606, 707, 909,
1616, 2031, 4711 (merge.py alone), 8101 (display alone), 52077, 71423, 81001, 90210, 48611,
33907, 59273, 20261, 77777, 31337 and 60321:

- matching/word_forms.py, `if self._wildcards`; matching/phrases.py, `index + 1`; matching/words.py,
  `"se"`; matching/british.py, "" in `_MAY_END`; alerts/detection.py, `if rules`: tests that only
  save time, and let more through
- matching/phrase.py, `WILDCARD`: any text will do that no paper has
- matching/definitions.py, `_END`; matching/matcher.py, `BATCH_SIZE`, `_MAX_CACHED` and `1024`: the
  sizes of caches and of parts of work, of which one more or less gives the same
- matching/typos.py, `len(word) + 1`: one more round repeats words of the last one
- matching/phrase.py, `if literal`: a quoted phrase is compared word by word in any case
- exports/edit_merge.py, the name of the first block: any name that both texts give it would do
- exports/edit_merge.py, `end[1]`: the rest of the marker has no checksums
- alerts/messages.py, the separator of the parts of a mail: a mail comes in one part
- storage/folder.py, `exist_ok` of makedirs: matters if two first writers come in the same moment
- display/trial.py, `related and`: rows of related papers always have it; mypy cannot know
- exports/edit_merge.py, `checksum(line) in`: a quick test, which only saves time
- exports/bibtex.py, the separator of `piece.arguments`: there is never more than one
- config/location.py, `if mark`: nodes of a text always have one; mypy cannot know
- config/editing.py, `topic.value[0][0]`: all keys of a topic begin in the same column
- config/editing.py, the path given to `compose`: only for errors, and the text was parsed before
- config/parsing.py, `number + 1`: only the white space that begins the first line counts
- alerts/alert_run.py, `if watches`: without watches there are no news to queue
- alerts/detection.py, `with_counts and`: more papers are scanned, whose events are no news again
- alerts/detection.py, `dict(watches)`: callers do not use the watches that they pass any more
- merge.py, `"week"`: any name will do that is not that of days
- merge.py, the order of the arguments of `_highest`: of two counts the higher one is taken
- merge.py, `len(claims) == 1` and the 0 below it: a quick way for what the rest does, too
- merge.py, the 0 of `claims[0].paper.id`: all claims of a paper have its id
- matching/british.py, `"our" in word`: a quick test, which only saves time
- config/changes.py and feed_names.py, the path given to `parse_config`: topics and feeds have none
- config/__init__.py, the name of the example in a wheel: tests have a checkout, .ci/run has a wheel
- matching/words.py, `isascii` in `_space_out`: a quick way for what the rest does, too
- display/looks.py, the default of COLUMNS: neither "0" nor "" is a width
- display/tabular.py, `rows[0]`: all rows have the same keys
- storage/encoded_rows.py, `MsgspecError`: errors of the newest msgspec are ValueErrors, too
- exports/template_loader.py, `isinstance(values, Iterator)`: the items of a list are counted twice
- exports/template_limits.py, `_STEPS_OF_PART`: an estimate, and a limit that grows with the papers
- matching/phrases.py, `break`; exports/markdown_table.py, `abstracts=False`: only save time
- exports/template_loader.py, `name == "join"`: the items of any list may be counted twice
- exports/markdown_table.py, `stars < _EXACT`: 100 is rounded to itself
- exports/digest.py, `_RISING_LIMIT` for `rank_rising`: only saves time
- config/exposure.py, `set(group.gr_mem)`: tests cannot change who is in the groups of a system
- config/changes.py, `0 if change.when`: the first event of a list is kept in any case
- config/editing.py, `+ 1` in `_dash`, and `end < 0`: for entries and texts that are empty
- display/looks.py, `_HEIGHT`: nothing that is drawn depends on it
- display/structured.py, `FEW_ROWS`: either encoder writes the same
- display/tables.py, the `title` of the first layout: replaced at the end
- exports/templating.py, "reader": without the reader of the page, the budget alone is another
- matching/typos.py, `may_be_typo` and `if candidates`: quick tests, which only save time
- matching/words.py, `_spaced` of a text without spaces: nothing reads it
- exports/bibtex.py, the word behind the last one: any will do that begins with a small letter
- matching/definitions.py, `max_words` for rsplit: only saves time, as the last words are cut below
- exports/template_limits.py, `"+"`: the size of each result is checked, too, once it is there
- exports/template_loader.py, the 0 of `_lengths`: an environment parses each template that it loads
- exports/template_loader.py, `steps` of `counted`: an estimate, of a limit of 20 million
- matching/phrases.py, `_MOST_WAYS`: a limit of work, and no text is known with more than two
- matching/word_forms.py, `sorted(wildcards)`: any order finds the same words
- matching/phrase.py, `if has_signs`: only saves time, as a phrase without signs has none
- storage/encoding.py, `at < 0`: what a file begins with is no row
- matching/words.py, `*bases` of `forms`: words that have a base in common have its American form,
  too (tried with the 11 such words of the tests in 1,729 phrases and texts)
- config/exposure.py, `config.path is None`: without a file there are no channels; mypy cannot know
- matching/names.py, the separator in `part_of_last_word`: there is only one word to join
"""

import ast
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

_Changed = Iterator[ast.AST | None]
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}

_UNORDERED = {"suppress", "min", "max"}
_UNNOTICED_KEYWORDS = {"strict", "encoding", "check_circular"}
_TYPE_FUNCTIONS = {"cast", "TypeVar"}
_LARGE = 10_000


class Mutant(NamedTuple):
    """A file with the bytes from `start` to `end`, all in one line, replaced by `new`."""

    path: str
    line: int
    start: int
    end: int
    new: str
    before: str

    def applied(self, source: bytes) -> bytes:
        """The source with the change."""
        return source[: self.start] + self.new.encode() + source[self.end :]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before}  ->  {self.new}"


def mutants_of(path: str, source: bytes) -> Iterator[Mutant]:
    """The mutants of a source, in its order."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node, changed in _changes(ast.parse(source)):
        if node.lineno == node.end_lineno:
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[node.lineno - 1] + node.end_col_offset
            new = "pass" if changed is None else _written(changed)
            before = source[start:end].decode()
            if new != before:
                yield Mutant(path, node.lineno, start, end, new, before)


def _written(node: ast.AST) -> str:
    text = ast.unparse(ast.fix_missing_locations(node))
    return text if isinstance(node, ast.stmt | ast.Constant | ast.Name) else f"({text})"


def _changes(tree: ast.AST) -> Iterator[tuple[Any, ast.AST | None]]:
    """What may stand in the place of which nodes; None deletes a statement."""
    for node in _mutable(tree):
        for operator in (_compared, _combined, _constant, _called, _sliced, _filtered, _statement):
            for changed in operator(node):
                yield node, changed
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            yield node.test, ast.Constant(value=False)
            if not isinstance(node, ast.While):
                yield node.test, ast.Constant(value=True)
        elif isinstance(node, ast.For):
            yield node.iter, ast.Tuple([], ast.Load())


def _mutable(node: ast.AST) -> Iterator[Any]:
    """The expressions and statements that are executed and have places of their own, in order: no
    imports, annotations, documentation, protocols, nor what is in a formatted text.
    """
    if isinstance(node, ast.stmt | ast.expr) and not isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    for child in _children(node):
        if not (_is_documentation(child) or _is_left_out(child)):
            yield from _mutable(child)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.Call) and _function(node) in _TYPE_FUNCTIONS:
        yield from node.args[1:]
        return
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns", "bases", "decorator_list", "ctx"):
            children = value if isinstance(value, list) else [value]
            yield from (child for child in children if isinstance(child, ast.AST))


def _is_left_out(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg in _UNNOTICED_KEYWORDS
    if isinstance(node, ast.ClassDef):
        return "Protocol" in map(ast.unparse, node.bases)
    return isinstance(node, ast.FunctionDef) and node.name == "__repr__"


def _function(call: ast.Call) -> str:
    """The name of a called function, "" if it is an expression or a method."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _is_documentation(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign):
        name = node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
        if name.endswith("VERSION"):
            return True
        # Names of types are written so, and are no more than annotations.
        is_type = name.lstrip("_")[:1].isupper() and not name.isupper()
        return name == "__all__" or (is_type and isinstance(node.value, ast.Subscript | ast.BinOp))
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.annotation) == "TypeAlias"
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _compared(node: ast.AST) -> _Changed:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield ast.Compare(node.left, [_COMPARISONS[type(node.ops[0])]()], node.comparators)


def _combined(node: ast.AST) -> _Changed:
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        yield node.values[0]
        yield node.values[-1]
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        yield ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)


def _constant(node: ast.AST) -> _Changed:
    if isinstance(node, ast.JoinedStr):
        yield ast.Constant("")
    elif isinstance(node, ast.Tuple | ast.List) and len(node.elts) > 1:
        kind = type(node)
        yield kind(node.elts[:-1], node.ctx)
        yield kind(node.elts[1:], node.ctx)
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        step = node.value if node.value >= _LARGE else 1
        yield ast.Constant(node.value + step)
        yield ast.Constant(node.value - step)
    elif isinstance(node.value, str):
        yield ast.Constant("" if node.value else "mutated")
        yield ast.Constant(node.value + "mutated")


def _called(node: ast.AST) -> _Changed:
    if not isinstance(node, ast.Call):
        return
    for keyword in node.keywords:
        if keyword.arg not in _UNNOTICED_KEYWORDS:
            others = [one for one in node.keywords if one is not keyword]
            yield ast.Call(node.func, node.args, others)
    if len(node.args) > 1:
        yield ast.Call(node.func, node.args[:-1], node.keywords)
    ordered = range(len(node.args) if _function(node) not in _UNORDERED else 0)
    for first, second in pairwise(ordered):
        swapped = list(node.args)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        yield ast.Call(node.func, swapped, node.keywords)
    if len(node.args) == 1 and not node.keywords and isinstance(node.args[0], ast.Name):
        yield node.args[0]


def _sliced(node: ast.AST) -> _Changed:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        lower, upper = node.slice.lower, node.slice.upper
        if lower:
            yield ast.Subscript(node.value, ast.Slice(None, upper, node.slice.step), node.ctx)
        if upper:
            yield ast.Subscript(node.value, ast.Slice(lower, None, node.slice.step), node.ctx)


def _filtered(node: ast.AST) -> _Changed:
    if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
        for generator in node.generators:
            kept = list(generator.ifs)
            for one in kept:
                generator.ifs = [other for other in kept if other is not one]
                yield node
            generator.ifs = kept


def _statement(node: ast.AST) -> _Changed:
    if isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value in (False, "")):
            yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Assign):
        if not isinstance(node.targets[0], ast.Name | ast.Tuple):
            yield None
    elif isinstance(node, ast.Expr | ast.AugAssign | ast.Raise | ast.Continue | ast.Break):
        yield None
