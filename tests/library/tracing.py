"""Kills, failures and interruptions at a chosen system call of a program, using Linux's ptrace.

The program marks the part to examine with `counted()`. `trace()` runs it, numbers the calls there
that change files or flush them, and injects a fault at the chosen one.
"""

import contextlib
import ctypes
import functools
import os
import signal
import struct
import sys
from typing import Literal, NamedTuple

_SECONDS = 300

_TRACEME, _POKEUSER, _DETACH, _SYSCALL = 0, 6, 17, 24
_SETOPTIONS, _SETREGSET, _GET_SYSCALL_INFO = 0x4200, 0x4205, 0x420E
_TRACESYSGOOD, _EXITKILL = 1, 1 << 20
_SYSCALL_STOP = 0x80 | 5
_WALL = 0x40000000

_INFO = struct.Struct("=B3xIQQQ6Q")
_ENTERED, _LEFT = 1, 2

_X86, _X86_NUMBER, _X86_RESULT = "x86_64", 15 * 8, 10 * 8
_ARM, _ARM_NUMBER, _ARM_REGISTERS = "aarch64", 0x404, 1

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_UNLINKAT, _AT_REMOVEDIR = (263, 35), 0x200
_PLAIN_WRITE = (1, 64)
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Outcome(NamedTuple):
    """How a traced program ended.

    `code` is the signal that killed the program, else its exit code. `calls` are the counted calls
    in order under their plain names: openat is "open". `output` is the program's standard output
    and standard error.
    """

    ended: Literal["killed", "exited"]
    code: int
    calls: tuple[str, ...]
    output: str


class Step(NamedTuple):
    """A counted call with the absolute paths of its files, and the written bytes."""

    name: str
    paths: tuple[str, ...]
    data: bytes


class _Call(NamedTuple):
    """A system call to count; `file` and `flags` are the positions of arguments that decide.

    `paths` are the positions of paths.
    """

    name: str
    x86: int | None
    arm: int | None
    file: int | None = None
    flags: int | None = None
    paths: tuple[int, ...] = ()


_CALLS = (
    _Call("open", 2, None, flags=1, paths=(0,)),
    _Call("open", 257, 56, flags=2, paths=(1,)),
    _Call("open", 85, None, paths=(0,)),  # creat
    _Call("write", 1, 64, file=0),
    _Call("write", 18, 68, file=0),  # pwrite64
    _Call("write", 20, 66, file=0),  # writev
    _Call("write", 296, 70, file=0),  # pwritev
    _Call("write", 328, 287, file=0),  # pwritev2
    _Call("write", 40, 71, file=0),  # sendfile
    _Call("write", 326, 285, file=2),  # copy_file_range
    _Call("fallocate", 285, 47, file=0),
    _Call("truncate", 76, 45),
    _Call("truncate", 77, 46, file=0),  # ftruncate
    _Call("fsync", 74, 82, file=0),
    _Call("fdatasync", 75, 83, file=0),
    _Call("rename", 82, None, paths=(0, 1)),
    _Call("rename", 264, 38, paths=(1, 3)),  # renameat
    _Call("rename", 316, 276, paths=(1, 3)),  # renameat2
    _Call("link", 86, None, paths=(0, 1)),
    _Call("link", 265, 37, paths=(1, 3)),  # linkat
    _Call("symlink", 88, None),
    _Call("symlink", 266, 36),  # symlinkat
    _Call("unlink", 87, None, paths=(0,)),
    _Call("unlink", 263, 35, paths=(1,)),  # unlinkat
    _Call("mkdir", 83, None, paths=(0,)),
    _Call("mkdir", 258, 34, paths=(1,)),  # mkdirat
    _Call("rmdir", 84, None, paths=(0,)),
    _Call("chmod", 90, None),
    _Call("chmod", 91, 52, file=0),  # fchmod
    _Call("chmod", 268, 53),  # fchmodat
    _Call("chown", 92, None),
    _Call("chown", 93, 55, file=0),  # fchown
    _Call("chown", 94, None),  # lchown
    _Call("chown", 260, 54),  # fchownat
)
_NUMBERS = {
    _X86: {call.x86: call for call in _CALLS if call.x86 is not None},
    _ARM: {call.arm: call for call in _CALLS if call.arm is not None},
}


