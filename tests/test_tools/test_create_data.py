import json

import numpy as np
import pytest
from folder_state import contents

from cleaners.fileio.npz_file import read_npz
from cleaners.geometry.cad import MISS_DEPTH_MM

KEYS = dict(
    img_path='trainset/RGB',
    depth_path='trainset/Depth',
    tsdf_path='TSDF',
    mapping_path='Mapping',
    label_path='Label',
    tsdf_cad_path='../NYU_clean/TSDF',
)


@pytest.fixture
def release(tmp_path, room, write_release):
    """A release with two good and three broken frames."""
    folder = tmp_path / 'raw' / 'NYUtrain'
    write_release(folder, [f'NYU000{i}' for i in (1, 3, 4, 5, 6)])
    (folder / 'RGB').mkdir()
    (folder / 'NYU0001_rgb.png').rename(folder / 'RGB/NYU0001_colors.png')
    cut = folder / 'NYU0004_0000.bin'
    cut.write_bytes(cut.read_bytes()[:-3])
    (folder / 'NYU0005_0000.png').unlink()
    (folder / 'NYU0006_rgb.png').unlink()
    return folder.parent


class TestNyu:
    def test_broken_frames_are_left_out(self, create_data, release, tmp_path, room):
        out = tmp_path / 'out' / 'NYU'
        args = (
            'nyu',
            '--root-path',
            release,
            '--out-dir',
            out,
            '--splits',
            'train',
            '--profile',
            'adassc',
        )
        result = create_data(*args)
        assert result.returncode == 1
        for message in (
            'NYU0004_0000.bin: truncated',
            'NYU0005_0000.png: no such depth image',
            'NYU0006_rgb.png: no such photo',
            '3 of 5 frames of train are broken',
        ):
            assert message in result.stderr
        assert 'Traceback' not in result.stderr

        infos = json.loads((out / 'nyu_infos_train.json').read_text())
        assert infos['metainfo'] == dict(
            dataset='NYU',
            profile='adassc',
            twin='../NYU_clean',
            voxel_size=0.08,
            grid_size=[60, 36, 60],
            img_size=[480, 640],
        )
        samples = [info['sample_idx'] for info in infos['data_list']]
        assert samples == ['NYU0001', 'NYU0003']
        self._check_frame(out, infos['data_list'][1], room)

        # the second run keeps what is finished and adds what was mended
        kept = out / 'TSDF' / '0001.npz'
        stamp = kept.stat().st_mtime_ns
        before = contents(out.parent)
        result = create_data(*args, '--rgb-from-depth')
        assert result.returncode == 1
        assert kept.stat().st_mtime_ns == stamp
        infos = json.loads((out / 'nyu_infos_train.json').read_text())
        samples = [info['sample_idx'] for info in infos['data_list']]
        assert samples == ['NYU0001', 'NYU0003', 'NYU0006']
        after = contents(out.parent)
        for path, content in before.items():
            if not path.endswith(('/nyu_infos_train.json', '/nyu_manifest.json')):
                assert after[path] == content

        result = create_data(*args[:-2])
        assert result.returncode == 1
        assert "'profile': 'adassc'" in result.stderr
        assert "'profile': '3dsketch'" in result.stderr
        assert 'give another --out-dir' in result.stderr

    def _check_frame(self, out, info, room):
        for key, folder in KEYS.items():
            assert (out / folder / info[key]).is_file()
        assert info['cam2img'][0] == [518.8579, 0.0, 320.0]
        np.testing.assert_array_equal(info['cam2world'], room.view.cam2world)
        np.testing.assert_array_equal(info['voxel_origin'], room.view.voxel_origin)
        with np.load(out / 'TSDF' / '0003.npz') as file:
            tsdf, weight = file['arr_0'], file['arr_1']
        with np.load(out / '../NYU_clean/TSDF/0003.npz') as file:
            np.testing.assert_array_equal(file['arr_1'], weight)
            assert np.abs(file['arr_0'] - tsdf).mean() > 0.01
        with np.load(out / 'Mapping' / '0003.npz') as file:
            mapping = file['arr_0']
        with np.load(out / 'Label' / '0003.npz') as file:
            label = file['arr_0']
        for array, dtype in (
            (tsdf, np.float32),
            (weight, np.uint8),
            (mapping, np.int64),
            (label, np.uint8),
        ):
            assert array.shape == (129600,) and array.dtype == dtype
        assert mapping.max() == 307200
        assert set(np.unique(label)) <= {*range(12), 255}
        assert not weight[label == 255].any()

    def test_nothing_there(self, create_data, tmp_path):
        result = create_data(
            'nyu', '--root-path', tmp_path, '--out-dir', tmp_path / 'NYU'
        )
        assert result.returncode == 1
        assert 'no frames NYUxxxx_0000.bin' in result.stderr
        assert not (tmp_path / 'NYU').exists()

    def test_real_frame(self, create_data, nyu_frame_dir, tmp_path):
        out = tmp_path / 'NYU'
        result = create_data(
            'nyu',
            '--root-path',
            nyu_frame_dir,
            '--out-dir',
            out,
            '--splits',
            'train',
            '--rgb-from-depth',
            '--profile',
            'adassc',
        )
        assert result.returncode == 0, result.stderr
        with np.load(nyu_frame_dir / 'reference.npz') as file:
            answer = {
                key: file[key].ravel()
                for key in (
                    'tsdf_lr',
                    'weights_lr',
                    'lbl_lr',
                    'mapping_lr',
                    'cad_tsdf_lr',
                )
            }
        for folder, names in (
            ('TSDF', ('tsdf_lr', 'weights_lr')),
            ('Mapping', ('mapping_lr',)),
            ('Label', ('lbl_lr',)),
        ):
            with np.load(out / folder / '0003.npz') as file:
                for index, name in enumerate(names):
                    np.testing.assert_allclose(
                        file[f'arr_{index}'], answer[name], atol=1e-6
                    )
        # our depth differs from the answer's in a few pixels
        with np.load(tmp_path / 'NYU_clean/TSDF/0003.npz') as file:
            error = np.abs(file['arr_0'] - answer['cad_tsdf_lr'])
        assert error.mean() < 1e-4

    def test_real_frame_of_the_release(
        self, create_data, nyu_frame_dir, nyu_3dsketch_dir, tmp_path
    ):
        out = tmp_path / 'NYU'
        result = create_data(
            'nyu',
            '--root-path',
            nyu_frame_dir,
            '--out-dir',
            out,
            '--splits',
            'train',
            '--rgb-from-depth',
        )
        assert result.returncode == 0, result.stderr
        for folder, name, tolerance in (
            ('Mapping', 'arr_0', 0),
            ('Label', 'arr_0', 0),
            ('TSDF', 'arr_1', 0),
            ('TSDF', 'arr_0', 1e-6),
        ):
            ours, theirs = (
                read_npz(root / folder / '0003.npz', name, 129600)
                for root in (out, nyu_3dsketch_dir)
            )
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)
        infos = json.loads((out / 'nyu_infos_train.json').read_text())
        assert infos['metainfo']['profile'] == '3dsketch'
        assert infos['data_list'][0]['cam2img'][1] == [0.0, 519.4696, 253.74]
        settings = json.loads((out / 'nyu_settings.json').read_text())
        assert settings['profile'] == '3dsketch'
        result = create_data('verify', out)
        assert result.returncode == 0, result.stderr


