"""The messages for mistakes in a configuration file match `problems.txt`.

`python tests/config/test_problem_texts.py` regenerates that file; review the differences.
"""

import tempfile
from pathlib import Path

from test_config_problems import BAD, BAD_URLS, problems

from papertrack.config import effective_yaml, load
from papertrack.config.channel_keys import CHANNEL
from papertrack.config.schema import CONFIG

TEXTS = Path(__file__).with_name("problems.txt")
_LONG = "x" * 50
MORE = [
    *(f"sources: {{huggingface: {{base_url: '{url}'}}}}" for url in BAD_URLS),
    # limits, and the values next to them
    *(
        f"network: {{deadline_seconds: {number}}}"
        for number in (0.1, 0.09, 86400, 86401, "1e3", "1-2", "1.2.3")
    ),
    *(f"sources: {{arxiv: {{delay_seconds: {number}}}}}" for number in (0, 3600, 3600.5)),
    *(
        f"topics: [{{name: a, any: x, threshold: {number}}}]"
        for number in (0, 100, -1, "+5", "'5'")
    ),
    *(
        f"alerts: {{channels: [{{name: a, type: stdout, {key}: {number}}}]}}"
        for key, numbers in (("at_most", (1, 1000, 1001)), ("trending", (0, 1000, 1001, -1)))
        for number in numbers
    ),
    *(
        f"alerts: {{channels: [{{name: a, type: email, to: a@b.c, port: {number}}}]}}"
        for number in (1, 65535, 65536)
    ),
    *(f"sources: {{huggingface: {{base_url: 'http://h:{port}'}}}}" for port in (65535, 65536)),
    "sources: {huggingface: {base_url: 'http://[::1]:80/a b'}}",
    # patterns
    *(
        f"sources: {{arxiv: {{categories: ['{category}']}}}}"
        for category in (
            "cs.CL",
            "cs.cl",
            "hep-th",
            "Hep-Th",
            "cond-mat.mes-hall",
            "cs.C",
            "cs.",
            "1",
        )
    ),
    *(
        f"sources: {{biorxiv: {{categories: ['{category}']}}}}"
        for category in ("Cell_Biology", "1st", "cell biology", "cell;biology")
    ),
    *(
        f"alerts: {{channels: [{{name: a, type: webhook, {keys}}}]}}"
        for keys in (
            "url: 'http://h/?q=1#f'",
            "url: 'h'",
            'url: "http://h/\\u200b"',
            "url_env: 1A",
            "url_env: A-B",
            "url_keyring: a",
            "url_keyring: a/b/c",
            "url_file: $NOT_SET/x",
            "url_file: x, token_file: y",
        )
    ),
    *(
        f"alerts: {{channels: [{{name: a, type: email, to: a@b.c, {keys}}}]}}"
        for keys in (
            "host: 'a b'",
            "host: '::1'",
            "sender: x",
            "ca_file: [x]",
            "user: ''",
            "user: me, password_env: A, host: '::1'",
            "user: me, password_env: A, host: localhost",
            "user: me, password_env: A, host: h",
            "password_env: A, password_file: B",
            "user: me",
            "user: me, password_env: A, host: h, encryption: tls",
            "user: me, password_env: A, password_file: B, password_keyring: c/d",
            "topics: [none]",
        )
    ),
    "alerts: {channels: [{name: a, type: apprise, url_env: A, url_file: B, topics: none}]}",
    "alerts: {channels: [{name: a, type: apprise, url_env: A, topics: none}]}",
    "alerts: {channels: [{name: a, type: apprise, url_env: A, topics: none, trending: 1}]}",
    "alerts: {channels: [{name: a, type: webhook, url: 'http://h', topics: none}]}",
    "alerts: {channels: [{name: a, type: command, run: []}]}",
    "alerts: {channels: [{name: a, type: command, run: [x], topics: none}]}",
    'alerts: {channels: [{name: a, type: command, run: "a\\x07"}]}',
    "alerts: {channels: [{name: a, type: file, path: x, topics: none, form: y}]}",
    "alerts: {channels: [{name: a, type: file}]}",
    "alerts: {channels: [{name: a, type: [x]}]}",
    "alerts: {channels: [{type: stdout}]}",
    "alerts: {channels: [{name: a, type: ~}, {name: ~, type: stdout}, {name: ~, type: stdout}]}",
    "alerts: {channels: [{name: a, type: stdout, topics: ~}]}",
    "topics: [{name: ~, any: x}, {name: null, any: x}]",
    "alerts: {channels: {name: a}}",
    "alerts: {channels: [{name: a, type: stdout, topics: [{a: b}, 7, x]}]}",
    "topics: [{name: t, any: x}]\nalerts: {channels: [{name: a, type: stdout, topics: [T, u]}]}",
    "topics: [7, {name: [a], any: x}, {name: 8, any: x}]\nalerts: {channels: [7]}",
    # single values
    *(
        f"topics: [{{name: a, any: x, breadth: {value}}}]"
        for value in ("related", "relatd", "7", "[]")
    ),
    *(
        f"topics: [{{name: a, any: {value}}}]"
        for value in ("1.5", "!!binary x", "!!set {a}", "[[b]]")
    ),
    *(
        f"topics: [{{name: a, any: x, when: {events}}}]"
        for events in (
            "[]",
            "new",
            "[new, sometime]",
            "listed on arxiv",
            "listed on arxv",
            "listed on paperswithcode",
            "upvotes >= x",
            "[7]",
            "{a: b}",
        )
    ),
    "alerts: {starred: {when: [code, new]}}",
    "alerts: {starred: {when: [version]}}",
    "sources: {arxiv: {enabled: maybe, cross_lists: OFF}}",
    "sources: {arxiv: {enabled: [on]}}",
    "sources: {arxiv: on}",
    "sources: {arxiv: {enabled: on, categories: []}}",
    "sources: {nosuch: {enabled: on}}",
    "sources: {[a]: b}",
    "sources:\n  arxiv:\n    <<: {enabled: on}\n",
    f"{_LONG}: 1",
    f"topics: [{{name: {_LONG}, any: x, breadth: {_LONG}}}]",
    "topics:\n" + f"- {{name: {_LONG}, any: x}}\n" * 3,
    "library: x\nlibrary: y\nlibrary: z\n",
    "library: \nsources: ~\ntopics: null\n",
    'network: {user_agent: "a\\tb"}',
    "library: ${NOT_SET}/x",
    "library: '7'",
    "library: {a: b}",
    "\n\n- a\n",
    *(f"topics: {'[' * depth}{']' * depth}" for depth in (18, 19, 20)),
    "# nothing\n",
    "library: x//y/../z",
    "library: /x",
    "sources: {huggingface: {base_url: 'https://me:pass@h/x/'}, arxiv: {cross_lists: NO}}",
    """topics:
- {name: ' a  b ', any: ["x\u00a0y", z], all: [v], none: n, authors: [A B], categories: cs.cl}
- {name: é, any: x, when: [upvotes>=5, new version, rising], breadth: related, threshold: 0}
alerts:
  starred: {when: code appears}
  channels:
  - {name: m, type: email, to: [a@b.c, d@e.f], host: h, port: 587, encryption: starttls, user: u,
     password_keyring: a/b, sender: s@b.c, every: week, send_days: [Mon, FRI], at_most: 3}
  - {name: h, type: webhook, url: 'https://u:p@h/secret?x', token_env: T, one_by_one: on}
  - {name: c, type: command, run: [x, -y, ' z'], trending: 2, topics: none}
  - {name: o, type: stdout, form: markdown, topics: [A B, starred], every: day}
""",
    "~\n",
    "a: b: c\td\n",
    """topics:
- {name: a, any: ['++', '*', '""', '"*"', C++, "\u6a21\u578b"], none: '...', authors: '-'}
""",
    # limits of lists, phrases and names, and the values next to them
    *(f"topics: [{{name: a, none: b, any: [{'x, ' * count}]}}]" for count in (2000, 2001)),
    *(f"topics: [{{name: a, any: {phrase}}}]" for phrase in ("x" * 200, "x " * 20, "x *" * 5)),
    *(f"topics: [{{name: {'n' * count}, any: x}}]" for count in (200, 201)),
    f"topics: [{'*a, ' * 3}]",
    f"topics: [&a [{'x, ' * 999}], {'*a, ' * 200}]",
    # feeds
    *(
        f"sources: {{feeds: [{{name: {name}, url: 'https://x.org/'}}]}}"
        for name in ("arxiv", "import", "feeds", "Lab", "-lab", "7", "l" * 40, "l" * 41, "a_b-c7")
    ),
    *(
        f"sources: {{feeds: [{{name: lab, url: '{url}'}}]}}"
        for url in ("x.org", "ftp://x.org/", "https://x.org/#a", "https://u:p@x.org/f?token=s&a=b")
    ),
    *(
        f"sources: {{feeds: [{{name: lab, url: 'https://x.org', every: {every}}}]}}"
        for every in ("hour", "day", "week", "month")
    ),
    "sources: {feeds: lab, arxiv: x}",
    "sources: {feeds: [lab, {url: 'https://x.org', nmae: lab}]}",
    # the reader, files and the site
    *(
        f"browse: {{keys: {{star: {keys}}}}}"
        for keys in (
            "r",
            "[S, ctrl+x]",
            "[]",
            "ctrl+",
            "é",
            "[' ']",
            "alt+shift+f12",
            "f13",
            "down",
        )
    ),
    "browse: {keys: {star: r, read: s}}",
    "browse: {keys: {stra: S}}",
    "browse: {key: {}}",
    *(
        f"pdf: {{folder: /pdf, name: '{name}'}}"
        for name in ("{id}", "{title}", "{author} {year} {id}", "{id}/x", ".{id}", "{ID}{id}")
    ),
    f"pdf: {{name: '{'x' * 99}{{id}}'}}",
    f"pdf: {{name: '{'x' * 100}{{id}}'}}",
    "site: {title: Papers of the lab, url: 'https://x.org/papers/'}",
    f"site: {{title: {'t' * 201}, url: x.org}}",
]


