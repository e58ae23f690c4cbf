"""Every key of a channel under `alerts:`, and what must go together in one."""

from typing import Any

from yaml import Node, ScalarNode, SequenceNode

from papertrack.config.channels import (
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
    Path,
    TextType,
    verbatim,
)
from papertrack.text import clean

# Services put the secret of a webhook into its path or query.
_AFTER_THE_HOST = r"(?<=[^:/][/?#]).+"
_LOCAL = ("localhost", "127.0.0.1", "::1")
_MOST = 1000


def _words(text: str) -> str:
    return clean(text).lower()


_VERBATIM = TextType(tidy=verbatim)
_HOOK = TextType(
    "a web address with http:// or https://",
    SITE + r"(?:[/?#]\S*)?",
    "https://example.org/hook",
    verbatim,
    f"{CREDENTIALS}|{_AFTER_THE_HOST}",
)
_VARIABLE_NAME = TextType(
    "the name of an environment variable", "[A-Za-z_][A-Za-z0-9_]*", "TEAM_URL", verbatim
)
_KEYRING = TextType("a service and a user of the keyring", ".+/[^/]+", "papertrack/me", verbatim)
_ADDRESS = TextType(
    "one mail address", r"(?a)[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", "me@example.org", verbatim
)
_HOST = TextType("a host name", r"[\w.-]+|[0-9a-fA-F:.]+", "smtp.example.org", verbatim)
_DAY = TextType("a day of the week, mon to sun", "mon|tue|wed|thu|fri|sat|sun", "mon", _words)
_FOLDER = Path()

_ALL: dict[str, ValueType] = {
    "name": TextType(),
    "type": _VERBATIM,
    "topics": TextListType(TextType()),
    "every": ChoiceType(("run", "day", "week")),
    "send_days": TextListType(_DAY),
    "at_most": NumberType(1, _MOST, whole=True),
    "one_by_one": FlagType(),
    "trending": NumberType(0, _MOST, whole=True),
}


def _secret(name: str) -> dict[str, ValueType]:
    """The three keys that say where a secret is."""
    kinds: tuple[ValueType, ...] = (_VARIABLE_NAME, _FOLDER, _KEYRING)
    return dict(zip(secret_keys(name), kinds, strict=True))


def secret_keys(name: str) -> tuple[str, str, str]:
    """The keys that may say where the secret `name` is."""
    return f"{name}_env", f"{name}_file", f"{name}_keyring"


_STDOUT: dict[str, ValueType] = {"form": ChoiceType(("plain", "markdown"))}
_EMAIL: dict[str, ValueType] = {
    "to": TextListType(_ADDRESS, least=1),
    "host": _HOST,
    "port": NumberType(1, 65535, whole=True),
    "encryption": ChoiceType(("none", "starttls", "tls")),
    "ca_file": _FOLDER,
    "sender": _ADDRESS,
    "user": _VERBATIM,
}


def _said(made: Any, keys: tuple[str, ...]) -> list[str]:
    return [key for key in keys if getattr(made, key) is not None]


def _several(keys: list[str]) -> Objection | None:
    if len(keys) <= 1:
        return None
    return f"has {' and '.join(keys)}", "say one of them"


def _gets_something(made: Subscription) -> Objection | None:
    if made.topics == (NO_TOPICS,) and not made.trending:
        return "gets neither topics nor trending papers", "add for example trending: 20"
    return None


def _email_objection(made: EmailChannel) -> Objection | None:
    keys = secret_keys("password")
    passwords = _said(made, keys)
    if passwords and made.user is None:
        return f"has {passwords[0]} without user", 'add "user:"'
    if made.user is not None and not passwords:
        return "has user without a password", f"add one of {', '.join(keys)}"
    if passwords and made.encryption == "none" and made.host not in _LOCAL:
        return "would send the password for all to read", "add encryption: starttls, or tls"
    return _several(passwords) or _gets_something(made)


def _apprise_objection(made: AppriseChannel) -> Objection | None:
    return _one_url(made, secret_keys("url")) or _gets_something(made)


def _webhook_objection(made: WebhookChannel) -> Objection | None:
    tokens = _several(_said(made, secret_keys("token")))
    return _one_url(made, ("url", *secret_keys("url"))) or tokens or _gets_something(made)


def _one_url(made: Any, keys: tuple[str, ...]) -> Objection | None:
    said = _said(made, keys)
    return _several(said) if said else ("has no URL", f"add one of {', '.join(keys)}")


CHANNEL = VariantType(
    {
        "stdout": RecordType(StdoutChannel, _ALL | _STDOUT, _gets_something),
        "email": RecordType(EmailChannel, _ALL | _EMAIL | _secret("password"), _email_objection),
        "apprise": RecordType(AppriseChannel, _ALL | _secret("url"), _apprise_objection),
        "webhook": RecordType(
            WebhookChannel,
            _ALL | {"url": _HOOK} | _secret("url") | _secret("token"),
            _webhook_objection,
        ),
        "command": RecordType(
            CommandChannel, _ALL | {"run": TextListType(_VERBATIM, least=1)}, _gets_something
        ),
        "file": RecordType(FileChannel, _ALL | {"path": _FOLDER}, _gets_something),
    }
)


def report_unknown_topics(root: Node, place: Location) -> None:
    """Report every name under `topics:` of a channel that no topic of the file has, whatever else
    is wrong with the topics and the channels.
    """
    found = (one for _, one in _under(root, "topics", "name") if isinstance(one, ScalarNode))
    names = [clean(one.value) for one in found]
    known = {name.casefold() for name in names} | {NO_TOPICS, STARRED}
    alerts = value_of(root, "alerts")
    for path, node in _under(alerts, "channels", "topics"):
        for inner, one in _texts(node, path):
            if clean(one.value).casefold() not in known:
                where = place._replace(path=f"alerts.{inner}")
                advice = suggestion_for(one.value, [*names, NO_TOPICS, STARRED])
                where.report(one, f"{quoted(one.value)} is no topic", advice)


def _under(node: Node | None, records: str, key: str) -> list[tuple[str, Node]]:
    """The value under a key in each record of a list, with its path."""
    found = value_of(node, records)
    rows = found.value if isinstance(found, SequenceNode) else []
    pairs = ((f"{records}[{at}].{key}", value_of(row, key)) for at, row in enumerate(rows))
    return [(path, one) for path, one in pairs if one is not None]


def _texts(node: Node, path: str) -> list[tuple[str, ScalarNode]]:
    """One text, or those of a list, with their paths."""
    if isinstance(node, ScalarNode):
        return [(path, node)]
    rows = node.value if isinstance(node, SequenceNode) else []
    return [(f"{path}[{at}]", row) for at, row in enumerate(rows) if isinstance(row, ScalarNode)]
