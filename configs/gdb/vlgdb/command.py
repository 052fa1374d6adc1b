# SPDX-License-Identifier: MIT
"""The prefix `vl` and what registers below it."""
import gdb

commands = {}


class Prefix(gdb.Command):
    """Commands for studying vl. `vl` alone lists them; docs/study.md shows their output."""

    def __init__(self):
        super().__init__("vl", gdb.COMMAND_USER, prefix=True)

    def invoke(self, argument, from_tty):
        if argument:
            raise gdb.GdbError("vl has no command '%s'; `vl` lists them." % argument)
        for name, doc in commands.items():
            print("  vl %-19s %s" % (name, doc.splitlines()[0]))


class Row(gdb.Command):
    """Made by @command: a function of the words behind the command's name."""

    def __init__(self, name, function, completions):
        self.__doc__ = function.__doc__
        self.function, self.completions = function, completions
        super().__init__("vl " + name, gdb.COMMAND_USER)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        self.function(argument.split())  # an expression keeps its quotes

    def complete(self, text, word):
        return self.completions(text)


def command(name, completions=lambda text: []):
    """The function below is `vl NAME`; its docstring is the help."""
    def register(function):
        commands[name] = function.__doc__
        Row(name, function, completions)
        return function
    return register


Prefix()
