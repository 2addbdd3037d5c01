"""The command line: thin commands over the same calls, and one way for errors to be told."""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword

import click

from earmark import __version__
from earmark.cli.streams import give_up_stdout, prepare_streams

# The products of matrices here are small: threads for them would only wait for one another. Who
# sets the variable has the last word.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COMMANDS = {
    "check": "Read a book and name everything that is wrong in it.",
    "init": "Write a small commented book that plans at once.",
    "plan": "Decide who gets which GPUs, when and why.",
    "compare": "Hold one plan against another: two books, overlays, moves or policies.",
    "redirect": "Ask what a redirect or swap would change, or record it.",
    "promise": "Say what can be promised for a day beside the plan.",
    "explain": "Say why an order is late, or what an error code means.",
    "report": "Write a plan or a comparison as one page.",
    "import": "Take a book into a store, for good.",
    "record": "Record moves or other rows in a store.",
    "approvals": "List the redirects that need an approval, and how each stands.",
    "approve": "Approve a redirect that is proposed in a store.",
    "log": "Tell what happened, on whose word, and when it became known.",
    "accounts": "Show where units are: the balance of every account on a day.",
    "verify": "Find out whether a record was changed, and where.",
    "checkpoint": "Say what a record comes to, for somebody else to keep.",
    "prove": "Write a proof of an entry, or that a record only grew.",
    "key": "Make a key to sign checkpoints with.",
    "bundle": "Write book, plan, entries and proofs as one file for auditors.",
    "export": "Write a store as a folder or workbook.",
    "backup": "Copy a store while others write to it.",
    "doctor": "Say what is in use here, what is wrong with it, and how to mend it.",
    "demo": "Show the reported H100 redirect under three readings.",
}
"""Every command with its one line of help; a command's module is imported when it is called."""


class _Commands(click.Group):
    """A group that imports a command when it is called, and knows what was probably meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name + "_" * iskeyword(cmd_name)
        module = import_module(f"earmark.cli.{name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """Who was promised which GPUs, who gets the next ones, and what every redirect costs.

    BOOK is a folder of CSV files beside a book.toml, an .xlsx workbook, or a store
    (sqlite:///book.db, postgresql://...). Every command that prints a result takes --json. Exit
    codes: 0 fine, 1 a finding in a book or record, 2 wrong usage, 3 the rules contradict each
    other, 4 the environment failed.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its code; errors are told in words, never as a traceback."""
    prepare_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(words))


def run(words: list[str]) -> int:
    """Run the command line `words` and return the exit code."""
    from earmark.errors import EarmarkError

    # One command makes millions of cells and no cycles worth looking for: the collector would only
    # walk them again and again.
    gc.disable()
    try:
        # Click returns the code that a command ends itself with.
        code = commands.main(words, prog_name="earmark", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. Nothing was written.", err=True)
        return 130
    except EarmarkError as error:
        from earmark.cli.problems import tell

        return tell(error, words)
    except BrokenPipeError:
        # Whoever read the output has closed it; there is nobody left to tell.
        give_up_stdout()
        return 0
    except AssertionError as mistake:
        if os.environ.get("EARMARK_TRACEBACK"):
            raise
        click.echo(f"A mistake in Earmark itself, so nothing is shown: {mistake}", err=True)
        click.echo("Set EARMARK_TRACEBACK=1 to see where, and report it with the book.", err=True)
        return 4
    except OSError as error:
        click.echo(f"The environment failed: {error.strerror or error}.", err=True)
        give_up_stdout()
        return 4
    return int(code or 0)
