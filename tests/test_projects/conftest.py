"""What the tests of the other methods' packages share."""
from golden_table import *  # noqa: F401,F403
