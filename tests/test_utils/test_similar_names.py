"""A name that there is not, and the one that may be meant."""

from cleaners.utils.similar_names import did_you_mean


def test_the_nearest_name_is_suggested():
    known = ['backbone', 'head_2d', 'neck']
    assert did_you_mean('backbon', known) == ", did you mean 'backbone'?"
    assert did_you_mean('xyz', known) == did_you_mean('backbon', []) == ''


def test_something_else_is_shown_for_a_name():
    places = dict(teacher='runs/teacher.pth')
    assert did_you_mean('techer', places, places) == (
        ", did you mean 'runs/teacher.pth'?"
    )
