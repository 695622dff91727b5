"""Networks with weights that matter, and one frame for each."""

from export_cases import frame_of, make_net  # noqa: F401
