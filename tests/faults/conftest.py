"""Fixtures of tests on faults."""

import pytest

from gahb.data import download as downloading
from servers import Answer, RawServer, sends


@pytest.fixture
def serving(monkeypatch):
    """Return a function that starts a server; limits of time are short."""
    monkeypatch.setattr(downloading.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(downloading, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(downloading, "READ_SECONDS", 0.5)
    servers = []

    def started(*answers: Answer | bytes) -> RawServer:
        functions = [sends(each) if isinstance(each, bytes) else each for each in answers]
        servers.append(RawServer(*functions))
        return servers[-1]

    yield started
    for server in servers:
        server.listening.close()
