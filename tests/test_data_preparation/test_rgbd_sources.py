from cleaners.data_preparation.rgbd_sources import Sources, find_frames


def test_side_files_are_no_frames(tmp_path):
    for name in ('color/f0.jpg', 'depth/f0.tiff'):
        path = tmp_path / name
        path.parent.mkdir()
        path.touch()
        for other in ('._' + path.name, '.DS_Store', 'Thumbs.db'):
            (path.parent / other).touch()
    sources = find_frames(tmp_path / 'color', tmp_path / 'depth')
    assert sources == Sources(
        {'f0': tmp_path / 'color/f0.jpg'}, {'f0': tmp_path / 'depth/f0.tiff'}
    )
