"""Metafiles, the pages made of them, and the weights of the package."""

import pytest
import yaml
from in_process import call_tool
from mmengine.config import Config

from cleaners.analysis.flops import count_network
from cleaners.analysis.model_zoo import CARDS, ZOO, model_pages, read_models
from cleaners.datasets import nyu
from cleaners.fileio.file_digest import file_digest
from cleaners.utils.errors import InputError
from cleaners.utils.shipped_weights import FOLDER, shipped_names


@pytest.fixture(scope='module')
def models(repo_root):
    return read_models(repo_root)


def test_the_pages_are_those_of_the_metafiles(models, repo_root):
    pages = model_pages(models)
    for name, text in pages.items():
        assert (repo_root / name).read_text() == text
    cards = {f'{CARDS}/{path.name}' for path in (repo_root / CARDS).glob('*.md')}
    assert cards == {name for name in pages if name.startswith(CARDS)}


def test_the_tool_writes_all_pages(models, repo_root, tmp_path, monkeypatch, capsys):
    """Of the repository that it lies in, here another one."""
    tool = repo_root / 'tools/misc/model_zoo.py'
    for source in (tool, *repo_root.glob('projects/*/metafile.yml')):
        copy = tmp_path / source.relative_to(repo_root)
        copy.parent.mkdir(parents=True)
        copy.write_bytes(source.read_bytes())
    call_tool(monkeypatch, tmp_path / tool.relative_to(repo_root))
    pages = model_pages(models)
    assert sorted(capsys.readouterr().out.split()) == sorted(pages)
    for name, text in pages.items():
        assert (tmp_path / name).read_text() == text


def test_what_a_quoted_score_hides_is_on_the_page(models):
    page = model_pages(models)[ZOO]
    assert 'cvsformer_seg2d: it sees 2D labels that know those of the test' in page


def test_every_network_of_the_package_has_an_entry_and_its_hash(models):
    own = {model.weights: model for model in models if model.weights}
    assert sorted(own) == shipped_names()
    for name, model in own.items():
        assert model.metadata['SHA256'] == file_digest(FOLDER / f'{name}.pth')
        if 'efflite0' in name:
            shared = 'efflite0_encoder.pth'
            assert model.metadata[f'SHA256 of {shared}'] == file_digest(FOLDER / shared)


def test_a_command_trains_what_its_entry_shows(models):
    for model in models:
        if model.weights:
            league = 'photo' if 'efflite0' in model.name else 'depth'
            assert f'--leagues {league} ' in model.metadata['Training Command']


def test_every_config_is_there_and_scores_are_whole(models, repo_root):
    for model in models:
        assert (repo_root / model.config).is_file()
        for result in model.results:
            classes = [
                value
                for key, value in result['Metrics'].items()
                if key.startswith('IoU ')
            ]
            assert len(classes) in (0, len(nyu.CLASSES) - 1)
            if classes:
                # quoted figures are rounded to a decimal
                assert sum(classes) / len(classes) == pytest.approx(
                    result['Metrics']['SSC mIoU'], abs=0.06
                )


def test_sizes_are_those_of_the_networks(models, repo_root):
    small = {model.name: model for model in models if 'efflite0-d32' in model.name}
    for name in ('ammnet_efflite0-d32', 'cleaners_efflite0-d32'):
        metadata = small[name].metadata
        cfg = Config.fromfile(repo_root / small[name].config)
        total = count_network(cfg)['total']
        assert metadata['Parameters (M)'] == round(total['parameters'] / 1e6, 2)
        assert metadata['GFLOP a frame'] == round(total['gflop'], 1)


def test_an_entry_without_a_config_is_named(tmp_path):
    path = tmp_path / 'projects/X/metafile.yml'
    path.parent.mkdir(parents=True)
    path.write_text(
        yaml.safe_dump(dict(Models=[dict(Name='x_y', **{'In Collection': 'X'})]))
    )
    with pytest.raises(InputError, match="X/metafile.yml': x_y .* 'Config'"):
        read_models(tmp_path)


def test_the_index_imports_every_project(repo_root):
    index = yaml.safe_load((repo_root / 'model-index.yml').read_text())
    found = {str(p.relative_to(repo_root)) for p in repo_root.glob('projects/*/*.yml')}
    assert set(index['Import']) == found


def test_only_what_the_authors_have_is_called_proven(models):
    proven = {model.name for model in models if model.proven}
    assert proven == {'cleaners_b2', 'ammnet_b2', 'sketch3d_r50', 'cvsformer_seg2d'}
    assert all(model.parity for model in models if model.proven)
