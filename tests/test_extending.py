"""Who adds a command, a channel or a format and forgets a line learns here which one."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
import typer

import papertrack
from papertrack import cli
from papertrack.channels import SENDERS
from papertrack.cli.app import COMMANDS
from papertrack.config.channel_keys import CHANNEL
from papertrack.exports import BUILT_IN

PACKAGE = Path(papertrack.__file__).parent


def test_every_command_is_in_the_table_of_commands_and_in_the_module_it_names():
    listed = {(entry.module, name) for group in COMMANDS.values() for name, entry in group.items()}
    assert {pair for one in iter_modules(cli.__path__) for pair in _commands(one.name)} == listed


def _commands(module):
    app = getattr(import_module(f"papertrack.cli.{module}"), "app", None)
    if not isinstance(app, typer.Typer):
        return
    for name in typer.main.get_group(app).commands:
        yield module, name


def test_every_channel_of_the_configuration_is_in_the_table_of_senders():
    assert set(CHANNEL.record_types) == set(SENDERS)


@pytest.mark.parametrize("kind", SENDERS)
def test_the_sender_of_a_channel_is_in_the_module_named_as_its_type(kind):
    assert hasattr(import_module(f"papertrack.channels.{kind}"), SENDERS[kind].name)


def test_every_template_is_used():
    folder = PACKAGE / "exports/templates"
    files = [*PACKAGE.glob("exports/*.py"), *folder.glob("*.j2")]
    texts = [path.read_text(encoding="utf-8") for path in files]
    unused = [one.name for one in folder.iterdir() if not any(one.name in text for text in texts)]
    assert unused == []


@pytest.mark.parametrize("export_format", BUILT_IN.values(), ids=BUILT_IN)
def test_the_renderer_of_a_format_exists(export_format):
    assert callable(export_format.load())
