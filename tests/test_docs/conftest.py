"""What reads the pages lies beside them, in docs/hooks."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / 'docs' / 'hooks'))
