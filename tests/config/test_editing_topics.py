"""Topics are edited in the text of a configuration; every other byte is preserved."""

import pytest
from hypothesis import assume, given
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


def lacks_one_piece(short, long):
    """Whether `short` is `long` without one contiguous piece."""
    pairs = enumerate(zip(long, short, strict=False))
    common = next((index for index, (left, right) in pairs if left != right), len(short))
    return long.endswith(short[common:])


@every_text
def test_adding_and_removing_a_topic_restores_every_byte(text):
    longer = add_topic(text, "p", NEW)
    assert topics(longer) == (*topics(text), NEW)
    assert remove_topic(longer, "p", NEW) == text


@every_text
def test_adding_a_topic_changes_no_existing_line(text):
    assert lacks_one_piece(text, add_topic(text, "p", NEW))


@every_text
def test_removing_a_topic_deletes_its_own_lines_only(text):
    for topic in topics(text):
        shorter = remove_topic(text, "p", topic)
        assert topics(shorter) == tuple(other for other in topics(text) if other != topic)
        assert lacks_one_piece(shorter, text)


@every_text
def test_a_topic_is_edited_and_edited_back(text):
    change = TopicChange(
        any=("a: b",), none=("zz",), authors=("Ö. Person",), threshold=80, rename="N"
    )
    for topic in topics(text):
        after = apply_change(topic, change)
        edited = edit_topic(text, "p", topic, after)
        assert topics(edited) == tuple(after if other == topic else other for other in topics(text))
        back = apply_change(after, difference(after, topic))
        assert back == topic
        assert topics(edit_topic(edited, "p", after, back)) == topics(text)


def test_comments_blank_lines_and_quotes_around_a_change_are_preserved():
    agents = topics(RICH)[0]
    after = apply_change(agents, TopicChange(any=("c, d",), drop=("AGENT",), threshold=80))
    edited = edit_topic(RICH, "p", agents, after)
    assert edited == RICH.replace("    - agent      # said often\n", "").replace(
        '    - "multi-agent"\n', "    - \"multi-agent\"\n    - 'c, d'\n"
    ).replace("threshold:  95   #", "threshold:  80   #")


def test_a_comment_above_a_removed_topic_is_preserved():
    assert "  # about agents\n" in remove_topic(RICH, "p", topics(RICH)[0])
    assert "# authors: [nobody]" not in remove_topic(RICH, "p", topics(RICH)[0])


@pytest.mark.parametrize("text", ["", "# only this\n", "library: /x", "network: {}\n\n\n"])
def test_a_file_without_topics_gets_the_key_at_its_end(text):
    longer = add_topic(text, "p", NEW)
    assert longer.startswith(text)
    assert topics(longer) == (NEW,)


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
def test_unusual_yaml_is_edited_correctly_or_not_at_all(text):
    before = topics(text)
    edits = {(*before, NEW): lambda: add_topic(text, "p", NEW)}
    for topic in before:
        remaining = tuple(other for other in before if other != topic)
        edits[remaining] = lambda topic=topic: remove_topic(text, "p", topic)
    for expected, edit in edits.items():
        assert topics_after(edit) in (expected, None)


def topics_after(edit):
    """The topics after an edit, None if it is refused."""
    try:
        return topics(edit())
    except UsageError:
        return None


def test_a_list_that_two_topics_share_by_an_alias_is_not_edited():
    text = "topics:\n  - {name: a, any: &p [b]}\n  - {name: c, any: *p}\n"
    topic = topics(text)[1]
    with pytest.raises(UsageError, match="cannot edit p safely"):
        edit_topic(text, "p", topic, apply_change(topic, TopicChange(any=("d",))))


def test_a_text_with_problems_is_refused():
    with pytest.raises(ConfigError):
        add_topic("topics: [{nme: x}]\n", "p", NEW)


REFUSED = ("is empty", "has no word", "is not valid in a topic")


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4), st.text(min_size=1))
def test_any_phrase_is_written_and_read_back_or_refused(phrases, name):
    names = {topic.name.casefold() for text in (RICH, TEXTS["inline"]) for topic in topics(text)}
    assume(name.strip().casefold() not in names)
    try:
        topic = apply_change(Topic(name), TopicChange(any=tuple(phrases)))
    except UsageError as error:
        lines = error.lines()
        assert any(reason in line for line in lines for reason in REFUSED)
        return
    for text in (RICH, TEXTS["inline"]):
        longer = add_topic(text, "p", topic)
        assert topics(longer)[-1] == topic
        assert remove_topic(longer, "p", topic) == text


@pytest.mark.parametrize("bad", ["a\nb", "\x1b[2J", "\u202e", "\udc80", " ", ""])
def test_invisible_text_is_refused(bad):
    for change in (TopicChange(any=(bad,)), TopicChange(any=("x",), rename=bad)):
        with pytest.raises(UsageError):
            apply_change(Topic("t"), change)


def test_an_absent_phrase_cannot_be_dropped_and_a_present_phrase_is_not_added_again():
    topic = Topic("t", any=("RAG",))
    with pytest.raises(UsageError, match="does not contain 'rag doll'"):
        apply_change(topic, TopicChange(drop=("rag doll",)))
    assert apply_change(topic, TopicChange(any=("RAG", " RAG "))) == topic
    with pytest.raises(UsageError, match="matches nothing"):
        apply_change(topic, TopicChange(drop=("rag",)))
