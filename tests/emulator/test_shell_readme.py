"""The README's tour works as described, and the README names every fault."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from quickbooks_emulator.misfortunes.misfortune import KINDS

README = Path(__file__).parents[2] / "emulator" / "README.md"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs curl, bash")
def test_the_five_minute_tour_works() -> None:
    blocks = re.findall(r"```bash\n(.*?)```", README.read_text(), re.DOTALL)
    assert "pip install" in blocks[0]
    script = "set -u\n" + "\n".join(blocks[1:]).replace("9000", str(free_port()))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    ran = subprocess.run(
        ["bash", "-c", script],
        env={"PATH": path, "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "command not found" not in ran.stderr
    said = ran.stdout
    assert said.count('"DisplayName":"Rivera Carpentry"') == 2
    assert '"code":"6240"' in said
    assert said.count("no answer") == 1
    assert said.count('"DisplayName":"Lost and Found"') == 1
    assert '"operation": "Create"' in said
    assert '"detail":"Token expired' in said


def test_every_misfortune_is_named() -> None:
    text = README.read_text()

    assert [kind for kind in KINDS if f"`{kind}`" not in text] == []