@contextlib.contextmanager
def counted():
    """In the traced program: count the system calls made within. Import modules before.

    Outside of `trace()` the program stops here and waits for a SIGCONT.
    """
    # The alarm kills a program that would wait for ever.
    signal.alarm(_SECONDS)
    _ptrace(_TRACEME, 0)
    _mark()
    try:
        yield
    finally:
        _mark()


def _mark():
    """Signal the tracer, which suppresses the SIGSTOP."""
    os.kill(os.getpid(), signal.SIGSTOP)


def trace(command, *, within, at=None, fault="kill", on_step=None):
    """Run a program and inject a fault at its counted call number `at`, from 1.

    Calls on open files are counted for files in the folder `within`; calls that take a path are
    always counted. The fault is one of these:

    "kill": SIGKILL before the call. An errno: the call fails with it and does nothing.
    "interrupt": SIGINT during the call, which the system usually completes first.

    `on_step` is called with a Step before each counted call.
    """
    with open(os.memfd_create("output"), "rb") as output:
        pid = _start(command, output.fileno())
        traced = _Traced(pid, os.path.realpath(within), at, fault, on_step)
        status = traced.wait()
        output.seek(0)
        text = output.read().decode(errors="replace")
    if os.WIFSIGNALED(status):
        return Outcome("killed", os.WTERMSIG(status), tuple(traced.calls), text)
    return Outcome("exited", os.WEXITSTATUS(status), tuple(traced.calls), text)


@functools.cache
def unavailable():
    """The reason why programs cannot be traced here, or None."""
    if sys.platform != "linux" or os.uname().machine not in _NUMBERS:
        return "only Linux on x86-64 and aarch64 can be traced"
    try:
        outcome = trace([sys.executable, __file__], within=os.path.dirname(__file__))
    except OSError as error:
        return f"ptrace: {error}"
    if outcome.code:
        return f"ptrace: {outcome.output.strip().rpartition(chr(10))[2]}"
    return None


def _start(command, output):
    folder = os.path.dirname(os.path.abspath(__file__))
    path = [folder, os.path.dirname(folder), os.environ.get("PYTHONPATH", "")]
    return os.posix_spawn(
        command[0],
        command,
        # Writing bytecode on a module's first import would be counted.
        os.environ | {"PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_DUP2, output, 2),
        ],
        # Shells start background jobs with SIGINT ignored, and Python would inherit that.
        setsigdef=[signal.SIGINT],
    )


