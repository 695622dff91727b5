"""Run tools in this process, for importing torch takes seconds."""

import runpy
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1] / 'tools'


def call_tool(monkeypatch, tool, *args):
    """Run ``tools/TOOL ARGS`` as a command would.

    Args:
        monkeypatch (pytest.MonkeyPatch): Takes back what is changed.
        tool (str): Its file, below ``tools``.
        *args (object): The command line.
    """
    script = TOOLS / tool
    monkeypatch.setattr(sys, 'argv', [str(script), *map(str, args)])
    runpy.run_path(str(script), run_name='__main__')
