"""Networks of other parts than the paper's train, stop and go on."""

import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from resume_cases import check_resume, see_no_photo

from cleaners import register_modules  # noqa: F401
from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset
from cleaners.utils.checkpoint import find_latest_checkpoint, read_checkpoint

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

    def train(work_dir, epochs, resume=False):
        cfg = Config(
            tiny_runner_cfg(
                tmp_path / 'Tiny',
                tmp_path / work_dir,
                tiny_ssc_net(**FAMILIES[family]),
                train_cfg=dict(by_epoch=True, max_epochs=epochs),
                param_scheduler=dict(type='ConstantLR', factor=1.0),
                experiment_name=f'{family}_{work_dir}_{epochs}',
                resume=resume,
            )
        )
        see_no_photo(cfg, INPUTS[family])
        Runner.from_cfg(cfg).train()
        return read_checkpoint(find_latest_checkpoint(str(tmp_path / work_dir)))

    check_resume(train)
