"""`sebaya`: the table of commands. A command's module is imported when it is called, so that `--help` is quick and
`serve` carries nothing that it does not need."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cli.errors import guard, report

SERVING, STAFF, PRIVACY, CRISIS, HOUSE = "Serving", "People", "Keys and data", "Looking inside", "Building Sebaya"

COMMANDS: dict[str, tuple[str, str, str]] = {
    "serve": ("cli.serve", SERVING, "Serve everything: channels, admin API, pages, workers."),
    "demo": ("cli.demo", SERVING, "Serve a playground with demonstration people on its own database."),
    "migrate": ("cli.migrate", SERVING, "Bring the database to this version."),
    "doctor": ("cli.doctor", SERVING, "Check settings, database, channels, rotas and dates; say how to mend each."),
    "roster": ("cli.roster", STAFF, "Import or export the roster as a CSV file."),
    "token": ("cli.tokens", STAFF, "Make, list and revoke tokens of the admin API."),
    "backup": ("cli.backup", PRIVACY, "Write everything into one file, while serving."),
    "restore": ("cli.restore", PRIVACY, "Read a backup into an empty store."),
    "export": ("cli.export", PRIVACY, "Everything that is kept about one person, as JSON."),
    "erase": ("cli.erase", PRIVACY, "Erase one person for good."),
    "retention": ("cli.retention", PRIVACY, "Erase what is older than RETENTION_DAYS, as every night does."),
    "keys": ("cli.keys", PRIVACY, "Make a secret key, or wrap everything by the newest one."),
    "aside": ("cli.aside", CRISIS, "Messages that could not be processed and wait for you."),
    "reviews": ("cli.reviews", CRISIS, "What the semantic net wants a counselor to look at."),
    "trace": ("cli.trace", CRISIS, "What became of one message: everything that it caused, and when."),
    "ledger": ("cli.ledger", CRISIS, "Whether every line has its end and every case its answer."),
    "triage": ("cli.triage", CRISIS, "Try, measure and scan with the crisis rules."),
    "lexicon": ("cli.lexicon", CRISIS, "Look at the crisis rules, change them, bring a version back."),
    "chat": ("cli.chat", CRISIS, "Talk to Sebaya in this terminal."),
    "replay": ("cli.replay", CRISIS, "Play a transcript file and compare what everybody sees."),
    "diagrams": ("cli.diagrams", HOUSE, "Write the state charts as Mermaid."),
    "translations": ("cli.translations", HOUSE, "Check the catalogues of texts."),
}
"""Name -> module with `app`, heading in the help, one line of help."""


class Commands(TyperGroup):
    """The table as a group: names and help at once, the command itself when it is called."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        for name, (_module, heading, line) in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=line, rich_help_panel=heading)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if name in COMMANDS:
            module, _heading, line = COMMANDS[name]
            command = get_command(import_module(module).app)
            command.name, command.help = name, command.help or line
        return name, command, rest


root = typer.Typer(
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"sebaya {version('sebaya')}")
        except PackageNotFoundError:  # run from a checkout that was never installed
            typer.echo("sebaya (a checkout)")
        raise typer.Exit


@root.callback()
def _options(
    env: Annotated[
        Path | None, typer.Option("--env", metavar="FILE", help="Settings file to read instead of .env.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Sebaya brings a student and a trained peer supporter together, and a counselor when it matters."""
    from cli import opening

    opening.use_env_file(env)


def run(args: Sequence[str]) -> int:
    """Do what a command line says; its exit status: 0 done, 1 failed, 2 unusable arguments. A failure is one sentence
    on stderr."""
    try:
        done = get_command(root).main(list(args), prog_name="sebaya", standalone_mode=False)
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # also what is no Exception, as a group of cancelled tasks
        return report(error)
    return done if isinstance(done, int) else 0


def main() -> None:
    """The console script."""
    guard()
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
