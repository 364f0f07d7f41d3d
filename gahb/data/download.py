"""Download one file: resumable, retried, size-capped, never half under its final name."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
from tqdm import tqdm

from gahb.errors import DataError

CONNECT_SECONDS, READ_SECONDS = 5, 30
MOST_REDIRECTS = 10
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Cut(Exception):
    """The transfer ended too early; trying again goes on from there."""


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
        One line with the address and the last reason.
    """
    _check_scheme(url)
    destination.parent.mkdir(parents=True, exist_ok=True)
    tag = hashlib.sha256(url.encode()).hexdigest()[:8]
    part = destination.with_name(f"{destination.name}.{tag}.part")
    for attempt in range(attempts):
        try:
            _append(url, part, max_bytes)
            part.replace(destination)
            return
        except requests.HTTPError as error:
            reason = f"the server answered {error.response.status_code}"
            if error.response.status_code < 500:
                part.unlink(missing_ok=True)
                break
        except Cut as error:
            reason = str(error)
        except requests.RequestException as error:
            reason = _cause(error)
            if not part.exists():
                break  # nobody there: the next place is worth more than waiting
        if attempt + 1 < attempts:
            time.sleep(0.5 * 2**attempt)
    raise DataError(f"{public(url)}: {reason}")


def _check_scheme(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise DataError(f"{public(url)}: only https addresses are downloaded")


def public(url: str) -> str:
    """Return an address as messages show it: without user, password and query."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _append(url: str, part: Path, max_bytes: int) -> None:
    """Ask for what ``part`` lacks and append it; raise if it ends too early."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with _ask(url, headers) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            # The part is whole, or of another file: only a fresh start can tell.
            part.unlink()
            raise Cut("the server has nothing after what arrived before")
        answer.raise_for_status()
        if answer.status_code != requests.codes.partial_content:
            have = 0  # the server sends everything again
        announced = answer.headers.get("Content-Length", "")
        expected = have + int(announced) if announced.isdecimal() else None
        if expected is not None and expected > max_bytes:
            raise DataError(
                f"{public(url)}: {expected:,} bytes announced, at most {max_bytes:,} expected"
            )
        have = _write(answer, part, have, expected, max_bytes)
    if expected is not None and have != expected:
        raise Cut(f"{have:,} of {expected:,} bytes arrived")


def _ask(url: str, headers: Mapping[str, str]) -> requests.Response:
    """Return the answer of an address, or of where it leads, looked at before it is followed."""
    session = requests.Session()
    for _ in range(MOST_REDIRECTS):
        _check_scheme(url)
        answer = session.get(
            url,
            headers=headers,
            stream=True,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
        if not answer.is_redirect:
            return answer
        answer.close()
        url = urljoin(url, answer.headers["Location"])
    raise DataError(f"{public(url)}: led on more than {MOST_REDIRECTS} times")


def _write(
    answer: requests.Response, part: Path, have: int, expected: int | None, max_bytes: int
) -> int:
    """Append the body to the first ``have`` bytes of ``part``; return the bytes it then has."""
    bar = tqdm(
        total=expected, initial=have, unit="B", unit_scale=True, desc=part.name.split(".")[0]
    )
    with part.open("r+b" if have else "wb") as file, bar:
        file.seek(have)
        file.truncate()
        try:
            for block in answer.iter_content(1 << 16):
                have += len(block)
                if have > max_bytes:
                    raise DataError(
                        f"{public(answer.url)}: more than the {max_bytes:,} bytes expected"
                    )
                file.write(block)
                bar.update(len(block))
        except requests.RequestException as error:
            raise Cut(f"cut after {have:,} bytes ({_cause(error)})") from error
    return have


def _cause(error: Exception) -> str:
    """Return the innermost reason of a network error, short."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    return str(error).splitlines()[0][:160] if str(error) else type(error).__name__
