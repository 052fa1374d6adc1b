# SPDX-License-Identifier: MIT
"""Pages whose commands run: what the fenced blocks `console` and `gdb` of a Markdown page show is
typed, and what it prints is compared with the page.

    $ command       typed into one bash for the whole page, in an empty folder, vl's on the PATH
    (gdb) command   typed into the gdb that the `$ gdb ...` above started
    >more           belongs to the command above, as the second prompt of bash and gdb says
    ...             any lines
    anything else   what the command above printed

STEADY says what differs from run to run and is not compared. The numbers of source lines are
compared. OPTIMIZED says what else is not where the compiler has optimized: lines, arguments of
functions, and of a function in parts, the parts."""
import difflib
import os
import re
import shlex
import signal

import vltest

STEADY = [
    (r"0x[0-9a-f]{9,}", "ADDRESS"),  # of the host: the guest's are shorter
    (r"(reakpoint \d+ at) 0x[0-9a-f]+", r"\1 ADDRESS"),  # shorter before the program runs
    (r"^#\d+ +", "# "),  # the C library has more or less frames
    (r"process \d+|LWP \d+|-p \d+|-CONT \d+", "PROCESS"),
    (r"Thread \d+ ", "Thread "),  # how many there are depends on who was quick
    (r"#block\d+", "#block"),  # the names of nodes count up to a random number
    (r'(buf=\w+) ".*?"', r"\1"),  # bytes that are no string end anywhere
    (r" +", " "),  # columns
]
OPTIMIZED = [
    (r"ADDRESS in ", ""),
    (r"([\w:<>~, ]+) \(.*\) at ", r"\1 at "),  # values may be gone, and the order
    (r"(\.(cpp|h|c)):\d+", r"\1"),
    (r"(reakpoint .*?)(: file| at) .*", r"\1"),  # the first line may be one of the library's
    (r"line \d+", "line"),
    (r"(reakpoint \d+)\.\d+", r"\1"),  # which of the places of that name comes first
]
# The line of source where gdb has stopped; a condition makes no sense in one part of a function.
ASIDE = re.compile(r"\d+\t|warning: failed to validate condition |  No symbol ")
# Lines of gdb's about itself, the same in every session.
NOISE = re.compile(r"\[Thread debugging using |Using host libthread_db |\[New Thread |\[Thread 0x|"
                   r"\[Switching to Thread |warning: Error disabling address space random|"
                   r".*page\.sh: line \d+: +\d+ Killed ")
MARK = "==== command "


class Command:
    """One command of a page, and the lines of the page below it."""

    def __init__(self, prompt, text, line):
        self.prompt, self.text = prompt, text
        self.begin = self.end = line  # the output's place in the page, as indices
        self.shown, self.printed = [], []

    def __str__(self):
        return self.prompt + self.text


def parse(lines):
    """The commands of a page, given as its lines."""
    commands, inside = [], False
    for number, line in enumerate(lines):
        if line.startswith("```"):
            inside = not inside and re.match(r"```(console|gdb)\b", line)
        elif inside:
            take_line(commands, line, number)
    return commands


def take_line(commands, line, number):
    prompt = next((p for p in ("$ ", "(gdb) ") if line.startswith(p)), None)
    if prompt:
        commands.append(Command(prompt, line[len(prompt):], number + 1))
    elif line.startswith(">") and not commands[-1].shown:
        commands[-1].text += "\n" + line[1:]
        commands[-1].begin = commands[-1].end = number + 1
    else:
        commands[-1].shown.append(line)
        commands[-1].end = number + 1


# --- running

# A gdb of the page is the real one, told to read the commands that stand below it.
PREAMBLE = """
exec 2>&1
export HOME=$PWD PATH=%(path)s:$PATH
gdb() {
    session=$((session + 1))
    command gdb -batch -iex 'set debuginfod enabled off' -iex 'set auto-load safe-path /' \\
        -x %(scripts)s/$session.gdb "$@"
}
set -m
trap 'kill -9 $(jobs -p) 2>/dev/null' EXIT
"""


