"""A project handed over to GitHub's schedule, or to Airflow's: what is typed at home before."""

from __future__ import annotations

import subprocess
from pathlib import Path

from shopstack.scaffold import create_project
from tests.contract.transformation.test_on_snowflake import CONFIGURED
from tests.docs.following.desk import commands_of_ours
from tests.docs.following.reader import Reader
from tests.docs.following.route import ELSEWHERE_BY_THE_CLOCK

ENVIRONMENT = {"GIT_AUTHOR_NAME": "Me", "GIT_AUTHOR_EMAIL": "me@example.com"}
ENVIRONMENT |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in ENVIRONMENT.items()}


def test_git_takes_the_project_and_no_secret(tmp_path: Path) -> None:
    token = {"SHOPIFY_ACCESS_TOKEN": "shpat_0"}
    project = create_project(tmp_path / "my-shop", address="biscuit.myshopify.com", credentials=token).root
    key = project / "infrastructure" / "snowflake" / "prod" / "pipeline_key.p8"
    key.write_text("a key")
    with (project / "shopstack.toml").open("a", encoding="utf-8") as file:
        file.write(CONFIGURED.format(prefix="SPOON", server="http://127.0.0.1:9"))
        file.write('\n[storage]\nurl = "s3://my-bucket/my-shop"\n')
    environment = {**commands_of_ours(), **ENVIRONMENT, "HOME": str(tmp_path)}
    environment |= {"SNOWFLAKE_PRIVATE_KEY_PATH": str(key)}
    with Reader(tmp_path, environment) as reader:
        reader.walk(ELSEWHERE_BY_THE_CLOCK)
        reader.type(
            'test -f "$AIRFLOW__CORE__DAGS_FOLDER/shopstack_dag.py" && "$SHOPSTACK_COMMAND" --version'
        )
    listed = ["git", "-C", str(project), "ls-tree", "-r", "--name-only", "main"]
    taken = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split()
    assert {
        ".github/workflows/scheduled-run.yml",
        ".github/workflows/image.yml",
        "orchestration/requirements.lock",
        "shopstack.toml",
    } <= set(taken)
    assert [
        name for name in taken if name == ".env" or name.endswith(".p8") or name.startswith("data/")
    ] == []
