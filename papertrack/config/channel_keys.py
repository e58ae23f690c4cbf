"""The keys of each type of channel under `alerts:`, and the checks across keys."""

from typing import Any

from yaml import Node, ScalarNode, SequenceNode

from papertrack.config.channels import (
    FOR_YOU,
    NO_TOPICS,
    STARRED,
    AppriseChannel,
    CommandChannel,
    EmailChannel,
    FileChannel,
    StdoutChannel,
    Subscription,
    WebhookChannel,
)
from papertrack.config.groups import Objection, RecordType, TextListType, VariantType, value_of
from papertrack.config.location import Location, ValueType, quoted, suggestion_for
from papertrack.config.scalars import (
    CREDENTIALS,
    SITE,
    ChoiceType,
    FlagType,
    NumberType,
    PathType,
    TextType,
    verbatim,
)
from papertrack.text import clean

# Services put the secret of a webhook into the path or query of its URL.
_AFTER_HOST = r"(?<=[^:/][/?#]).+"
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_MAX_PAPERS = 1000


def _lower(text: str) -> str:
    return clean(text).lower()


_VERBATIM = TextType(normalize=verbatim)
_HOOK_URL = TextType(
    "a web address with http:// or https://",
    SITE + r"(?:[/?#]\S*)?",
    "https://example.org/hook",
    verbatim,
    f"{CREDENTIALS}|{_AFTER_HOST}",
)
_VARIABLE_NAME = TextType(
    "the name of an environment variable", "[A-Za-z_][A-Za-z0-9_]*", "TEAM_URL", verbatim
)
_KEYRING_ENTRY = TextType("a keyring entry as service/user", ".+/[^/]+", "papertrack/me", verbatim)
_ADDRESS = TextType(
    "an email address", r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", "me@example.org", verbatim
)
_HOST = TextType("a host name", r"[\w.-]+|[0-9a-fA-F:.]+", "smtp.example.org", verbatim)
_DAY = TextType("a day of the week, mon to sun", "mon|tue|wed|thu|fri|sat|sun", "mon", _lower)
_PATH = PathType("a file", "~/papertrack.txt")

_SUBSCRIPTION: dict[str, ValueType] = {
    "name": TextType(),
    "type": _VERBATIM,
    "topics": TextListType(TextType()),
    "every": ChoiceType(("run", "day", "week")),
    "send_days": TextListType(_DAY),
    "at_most": NumberType(1, _MAX_PAPERS, whole=True),
    "one_by_one": FlagType(),
    "trending": NumberType(0, _MAX_PAPERS, whole=True),
    "when_empty": ChoiceType(("silent", "say")),
}


def _secret(name: str) -> dict[str, ValueType]:
    types: tuple[ValueType, ...] = (_VARIABLE_NAME, _PATH, _KEYRING_ENTRY)
    return dict(zip(secret_keys(name), types, strict=True))


def secret_keys(name: str) -> tuple[str, str, str]:
    """The three keys that can hold the location of the secret `name`."""
    return f"{name}_env", f"{name}_file", f"{name}_keyring"


_STDOUT: dict[str, ValueType] = {"form": ChoiceType(("plain", "markdown"))}
_EMAIL: dict[str, ValueType] = {
    "to": TextListType(_ADDRESS, min_length=1),
    "host": _HOST,
    "port": NumberType(1, 65535, whole=True),
    "encryption": ChoiceType(("none", "starttls", "tls")),
    "ca_file": _PATH,
    "sender": _ADDRESS,
    "user": _VERBATIM,
}


def _present(channel: Any, keys: tuple[str, ...]) -> list[str]:
    return [key for key in keys if getattr(channel, key) is not None]


def _check_alternatives(keys: list[str]) -> Objection | None:
    if len(keys) <= 1:
        return None
    return f"has {' and '.join(keys)}", "use only one of them"


