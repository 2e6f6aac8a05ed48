"""Rooms start isolated, answer in turn, die on a hang, and never outlive the daemon."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from signet_agent import processes
from signet_agent.channel.document_messages import DocumentAnswer, Show, Shown
from signet_agent.channel.frames import MAX_FRAME_BYTES
from signet_agent.channel.token_messages import TokenAnswer
from signet_agent.errors import RoomError
from signet_agent.processes import Room, start_room
from signet_protocol.errors import ErrorCode

DEADLINE_S = 10.0


async def start() -> Room[DocumentAnswer]:
    return await start_room("documents", DocumentAnswer)


def text(content: str) -> Show:
    return Show("text/plain", content.encode())


async def test_a_room_answers_one_question_after_the_other() -> None:
    room = await start()
    answers = await asyncio.gather(*(room.ask(text(str(n)), DEADLINE_S) for n in range(5)))
    assert [a.paper.text for a in answers if isinstance(a, Shown)] == ["0", "1", "2", "3", "4"]
    await room.end()
    assert not room.alive


async def test_a_cancelled_question_does_not_give_its_answer_to_the_next_one() -> None:
    room = await start()
    first = asyncio.ensure_future(room.ask(text("first"), DEADLINE_S))
    await asyncio.sleep(0)
    first.cancel()
    answer = await room.ask(text("second"), DEADLINE_S)
    assert isinstance(answer, Shown)
    assert answer.paper.text == "second"
    await room.end()


async def test_a_room_that_hangs_is_killed_at_its_deadline() -> None:
    room = await start()
    os.kill(room.pid, signal.SIGSTOP)
    with pytest.raises(RoomError) as caught:
        await room.ask(text(""), 0.1)
    assert caught.value.code is ErrorCode.TOKEN_TIMEOUT
    await room.wait()
    assert not room.alive


async def test_a_room_that_hangs_is_killed_even_when_nobody_waits_for_it_any_more() -> None:
    room = await start()
    os.kill(room.pid, signal.SIGSTOP)
    asking = asyncio.ensure_future(room.ask(text(""), 0.1))
    await asyncio.sleep(0)
    asking.cancel()
    async with asyncio.timeout(DEADLINE_S):
        await room.wait()
    assert not room.alive


async def test_an_answer_that_comes_with_its_deadline_counts() -> None:
    room = await start()
    answer = asyncio.get_running_loop().create_future()
    answer.set_result("here")
    room._expire(answer, 0.0)
    assert await answer == "here"
    assert room.alive
    await room.end()


async def test_a_room_that_answers_something_else_is_dead() -> None:
    room: Room[TokenAnswer] = await start_room("documents", TokenAnswer)
    with pytest.raises(RoomError, match="expected"):
        await room.ask(text(""), DEADLINE_S)
    await room.wait()
    assert not room.alive


async def test_a_room_that_crashes_is_told_at_once() -> None:
    room = await start()
    await room.ask(text(""), DEADLINE_S)
    os.kill(room.pid, signal.SIGSEGV)
    with pytest.raises(RoomError) as caught:
        await room.ask(text(""), DEADLINE_S)
    assert caught.value.code is ErrorCode.AGENT_FAULT


async def test_a_message_larger_than_a_frame_is_not_sent() -> None:
    room = await start()
    with pytest.raises(RoomError, match="larger"):
        await room.ask(text("x" * MAX_FRAME_BYTES), DEADLINE_S)
    await room.wait()


async def test_a_room_that_does_not_end_by_itself_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "FAREWELL_S", 0.05)
    room = await start()
    os.kill(room.pid, signal.SIGSTOP)
    await room.end()
    assert not room.alive
    room.kill()


async def test_a_room_that_was_killed_is_not_asked_again_before_the_system_tells_of_its_end() -> (
    None
):
    room = await start()
    room.kill()
    assert not room.alive
    await room.wait()


async def test_a_room_nobody_knows_does_not_start() -> None:
    room: Room[DocumentAnswer] = await start_room("nobody", DocumentAnswer)
    assert await room.wait() == 2
    with pytest.raises(RoomError):
        await room.channel.receive()


async def test_an_interpreter_that_is_missing_is_a_room_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(RoomError, match="cannot be started"):
        await start()


async def test_a_module_planted_in_the_working_folder_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "msgspec.py").write_text("raise SystemExit(99)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    room = await start()
    assert isinstance(await room.ask(text("safe"), DEADLINE_S), Shown)
    await room.end()


async def test_rooms_die_with_a_daemon_that_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "daemon.py"
    program.write_text(
        "import asyncio\n"
        "from signet_agent.processes import start_room\n"
        "async def main():\n"
        "    room = await start_room('documents', object)\n"
        "    print(room.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    daemon = await asyncio.create_subprocess_exec(
        sys.executable, str(program), stdout=asyncio.subprocess.PIPE
    )
    assert daemon.stdout is not None
    pid = int(await daemon.stdout.readline())
    await asyncio.sleep(0.3)
    daemon.kill()
    await daemon.wait()
    async with asyncio.timeout(5):
        while _state(pid) != "Z":  # noqa: ASYNC110 -- a foreign process has no event
            await asyncio.sleep(0.01)


def _state(pid: int) -> str:
    """Return a process's state; one that is gone counts as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"
