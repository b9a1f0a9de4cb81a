"""The `redline` command line: arguments, nothing else."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.errors import RedlineError
from bot.version import VERSION

EPILOG: Final = """\
first steps:
  redline run                            see it work: without chat tokens, a demo in this terminal
  redline manifest slack                 set up Slack (docs/slack.md)
  redline invite discord                 set up Discord (docs/discord.md)
  redline try 'place:Rafah' page.html    see what a rule finds (docs/rules.md)
  redline check                          see whether all is ready

A command ends with 0 where all is well, 1 where something is to be done, 2 where the command or the
settings are wrong, and 3 where Redline itself is.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return how it ended.

    0 where all is well, 1 where something is to be done, 2 on misuse or where settings are wrong,
    3 where Redline itself is.
    """
    parser = _parser()
    if not (sys.argv[1:] if arguments is None else arguments):
        parser.print_help()
        return 2
    given = parser.parse_args(arguments)
    if given.does == "version":
        print(f"redline {VERSION}")  # noqa: T201 - a command speaks on standard output
        return 0
    try:
        return _carry_out(given)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output (head, less) has seen enough. The interpreter flushes once more at
        # its end: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _carry_out(given: argparse.Namespace) -> int:
    # Only here, so that help, version and mistakes in the arguments are answered at once.
    from rich.console import Console  # noqa: PLC0415 - as said above

    from bot import cli, terminal  # noqa: PLC0415 - as said above

    try:
        return cli.COMMANDS[given.does](given)
    except BrokenPipeError:
        raise
    except Exception as error:
        cause = _cause(error)
        if isinstance(cause, RedlineError):
            terminal.show_error(cause, Console(stderr=True))
            return 2
        if given.debug:
            raise
        terminal.show_surprise(cause, Console(stderr=True))
        return 3


def _cause(error: Exception) -> Exception:
    """Return the one error that a group of tasks ended with, or what was raised."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="redline",
        description="Watches policy news and tells a team in Slack and Discord, once, at once,\n"
        "with the sentence that proves it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _service(commands)
    _rules(commands)
    _platforms(commands)
    return parser


TRY = """For example: redline try 'place:Rafah AND "red line"' article.html. Ends with 1 where the
rule does not hold. docs/rules.md shows what a rule can say."""

REPLAY = """A line of the archive has id, url, title, text, published and source. Evidence is
given as characters [start, end) of the title or text as it stands in that line. docs/replay.md
describes every field. Ends with 1 where lines were passed over."""


def _service(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = _command(commands, "run", "start the service; without chat tokens, the demo")
    run.add_argument("--demo", action="store_true", help="run the demo even where there are tokens")
    _command(commands, "check", "look at settings, feeds, tokens and channels")
    _command(
        commands,
        "status",
        "say what waits, which channels refuse, which feeds fail",
    )
    resume = _command(commands, "resume", "post again to a channel that refused")
    resume.add_argument(
        "channel", metavar="CHANNEL", help="as in rules.yaml, for example slack:#mideast-desk"
    )
    commands.add_parser("version", help="print the version").set_defaults(does="version")


def _rules(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    trial = _command(commands, "try", "try one rule on one article")
    trial.epilog = TRY
    trial.add_argument(
        "rule", metavar="RULE", help="a rule in quotes, or the name of one in rules.yaml"
    )
    trial.add_argument(
        "article", metavar="ARTICLE", help="a text, HTML or JSON file, or the address of a page"
    )
    trial.add_argument("--json", action="store_true", help="print JSON")
    replay = _command(commands, "replay", "try all rules on an archive of articles")
    replay.epilog = REPLAY
    replay.add_argument(
        "archive", type=Path, metavar="ARTICLES.jsonl", help=".gz is fine; - is standard input"
    )
    replay.add_argument("--json", action="store_true", help="print one JSON object a line")
    replay.add_argument("--stats", action="store_true", help="print times on standard error")
    looked = "look at the rules: what they find, what was written in chat"
    rules = commands.add_parser("rules", help=looked, description=f"L{looked[1:]}.")
    verbs = rules.add_subparsers(metavar="VERB", required=True)
    lint = _command(verbs, "lint", "say what each rule finds in an archive, and which find nothing")
    lint.add_argument(
        "--archive",
        type=Path,
        metavar="ARTICLES.jsonl",
        help="as for replay (default: the newest articles of the database)",
    )
    lint.add_argument("--json", action="store_true", help="print JSON")
    export = _command(verbs, "export", "print the rules that were written in chat as a rules.yaml")
    export.add_argument("--workspace", metavar="ID", help="only those of this workspace")
    _audit(commands)


def _audit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    audit = _command(commands, "audit", "say who decided what in chat, and who was refused")
    audit.add_argument("--since", metavar="7d", help="only what happened in this time")
    audit.add_argument("--subject", metavar="NAME", default="", help="a rule's name, a feed's id")
    audit.add_argument("--json", action="store_true", help="print one JSON object a line")


def _platforms(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    manifest = _command(commands, "manifest", "print the manifest to paste where Slack makes apps")
    manifest.add_argument("platform", choices=["slack"])
    invite = _command(commands, "invite", "print the link that invites the bot to Discord")
    invite.add_argument("platform", choices=["discord"])
    invite.add_argument(
        "--client-id", metavar="ID", help="the application's id, where no token is set"
    )


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    does: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
    parser.add_argument(
        "--config",
        metavar="DIR",
        help="the folder of settings (default: $REDLINE_CONFIG, or config)",
    )
    parser.add_argument(
        "--debug", action="store_true", help="where Redline fails, show its insides"
    )
    parser.set_defaults(does=parser.prog.removeprefix("redline "))
    return parser


if __name__ == "__main__":
    sys.exit(main())
