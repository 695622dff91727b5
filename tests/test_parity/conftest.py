"""Golden numbers, and the table of measured differences.

``pytest tests/test_parity -v`` ends with the table of docs/parity.md.
"""

from golden_table import *  # noqa: F403

import cleaners.register_modules  # noqa: F401
