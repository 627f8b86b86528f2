"""The READMEs of Terraform, followed literally with the real Terraform up to what needs an account.

S3 is simulated, the providers know their schemas only. `terraform apply` is not typed; what it would leave, a bucket for the
states and the outputs of the plan, is put there, and the reader goes on.
"""

from __future__ import annotations

import re
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from shopstack.config import parse_config
from shopstack.scaffold import create_project
from shopstack.secrets import read_environment, read_snowflake_key
from shopstack.warehouse.snowflake_key import private_key
from tests.docs.following.desk import commands_of_ours, make_bucket
from tests.docs.following.reader import Reader
from tests.docs.following.route import INFRASTRUCTURE
from tests.docs.following.terraform_state import leave_state
from tests.infrastructure.terraform import missing, without_registry
from tests.s3_server import simulated_s3

pytestmark = pytest.mark.xdist_group("following terraform")

PUBLIC_KEY = re.compile(r"MII[A-Za-z0-9+/=]+")
HOSTLESS = "export TF_CLI_ARGS_init=-backend-config=use_path_style=true"
"""A bucket of the simulated S3 has no host of its own. Only a root whose state lies in S3 knows the setting."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Somebody with a new project, Terraform, the schema providers and a simulated S3, who has walked the whole way."""
    if why := missing():
        pytest.skip(why)
    home = tmp_path_factory.mktemp("reader")
    token = {"SHOPIFY_ACCESS_TOKEN": "shpat_0"}
    create_project(home / "my-shop", address="biscuit-and-bramble.myshopify.com", credentials=token)
    with simulated_s3() as s3:

        def applied(reader: Reader, _: str) -> None:
            """What an account would have made: the bucket for the states, and a state."""
            outputs = leave_state(reader.terminal.folder, reader.environment)
            for bucket in re.findall(r'^bucket = "(.+)"', outputs.get("backend", ""), re.MULTILINE):
                make_bucket(s3, bucket)

        environment = {
            **commands_of_ours(),
            "HOME": str(home),
            **without_registry(home),
            **s3.environment(),
            "AWS_ENDPOINT_URL_STS": s3.url,
            "TF_INPUT": "false",
        }
        then = {
            "cp terraform.tfvars.example terraform.tfvars": fill_in,
            "terraform apply": applied,
            "terraform apply plan": applied,
            "terraform output -raw shopstack_toml": paste,
        }
        with Reader(home, environment, then=then) as somebody:
            somebody.walk(INFRASTRUCTURE)
            yield somebody


def fill_in(reader: Reader, _: str) -> None:
    """The public key that was printed last takes the place of the example's, and what one has not is taken out."""
    file = reader.terminal.folder / "terraform.tfvars"
    text = file.read_text(encoding="utf-8")
    keys = [found[0] for typed in reader.typed if (found := PUBLIC_KEY.search(typed.said))]
    if "pipeline" in text:
        text = re.sub(r"^ +addresses .*\n|^  (reporter|ci) = \{\n(.*\n){2}", "", text, flags=re.MULTILINE)
        text = PUBLIC_KEY.sub(keys[-1], text)
    file.write_text(text, encoding="utf-8")
    if '"s3"' in (file.parent / "backend.tf").read_text(encoding="utf-8"):
        reader.terminal.type(HOSTLESS)


def paste(reader: Reader, printed: str) -> None:
    """The lines that were printed go into `shopstack.toml`, `type` waits."""
    reader.paste(re.sub(r"^type = .*\n", "", printed, flags=re.MULTILINE))


def printed(reader: Reader, command: str, root: str) -> str:
    """What a command said in a root."""
    folder = reader.project / "infrastructure" / root
    (said,) = [one.said for one in reader.typed if one.command == command and one.folder == folder]
    return said


each_environment = pytest.mark.parametrize("root", ["dev", "prod"])


@each_environment
def test_what_the_roots_print_is_a_configuration_that_the_project_accepts(reader: Reader, root: str) -> None:
    for cloud in ("snowflake", "aws"):
        reader.paste(printed(reader, "terraform output -raw shopstack_toml", f"{cloud}/{root}"))
    config = parse_config((reader.project / "shopstack.toml").read_text(encoding="utf-8"))
    assert (config.warehouse.type, config.storage.url[:5]) == ("snowflake", "s3://")
    assert "ok    configuration" in reader.type(f"shopstack --project {reader.project} check").said


def test_the_pipelines_key_lies_where_the_project_looks_for_it(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SNOWFLAKE_PRIVATE_KEY", raising=False)
    key = read_snowflake_key(reader.project, read_environment(reader.project))
    assert key.path
    public = serialization.load_der_private_key(private_key(key), None).public_key()
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    tfvars = (key.path.parent / "terraform.tfvars").read_text(encoding="utf-8")
    assert PUBLIC_KEY.findall(tfvars) == [b64encode(public.public_bytes(*form)).decode()]


@each_environment
def test_the_file_of_the_key_that_goes_to_aws_is_there(reader: Reader, root: str) -> None:
    commands = printed(reader, "terraform output -raw put_secrets", f"aws/{root}").splitlines()
    (file,) = [word for line in commands for word in line.split() if re.match(r"file://(?!/dev/stdin)", word)]
    there = reader.project / "infrastructure" / "aws" / root / file.removeprefix("file://")
    assert there.resolve() == reader.project / "infrastructure" / "snowflake" / root / "pipeline_key.p8"
    assert there.is_file()
    assert len(commands) == 3


def test_terraforms_key_does_not_stay_in_the_shell(reader: Reader) -> None:
    assert reader.at("project").type("echo ${SNOWFLAKE_PRIVATE_KEY:-none}").said == "none"


def test_what_is_to_be_kept_is_out_of_terraforms_sight(reader: Reader) -> None:
    left = reader.at("end").type("terraform state list").said.splitlines()
    kinds = {line.rsplit(".", 2)[-2] for line in left}
    assert "snowflake_warehouse" in kinds
    assert not {"snowflake_database", "snowflake_schema"} & kinds


def test_git_takes_what_the_readmes_say_and_nothing_secret(reader: Reader) -> None:
    git = ["git", "-C", str(reader.project)]
    subprocess.run([*git, "init", "-q"], check=True)
    said = subprocess.run(
        [*git, "ls-files", "--others", "--exclude-standard", "infrastructure", ".env"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    taken = {Path(line).name for line in said.splitlines()}
    assert {"terraform.tfvars", "backend.hcl"} <= taken
    assert [name for name in taken if re.search(r"\.p8$|tfstate|^plan$|^\.env$", name)] == []
