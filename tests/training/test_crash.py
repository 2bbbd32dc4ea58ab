"""Crashes: whatever the moment of a kill, what was finished is there, nothing is left over, and a training goes on."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import crashing
import pytest
import torch
from crashing import SMALL, die_at, pair

from dprior_lite import store
from dprior_lite.__main__ import main
from dprior_lite.gates import files, lock
from dprior_lite.training import fit, loop
from dprior_lite.training.recipes import miyasawa

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills are tried where processes can be forked")


def number_of(path: Path) -> int:
    """Which pair is there; -1 if the two do not belong together."""
    content, card = files.read_pair(path)
    return json.loads(card)["k"] if sha256(content).hexdigest() == json.loads(card)["sha256"] else -1


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("former", [True, False], ids=["over a former pair", "the first pair"])
def test_a_kill_before_any_system_call_of_a_pair(tmp_path: Path, former: bool) -> None:
    """There is the former pair or the new one, and after a tidy nothing else."""
    seen, call = [], 0
    while True:
        folder = tmp_path / str(call)
        path = folder / "net.safetensors"
        folder.mkdir()
        if former:
            files.write_pair(path, *pair(1))
        killed = die_at(call, lambda: files.write_pair(path, *pair(2)))
        at_once = number_of(path) if path.with_suffix(".json").exists() else 0
        files.tidy(folder)
        now = number_of(path) if path.exists() else 0
        assert now == at_once or (not former and now == 2)
        assert names(folder) == (["net.json", "net.safetensors"] if now else [])
        seen.append(now)
        if not killed:
            break
        call += 1
    before = 1 if former else 0
    assert set(seen) == {before, 2} and seen == sorted(seen) and len(seen) > 10


def test_a_kill_before_any_system_call_of_one_file(tmp_path: Path) -> None:
    path, seen, call, killed = tmp_path / "a.json", [], 0, True
    while killed:
        files.write_bytes(path, b"former")
        killed = die_at(call, lambda: files.write_bytes(path, b"new"))
        seen.append(path.read_bytes())
        files.tidy(tmp_path)
        assert names(tmp_path) == ["a.json"]
        call += 1
    assert set(seen) == {b"former", b"new"} and len(seen) > 6


def test_a_plain_sequence_of_two_renames_would_be_caught(tmp_path: Path) -> None:
    """The test above can fail: two files, renamed one after the other, are apart in between."""
    path = tmp_path / "net.safetensors"

    def plain() -> None:
        for target, content in zip((path, path.with_suffix(".json")), (pair(2)[0], pair(2)[1].encode())):
            Path(f"{target}.part").write_bytes(content)
            os.replace(f"{target}.part", target)

    seen = []
    for call in range(3):
        files.write_pair(path, *pair(1))
        die_at(call, plain)
        seen.append(number_of(path))
    assert -1 in seen


@pytest.fixture(scope="module")
def spawn() -> Iterator[multiprocessing.context.ForkServerContext]:
    """Processes that start at once, because their server has imported everything."""
    here = Path(crashing.__file__).parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(here.parent), str(here), os.environ.get("PYTHONPATH", "")]))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("SERVER_OF_TESTS", "1")
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["pytest", "crashing"])
        warm = context.Process(target=crashing.nothing)
        warm.start()
        warm.join()
        yield context


def test_kill_nine_at_twenty_random_moments_of_three_writers(tmp_path: Path, spawn) -> None:
    chance, path, seen = random.Random(0), tmp_path / "net.safetensors", set()
    files.write_pair(path, *pair(0))
    for _ in range(20):
        writers = [spawn.Process(target=crashing.write_for_ever, args=(path, k)) for k in (1, 2, 3)]
        for writer in writers:
            writer.start()
        before, latest = number_of(path), time.monotonic() + 20
        while number_of(path) == before and time.monotonic() < latest:
            pass
        end = time.monotonic() + chance.uniform(0.01, 0.1)
        while time.monotonic() < end:
            seen.add(number_of(path))
        for writer in writers:
            writer.kill()
            writer.join()
        seen.add(number_of(path))
    files.tidy(tmp_path)
    assert names(tmp_path) == ["net.json", "net.safetensors"]
    assert min(seen) >= 0 and len(seen) > 20


def test_two_writers_of_one_name_two_hundred_rounds(tmp_path: Path, spawn) -> None:
    path = tmp_path / "net.safetensors"
    writers = [spawn.Process(target=crashing.write_rounds, args=(path, k, 100)) for k in (0, 1)]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        if path.exists():
            seen.add(number_of(path))
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert min(seen) >= 0 and number_of(path) in (198, 199) and names(tmp_path) == ["net.json", "net.safetensors"]


def undisturbed() -> dict[str, torch.Tensor]:
    """The weights of a training that nobody kills."""
    *_, last = fit(SMALL, "ci", device="cpu")
    return last.net.state_dict()


def test_kill_nine_at_twenty_random_moments_of_a_training(tmp_path: Path, spawn) -> None:
    """The last run ends with the weights of an undisturbed one, bit for bit; nothing else is left."""
    chance, kills, reached = random.Random(1), 0, set()
    checkpoint, weight = tmp_path / f"{SMALL.name}.ci.checkpoint.pt", tmp_path / f"{SMALL.name}.safetensors"
    while kills < 20:  # a run that comes to its end is followed by another one
        process = spawn.Process(target=crashing.train, args=(str(tmp_path),))
        process.start()
        before = crashing.stamp(checkpoint)
        while process.is_alive() and crashing.stamp(checkpoint) == before:
            time.sleep(0.002)
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        process.join()
        kills += process.exitcode == -9
        assert process.exitcode in (0, -9)
        if checkpoint.exists():
            reached.add(torch.load(checkpoint, weights_only=True)["step"])
        if weight.exists():
            store.verified(weight)
    process = spawn.Process(target=crashing.train, args=(str(tmp_path),))
    process.start()
    process.join(60)
    assert process.exitcode == 0 and len(reached) > 5 and max(reached) > 50
    assert names(tmp_path) == [f"{SMALL.name}.json", f"{SMALL.name}.safetensors"]
    _, found = store.verified(tmp_path / f"{SMALL.name}.safetensors")
    expected = undisturbed()
    assert all(torch.equal(found[key], value) for key, value in expected.items()) and len(found) == len(expected)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB of its own, where the test may mount one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a disk cannot be mounted here")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def full(*args: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def read_only(*args: object) -> None:
    raise OSError(errno.EROFS, "Read-only file system")


def test_a_full_disk_keeps_the_last_pair(small_disk: Path) -> None:
    path = small_disk / "net.safetensors"
    files.write_pair(path, *pair(1, 600_000))
    for write in (
        lambda: files.write_pair(path, *pair(2, 600_000)),
        lambda: files.write_bytes(small_disk / "a.checkpoint.pt", bytes(600_000)),
    ):
        with pytest.raises(files.NotWritten, match="the disk is full. What was there before is intact. Free some") as e:
            write()
        assert "\n" not in str(e.value)
    assert number_of(path) == 1 and names(small_disk) == ["net.json", "net.safetensors"]


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
@pytest.mark.parametrize("k", [0, 1, 2])
def test_a_disk_that_is_full_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, k: int) -> None:
    """The same where no disk can be mounted: the k-th call fails."""
    path, left = tmp_path / "net.safetensors", k
    files.write_pair(path, *pair(1))

    def failing(real):
        def wrapped(*args):
            nonlocal left
            left -= 1
            return full() if left == -1 else real(*args)

        return wrapped

    if call == "write":
        real_part = files._write_part
        monkeypatch.setattr(files, "_write_part", failing(real_part))
    else:
        monkeypatch.setattr(os, call, failing(getattr(os, call)))
    error = None
    try:
        files.write_pair(path, *pair(2))
    except files.NotWritten as e:
        error = str(e)
    monkeypatch.undo()
    files.tidy(tmp_path)
    assert number_of(path) == (1 if error and k < 2 else 2)
    assert names(tmp_path) == ["net.json", "net.safetensors"]
    assert error is None or (k < 2 and "the disk is full" in error)


def test_a_training_on_a_full_disk_ends_in_one_sentence_and_keeps_its_weight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(miyasawa, "RECIPES", (*miyasawa.RECIPES, SMALL))
    command = ["train", SMALL.name, "--profile", "ci", "--device", "cpu"]
    assert main(command) == 0
    before = store.verified(tmp_path / f"{SMALL.name}.safetensors")[0]["sha256"]
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", -1.0)
    capsys.readouterr()
    monkeypatch.setattr(os, "fsync", full)
    assert main(command) == 1
    said = capsys.readouterr().err
    monkeypatch.undo()
    assert said.count("\n") == 1 and "the disk is full" in said and "Traceback" not in said
    assert names(tmp_path) == [f"{SMALL.name}.json", f"{SMALL.name}.safetensors"]
    assert store.verified(tmp_path / f"{SMALL.name}.safetensors")[0]["sha256"] == before


def test_a_folder_that_cannot_be_written_is_told_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(tmp_path))
    monkeypatch.setattr("dprior_lite.cli.train.fit", lambda *args, **options: pytest.fail("it trained"))
    monkeypatch.setattr(lock.os, "open", read_only)
    assert main(["train", "mixture-mlp", "--profile", "ci"]) == 1
    said = capsys.readouterr().err
    monkeypatch.undo()
    assert said.count("\n") == 1 and "Read-only file system" in said and "a folder that you may write" in said
    assert names(tmp_path) == []


def test_a_folder_below_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(files.NotWritten, match="was not written in"):
        files.write_text(tmp_path / "file" / "a.json", "")
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(tmp_path / "file"))
    with pytest.raises(ValueError, match="is a file: it must name a folder"):
        store.own_folder()


def test_another_writer_is_waited_for_and_then_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LOCK_SECONDS", 0.1)
    path = tmp_path / "a.json"
    with lock.locked(path):
        with pytest.raises(files.NotWritten, match="Another process is writing a.json"):
            files.write_text(path, "{}")
        (tmp_path / "a.json.1.part").write_text("of the other one")
        assert files.tidy(tmp_path) == [] and (tmp_path / "a.json.1.part").exists()
    assert files.tidy(tmp_path) == ["a.json.1.part"]
    files.write_text(path, "{}")
    assert names(tmp_path) == ["a.json"]


def test_a_lock_of_a_dead_process_is_none(tmp_path: Path) -> None:
    (tmp_path / ".a.json.writing").write_text("")
    assert files.tidy(tmp_path) == [".a.json.writing"]
    (tmp_path / ".a.json.writing").write_text("")
    files.write_text(tmp_path / "a.json", "{}")
    assert names(tmp_path) == ["a.json"]


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    """A browser's part of a download, and the lock of another program."""
    for name in ("net.safetensors.part", "net.safetensors.new", ".net.lock", "a.crdownload"):
        (tmp_path / name).write_text("")
    before = names(tmp_path)
    assert files.tidy(tmp_path) == [] and names(tmp_path) == before


def test_a_pair_needs_the_sha256_of_its_weight(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not hold the sha256"):
        files.write_pair(tmp_path / "net.safetensors", b"a", pair(1)[1])


def test_a_link_keeps_pointing_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.json").write_text("1")
    (tmp_path / "link.json").symlink_to(tmp_path / "real/a.json")
    files.write_text(tmp_path / "link.json", "2")
    assert (tmp_path / "link.json").is_symlink() and (tmp_path / "real/a.json").read_text() == "2"
