"""What makes shells complete the command: each script is one that its shell can read, and names what there is."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from csp_transfer.__main__ import main
from csp_transfer.command.answers import COMMANDS
from csp_transfer.command.options import SHELLS

Printed = pytest.CaptureFixture[str]


def script(capsys: Printed, shell: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(["--print-completion", shell])
    assert stopped.value.code == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_learns_every_command_and_option(capsys: Printed, shell: str) -> None:
    said = script(capsys, shell)
    assert all(command in said for command in COMMANDS)
    for word in ("customer-country", "in-force", "source_partner", "ungrouped"):
        assert word in said


@pytest.mark.parametrize("shell", [shell for shell in SHELLS if shutil.which(shell)])
def test_the_shell_can_read_it(capsys: Printed, shell: str) -> None:
    """For the shells that are on the machine; bash is on all that these tests run on."""
    said = script(capsys, shell).encode("utf-8")
    ran = subprocess.run([shell, "-n"], input=said, capture_output=True, check=False, timeout=60)  # noqa: S603
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_bash_completes_commands_options_words_and_files(capsys: Printed) -> None:
    asked = """
    complete_line() {
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
      _shtab_csp_transfer; printf '%s ' "${COMPREPLY[@]}"; echo
    }
    complete_line csp-transfer por
    complete_line csp-transfer plan --custo
    complete_line csp-transfer plan --policy ''
    complete_line csp-transfer plan --lang ''
    """
    said = script(capsys, "bash") + asked
    ran = subprocess.run(
        ["bash", "--norc"],  # noqa: S607
        input=said.encode("utf-8"),
        capture_output=True,
        check=False,
        timeout=60,
    )
    found = [line.split() for line in ran.stdout.decode("utf-8").splitlines()]
    assert found == [
        ["portfolio"],
        ["--customer-country", "--customer-id"],
        ["guide", "in-force"],
        ["en", "ja"],
    ], ran.stderr


def test_a_shell_that_is_not_known_is_refused(capsys: Printed) -> None:
    assert main(["--print-completion", "cmd"]) == 2
    assert "--print-completion: invalid choice: 'cmd'" in capsys.readouterr().err


def test_without_its_extra_it_says_which(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["--print-completion", "bash"]) == 2
    assert capsys.readouterr().err == (
        "csp-transfer: --print-completion needs what the extra 'completion' installs: csp-transfer[completion]\n"
    )
