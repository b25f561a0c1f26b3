"""The command line."""

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; see `l2c.cli.commands.main`."""
    from l2c.cli import commands

    return commands.main(arguments)
