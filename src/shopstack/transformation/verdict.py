"""Whether what stands in the warehouse may be published: the last build ended, and nothing of it failed."""

from __future__ import annotations

from shopstack.errors import BuildError
from shopstack.project import Project
from shopstack.transformation.results import read_results
from shopstack.transformation.runner import target_folder


def require_sound_build(project: Project) -> None:
    """Refuse a warehouse that a failed or interrupted build left behind.

    Raises:
        BuildError: the last build failed, was interrupted, or never happened.
    """
    results = read_results(target_folder(project))
    if results is None:
        raise BuildError(
            "There is no finished build to publish.",
            why="The last build was interrupted, or there was none.",
            hint="shopstack build",
        )
    failed = [result.sentence for result in results if result.outcome == "failed"]
    if failed:
        raise BuildError(
            "The last build failed, so it is not published.",
            why="; ".join(failed),
            hint="shopstack build (its log says more)",
        )