class TestNyuCad:
    @pytest.mark.long
    def test_clean_depth_of_the_release(
        self, create_data, tmp_path, room, write_release
    ):
        raw = tmp_path / 'raw'
        write_release(raw / 'NYUtest', ['NYU0007'])
        clean = np.where(room.cad_depth_mm == MISS_DEPTH_MM, 0, room.cad_depth_mm)
        write_release(raw / 'NYUCADtest', ['NYU0007'], clean, photos=False)
        common = (
            '--root-path',
            raw,
            '--splits',
            'test',
            '--images',
            'symlink',
            '--out-dir',
        )
        # the twin of NYU, from either source
        twins = []
        for source in ('auto', 'voxels'):
            out = tmp_path / source / 'NYU'
            result = create_data('nyu', *common, out, '--cad-source', source)
            assert result.returncode == 0, result.stderr
            twins.append(
                read_npz(tmp_path / source / 'NYU_clean/TSDF/0007.npz', 'arr_0', 129600)
            )
        assert not np.array_equal(*twins)
        photo = tmp_path / 'auto/NYU/testset/RGB/NYU0007_rgb.png'
        source_photo = raw / 'NYUtest/NYU0007_rgb.png'
        assert photo.readlink() == source_photo
        # asked for others, it replaces the links
        again = 'nyu', *common, tmp_path / 'auto/NYU', '--images'
        assert create_data(*again, 'hardlink').returncode == 0
        assert not photo.is_symlink() and photo.samefile(source_photo)
        assert create_data(*again, 'copy').returncode == 0
        assert photo.is_file() and not photo.samefile(source_photo)
        assert photo.read_bytes() == source_photo.read_bytes()
        # NYUCAD by itself: the clean depth is the sensor's
        for source, twin in zip(('voxels', 'auto'), reversed(twins)):
            out = tmp_path / f'{source}CAD'
            result = create_data('nyucad', *common, out, '--cad-source', source)
            assert result.returncode == 0, result.stderr
            tsdf = read_npz(out / 'TSDF/0007.npz', 'arr_0', 129600)
            np.testing.assert_array_equal(tsdf, twin)
        (info,) = json.loads((out / 'nyucad_infos_test.json').read_text())['data_list']
        assert info['tsdf_cad_path'] == info['tsdf_path'] == '0007.npz'
        result = create_data('verify', out)
        assert result.returncode == 0, result.stderr

        # a depth image that belongs to another pose
        header = raw / 'NYUCADtest/NYU0007_0000.bin'
        header.write_bytes(b'\0\0\0\0' + header.read_bytes()[4:])
        result = create_data('nyu', *common, tmp_path / 'moved')
        assert result.returncode == 1
        assert 'NYU0007_0000.bin: has another pose' in result.stderr

    def test_missing_clean_depth(self, create_data, tmp_path, write_release):
        write_release(tmp_path / 'NYUtest', ['NYU0007'])
        result = create_data(
            'nyu',
            '--root-path',
            tmp_path,
            '--splits',
            'test',
            '--out-dir',
            tmp_path / 'out',
            '--cad-source',
            'depth',
        )
        assert result.returncode == 1
        assert 'NYUCADtest: not found' in result.stderr
