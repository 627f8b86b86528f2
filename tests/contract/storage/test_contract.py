"""What every place for files does, a folder and S3 alike."""

from __future__ import annotations

import hashlib
import multiprocessing
import resource
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from shopstack.storage import MANIFEST, TEMPORARY, Storage, open_storage, s3

DRAFT = f"shop/stream/{TEMPORARY}1"
FOLDER = "shop/stream/window"


def write(storage: Storage, relative: str, content: bytes) -> None:
    with storage.open_new(relative) as file:
        file.write(content)


def put_whole(storage: Storage, folder: str = FOLDER, parts: int = 2) -> None:
    for number in range(parts):
        write(storage, f"{DRAFT}/part-{number}", b"content %d" % number)
    storage.replace(f"{DRAFT}/{MANIFEST}", b"{}")
    storage.move(DRAFT, folder)


def test_a_file_comes_back_as_it_was_written(storage: Storage) -> None:
    storage.replace("shop/list.json", b"one")
    assert storage.read("shop/list.json") == b"one"
    storage.replace("shop/list.json", b"two", flushed=True)
    assert storage.read("shop/list.json") == b"two"
    assert storage.names("shop") == ["list.json"]


def test_an_empty_file_is_a_file(storage: Storage) -> None:
    storage.replace("empty", b"")
    assert (storage.read("empty"), storage.exists("empty")) == (b"", True)


@pytest.mark.parametrize(
    "name",
    ["Größe für Zoë.json", "日本 語", "a+b&c=d?e#f", "per%20cent", "x" * 200, 'it\'s "quoted"', "..hidden"],
)
def test_any_name_that_a_file_may_have(storage: Storage, name: str) -> None:
    storage.replace(f"shop/{name}", name.encode())
    assert storage.names("shop") == [name]
    assert storage.read(f"shop/{name}") == name.encode()
    with storage.at_hand([f"shop/{name}"]) as (file,):
        assert Path(file).read_bytes() == name.encode()
    storage.remove(f"shop/{name}")
    assert storage.names("shop") == []


