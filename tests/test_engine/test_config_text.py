"""The text of a config."""

import pytest
from mmengine.config import Config, config

from cleaners import register_modules  # noqa: F401
from cleaners.engine.config_text import read_setting


def test_a_text_is_laid_out_once():
    cfg = Config(dict(model=dict(type='Net', sizes=list(range(40)))))
    layout = config.FormatCode.layout
    layout.cache_clear()
    first = cfg.pretty_text
    assert cfg.pretty_text == first
    assert (layout.cache_info().misses, layout.cache_info().hits) == (1, 1)
    # as yapf lays it out, not only as it came
    assert max(map(len, first.splitlines())) < 80
    cfg.model.sizes.append(40)
    assert cfg.pretty_text != first


def test_a_text_can_be_read_again(tmp_path):
    cfg = Config(dict(inf=1, hook=dict(keep=float('inf'), lose=[float('-inf')])))
    path = tmp_path / 'cfg.py'
    cfg.dump(path)
    assert Config.fromfile(path).to_dict() == cfg.to_dict()


def test_a_setting_is_read_without_running_the_text():
    part = dict(part='rest', share=0.2, ratios=[(1, 2), None])
    dataset = dict(filter_cfg=part, pipeline=[dict(type='Load')])
    cfg = Config(dict(loader=dict(dataset=dataset), lr=float('inf'), empty=None))
    text = cfg.pretty_text
    assert read_setting(text, 'loader', 'dataset', 'filter_cfg') == part
    assert read_setting(text, 'loader', 'dataset', 'filter_cfg', 'share') == 0.2
    for missing in (('no',), ('empty',), ('loader', 'no', 'no'), ('empty', 'no')):
        assert read_setting(text, *missing) is None
    with pytest.raises(ValueError, match='no text of a config'):
        read_setting('a = (', 'a')
    with pytest.raises(ValueError, match='malformed'):
        read_setting('a = dict(b=open("x"[0]).read)', 'a', 'b')
