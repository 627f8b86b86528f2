"""`shopstack status`: when it last ran, what is up, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator

import click

from shopstack import output
from shopstack.cli.render import aligned, shown
from shopstack.cli.session import Session, json_option, pass_session, project_option
from shopstack.cli.summary import interrupted_removals, interruptions, notices, reconciliation_words
from shopstack.orchestration.lock import holder
from shopstack.publish.status import LastRun, ShopState, Status, read_status, status_as_dict

RUNS_SHOWN = 5


@click.command()
@project_option
@json_option
@pass_session
def status(session: Session) -> None:
    """Say when it last ran, what is published, and what is missing.

    \b
    Examples:
      shopstack status
      shopstack status --json
    """
    project = session.project()
    found = read_status(project)
    working = holder(project.state)
    if session.json:
        document = status_as_dict(found) if found else {"state": "never run"}
        output.data(
            {
                **document,
                "working": {"pid": working.pid, "since": working.since} if working else None,
                "interrupted_removals": {} if working else interrupted_removals(project),
            }
        )
        return
    if working:
        output.text(f"working   {working}")
    if found is None:
        output.text("state     never run")
        output.say("Next: shopstack run")
        return
    for name, value in _facts(found, is_working=None if project.is_far else working is not None):
        output.text(f"{name:<10}{value}")
    for message, hint in [*([] if working else interruptions(project)), *notices(found)]:
        output.text(f"{'notice':<10}{message}" + (f" -> {hint}" if hint else ""))
    _show_runs(found)


def _facts(found: Status, *, is_working: bool | None) -> Iterator[tuple[str, str]]:
    """What is known, by name; ``is_working`` is None where another machine may be at work."""
    if found.state == "running" and is_working is None:
        yield "state", "running, or killed: from here that cannot be told"
    elif found.state == "running" and not is_working:
        yield "state", "stopped: the last run was killed; the next one takes it up again"
    else:
        yield "state", found.state
    if found.last_run:
        yield "last run", _last_run(found.last_run)
        if found.last_run.error:
            yield "error", found.last_run.error.message
            yield "hint", found.last_run.error.hint
    if found.stale:
        yield "stale", f"since {shown(found.stale.since)}: {found.stale.why}"
    for shop in found.shops:
        yield "shop", _shop(shop)
    if found.published:
        up_to = shown(found.published.data_up_to) or "unknown"
        yield "published", f"{found.published.version}, data up to {up_to} (UTC)"
    else:
        yield "published", "nothing yet"
    yield (
        "tests",
        f"{found.tests.passed} passed, {found.tests.warned} warned, {len(found.tests.failed)} failed",
    )
    if found.ties:
        yield "ties", f"{found.ties.orders - found.ties.untied} of {found.ties.orders} orders tie"
    for checks in found.checks:
        yield "compared", f"{checks.shop}: {reconciliation_words(checks.reconciliation)}"
    if not found.checks:
        yield "compared", reconciliation_words(found.reconciliation)
    # Of several shops each stream is named once.
    loaded = [stream.stream for stream in found.streams if stream.state == "loaded"]
    read = ", ".join(dict.fromkeys(loaded))
    yield "streams", read or "none loaded yet"


def _shop(shop: ShopState) -> str:
    """One of several shops: when it was read last, and since when and why it is not any more."""
    read = (
        f"last read {shown(shop.read_at)} (UTC)"
        if shop.read_at
        else "never read, so none of its figures are shown"
    )
    if shop.stale is None:
        return f"{shop.handle}: {read}"
    hint = f" -> {shop.stale.hint}" if shop.stale.hint else ""
    return f"{shop.handle}: {read}; stale since {shown(shop.stale.since)}: {shop.stale.why}{hint}"


def _last_run(run: LastRun) -> str:
    if run.finished_at is None:
        return f"{run.run_id}, begun {shown(run.started_at)} (UTC), not finished"
    seconds = (run.finished_at - run.started_at).total_seconds()
    return f"{run.run_id}, ended {shown(run.finished_at)} (UTC) after {seconds:.0f} s with exit code {run.exit_code}"


def _show_runs(found: Status) -> None:
    rows = [
        (run.run_id, shown(run.started_at), run.seconds, run.exit_code) for run in found.runs[:RUNS_SHOWN]
    ]
    if rows:
        output.text("")
        for line in aligned(("run", "started (UTC)", "seconds", "exit code"), rows):
            output.text(line)
