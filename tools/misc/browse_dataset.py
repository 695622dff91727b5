"""Draw prepared frames: ``browse_dataset.py CONFIG_OR_ROOT``.

For each frame OUT/<frame>.png: photo, depth and the pixels that are mapped to
a voxel; then the TSDF, the labels and those that count, cut where most of the
surface is (from the left, and from above).
"""
import argparse
from pathlib import Path


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description='Draw the frames of a prepared data set')
    parser.add_argument(
        'source', help='config, or folder of tools/create_data.py')
    parser.add_argument('--split', choices=['train', 'test'], default='test')
    parser.add_argument(
        '--out-dir', type=Path, default=Path('work_dirs/browse'))
    parser.add_argument(
        '--max-frames', type=int, default=10, help='(default: 10)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    # after the arguments, so that --help answers at once
    from cleaners.utils.errors import report_errors
    with report_errors():
        browse(args)


def browse(args: argparse.Namespace) -> None:
    """Draw the first frames of the split."""
    import cv2
    from tqdm import tqdm

    from cleaners.utils.atomic_write import write_atomically
    dataset = build_dataset(args.source, args.split)
    count = min(len(dataset), args.max_frames)
    for index in tqdm(range(count), desc=args.split):
        info = dataset.get_data_info(index)
        picture = draw_frame(info, dataset.metainfo)
        _, png = cv2.imencode('.png', picture[..., ::-1])
        path = args.out_dir / f"{info['sample_idx']}.png"
        write_atomically(path, png.tobytes())
    print(f'{count} of {len(dataset)} frames drawn in {args.out_dir}')


def build_dataset(source: str, split: str):
    """Build the data set without its transforms.

    Args:
        source (str): Config, or folder of a data set.
        split (str): 'train' or 'test'.

    Returns:
        NYUSSCDataset: Its infos name all files of a frame.

    Raises:
        InputError: If there is no such data set.
    """
    import mmengine

    from cleaners.datasets.nyu_ssc_dataset import NYUSSCDataset
    from cleaners.utils.errors import InputError
    settings = _from_folder(source,
                            split) if Path(source).is_dir() else _from_config(
                                source, split)
    root, ann_file = Path(settings['data_root']), settings['ann_file']
    prefix = dict(settings['data_prefix'])
    if not (root / ann_file).is_file():
        raise InputError(f'{root / ann_file}: not found; prepare the data '
                         'with tools/create_data.py')
    frames = mmengine.load(root / ann_file)['data_list']
    if frames and 'depth_path' in frames[0]:
        prefix['depth_path'] = f'{split}set/Depth'
    return NYUSSCDataset(
        ann_file=ann_file,
        split=split,
        data_root=str(root),
        data_prefix=prefix,
        twin=settings.get('twin', ''),
        test_mode=True,
        pipeline=[])


def draw_frame(info: dict, metainfo: dict):
    """Draw one frame.

    Args:
        info (dict): Of the data set.
        metainfo (dict): Of the data set, for names and colours.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    from cleaners.fileio.depth_file import read_depth_png
    from cleaners.fileio.image_file import decode_photo, read_bytes
    from cleaners.geometry.mapping import mapping_to_image
    from cleaners.visualization import frame_panels as panels
    photo = decode_photo(info['img_path'], read_bytes(info['img_path'],
                                                      'photo'))
    size = photo.shape[:2]
    mapping = _volume(info, 'mapping_path').ravel()
    voxels = mapping_to_image(mapping, size)
    volumes = _coloured_volumes(info, metainfo['palette'])
    # pixels take the colour of their voxel's label; without, of the TSDF
    dots = volumes[1 if len(volumes) > 1 else 0][1].reshape(-1, 3)
    first = [('Photo', photo),
             ('Mapped pixels', panels.overlay_mapping(photo, voxels, dots))]
    if 'depth_path' in info:
        depth = read_depth_png(info['depth_path']) / 1000.
        first.insert(1, ('Depth', panels.colour_depth(depth)))
    cuts = panels.cut_volumes(volumes, mapping < size[0] * size[1], size)
    legend = list(zip(metainfo['classes'], metainfo['palette']))[1:]
    return panels.compose_rows([first, *cuts],
                               legend if len(volumes) > 1 else [])


def _volume(info: dict, key: str, name: str = 'arr_0'):
    """One volume of a frame, (X, Y, Z)."""
    from cleaners.datasets import nyu
    from cleaners.fileio.npz_file import read_npz
    grid = nyu.GRID
    return read_npz(info[key], name, grid.num_voxels).reshape(grid.shape)


def _coloured_volumes(info: dict, palette: list) -> list:
    """Titles and coloured volumes (X, Y, Z, 3) of a frame."""
    from cleaners.visualization.frame_panels import colour_labels, colour_tsdf
    volumes = [('TSDF', colour_tsdf(_volume(info, 'tsdf_path')))]
    if info['label_path'] is not None:
        label = _volume(info, 'label_path')
        counted = label.copy()
        counted[_volume(info, 'tsdf_path', 'arr_1') == 0] = 255
        volumes += [('Label', colour_labels(label, palette)),
                    ('Label where it counts', colour_labels(counted, palette))]
    return volumes


def _from_folder(source: str, split: str) -> dict:
    """Settings of the data set in a folder."""
    from cleaners.utils.errors import InputError
    files = sorted(Path(source).glob(f'*_infos_{split}.json'))
    if len(files) != 1:
        raise InputError(f'{source}: expected one annotation file '
                         f'*_infos_{split}.json, but found {len(files)}')
    return dict(
        data_root=source,
        ann_file=files[0].name,
        data_prefix=dict(
            img_path=f'{split}set/RGB',
            tsdf_path='TSDF',
            mapping_path='Mapping',
            label_path='Label'))


def _from_config(source: str, split: str) -> dict:
    """Settings of the data set in a config."""
    from mmengine.config import Config

    from cleaners.utils.errors import InputError
    if not Path(source).is_file():
        raise InputError(f'{source}: no such config or folder')
    return Config.fromfile(source)[f'{split}_dataloader'].dataset


if __name__ == '__main__':
    main()
