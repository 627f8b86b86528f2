"""Whether what stands in the warehouse may be published: the last build ended, and nothing of the engine's failed."""

from __future__ import annotations

from shopstack.errors import BuildError
from shopstack.project import Project
from shopstack.transformation.containment import Containment, contain
from shopstack.transformation.results import read_results
from shopstack.transformation.runner import target_folder
from shopstack.transformation.state import fetch_state


def require_sound_build(project: Project) -> Containment:
    """Refuse a warehouse that a failed or interrupted build left behind; else what of it is to be held back.

    Raises:
        BuildError: the last build failed, was interrupted, or never happened.
    """
    fetch_state(project, target_folder(project))
    results = read_results(target_folder(project))
    if results is None:
        raise BuildError(
            "There is no finished build to publish.",
            why="The last build was interrupted, or there was none.",
            hint="shopstack build",
        )
    found = contain(target_folder(project), results)
    if not found.is_sound:
        raise BuildError(
            "The last build failed, so it is not published.",
            why="; ".join(result.sentence for result in (*found.grave, *found.own)),
            hint="shopstack build (its log says more)",
        )
    return found
