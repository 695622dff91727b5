"""What the tests of the other methods' packages share."""

from export_cases import frame_of, make_net  # noqa: F401
from golden_table import *  # noqa: F403
