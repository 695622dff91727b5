from cleaners.visualization.scene_index import IndexEntry, write_scene_index


def test_links_lead_to_frames_of_any_name(tmp_path):
    """After a # a browser would look for a place within another page."""
    name = 'kitchen#2 50%?&'
    entry = IndexEntry(name, f'{name}.html', f'{name}.png', {'SC IoU': 50.0})
    write_scene_index(tmp_path / 'index.html', 'Frames', [entry])
    page = (tmp_path / 'index.html').read_text()
    assert 'href="kitchen%232%2050%25%3F%26.html"' in page
    assert 'src="kitchen%232%2050%25%3F%26.png"' in page
    assert '>kitchen#2 50%?&amp;</a>' in page
