"""A command at a terminal: what it prints is harmless, and however it ends, one sentence and an exit code tell why."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TextIO

from inspector.exceptions import InspectorError
from inspector.files.untrusted_text import printable
from inspector.pipeline.signals import STOPPING

OK, SOME_FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: all answered; some inputs gave no result; the command could not run; it was stopped by Ctrl+C."""

DEBUG = "INSPECTOR_DEBUG"
"""Environment variable under which a mistake of ours shows its traceback."""

_REMEDIES = {
    errno.ENOSPC: "The disk is full. Free some space",
    errno.EDQUOT: "Your disk quota is used up. Free some space",
    errno.EFBIG: "A file would become larger than the limit (ulimit -f) allows. Raise it",
    errno.EMFILE: "Too many files are open. Raise the limit (ulimit -n) or use fewer --workers",
    errno.ENFILE: "Too many files are open on this machine. Close some programs",
    errno.ENOMEM: "There is not enough memory. Use fewer --workers",
    errno.EAGAIN: "Too many processes are running. Use fewer --workers",
}


class Stopped(KeyboardInterrupt):
    """A signal asked the command to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number
        """What a shell expects of a program that this signal ended."""


class Stop:
    """What Ctrl+C and other signals that end a program do; a lost interrupt is raised again by `check`.

    Python loses an interrupt that is raised in a destructor, for example.
    """

    def __init__(self) -> None:
        self._asked: int | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle the signals while the block lasts; an ignored one (``nohup``) stays ignored."""
        heard = {number: signal.getsignal(number) for number in STOPPING}
        before = {number: handler for number, handler in heard.items() if handler is not signal.SIG_IGN}
        for number in before:
            signal.signal(number, self)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Note the signal, and stop what runs."""
        self._asked = number
        raise Stopped(number)

    def check(self) -> None:
        """Raise `Stopped` if someone has asked to stop."""
        if self._asked is not None:
            raise Stopped(self._asked)


class Printer:
    """A text stream that nobody may be reading any more: what it cannot take is dropped, and the work goes on.

    Parameters
    ----------
    stream : text stream or None
        None where the program was started with the stream closed.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.error: OSError | None = None
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # an ASCII terminal and a star named λ

    def write(self, text: str) -> int:
        """Write; never raises."""
        self._try(lambda stream: stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush; never raises."""
        self._try(lambda stream: stream.flush())

    def say(self, text: str) -> None:
        """Print lines of text, control characters written out."""
        self.write("\n".join(map(printable, text.split("\n"))) + "\n")
        self.flush()

    def isatty(self) -> bool:
        """Whether a person reads it."""
        return self._stream is not None and self._stream.isatty()

    @property
    def encoding(self) -> str:
        """Of the stream; ASCII where none is there."""
        return getattr(self._stream, "encoding", None) or "ascii"

    def fileno(self) -> int:
        """The stream's number; `OSError` where none is there."""
        if self._stream is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._stream.fileno()

    def _try(self, action: Callable[[TextIO], Any]) -> None:
        if self._stream is None or self.error is not None:
            return
        try:
            action(self._stream)
        except OSError as error:
            self.error = error
            _discard(self._stream)
        except ValueError:  # closed meanwhile
            self._stream = None


def _discard(stream: TextIO) -> None:
    """Redirect a stream to nowhere, so that Python does not complain about what is left in it at exit."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # no file behind it: nothing will complain
        pass


def guarded(command: Callable[[], int], program: str = "inspector") -> int:
    """Run a command.

    Parameters
    ----------
    command : callable
        Returns an exit code; may raise.
    program : str
        What the sentence begins with.

    Returns
    -------
    int
        The command's code; `REFUSED` after one sentence where it raised; 128 and the signal's number
        (Ctrl+C: 130) where it was stopped.
    """
    out, err = Printer(sys.stdout), Printer(sys.stderr)
    try:
        return _flushed(command, out)
    except KeyboardInterrupt as stop:
        return stop.code if isinstance(stop, Stopped) else INTERRUPTED
    except BrokenPipeError:  # a plain print to a reader that has gone
        _discard(sys.stdout)
        return 128 + signal.SIGPIPE
    except (InspectorError, OSError, MemoryError) as error:
        err.say(f"{program}: {explained(error)}")
        return REFUSED
    except Exception as error:  # the last resort: a mistake of ours is a sentence too
        if os.environ.get(DEBUG):
            raise
        err.say(
            f"{program}: unexpected error ({type(error).__name__}: {str(error)[:200]})."
            f" Please report it; {DEBUG}=1 shows where."
        )
        return REFUSED


def _flushed(command: Callable[[], int], out: Printer) -> int:
    """The command's code, once what it printed is out; a reader that has gone (``| head -1``) is not a failure."""
    try:
        code = command()
    finally:  # --help ends by an exception
        out.flush()
    if out.error is not None and not isinstance(out.error, BrokenPipeError):
        raise out.error
    return code


def explained(error: BaseException) -> str:
    """One sentence for what a command raised."""
    if isinstance(error, MemoryError):
        return "There is not enough memory. Use fewer --workers, or a smaller --mc-num."
    if not isinstance(error, OSError):
        return str(error)
    where = f" ('{os.fsdecode(error.filename)}')" if isinstance(error.filename, str | bytes) else ""
    known = _REMEDIES.get(error.errno or 0)
    if known:
        return f"{known}, then run it again{where}."
    return f"The system refused: {error.strerror or error}{where}. Check the path and its permissions."
