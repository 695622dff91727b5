"""A browser, and a scene page in it."""

import shutil

import pytest
from browser_page import Page
from scene_samples import METAINFO, make_view

from cleaners.visualization.scene_page import write_scene_page

CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser')
# WebGL in software; root has no sandbox
FLAGS = (
    '--no-sandbox',
    '--disable-gpu',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--disable-background-networking',
)


@pytest.fixture(scope='module')
def browser():
    playwright = pytest.importorskip(
        'playwright.sync_api',
        reason='the Python package playwright is not '
        'installed (pip install playwright)',
    )
    if CHROMIUM is None:
        pytest.skip('no chromium on the PATH (apt-get install chromium)')
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope='module')
def new_page(browser):
    """Opens files; the network is cut, and no error may be left at the end."""
    pages = []

    def new(path, **kwargs):
        kwargs = {'viewport': dict(width=760, height=460), **kwargs}
        context = browser.new_context(offline=True, **kwargs)
        pages.append(Page(context.new_page()))
        pages[-1].open(path)
        return pages[-1]

    yield new
    assert [page.errors for page in pages] == [[]] * len(pages)


@pytest.fixture(scope='module')
def view():
    return make_view()


@pytest.fixture(scope='module')
def path(tmp_path_factory, view):
    path = tmp_path_factory.mktemp('page') / 'room.html'
    write_scene_page(path, view, METAINFO, 'A room')
    return path


@pytest.fixture(scope='module')
def shared_page(new_page, path):
    return new_page(path)


@pytest.fixture
def page(shared_page, path):
    """The room as it is at first."""
    shared_page.open(path)
    yield shared_page
    assert shared_page.errors == []
