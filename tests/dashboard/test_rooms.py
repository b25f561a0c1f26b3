"""Whoever comes at the same moment as somebody else gets a kernel that is warm; without a server and without kernels."""

import asyncio
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from l2c.dashboard import rooms
from l2c.dashboard.rooms import Full, Rooms


class Kernels(dict):
    """What starts kernels, and how each was started."""

    def __init__(self):
        super().__init__()
        self.started = []

    async def start_kernel(self, **given):
        self.started.append(given)
        name = f"kernel {len(self.started)}"
        self[name] = name
        await asyncio.sleep(0)
        return name

    def get_kernel(self, name):
        return self[name]

    async def shutdown_kernel(self, name, now):
        del self[name]


class Renderer:
    """What draws a page: which kernel drew it."""

    trouble = None

    def __init__(self):
        self.resources = {}

    async def initialize(self):
        pass

    async def generate_content_str(self, kernel, manager):
        await asyncio.sleep(0.01)
        return f"page of {kernel}"


@pytest.fixture
def made(monkeypatch, tmp_path):
    monkeypatch.setattr(rooms, "BREATH", 0.02)
    monkeypatch.setattr(Rooms, "_renderer", lambda self: Renderer())
    kernels = Kernels()

    def make(most=5):
        return Rooms(SimpleNamespace(kernel_manager=kernels), tmp_path, most), kernels

    return make


async def settled():
    await asyncio.sleep(0.1)


def test_a_page_is_ready_and_a_kernel_is_warm(made):
    async def story():
        ours, kernels = made()
        ours.prepare()
        await settled()
        # One with its page; one that has imported what a page is made of and nothing else.
        assert len(kernels) == 2 and any("exec_lines=import" in each for each in kernels.started[1]["extra_arguments"])
        first, second = await asyncio.gather(ours.enter(), ours.enter())
        assert (first.kernel, second.kernel) == ("kernel 1", "kernel 2") and len(kernels.started) == 2
        await settled()
        assert len(kernels) == 4
        assert (await ours.enter()).kernel == "kernel 3"

    asyncio.run(story())


def test_a_warm_kernel_takes_no_room_from_a_visitor(made):
    async def story():
        ours, kernels = made(2)
        ours.prepare()
        await settled()
        seen = [await ours.enter(), await ours.enter()]
        assert len({room.kernel for room in seen}) == 2 and len(kernels) == 2
        with pytest.raises(Full):
            await ours.enter()
        await settled()
        assert len(kernels) == 2
        # Who leaves makes room for a page, and nobody is let in beyond it.
        await ours.leave(seen[0].kernel)
        ours.forget(seen[0].kernel)
        await settled()
        assert len(kernels) == 2 and (await ours.enter()).html == "page of kernel 3"

    asyncio.run(story())


def test_a_kernel_that_died_while_it_waited_is_not_given_to_anybody(made):
    async def story():
        ours, _ = made()
        ours.prepare()
        await settled()
        await ours.leave("kernel 2")
        ours.forget("kernel 2")
        rooms_ = [await ours.enter(), await ours.enter()]
        assert "kernel 2" not in {room.kernel for room in rooms_}

    asyncio.run(story())


def test_what_a_report_left_behind_whose_visitor_has_gone_is_swept(made, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kernel = "import sys; from l2c.log import beside; held = beside.scratch(); print(held.__enter__(), flush=True); sys.stdin.read()"
    start = [sys.executable, "-c", f"import tempfile; tempfile.tempdir = {str(tmp_path)!r}; {kernel}"]

    async def story():
        ours, _ = made()
        with subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as visitor:
            folder = Path(visitor.stdout.readline().strip())
            await ours.sweep()
            assert folder.is_dir()
            visitor.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
            visitor.wait()
        await ours.sweep()
        assert not folder.exists()

    asyncio.run(story())
