"""The commands of ``tools/create_data.py``: their options, and what they run.

Each module adds its commands by ``add_to``. They import nothing heavy before
they run, so that --help comes at once.
"""

from . import checks, nyu, nyu_public, rgbd, synth, tsdf_cad

# in the order that --help shows
COMMANDS = (nyu, nyu_public, rgbd, synth, tsdf_cad, checks)

__all__ = ['COMMANDS']
