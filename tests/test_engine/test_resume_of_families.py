"""Networks of other parts than the paper's train, stop and go on."""

import pytest
from resume_cases import check_tiny_resume, see_no_photo

from cleaners import register_modules  # noqa: F401
from cleaners.testing import tiny_ssc_net, write_tiny_dataset

FAMILIES = dict(
    depth=dict(backbone=None, head_2d=None, voxel_neck=None),
    seg2d=dict(
        backbone=dict(type='LabelEmbedding', num_labels=14),
        backbone_input='seg2d',
        head_2d=None,
        freeze_backbone=False,
    ),
)
INPUTS = dict(depth=['tsdf'], seg2d=['tsdf', 'mapping2d', 'seg2d'])


@pytest.mark.parametrize('family', FAMILIES)
@pytest.mark.long
def test_a_resumed_run_is_the_run_that_was_not_stopped(family, tmp_path):
    write_tiny_dataset(tmp_path / 'Tiny')
    check_tiny_resume(
        tmp_path,
        tiny_ssc_net(**FAMILIES[family]),
        lambda cfg: see_no_photo(cfg, INPUTS[family]),
    )
