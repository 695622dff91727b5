"""The file of predictions."""

import mmengine
import torch

from cleaners.evaluation.metrics.dump_ssc_results import DumpSSCResults


def test_label_and_scene_of_each_frame_are_kept(tmp_path):
    torch.manual_seed(0)
    frames = [
        dict(
            sample_idx=name,
            pred_voxel_seg=dict(
                label=torch.randint(12, (6, 4, 6), dtype=torch.uint8),
                scene=torch.randint(12, (6, 4, 6), dtype=torch.uint8),
                logits=torch.randn(12, 6, 4, 6),
                confidence=torch.rand(6, 4, 6),
            ),
            gt_voxel_seg=dict(label=torch.zeros(6, 4, 6)),
        )
        for name in 'ab'
    ]
    dump = DumpSSCResults(str(tmp_path / 'all.pkl'))
    dump.process({}, frames)
    dump.evaluate(size=2)
    found = mmengine.load(tmp_path / 'all.pkl')
    assert [frame['sample_idx'] for frame in found] == ['a', 'b']
    for frame, given in zip(found, frames):
        assert set(frame) == {'sample_idx', 'pred_voxel_seg'}
        assert set(frame['pred_voxel_seg']) == {'label', 'scene'}
        for key, volume in frame['pred_voxel_seg'].items():
            assert torch.equal(volume, given['pred_voxel_seg'][key])
