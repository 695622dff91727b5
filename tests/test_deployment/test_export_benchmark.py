"""The benchmark of exports runs the same network in all engines."""

import pytest
from export_cases import FORMAT_CASES, need_packages
from mmengine.config import Config
from mmengine.registry import init_default_scope

from cleaners.analysis.benchmarks import export, frames
from cleaners.analysis.benchmarks.settings import Settings
from cleaners.testing import tiny_ssc_net
from cleaners.utils.errors import InputError

ENGINES = dict(onnx='ONNX Runtime', torch='torch.export')


@pytest.fixture
def cfg():
    init_default_scope('mmdet3d')
    return Config(dict(model=tiny_ssc_net()))


@pytest.mark.parametrize('format', FORMAT_CASES)
def test_engines_give_the_same_logits(cfg, format):
    need_packages(format)
    result = export.measure_export(cfg, Settings(repeats=2))
    engine = ENGINES[format]
    # of logits around 0.05
    assert result['differences'][engine] < 1e-6
    assert result['differences']['this project'] == 0
    assert 0 < result['engines'][engine]['min'] <= result['engines'][engine]['max']
    assert f'\n{engine}' in export.format_result(result)


def test_mapping_is_the_inverse_of_mapping2d(cfg):
    batch = frames.random_inputs(frames.frame_sizes(cfg), 1, 0, 'cpu')
    mapping2d = batch['mapping2d'].flatten().tolist()
    mapping = export._export_inputs(batch)['mapping'].tolist()
    seen = {voxel: pixel for pixel, voxel in enumerate(mapping2d) if voxel >= 0}
    assert len(seen) > 50
    expected = [seen.get(voxel, len(mapping2d)) for voxel in range(len(mapping))]
    assert mapping == expected


@pytest.mark.parametrize('change', [dict(batch_size=2), dict(device='cuda')])
def test_what_an_export_does_not_do_is_refused(cfg, change):
    with pytest.raises(InputError, match='--device cpu --batch-size 1'):
        export.measure_export(cfg, Settings(**change))
