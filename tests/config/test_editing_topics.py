"""Topics are changed in the text of a configuration: every other byte stays as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.config import example_text
from papertrack.config.changes import TopicChange, apply_change, difference
from papertrack.config.parsing import parse_config
from papertrack.config.rewriting import add_topic, edit_topic, remove_topic
from papertrack.errors import ConfigError, UsageError
from papertrack.models import Topic

NEW = Topic("new: one", any=("a # b", "🎉 é", "no", "2024"), none=("*x", "- y, z"), threshold=95)
RICH = """\
# at the top
topics:   # all of them

  # about agents
  - name:   'agents'   # a name
    any:
    # before the first
    - agent      # said often
    - "multi-agent"

    threshold:  95   # strict
    # authors: [nobody]

  - {name: inline, any: [x,   'y'],  none: []} # in one line

  -
    name: apart
    all: both   # a single text
    any: [
      p, # the first
      q,
    ]
# below
network: {deadline_seconds: 5}   # the end"""
TEXTS = {
    "example": example_text(),
    "rich": RICH,
    "windows": "\ufeff" + RICH.replace("\n", "\r\n") + "\r\n",
    "unindented": "topics:\n- name: a\n  any: [b]\n- name: c\n  any:\n  - d\nlibrary: /x\n",
    "inline": "{topics: [{name: a, any: [b]}, {name: c, all: d}], library: /x}\n",
    "inline lines": "topics: [\n  {name: a, any: [b]}, # one\n  {name: c, any: [d]} # two\n]\n",
    "empty list": "topics: [ ] # none\nlibrary: /x\n",
    "no list": "topics: # none yet\n  # - name: later\nlibrary: /x\n",
    "trailing blanks": "topics:\n  - name: a  \n    any: [b]   \n   \n\nlibrary: /x\n",
}
every_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


def topics(text):
    return parse_config(text, "p").topics


def is_cut_out_of(long, short):
    """Whether a text is another one without one piece of it."""
    pairs = enumerate(zip(long, short, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), len(short))
    return long.endswith(short[same:])


@every_text
def test_what_is_added_and_removed_leaves_every_byte_as_it_was(text):
    with_it = add_topic(text, "p", NEW)
    assert topics(with_it) == (*topics(text), NEW)
    assert remove_topic(with_it, "p", NEW) == text


@every_text
def test_what_is_added_brings_lines_and_changes_none(text):
    assert is_cut_out_of(add_topic(text, "p", NEW), text)


@every_text
def test_each_topic_is_removed_with_its_own_lines_and_no_other(text):
    for topic in topics(text):
        without = remove_topic(text, "p", topic)
        assert topics(without) == tuple(one for one in topics(text) if one != topic)
        assert is_cut_out_of(text, without)


@every_text
def test_each_topic_is_changed_and_changed_back(text):
    change = TopicChange(
        any=("a: b",), none=("zz",), authors=("Ö. Person",), threshold=80, rename="N"
    )
    for topic in topics(text):
        after = apply_change(topic, change)
        new = edit_topic(text, "p", topic, after)
        assert topics(new) == tuple(after if one == topic else one for one in topics(text))
        back = apply_change(after, difference(after, topic))
        assert back == topic
        assert topics(edit_topic(new, "p", after, back)) == topics(text)


def test_comments_blanks_and_quotes_around_a_change_stay():
    agents = topics(RICH)[0]
    after = apply_change(agents, TopicChange(any=("c, d",), drop=("AGENT",), threshold=80))
    new = edit_topic(RICH, "p", agents, after)
    assert new == RICH.replace("    - agent      # said often\n", "").replace(
        '    - "multi-agent"\n', "    - \"multi-agent\"\n    - 'c, d'\n"
    ).replace("threshold:  95   #", "threshold:  80   #")


def test_a_comment_above_a_topic_stays_as_it_may_be_about_more():
    assert "  # about agents\n" in remove_topic(RICH, "p", topics(RICH)[0])
    assert "# authors: [nobody]" not in remove_topic(RICH, "p", topics(RICH)[0])


@pytest.mark.parametrize("text", ["", "# only this\n", "library: /x", "network: {}\n\n\n"])
def test_a_file_without_topics_gets_them_at_its_end(text):
    new = add_topic(text, "p", NEW)
    assert new.startswith(text)
    assert topics(new) == (NEW,)


@pytest.mark.parametrize(
    "text",
    [
        "topics: &t\n  - &a {name: a, any: &p [b]}\n  - {name: c, any: *p}\n",
        "--- # one\ntopics: []\n...\n# after\n",
        "? topics\n: - {name: a, any: [b]}\n",
        "topics:\n  - name: a\n    any: |\n      b\n\n\nlibrary: /x\n",
        "{}\n",
    ],
)
def test_yaml_of_a_rare_kind_is_changed_rightly_or_not_at_all(text):
    before = topics(text)
    tries = {(*before, NEW): lambda: add_topic(text, "p", NEW)}
    for one in before:
        others = tuple(other for other in before if other != one)
        tries[others] = lambda one=one: remove_topic(text, "p", one)
    for expected, change in tries.items():
        assert rightly_or_not_at_all(change) in (expected, None)


def rightly_or_not_at_all(change):
    """The topics after a change, None where it is refused."""
    try:
        return topics(change())
    except UsageError:
        return None


def test_a_phrase_that_two_topics_share_by_an_alias_is_not_changed_in_one():
    text = "topics:\n  - {name: a, any: &p [b]}\n  - {name: c, any: *p}\n"
    one = topics(text)[1]
    with pytest.raises(UsageError, match="not changed safely"):
        edit_topic(text, "p", one, apply_change(one, TopicChange(any=("d",))))


def test_a_text_with_problems_is_refused():
    with pytest.raises(ConfigError):
        add_topic("topics: [{nme: x}]\n", "p", NEW)


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4), st.text(min_size=1))
def test_any_text_comes_back_as_it_was_or_is_refused_in_words(phrases, name):
    try:
        topic = apply_change(Topic(name), TopicChange(any=tuple(phrases)))
    except UsageError as error:
        refused = error.lines()
        assert any("is empty" in one or "cannot stand" in one for one in refused)
        return
    for text in (RICH, TEXTS["inline"]):
        with_it = add_topic(text, "p", topic)
        assert topics(with_it)[-1] == topic
        assert remove_topic(with_it, "p", topic) == text


@pytest.mark.parametrize("bad", ["a\nb", "\x1b[2J", "\u202e", "\udc80", " ", ""])
def test_what_cannot_be_seen_is_refused(bad):
    for change in (TopicChange(any=(bad,)), TopicChange(any=("x",), rename=bad)):
        with pytest.raises(UsageError):
            apply_change(Topic("t"), change)


def test_what_is_not_there_cannot_be_dropped_and_what_is_there_is_not_added_again():
    topic = Topic("t", any=("RAG",))
    with pytest.raises(UsageError, match="does not say 'rag doll'"):
        apply_change(topic, TopicChange(drop=("rag doll",)))
    assert apply_change(topic, TopicChange(any=("RAG", " RAG "))) == topic
    with pytest.raises(UsageError, match="matches nothing"):
        apply_change(topic, TopicChange(drop=("rag",)))
