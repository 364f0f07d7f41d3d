"""Download one file: resumable, retried, capped in size and time, never half under its name.

Proxies and certificates are those of the environment (``HTTPS_PROXY``, ``NO_PROXY``,
``REQUESTS_CA_BUNDLE``); this machine is asked directly. Nothing of ``.netrc`` is sent, and no
cookie.
"""

from __future__ import annotations

import hashlib
import re
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm

from gahb.data.addresses import is_here, led_to, prepared, printable, public
from gahb.errors import DataError, StorageError

CONNECT_SECONDS, READ_SECONDS = 5, 30
ANSWER_SECONDS = 60.0
"""For an answer to begin, wherever it leads."""
LEAST_SPEED = 10_000.0
"""Bytes a second, on average; what is slower is cut, and ends in bounded time."""
BLOCK = 1 << 16
MOST_REDIRECTS = 10
LED_ON = (301, 302, 303, 307, 308)


class Cut(Exception):
    """The transfer ended too early; trying again goes on from there."""


class Unreachable(Exception):
    """Nobody answered."""


class Refused(Exception):
    """The server has answered that it does not send the file."""


class Late(Exception):
    """It has taken too long."""


def download(url: str, destination: Path, *, max_bytes: int, attempts: int = 4) -> None:
    """Fetch ``url`` into ``destination``, going on where an earlier attempt was cut.

    Bytes go to ``<destination>.<hash of the address>.part``, which takes the final name
    when the length the server announced has arrived. The content is not verified here.

    Parameters
    ----------
    url : str
        An HTTPS address; plain HTTP is accepted from this machine only.
    destination : Path
        File to write.
    max_bytes : int
        A longer answer is refused.
    attempts : int
        Tries, with a growing pause between them. An address that cannot be reached at
        all, or that answers 4xx, is not tried again.

    Raises
    ------
    DataError
        One line with the address and the last reason, whatever the server did.
    StorageError
        If what arrives cannot be written.

    Notes
    -----
    Limits of time hold in the main thread only: elsewhere no call of the system is interrupted.
    """
    prepared(url, {})
    tag = hashlib.sha256(url.encode()).hexdigest()[:8]
    part = destination.with_name(f"{destination.name}.{tag}.part")
    with writing(part):
        destination.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(attempts):
        try:
            _append(url, part, max_bytes)
            with writing(part):
                part.replace(destination)
            return
        except Refused as error:
            reason = str(error)
            part.unlink(missing_ok=True)
            break
        except (Cut, Unreachable) as error:
            reason = str(error)
            if isinstance(error, Unreachable) and not part.exists():
                break  # nobody there: the next place is worth more than waiting
        if attempt + 1 < attempts:
            time.sleep(0.5 * 2**attempt)
    raise DataError(f"{public(url)}: {reason}")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Make a StorageError of what the disk says."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror or error})") from None


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise `Late` in what takes longer, even in a call that would never return."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is interrupted
        return

    def end(number: int, frame: object) -> None:
        raise Late

    before = signal.signal(signal.SIGALRM, end)
    try:
        # More than once: an exception in what is being tidied away is lost.
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), 5.0)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _append(url: str, part: Path, max_bytes: int) -> None:
    """Ask for what ``part`` lacks and append it; raise if it ends too early."""
    have = part.stat().st_size if part.exists() else 0
    with closing(HTTPAdapter()) as adapter, closing(_ask(adapter, url, have)) as answer:
        have, expected = _announced(answer, part, have)
        if expected is not None and expected > max_bytes:
            raise Refused(f"{expected:,} bytes announced, at most {max_bytes:,} expected")
        with writing(part), part.open("r+b" if have else "wb") as file:
            file.seek(have)
            file.truncate()
            have = _write(answer, file, have, expected, max_bytes)
    if expected is not None and have != expected:
        if have > expected:
            part.unlink()
        raise Cut(f"{have:,} of {expected:,} bytes arrived")


