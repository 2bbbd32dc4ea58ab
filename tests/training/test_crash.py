"""Crashes: whatever the moment of a kill, what was finished is there, nothing is left over, and a training goes on."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import crashing
import pytest
import torch
from crashing import SMALL, die_at, pair

from dprior_lite import store
from dprior_lite.gates import files
from dprior_lite.training import fit

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