def scripts(commands, path, folder):
    """bash's script and, by name, those of the gdbs that it starts."""
    bash, files = [PREAMBLE % {"path": shlex.quote(path), "scripts": shlex.quote(folder)}], {}
    session = 0
    for number, command in enumerate(commands):
        if command.prompt == "(gdb) ":
            files["%d.gdb" % session] += "echo \\n%s%d\\n\n%s\n" % (MARK, number, command.text)
            continue
        bash.append("printf '\\n%s%%d\\n' %d\n%s" % (MARK, number, command.text))
        if command.text.startswith("gdb "):
            session += 1
            files["%d.gdb" % session] = "set width 0\n"
        elif command.text.endswith("&"):
            bash.append("wait $!")  # until it ends, or stops
    files["page.sh"] = "\n".join(bash) + "\n"
    return files


def end_those_in(folder):
    """Ends what was started in the folder: a page that took too long leaves gdb and vl behind."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink("/proc/%s/cwd" % process) == folder:
                os.kill(int(process), signal.SIGKILL)
        except OSError:
            pass  # it has ended, or is somebody else's


def run(commands, case, folder=None, path=None, timeout=120):
    """Runs them all and gives each what it printed. `folder`: where, by default in one of the test
    case's; `path`: where vl is, by default the one under test."""
    path = path or os.path.dirname(vltest.vl_program())
    files = scripts(commands, path, case.path("scripts"))
    os.makedirs(case.path("scripts"), exist_ok=True)
    if not folder:
        folder = case.path("page")
        os.mkdir(folder)
    for name, text in files.items():
        case.make_file(os.path.join("scripts", name), text.encode())
    try:
        _, out, _ = vltest.run(["bash", case.path("scripts/page.sh")], cwd=folder,
                               timeout=timeout)
    finally:
        end_those_in(folder)
    parts = out.replace("\r\n", "\n").split("\n" + MARK)
    for part in parts[1:]:
        number, _, text = part.partition("\n")
        for path, name in ((os.path.dirname(vltest.vl_program()) + "/", "build/study/"),
                           (vltest.SOURCE + "/", ""), (folder + "/", "")):
            text = text.replace(path, name)
        lines = [line for line in text.splitlines() if not NOISE.match(line)]
        commands[int(number)].printed = "\n".join(lines).strip("\n").splitlines()
    # a gdb goes through its commands before bash comes to its next
    done = {int(part.partition("\n")[0]) for part in parts[1:]}
    left = next((c for i, c in enumerate(commands) if i not in done), None)
    if left:
        raise AssertionError("the page was not run to its end, but to\n%s\n%s" % (left, out))


# --- comparing

def steady(line, rules=()):
    for pattern, replacement in [*STEADY, *rules]:
        line = re.sub(pattern, replacement, line)
    return line.rstrip()


def normal(lines, optimized):
    """The lines without what differs from run to run."""
    if not optimized:
        return [steady(line) for line in lines]
    lines = [steady(line, OPTIMIZED) for line in lines if not ASIDE.match(line)]
    return [line for i, line in enumerate(lines)
            if not (line.startswith("#") and i and line == lines[i - 1])]


def accepts(shown, printed):
    """Does the page say so?"""
    pattern = ""
    for line in shown:
        line = re.escape(line) + r"\n"
        pattern += r"(?:.*\n)*" if line == r"\.\.\.\n" else line
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


def optimized():
    return os.environ.get("VL_OPTIMIZED") == "1"


def problem(command):
    """What is wrong with a command that was run, or None."""
    shown, printed = (normal(lines, optimized()) for lines in (command.shown, command.printed))
    if accepts(shown, printed):
        return None
    return "%s\n%s" % (command, "\n".join(difflib.ndiff(shown, printed)))


# --- bringing a page up to date

def loose(line):
    """What stays of a line when lines of source move."""
    return re.sub(r"\d+", "N", steady(line))


def renewed(command):
    """The lines that the page should show: what was printed, with the page's `...` where they were."""
    if "..." not in command.shown:
        return command.printed
    lines, at = [], 0
    for line in command.shown:
        if line == "...":
            lines.append(line)
            continue
        rest = [loose(printed) for printed in command.printed[at:]]
        closest = difflib.get_close_matches(loose(line), rest, 1)
        if not closest:
            raise AssertionError("%s\nno longer prints the line\n%s\nbut\n%s" % (
                command, line, "\n".join(command.printed)))
        at += rest.index(closest[0]) + 1
        lines.append(command.printed[at - 1])
    return lines


def update(lines, commands):
    """The page's lines with what was printed. Where only addresses differ it stays as it is."""
    lines = list(lines)
    for command in reversed(commands):
        if not accepts(normal(command.shown, False), normal(command.printed, False)):
            lines[command.begin:command.end] = renewed(command)
    return lines
