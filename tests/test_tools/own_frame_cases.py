"""Own frames of the tests: their camera, and what they were prepared as."""

import json
from pathlib import Path

INTRINSICS = '518.8579,518.8579,320,240'


def infos(out: Path) -> list[dict]:
    """Return the annotations of a prepared data set."""
    return json.loads((out / 'rgbd_infos_test.json').read_text())['data_list']