def _ask(adapter: HTTPAdapter, url: str, have: int) -> requests.Response:
    """Return the answer of an address, or of where it leads, looked at before it is followed."""
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    came_from = None
    with _told(f"no answer in {ANSWER_SECONDS:.0f} s", Unreachable), within(ANSWER_SECONDS):
        for _ in range(MOST_REDIRECTS):
            request = prepared(url, headers, came_from)
            answer = _send(adapter, request)
            if answer.status_code not in LED_ON or "Location" not in answer.headers:
                return answer
            answer.close()  # unread: it may have no end
            came_from = request.url
            assert came_from is not None  # as in `_send`: of a prepared request
            url = led_to(came_from, answer.headers["Location"])
    raise Refused(f"led on more than {MOST_REDIRECTS} times")


def _send(adapter: HTTPAdapter, request: requests.PreparedRequest) -> requests.Response:
    """Send one request with the proxies and certificates of the environment."""
    assert request.url is not None
    with requests.Session() as session:
        chosen = session.merge_environment_settings(request.url, {}, True, None, None)
    if is_here(request.url):
        chosen["proxies"] = {}
    # Not through the session: it reads the whole body of an answer that leads elsewhere.
    return adapter.send(
        request,
        stream=chosen["stream"],
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        verify=chosen["verify"] is None or chosen["verify"],
        cert=chosen["cert"],
        proxies=chosen["proxies"],
    )


@contextmanager
def _told(late: str, kind: type[Exception]) -> Iterator[None]:
    """Make an exception of one ``kind`` of whatever another program on the network causes."""
    try:
        yield
    except (DataError, Cut, Refused):
        raise
    except Late:
        raise kind(late) from None
    except Exception as error:  # of any library that reads what it was sent
        raise kind(_cause(error)) from None


def _announced(answer: requests.Response, part: Path, have: int) -> tuple[int, int | None]:
    """Return how much of ``part`` is kept, and how long it will be if the server has said so."""
    status, headers = answer.status_code, answer.headers
    if status == requests.codes.ok:
        return 0, _length(headers)
    if status == requests.codes.partial_content and have:
        found = re.fullmatch(
            rf"bytes {have}-([0-9]{{1,15}})/([0-9]{{1,15}}|\*)", headers.get("Content-Range", "")
        )
        if found:
            return have, int(found[1]) + 1 if found[2] == "*" else int(found[2])
        part.unlink()
        raise Cut("the server sent another part of the file than it was asked for")
    if status == requests.codes.requested_range_not_satisfiable and have:
        # The part is whole, or of another file: only a fresh start can tell.
        part.unlink()
        raise Cut("the server has nothing after what arrived before")
    raise (Cut if status >= 500 else Refused)(f"the server answered {status}")


def _length(headers: Mapping[str, str]) -> int | None:
    """Return the length of a whole answer, None where it is not told."""
    if "Content-Length" not in headers or "Transfer-Encoding" in headers:
        return None
    (length, *others) = {value.strip() for value in headers["Content-Length"].split(",")}
    if others or not re.fullmatch("[0-9]{1,15}", length):
        raise Refused(f"the server told a length of {printable(headers['Content-Length'])[:30]!r}")
    return int(length)


def _write(
    answer: requests.Response, file: BinaryIO, have: int, expected: int | None, max_bytes: int
) -> int:
    """Append the body to a file of ``have`` bytes; return the bytes it then has."""
    # As it comes: a content encoding is not undone, it may be of any size.
    blocks = answer.raw.stream(BLOCK, decode_content=False)
    name, began, waited = Path(file.name).name.split(".")[0], have, 0.0
    with tqdm(total=expected, initial=have, unit="B", unit_scale=True, desc=name) as bar:
        while True:
            allowed = READ_SECONDS + (have - began) / LEAST_SPEED - waited
            start = time.monotonic()
            with _told(f"cut after {have:,} bytes: too slow", Cut), within(allowed):
                block = next(blocks, None)
            waited += time.monotonic() - start
            if block is None:
                return have
            have += len(block)
            if have > max_bytes:
                raise Refused(f"more than the {max_bytes:,} bytes expected")
            file.write(block)
            bar.update(len(block))


def _cause(error: BaseException) -> str:
    """Return the innermost reason of a network error, short."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    kind, text = type(error).__name__, printable(str(error))
    return text if text and isinstance(error, OSError) else f"{kind}: {text}" if text else kind