def _keys():
    """Each key with values of a wrong form, and with each of its words."""
    kinds = CHANNEL.record_types.items()
    own = {
        kind: record.fields.keys() - CHANNEL.record_types["stdout"].fields for kind, record in kinds
    }
    own["stdout"] = CHANNEL.record_types["stdout"].fields.keys() - {"name", "type"}
    groups = [
        (f"alerts: {{channels: [{{name: a, type: {kind}, %s}}]}}", record, own[kind])
        for kind, record in kinds
    ]
    records = CONFIG.fields
    topic = records["topics"].each
    groups.append(("topics: [{name: a, any: x, %s}]", topic, topic.fields.keys() - {"any"}))
    groups += [
        (f"{name}: {{%s}}", records[name], records[name].fields) for name in ("network", "pdf")
    ]
    groups.append(("%s", CONFIG, ("library", "log", "pager", "links", "read_on_open")))
    for text, record, names in groups:
        for name in (name for name in record.fields if name in names):
            words = getattr(record.fields[name], "options", ())
            yield from (text % f"{name}: {value}" for value in ("'?'", "[[x]]", *words))


def _report(content):
    """A file with its problems, or with its non-default values if it has none; both cut."""
    with tempfile.TemporaryDirectory() as folder:
        lines = [*map(_line, problems(folder, content))]
        if not lines:
            explained = effective_yaml(load(f"{folder}/config.yaml")).replace(folder, "FOLDER")
            lines = [line for line in explained.splitlines()[1:] if not line.endswith("# default")]
    return "\n".join([_cut(repr(content)), *(f"    {_cut(line)}" for line in lines)])


def _cut(text):
    return text if len(text) < 1000 else f"{text[:100]}... ({len(text):,} characters)"


def _line(problem):
    """A problem on one line, without the wording of PyYAML."""
    message = problem.message
    if message.startswith("is not valid YAML: "):
        message = "is not valid YAML: ..."
    return f"{problem.line} | {problem.path} | {message} | {problem.suggestion}"


CONTENTS = [*(content for content, _ in BAD), *MORE, *_keys()]


def _reports():
    return [f"{_report(content)}\n" for content in CONTENTS]


def test_problems_match_the_golden_file():
    expected = TEXTS.read_text(encoding="utf-8").removesuffix("\n").split("\n\n")
    assert _reports() == [f"{text}\n" for text in expected]


if __name__ == "__main__":
    TEXTS.write_text("\n".join(_reports()), encoding="utf-8")
