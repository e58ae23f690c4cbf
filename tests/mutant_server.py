"""A pytest run that has collected tests and then runs some of them, in a child for each request.

    python tests/mutant_server.py TESTS...

A child starts with everything imported, so that a mutant costs no more than its tests. Requests are
lines of JSON on stdin, each with one answer on stdout (see Server in mutation.py):

- `{"record": FILES}`: run the tests of these files and answer `{"broken", "covered", "seconds"}`:
  which tests fail, and which execute which lines, for tests that start no process
- `{"tests", "cpu", "timeout"}`: run tests until one fails and answer `{"failed"}`, its id. Both
  limits are in seconds.
- the same with `{"path", "before", "after"}`: run them with the functions of a file as they are in
  `after`, or answer `{"not_applied": true}` if the change is not in a function, so that the file
  has to be imported anew
"""

import gc
import json
import os
import resource
import signal
import sys
from contextlib import suppress
from functools import _lru_cache_wrapper
from itertools import pairwise
from pathlib import Path
from select import select
from time import process_time
from types import CodeType, FunctionType

import coverage
import pytest
from _pytest.runner import runtestprotocol

_MEMORY = 4 * 2**30  # bytes; a loop without an end must not take those of the machine
_PROCESS_EVENTS = {"subprocess.Popen", "os.fork", "os.posix_spawn", "pty.spawn", "socket.sendmsg"}


class Server:
    """Takes the place of the loop that runs the collected tests."""

    def __init__(self) -> None:
        # pytest captures the first descriptors; copies are not inherited.
        self._requests = os.fdopen(os.dup(0))
        self._answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        self._items = {item.nodeid: item for item in session.items}
        self._answer(
            {"failed": "collection" if session.testsfailed else "", "tests": [*self._items]}
        )
        for line in self._requests:
            self._answer(in_child(self._handle, json.loads(line)))
        return True

    def _answer(self, answer):
        self._answers.write(json.dumps(answer) + "\n")
        self._answers.flush()

    def _handle(self, request):
        if "record" in request:
            files = set(request["record"])
            return record([item for name, item in self._items.items() if _file(name) in files])
        if "path" in request and not apply(request["path"], request["before"], request["after"]):
            return {"not_applied": True}
        items = [self._items[one] for one in request["tests"]]
        resource.setrlimit(resource.RLIMIT_CPU, (request["cpu"], request["cpu"]))
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
        return {"failed": next(failures(items), "")}


def _file(test):
    return test.partition("::")[0]


def failures(items):
    """Run tests in order, and yield the id of each that fails."""
    for item, following in pairwise([*items, None]):
        reports = runtestprotocol(item, log=False, nextitem=following)
        if any(report.failed for report in reports):
            yield item.nodeid


def in_child(function, request):
    """The result of a function in a child, or a failure if it does not return one."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            os.setpgid(0, 0)
            answer = json.dumps(function(request)).encode()
            with os.fdopen(writing, "wb") as file:
                file.write(answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        ready = select([file], [], [], request.get("timeout"))[0]
        answer = file.read() if ready else b""
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return json.loads(answer or b'{"failed": "a limit or a crash"}')


def record(items):
    """Run tests, and tell which executed which lines of papertrack."""
    started = set()  # whether the present test started a process
    sys.addaudithook(lambda event, _: started.add(event) if event in _PROCESS_EVENTS else None)
    recorder = coverage.Coverage(data_file=None, source=["papertrack"], config_file=False)
    # All tests of a file may start processes.
    recorder.set_option("run:disable_warnings", ["no-data-collected"])
    recorder.start()
    seconds, broken = {}, []
    # That fixture is the program as a process.
    items = [item for item in items if "papertrack" not in item.fixturenames]
    for item, following in pairwise([*items, None]):
        started.clear()
        began = process_time()
        recorder.switch_context(item.nodeid)
        reports = runtestprotocol(item, log=False, nextitem=following)
        if any(report.failed for report in reports):
            broken.append(item.nodeid)
        elif not started:
            seconds[item.nodeid] = process_time() - began
    recorder.stop()
    data = recorder.get_data()
    covered = {
        str(Path(file).relative_to(Path.cwd())): {
            line: [one for one in tests if one in seconds]
            for line, tests in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }
    return {"broken": broken, "covered": covered, "seconds": seconds}


def apply(path, before, after):
    """Give the functions of a file, wherever they are used, their changed code."""
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    module = sys.modules.get(name)
    if module is None:
        return True  # the file is changed, too, and is imported when a test needs it
    changed = differences(*(compile(text, module.__file__, "exec") for text in (before, after)))
    if not changed:
        return False
    found = set()
    gc.unfreeze()  # pytest's process froze the objects that it has collected
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__ in changed:
            found.add(one.__code__)
            one.__code__ = changed[one.__code__]
        elif isinstance(one, _lru_cache_wrapper) and one.__module__.startswith("papertrack"):
            one.cache_clear()
    return found == changed.keys()


def differences(before, after):
    """The changed functions as {old code: new code}; empty if anything else changed, too."""
    if _outside_functions(before) != _outside_functions(after):
        return {}
    changed = {}
    for old, new in zip(_nested(before), _nested(after), strict=True):
        if old.co_flags & 1:  # CO_OPTIMIZED: a function, not the body of a class
            changed |= {old: new} if old != new else {}
        elif old != new:
            inner = differences(old, new)
            if not inner:
                return {}
            changed |= inner
    return changed


def _nested(code):
    return [one for one in code.co_consts if isinstance(one, CodeType)]


def _outside_functions(code):
    constants = [
        one.co_name if isinstance(one, CodeType) else (type(one), repr(one))
        for one in code.co_consts
    ]
    return code.co_code, constants, code.co_names


if __name__ == "__main__":
    sys.exit(pytest.main(sys.argv[1:], plugins=[Server()]))
