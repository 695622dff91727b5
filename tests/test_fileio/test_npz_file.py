import io
import zipfile

import numpy as np
import pytest

from cleaners.fileio.npz_file import encode_npz, read_npz


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return [
        rng.normal(size=50).astype(np.float32),
        rng.integers(0, 2, 50).astype(np.uint8),
        np.arange(50),
    ]


def test_numpy_and_we_read_the_same(tmp_path, arrays):
    path = tmp_path / 'a.npz'
    path.write_bytes(encode_npz(arrays))
    assert encode_npz(arrays) == path.read_bytes()
    with np.load(path) as file:
        for index, array in enumerate(arrays):
            for found in (file[f'arr_{index}'], read_npz(path, f'arr_{index}', 50)):
                assert found.dtype == array.dtype
                np.testing.assert_array_equal(found, array)


def test_reads_what_numpy_writes(tmp_path, arrays):
    path = tmp_path / 'a.npz'
    volume = np.asfortranarray(arrays[2].reshape(2, 5, 5))
    np.savez(path, volume)
    np.testing.assert_array_equal(read_npz(path, 'arr_0', 50), volume.ravel())


def test_refusals(tmp_path, arrays):
    path = tmp_path / 'a.npz'
    with pytest.raises(FileNotFoundError, match='a.npz.*not found'):
        read_npz(path, 'arr_0', 50)
    path.write_bytes(encode_npz(arrays))
    with pytest.raises(ValueError, match="a.npz' has no array 'arr_3'"):
        read_npz(path, 'arr_3', 50)
    with pytest.raises(ValueError, match=r'should hold 49.*shape \(50,\)'):
        read_npz(path, 'arr_0', 49)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ValueError, match="a.npz' is not a readable npz"):
        read_npz(path, 'arr_0', 50)
    np.savez(path, np.array(['x'] * 50))
    with pytest.raises(ValueError, match='instead of numbers'):
        read_npz(path, 'arr_0', 50)


@pytest.mark.parametrize('shape,num_bytes', [((10**12,), 400), ((50,), 100)])
def test_claims_are_not_believed(tmp_path, shape, num_bytes):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, dict(descr='<f8', fortran_order=False, shape=shape)
    )
    path = tmp_path / 'a.npz'
    with zipfile.ZipFile(path, 'w') as file:
        file.writestr('arr_0.npy', header.getvalue() + bytes(num_bytes))
    with pytest.raises(ValueError, match='a.npz'):
        read_npz(path, 'arr_0', 50)