def _check_content(channel: Subscription) -> Objection | None:
    if channel.topics == (NO_TOPICS,) and not channel.trending:
        return "gets neither topics nor trending papers", "add for example trending: 20"
    return None


def _check_email(channel: EmailChannel) -> Objection | None:
    keys = secret_keys("password")
    passwords = _present(channel, keys)
    if passwords and channel.user is None:
        return f"has {passwords[0]} without user", 'add "user:"'
    if channel.user is not None and not passwords:
        return "has user without a password", f"add one of {', '.join(keys)}"
    if passwords and channel.encryption == "none" and channel.host not in _LOCAL_HOSTS:
        return "would send the password unencrypted", "add encryption: starttls, or tls"
    return _check_alternatives(passwords) or _check_content(channel)


def _check_apprise(channel: AppriseChannel) -> Objection | None:
    return _check_url(channel, secret_keys("url")) or _check_content(channel)


def _check_webhook(channel: WebhookChannel) -> Objection | None:
    urls = _check_url(channel, ("url", *secret_keys("url")))
    tokens = _check_alternatives(_present(channel, secret_keys("token")))
    return urls or tokens or _check_content(channel)


def _check_url(channel: Any, keys: tuple[str, ...]) -> Objection | None:
    urls = _present(channel, keys)
    return _check_alternatives(urls) if urls else ("has no URL", f"add one of {', '.join(keys)}")


CHANNEL = VariantType(
    {
        "stdout": RecordType(StdoutChannel, _SUBSCRIPTION | _STDOUT, _check_content),
        "email": RecordType(
            EmailChannel, _SUBSCRIPTION | _EMAIL | _secret("password"), _check_email
        ),
        "apprise": RecordType(AppriseChannel, _SUBSCRIPTION | _secret("url"), _check_apprise),
        "webhook": RecordType(
            WebhookChannel,
            _SUBSCRIPTION | {"url": _HOOK_URL} | _secret("url") | _secret("token"),
            _check_webhook,
        ),
        "command": RecordType(
            CommandChannel,
            _SUBSCRIPTION | {"run": TextListType(_VERBATIM, min_length=1, shown=1)},
            _check_content,
        ),
        "file": RecordType(FileChannel, _SUBSCRIPTION | {"path": _PATH}, _check_content),
    }
)


def report_unknown_topics(root: Node, location: Location) -> None:
    """Report every name under `topics:` of a channel that is not the name of a topic.

    Works on the nodes, so that these problems are reported together with all others.
    """
    values = (node for _, node in _values_under(root, "topics", "name"))
    names = [clean(node.value) for node in values if isinstance(node, ScalarNode)]
    reserved = (NO_TOPICS, STARRED, FOR_YOU)
    valid = {name.casefold() for name in names}.union(reserved)
    alerts = value_of(root, "alerts")
    for list_path, node in _values_under(alerts, "channels", "topics"):
        for path, text in _texts(node, list_path):
            if clean(text.value).casefold() not in valid:
                suggestion = suggestion_for(text.value, [*names, *reserved])
                location._replace(path=f"alerts.{path}").report(
                    text, f"{quoted(text.value)} is not a topic", suggestion
                )


def _values_under(node: Node | None, records: str, key: str) -> list[tuple[str, Node]]:
    """The value of a key in each record of a list, with its path."""
    sequence = value_of(node, records)
    rows = sequence.value if isinstance(sequence, SequenceNode) else []
    pairs = ((f"{records}[{index}].{key}", value_of(row, key)) for index, row in enumerate(rows))
    return [(path, value) for path, value in pairs if value is not None]


def _texts(node: Node, path: str) -> list[tuple[str, ScalarNode]]:
    """A single text, or the texts of a list, with their paths."""
    if isinstance(node, ScalarNode):
        return [(path, node)]
    rows = node.value if isinstance(node, SequenceNode) else []
    texts = ((index, row) for index, row in enumerate(rows) if isinstance(row, ScalarNode))
    return [(f"{path}[{index}]", text) for index, text in texts]