class _Traced:
    """A started program under ptrace."""

    def __init__(self, pid, within, at, fault, on_step):
        self.calls = []
        self._pid, self._within, self._at, self._fault = pid, within, at, fault
        self._on_step = on_step
        self._attached = self._failing = False

    def wait(self):
        """Wait for the program to end; returns its status."""
        try:
            while os.WIFSTOPPED(status := self._next_status()):
                # A program that was killed meanwhile cannot be resumed; its next status is its end.
                with contextlib.suppress(ProcessLookupError):
                    self._resume(os.WSTOPSIG(status))
        except BaseException:
            os.kill(self._pid, signal.SIGKILL)
            self._next_status()
            raise
        return status

    def _next_status(self):
        return os.waitpid(self._pid, _WALL)[1]

    def _resume(self, number):
        if number == signal.SIGSTOP:
            self._toggle()
        elif number == _SYSCALL_STOP:
            self._examine_call()
            self._continue(_SYSCALL)
        else:
            self._continue(_SYSCALL, number)

    def _toggle(self):
        """Attach at the first mark and detach at the second."""
        self._attached = not self._attached
        if self._attached:
            _ptrace(_SETOPTIONS, self._pid, 0, _TRACESYSGOOD | _EXITKILL)
        self._continue(_SYSCALL if self._attached else _DETACH)

    def _continue(self, request, number=0):
        _ptrace(request, self._pid, 0, number)

    def _examine_call(self):
        stage, number, arguments = _system_call(self._pid)
        if stage == _ENTERED and (name := self._counted_name(number, arguments)):
            self.calls.append(name)
            if self._on_step:
                self._on_step(self._step(name, number, arguments))
            if len(self.calls) == self._at:
                self._inject_fault()
        elif stage == _LEFT and self._failing:
            self._failing = False
            _set_result(self._pid, -self._fault)

    def _counted_name(self, number, arguments):
        """The call's plain name if it may change or flush a file, else None."""
        call = _NUMBERS[os.uname().machine].get(number)
        if call is None:
            return None
        if call.flags is not None and not arguments[call.flags] & _WRITES:
            return None
        if call.file is not None and not self._is_within(arguments[call.file] & 0xFFFFFFFF):
            return None
        removes_folder = number in _UNLINKAT and arguments[2] & _AT_REMOVEDIR
        return "rmdir" if removes_folder else call.name

    def _step(self, name, number, arguments):
        call = _NUMBERS[os.uname().machine][number]
        if call.file is not None:
            data = _memory(self._pid, arguments[1], arguments[2]) if number in _PLAIN_WRITE else b""
            return Step(name, (self._path_of(arguments[call.file] & 0xFFFFFFFF),), data)
        folder = os.readlink(f"/proc/{self._pid}/cwd")
        paths = (_text(self._pid, arguments[position]) for position in call.paths)
        return Step(name, tuple(os.path.join(folder, path) for path in paths), b"")

    def _path_of(self, descriptor):
        return os.readlink(f"/proc/{self._pid}/fd/{descriptor}")

    def _is_within(self, descriptor):
        try:
            path = self._path_of(descriptor)
        except FileNotFoundError:
            return False
        return os.path.join(path, "").startswith(os.path.join(self._within, ""))

    def _inject_fault(self):
        if self._fault == "interrupt":
            os.kill(self._pid, signal.SIGINT)
            return
        _skip(self._pid)
        if self._fault == "kill":
            os.kill(self._pid, signal.SIGKILL)
        else:
            self._failing = True


def _system_call(pid):
    """Whether a call is entered or left; on entry, also its number and its six arguments."""
    info = ctypes.create_string_buffer(_INFO.size)
    _ptrace(_GET_SYSCALL_INFO, pid, _INFO.size, ctypes.addressof(info))
    stage, _architecture, _instruction, _stack, number, *arguments = _INFO.unpack(info.raw)
    return stage, number, arguments


def _memory(pid, address, length):
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(length)


def _text(pid, address):
    """The path at an address, which ends with a null byte."""
    text = b""
    while b"\0" not in text:
        # Page by page, as the next one may not exist.
        text += _memory(pid, address + len(text), _PAGE - (address + len(text)) % _PAGE)
    return os.fsdecode(text.partition(b"\0")[0])


def _skip(pid):
    """Skip the call that is being entered."""
    if os.uname().machine == _X86:
        _ptrace(_POKEUSER, pid, _X86_NUMBER, -1)
    else:
        _set_registers(pid, _ARM_NUMBER, ctypes.c_int(-1))


def _set_result(pid, result):
    if os.uname().machine == _X86:
        _ptrace(_POKEUSER, pid, _X86_RESULT, result)
    else:
        # Only the first general register, which holds the result, is set.
        _set_registers(pid, _ARM_REGISTERS, ctypes.c_long(result))


def _set_registers(pid, kind, value):
    vector = (ctypes.c_size_t * 2)(ctypes.addressof(value), ctypes.sizeof(value))
    _ptrace(_SETREGSET, pid, kind, ctypes.addressof(vector))


def _ptrace(request, pid, address=0, data=0):
    if _library().ptrace(request, pid, address, data) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@functools.cache
def _library():
    library = ctypes.CDLL(None, use_errno=True)
    library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    library.ptrace.restype = ctypes.c_long
    return library


if __name__ == "__main__":
    with counted():
        os.fsync(os.open(os.path.dirname(__file__), os.O_RDONLY))
