"""The mutants that show whether tests bite."""

import ast
from random import Random

import pytest
from mutants import mutants_of
from mutation import ROOT, chosen, judged, sources
from mutation import tests_of as files_of

MERGE = "papertrack/merge.py"


def test_a_seed_always_gives_the_same_mutants_one_a_line():
    first = chosen(1, 20, MERGE)
    assert first == chosen(1, 20, MERGE) != chosen(2, 20, MERGE)
    assert len({one.line for one in first}) == 20


def test_every_mutant_is_another_program_that_differs_in_one_line():
    source = (ROOT / MERGE).read_bytes()
    original = ast.dump(ast.parse(source))
    mutants = list(mutants_of(MERGE, source))
    for mutant in Random(1).sample(mutants, min(len(mutants), 60)):
        changed = mutant.applied(source)
        assert ast.dump(ast.parse(changed)) != original, str(mutant)
        lines = zip(source.splitlines(), changed.splitlines(), strict=True)
        assert [n for n, (old, new) in enumerate(lines, 1) if old != new] == [mutant.line]


def test_every_source_has_tests_that_exist():
    for path in sources("papertrack"):
        assert all((ROOT / one).is_file() for one in files_of(path)), path


@pytest.mark.slow
def test_a_mutant_is_killed_in_a_copy_and_the_checkout_stays_as_it_is():
    before = (ROOT / MERGE).read_bytes()
    wrong = next(one for one in mutants_of(MERGE, before) if "min(" in one.before)
    (outcome,) = judged([wrong], 1, quick=True)
    assert outcome.killed
    assert outcome.by.startswith("tests/core/test_merging.py")
    assert (ROOT / MERGE).read_bytes() == before
