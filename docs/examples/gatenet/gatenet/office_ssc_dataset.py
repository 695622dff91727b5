import csv
import os.path as osp

from mmdet3d.registry import DATASETS

from cleaners.datasets import nyu
from cleaners.datasets.nyu_ssc_dataset import NYUSSCDataset


@DATASETS.register_module()
class OfficeSSCDataset(NYUSSCDataset):
    """Frames that ``train.csv`` and ``test.csv`` list, with five classes.

    Each line has the name of a ``frame`` and its ``photo``. The volumes are
    named like the frame.
    """

    METAINFO = dict(
        NYUSSCDataset.METAINFO,
        classes=('empty', 'floor', 'wall', 'desk', 'chair'),
        palette=nyu.PALETTE[:5],
        profile='3dsketch',
    )

    def load_data_list(self) -> list[dict]:
        """List the frames of the split."""
        with open(osp.join(self.data_root, f'{self.split}.csv')) as file:
            rows = list(csv.DictReader(file))
        return [
            self.parse_data_info(
                dict(
                    sample_idx=row['frame'],
                    img_path=row['photo'],
                    **{
                        f'{kind}_path': f'{row["frame"]}.npz'
                        for kind in ('tsdf', 'mapping', 'label')
                    },
                )
            )
            for row in rows
        ]
