"""What S3 alone can do to us: refuse, be out of reach, break off, be written by two, and outlive those who wrote to it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shopstack.errors import (
    EXIT_CREDENTIALS,
    EXIT_TRANSIENT,
    EXIT_USAGE,
    ConfigurationError,
    ShopstackError,
    StorageRefusedError,
    StorageUnreachableError,
)
from shopstack.installation import install_hint
from shopstack.storage import MANIFEST, TEMPORARY, S3Storage, Storage, s3_client
from shopstack.storage.address import Bucket
from shopstack.storage.copies import PREFIX, Copies
from shopstack.storage.s3 import READINGS
from tests.s3_server import Asked, Simulated

WINDOW = "shop/orders/window"

PUT_A_WINDOW = """
import sys
from pathlib import Path
from shopstack.storage import S3Storage
from shopstack.storage.address import Bucket
storage = S3Storage(Bucket(sys.argv[1], sys.argv[2]), Path(sys.argv[3]))
storage.put(Path(sys.argv[4]), "shop/orders/window")
storage.remove("shop/orders/window")
"""


def asked_for(server: Simulated, code: str, *methods: str) -> None:
    server.before = lambda asked: code if asked.method in methods else None


def window(folder: Path) -> Path:
    folder.mkdir()
    for name in ("part-0", "part-1", MANIFEST):
        (folder / name).write_bytes(name.encode())
    return folder


def in_another_process(far: S3Storage, tmp_path: Path) -> subprocess.Popen[bytes]:
    given = [far.bucket.name, far.bucket.prefix, str(tmp_path / "another"), str(tmp_path / "window")]
    return subprocess.Popen([sys.executable, "-c", PUT_A_WINDOW, *given])


# Putting a window asks for: mark, two parts, manifest, no mark; removing it: names, mark, manifest, the rest, no mark.
@pytest.mark.parametrize("nth", range(1, 11))
def test_killed_at_any_request_a_folder_is_whole_or_not_there(
    far: S3Storage, s3: Simulated, tmp_path: Path, nth: int
) -> None:
    window(tmp_path / "window")
    far.replace("shop/orders/another/part-0", b"whole")
    far.replace(f"shop/orders/another/{MANIFEST}", b"whole")
    came: list[Asked] = []
    ready = threading.Event()

    def kill(asked: Asked) -> str | None:
        came.append(asked)
        if len(came) == nth:
            ready.wait()
            child.kill()
            child.wait()
        return None

    s3.before = kill
    child = in_another_process(far, tmp_path)
    ready.set()
    child.wait()
    s3.before = lambda _: None
    assert len(came) == nth, [f"{one.method} {one.path}" for one in came]
    s3.wait_until_idle()  # the request of the dead
    found = far.names(WINDOW)
    if MANIFEST in found:
        assert {"part-0", "part-1"} <= set(found)
        assert far.read(f"{WINDOW}/{MANIFEST}") == MANIFEST.encode()
    far.sweep("shop/orders")
    left = [MANIFEST, "part-0", "part-1"] if MANIFEST in found else []
    assert far.names(WINDOW) == left
    assert far.names("shop/orders/another") == [MANIFEST, "part-0"]


def test_of_two_who_write_at_once_one_is_told(far: S3Storage, tmp_path: Path) -> None:
    other = S3Storage(far.bucket, tmp_path / "other")
    assert far.swap("pointer", b"mine", "")
    assert not other.swap("pointer", b"theirs", "")
    stamp = other.stamp("pointer")
    assert other.swap("pointer", b"theirs", stamp)
    assert not far.swap("pointer", b"mine again", stamp)
    assert far.read("pointer") == b"theirs"
    far.remove("pointer")
    assert not far.swap("pointer", b"mine again", stamp)


def test_a_write_on_condition_whose_answer_was_lost_counts(far: S3Storage, s3: Simulated) -> None:
    """The first attempt got through and its answer did not: the second meets what the first one wrote."""

    def lost(asked: Asked) -> str | None:
        if asked.method != "PUT":
            return None
        s3.before = lambda _: None
        far.replace("pointer", b"mine")
        return "SlowDown"

    s3.before = lost
    assert far.swap("pointer", b"mine", "")
    assert far.read("pointer") == b"mine"


def test_names_that_lead_elsewhere_on_a_disk_are_not_followed(far: S3Storage, tmp_path: Path) -> None:
    for key in ("shop/../../../beside", "shop/./beside", "../beside"):
        far.replace(key, b"another's")
        with pytest.raises(FileNotFoundError), far.at_hand([key]):
            pass
    assert far.names("shop") == []
    assert far.names("") == ["shop"]
    assert list(tmp_path.rglob("beside")) == []


def reading(storage: Storage) -> None:
    storage.read("pointer")


def listing(storage: Storage) -> None:
    storage.names("")


def writing(storage: Storage) -> None:
    storage.replace("pointer", b"")


def deleting(storage: Storage) -> None:
    storage.remove("pointer")


@pytest.mark.parametrize(
    ("code", "doing", "kind", "exit_code", "said"),
    [
        ("AccessDenied", reading, StorageRefusedError, EXIT_CREDENTIALS, "may not read s3://figures/"),
        ("AccessDenied", listing, StorageRefusedError, EXIT_CREDENTIALS, "may not list s3://figures/"),
        ("AccessDenied", writing, StorageRefusedError, EXIT_CREDENTIALS, "may not write to s3://figures/"),
        ("AccessDenied", deleting, StorageRefusedError, EXIT_CREDENTIALS, "may not"),
        ("InvalidAccessKeyId", reading, StorageRefusedError, EXIT_CREDENTIALS, "does not accept the AWS cr"),
        ("RequestTimeTooSkewed", reading, StorageRefusedError, EXIT_CREDENTIALS, "this machine's time"),
        ("SlowDown", reading, StorageUnreachableError, EXIT_TRANSIENT, "does not answer as it should"),
    ],
)
def test_what_s3_objects_to_is_said(
    far: S3Storage,
    s3: Simulated,
    monkeypatch: pytest.MonkeyPatch,
    *,
    code: str,
    doing: Callable[[Storage], None],
    kind: type[ShopstackError],
    exit_code: int,
    said: str,
) -> None:
    far.replace("pointer", b"")
    monkeypatch.setattr(s3_client, "ATTEMPTS", 2)
    monkeypatch.setenv("AWS_SESSION_TOKEN", code)  # another environment: another client, of two attempts
    s3.asked.clear()
    s3.before = lambda _: code
    with pytest.raises(kind) as found:
        doing(far)
    assert said in found.value.message
    assert code in found.value.why
    assert found.value.hint
    assert found.value.exit_code == exit_code
    assert len(s3.asked) == (2 if kind is StorageUnreachableError else 1)


def test_objects_that_may_not_be_deleted_are_told_one_by_one(far: S3Storage, s3: Simulated) -> None:
    far.replace("pointer", b"")
    asked_for(s3, "AccessDenied", "POST")
    with pytest.raises(StorageRefusedError, match="may not delete from"):
        far.remove("pointer")


def test_a_missing_bucket_is_a_matter_of_configuration(s3: Simulated, tmp_path: Path) -> None:
    storage = S3Storage(Bucket("no-such-bucket", "shop"), tmp_path)
    for doing in (reading, listing, writing):
        with pytest.raises(ConfigurationError, match="There is no bucket no-such-bucket") as found:
            doing(storage)
        assert found.value.exit_code == EXIT_USAGE
    assert s3.asked


def test_without_credentials_it_is_said_how_to_give_them(
    far: S3Storage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with pytest.raises(StorageRefusedError, match="There are no AWS credentials") as found:
        far.names("")
    assert "AWS_PROFILE" in found.value.hint
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(StorageRefusedError, match="cannot be used"):
        far.names("")


def test_what_is_not_installed_is_said(far: S3Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore", None)
    with pytest.raises(ConfigurationError, match="not installed") as found:
        far.read("pointer")
    assert found.value.hint == install_hint("s3")


def test_out_of_reach_it_gives_up_after_a_while(far: S3Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_client, "ATTEMPTS", 2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else can
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{taken.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(StorageUnreachableError, match="cannot be reached") as found:
            far.read("pointer")
    assert found.value.exit_code == EXIT_TRANSIENT
    assert time.monotonic() - began < 10


def test_what_breaks_off_is_read_again(far: S3Storage, s3: Simulated, tmp_path: Path) -> None:
    content = b"content" * 100_000
    far.replace("large", content)
    broken = iter(["cut", "cut", None])
    s3.before = lambda _: next(broken)
    far.get("large", tmp_path / "here")
    assert (tmp_path / "here").read_bytes() == content
    s3.before = lambda _: "cut"
    s3.asked.clear()
    with pytest.raises(StorageUnreachableError):
        far.get("large", tmp_path / "there")
    assert len(s3.asked) == READINGS
    with pytest.raises(StorageUnreachableError):
        far.read("large")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["here"]


def test_who_only_reads_asks_for_nothing_else(far: S3Storage, s3: Simulated, tmp_path: Path) -> None:
    far.put(window(tmp_path / "window"), WINDOW)
    s3.refuse_changes()
    s3.asked.clear()
    assert far.names("shop/orders") == ["window"]
    stamp, _ = far.read_newer(f"{WINDOW}/{MANIFEST}", "") or ("", b"")
    assert far.read_newer(f"{WINDOW}/{MANIFEST}", stamp) is None
    far.get(f"{WINDOW}/part-0", tmp_path / "here")
    with far.at_hand([f"{WINDOW}/part-1"]) as (file,):
        assert Path(file).read_bytes() == b"part-1"
    assert far.exists(WINDOW)
    assert s3.asked
    assert not [asked for asked in s3.asked if asked.changes]


def test_what_was_just_put_is_not_fetched(far: S3Storage, s3: Simulated) -> None:
    draft = f"shop/orders/{TEMPORARY}1"
    with far.open_new(f"{draft}/part-0") as file:
        file.write(b"rows")
    far.replace(f"{draft}/{MANIFEST}", b"{}")
    far.move(draft, WINDOW)
    s3.asked.clear()
    with far.at_hand([f"{WINDOW}/part-0"]) as (copy,):
        assert Path(copy).read_bytes() == b"rows"
    assert not s3.asked
    far.remove(WINDOW)
    assert not Path(copy).exists()


def fetching(copies: Copies, fetched: list[str], *relatives: str) -> list[str]:
    def fetch(relative: str, target: Path) -> None:
        fetched.append(relative)
        target.write_bytes(b"x" * 100)

    with copies.held(relatives, fetch) as paths:
        assert all(Path(path).is_file() for path in paths)
        return paths


def test_copies_stay_within_their_bound_but_for_those_in_use(tmp_path: Path) -> None:
    copies, fetched = Copies(tmp_path, most_bytes=250), list[str]()
    used = fetching(copies, fetched, "a", "b", "c", "d")
    assert fetched == ["a", "b", "c", "d"]
    assert [Path(path).is_file() for path in used] == [False, False, True, True]
    fetching(copies, fetched, "d", "a")
    assert fetched == ["a", "b", "c", "d", "a"]
    assert [Path(path).is_file() for path in used] == [True, False, False, True]


def test_a_copy_that_could_not_be_fetched_holds_nothing_up(tmp_path: Path) -> None:
    copies = Copies(tmp_path, most_bytes=0)

    def fail(_relative: str, _target: Path) -> None:
        raise FileNotFoundError

    with pytest.raises(FileNotFoundError), copies.held(["a"], fail):
        pass
    fetched: list[str] = []
    (path,) = fetching(copies, fetched, "a")
    assert fetched == ["a"]
    assert not Path(path).exists()


def test_copies_of_the_dead_are_swept_and_our_own_are_not(far: S3Storage, tmp_path: Path) -> None:
    dead = tmp_path / "scratch" / f"{PREFIX}4711-dead" / "shop"
    dead.mkdir(parents=True)
    (dead / "part").write_bytes(b"somebody's")
    far.replace("part", b"rows")
    with far.at_hand(["part"]) as (copy,):
        far.sweep("shop")
        assert Path(copy).is_file()
    assert not dead.exists()


def test_copies_end_with_their_process(far: S3Storage, tmp_path: Path) -> None:
    far.replace("part", b"rows")
    code = (
        "import sys; from pathlib import Path; from shopstack.storage import S3Storage; "
        "from shopstack.storage.address import Bucket; "
        "storage = S3Storage(Bucket(sys.argv[1], sys.argv[2]), Path(sys.argv[3])); "
        "print(open(storage.at_hand(['part']).__enter__()[0]).read())"
    )
    scratch = tmp_path / "another"
    given = [sys.executable, "-c", code, far.bucket.name, far.bucket.prefix, str(scratch)]
    assert subprocess.run(given, check=True, capture_output=True, text=True).stdout == "rows\n"
    assert list(scratch.glob(f"{PREFIX}*")) == []


def test_only_what_has_a_temporary_name_is_written_bit_by_bit(far: S3Storage) -> None:
    with pytest.raises(ValueError, match="no temporary name"):
        far.open_new("shop/orders/window/part-0")
