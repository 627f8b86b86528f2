"""`shopstack run` once a day by Airflow 3: on the worker, or in Fargate where `fargate.json` lies beside this file.

This file is yours. It needs Airflow 3.0.6 or newer with its standard provider, in Fargate the amazon provider too, and
nothing of shopstack: that has an environment of its own.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag, task

try:
    from airflow.sdk.exceptions import AirflowException, AirflowFailException
except ImportError:  # before Airflow 3.1
    from airflow.exceptions import AirflowException, AirflowFailException

HERE = Path(__file__).resolve().parent
PROJECT = os.environ.get("SHOPSTACK_PROJECT") or str(HERE.parents[1])
"""The folder with `shopstack.toml` on the worker."""
COMMAND = os.environ.get("SHOPSTACK_COMMAND") or f"{PROJECT}/.venv/bin/shopstack"
"""shopstack on the worker, in its own environment."""
FARGATE = HERE / "fargate.json"
"""What `terraform output -json airflow` prints in infrastructure/aws/prod."""

RUN = ["run", "--wait"]
AGAIN = 4
"""The exit code that says: nothing is wrong that time does not mend."""
KNOWN = range(128)
"""shopstack's own exit codes. Beyond them, something ended it from outside: a signal, a lack of memory."""

DOC = """
Reads what changed in the shop, builds, publishes, and compares with Shopify's own report: `shopstack run`, as one task,
since it holds one lock from its beginning to its end and finishes what an earlier run left.

| Task | Green | Red |
|---|---|---|
| `run` | the figures are up | they are not; the last good ones stay. Its log says why, and what to do |
| `findings` | nothing was found against them | they are up, and differ from Shopify's, or a table of your own kept its last good rows |

A task that needs new figures waits for `run`, one that needs figures without a doubt for `findings`. `run` is tried again
where that can help (exit code 4, or ended from outside): never after a wrong configuration, refused credentials or a
failed check.
"""


def concluded(code: int, began: datetime, read_status: Callable[[], str | bytes]) -> list[str]:
    """What a run with this exit code found against figures that are up; an exception where they are not.

    The status that a run leaves behind tells which of the two it is.
    """
    if code == 0:
        return []
    if code == AGAIN or code not in KNOWN:
        raise RuntimeError(f"shopstack run ended with exit code {code}; it is tried again")
    status = json.loads(read_status() or "{}")
    last = status.get("last_run") or {}
    # Airflow may have a Python that does not know the Z of UTC.
    is_of_this_run = bool(last) and datetime.fromisoformat(last["started_at"].replace("Z", "+00:00")) >= began
    if not is_of_this_run or status["state"] not in {"ok", "partly failed"}:
        why = (last.get("error") or {}).get("message", "") if is_of_this_run else ""
        raise AirflowFailException(f"shopstack run ended with exit code {code}; the last good figures stay. {why}")
    return list(found_by(status)) or [f"shopstack run ended with exit code {code}; its log says why"]


def found_by(status: dict[str, Any]) -> Iterator[str]:
    """What a run found, a sentence each."""
    compared = status.get("reconciliation") or {}
    if compared.get("state") == "differs":
        yield f"{compared['days']} days differ from Shopify's own report"
    for table in status["held_back"]:
        yield f"{table['table']} was not renewed: {table['why']}"
    if status["last_run"]["error"]:
        yield status["last_run"]["error"]["message"]


class RunOnWorker(BashOperator):
    """`shopstack run` in a process of its own; returns what it found."""

    def execute(self, context: Any) -> list[str]:
        began = datetime.now(timezone.utc)
        code = int(super().execute(context))
        asked = [COMMAND, "--project", PROJECT, "status", "--json"]
        return concluded(code, began, lambda: subprocess.run(asked, capture_output=True, check=False).stdout)


def on_worker() -> RunOnWorker:
    """The last line of its output is the exit code, which the operator hands on."""
    words = shlex.join([COMMAND, "--project", PROJECT, *RUN])
    return RunOnWorker(task_id="run", bash_command=f"{words}; echo $?")


def in_fargate(settings: dict[str, Any]) -> Any:
    """The task that Terraform describes, started here instead of by its own schedule."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from airflow.providers.amazon.aws.operators.ecs import EcsRunTaskOperator

    class RunInFargate(EcsRunTaskOperator):
        """`shopstack run` in a container; returns what it found."""

        def execute(self, context: Any) -> list[str]:
            began = datetime.now(timezone.utc)
            try:
                super().execute(context)
            except AirflowException:
                code = self.exit_code()
                if code is None:  # it never began
                    raise
                bucket, _, prefix = settings["storage_url"].removeprefix("s3://").partition("/")
                key = f"{prefix}/status.json".lstrip("/")
                hook = S3Hook(aws_conn_id=self.aws_conn_id, region_name=settings["region"])
                return concluded(code, began, lambda: hook.read_key(key, bucket))
            return []

        def exit_code(self) -> int | None:
            """The container's; None where there is none."""
            if not self.arn:
                return None
            (found,) = self.client.describe_tasks(cluster=self.cluster, tasks=[self.arn])["tasks"]
            return next((one.get("exitCode") for one in found["containers"]), None)

    return RunInFargate(
        task_id="run",
        aws_conn_id=None,  # the role of Airflow's own environment
        region_name=settings["region"],
        cluster=settings["cluster"],
        task_definition=settings["task_definition"],
        launch_type="FARGATE",
        overrides={"containerOverrides": [{"name": settings["container"], "command": RUN}]},
        network_configuration={
            "awsvpcConfiguration": {
                "assignPublicIp": "ENABLED",
                "securityGroups": settings["security_groups"],
                "subnets": settings["subnets"],
            }
        },
        container_name=settings["container"],
        awslogs_group=settings["log_group"],
        awslogs_region=settings["region"],
        awslogs_stream_prefix=settings["log_stream_prefix"],
    )


@dag(
    dag_id="shopstack",
    schedule="15 5 * * *",  # UTC
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args={
        "retries": 3,
        "retry_delay": timedelta(minutes=15),
        "execution_timeout": timedelta(hours=2),
    },
    doc_md=DOC,
    tags=["shopstack"],
)
def shopstack() -> None:
    """Run, then say what was found."""

    @task(retries=0)
    def findings(found: list[str]) -> None:
        if found:
            raise AirflowFailException("The figures are up, and: " + "; ".join(found))

    run = in_fargate(json.loads(FARGATE.read_text())) if FARGATE.is_file() else on_worker()
    findings(run.output)


shopstack()