def test_what_is_missing_is_said_in_one_way(storage: Storage, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        storage.read("nothing/here")
    with pytest.raises(FileNotFoundError):
        storage.read_newer("nothing/here", "")
    with pytest.raises(FileNotFoundError):
        storage.get("nothing/here", tmp_path / "here")
    with pytest.raises(FileNotFoundError), storage.at_hand(["nothing/here"]):
        pass
    assert not (tmp_path / "here").exists()
    assert storage.stamp("nothing/here") == ""
    assert not storage.exists("nothing")
    assert storage.names("nothing") == []
    storage.remove("nothing/here")
    storage.sweep("nothing")


def test_a_folder_is_there_with_its_last_file(storage: Storage) -> None:
    write(storage, f"{DRAFT}/part-0", b"content")
    assert not storage.exists(FOLDER)
    assert Path(storage.draft(f"{DRAFT}/part-0")).read_bytes() == b"content"
    with storage.at_hand([f"{DRAFT}/part-0"]) as (file,):
        assert Path(file).read_bytes() == storage.read(f"{DRAFT}/part-0") == b"content"
    storage.replace(f"{DRAFT}/{MANIFEST}", b"{}")
    storage.move(DRAFT, FOLDER)
    assert storage.names("shop/stream") == ["window"]
    assert storage.names(FOLDER) == [MANIFEST, "part-0"]
    assert not Path(storage.draft(DRAFT)).exists()


def test_a_written_file_gets_its_place(storage: Storage) -> None:
    write(storage, f"shop/{TEMPORARY}2", b"new")
    assert "part" not in storage.names("shop")
    storage.move(f"shop/{TEMPORARY}2", "shop/part")
    assert (storage.read("shop/part"), storage.names("shop")) == (b"new", ["part"])


def test_a_file_takes_the_place_of_another(storage: Storage) -> None:
    storage.replace("shop/part", b"old")
    with storage.at_hand(["shop/part"]):
        pass
    write(storage, f"shop/{TEMPORARY}2", b"new")
    storage.move(f"shop/{TEMPORARY}2", "shop/part")
    with storage.at_hand(["shop/part"]) as (file,):
        assert Path(file).read_bytes() == b"new"


def test_all_names_are_told_however_many(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "AT_ONCE", 10)
    source = tmp_path / "many"
    source.mkdir()
    for number in range(35):
        (source / f"{number:04d}").touch()
    storage.put(source, "shop/many")
    storage.replace("shop/many-more", b"")
    assert storage.names("shop/many") == [f"{number:04d}" for number in range(35)]
    assert storage.names("shop") == ["many", "many-more"]
    storage.remove("shop/many")
    assert storage.names("shop") == ["many-more"]


def test_folders_are_told_beside_files_and_nothing_below_them(storage: Storage) -> None:
    storage.replace("shop/a/b/c", b"")
    storage.replace("shop/d", b"")
    assert storage.names("") == ["shop"]
    assert storage.names("shop") == ["a", "d"]
    assert storage.exists("shop/a")
    assert not storage.exists("sho")


def test_a_folder_is_removed_with_all_in_it_and_no_neighbour(storage: Storage) -> None:
    put_whole(storage)
    storage.replace("shop/stream/window-2", b"stays")
    storage.remove(FOLDER)
    assert not storage.exists(FOLDER)
    assert storage.names("shop/stream") == ["window-2"]


def test_what_a_killed_process_left_is_swept_and_nothing_else(storage: Storage) -> None:
    put_whole(storage)
    write(storage, f"shop/stream/{TEMPORARY}dead/part", b"half")
    storage.sweep("shop/stream")
    assert not Path(storage.draft(f"shop/stream/{TEMPORARY}dead")).exists()
    assert storage.names(FOLDER) == [MANIFEST, "part-0", "part-1"]


def test_the_stamp_tells_of_another_content(storage: Storage) -> None:
    storage.replace("pointer", b"one")
    stamp = storage.stamp("pointer")
    assert storage.read_newer("pointer", "") == (stamp, b"one")
    assert storage.read_newer("pointer", stamp) is None
    storage.replace("pointer", b"another")
    newer = storage.read_newer("pointer", stamp)
    assert newer == (storage.stamp("pointer"), b"another")
    assert newer[0] != stamp


def test_a_pointer_is_swapped(storage: Storage) -> None:
    assert storage.swap("pointer", b"one", "")
    assert storage.swap("pointer", b"two", storage.stamp("pointer"))
    assert storage.read("pointer") == b"two"


def test_a_copy_is_put_and_brought_back(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "version" / "serving").mkdir(parents=True)
    (tmp_path / "version" / "serving" / "fct.parquet").write_bytes(b"rows")
    (tmp_path / "version" / MANIFEST).write_bytes(b"{}")
    storage.put(tmp_path / "version", "v-1")
    storage.put(tmp_path / "version" / MANIFEST, "single")
    storage.get("v-1/serving/fct.parquet", tmp_path / "back" / "fct.parquet")
    assert (tmp_path / "back" / "fct.parquet").read_bytes() == b"rows"
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["fct.parquet"]
    assert storage.names("v-1") == [MANIFEST, "serving"]
    assert storage.read("single") == b"{}"
    assert (tmp_path / "version" / MANIFEST).is_file()


def test_readers_see_the_old_or_the_new_and_never_half(storage: Storage) -> None:
    contents = [bytes([65 + number]) * 200_000 for number in range(12)]
    storage.replace("shared", contents[0])
    wrong: list[bytes] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            found = storage.read("shared")
            if found not in contents:
                wrong.append(found[:20])

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for content in contents:
        storage.replace("shared", content)
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong


def through(url: str, folder: Path, source: Path, target: Path) -> tuple[float, float]:
    """Put a file and bring it back; the process's highest use of memory in MB, before (a small one was put) and after."""
    storage = open_storage(url, folder)
    storage.replace("small", b"small")
    storage.read("small")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    storage.put(source, "large")
    storage.get("large", target)
    return before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_large_files_pass_through_little_memory(storage: Storage, tmp_path: Path) -> None:
    large = tmp_path / "large"
    digest = hashlib.sha256()
    with large.open("wb") as file:
        for number in range(80):
            block = bytes([number]) * 1024 * 1024
            digest.update(block)
            file.write(block)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as another:
        before, after = another.submit(
            through, storage.shown(), tmp_path / "root", large, tmp_path / "back"
        ).result()
    with (tmp_path / "back").open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == digest.hexdigest()
    assert after - before < 40, f"{before:.0f} MB before, {after:.0f} MB after"
