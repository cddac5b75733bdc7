"""Calls that are repeated until they succeed, and writers that know what was acknowledged to them."""
import json
import threading
import time


def create(gateway, patience=15, body=None):
    """Creates a session; returns the seconds until one call succeeded and the session."""
    began = time.monotonic()
    while True:
        try:
            status, answer = gateway.request("POST", "/api/sessions", body or {})
        except OSError:
            status, answer = 0, ""
        if status == 201:
            return time.monotonic() - began, json.loads(answer)["id"]
        assert time.monotonic() - began < patience, (status, answer)
        time.sleep(0.05)


def reach(gateway, sessions, patience=15):
    """Writes to every session at once; returns the seconds until the last call succeeded."""
    took = [None] * len(sessions)

    def one(place, session):
        began = time.monotonic()
        while time.monotonic() - began < patience:
            try:
                if gateway.request("PATCH", f"/api/sessions/{session}", {"systemPrompt": "here"})[0] == 200:
                    took[place] = time.monotonic() - began
                    return
            except OSError:
                pass
            time.sleep(0.05)

    threads = [threading.Thread(target=one, args=pair, daemon=True) for pair in enumerate(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(patience + 45)
    assert None not in took, took
    return max(took)


class Writer:
    """Writes one title after the other to a session of its own; keeps the newest that was acknowledged, the slowest call and what else was answered."""

    def __init__(self, gateway, others=()):
        self.gateways = [gateway, *others]
        self.session = create(gateway)[1]
        self.acknowledged = self.tried = 0
        self.slowest = 0.0
        self.answers = {}
        self.refusals = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def stop(self):
        self.stopping.set()
        self.thread.join(60)
        assert not self.thread.is_alive(), "a write has no end"

    def check(self, gateway):
        """What is on record is what was acknowledged last, or a later write whose answer was lost."""
        status, body = gateway.request("GET", f"/api/sessions/{self.session}")
        assert status == 200, (status, body)
        title = json.loads(body)["title"]
        stored = int(title) if title else 0
        assert self.acknowledged <= stored <= self.tried, (self.acknowledged, stored, self.tried)

    def _run(self):
        while not self.stopping.is_set():
            self.tried += 1
            began = time.monotonic()
            try:
                status, body = self.gateways[self.tried % len(self.gateways)].request("PATCH", f"/api/sessions/{self.session}", {"title": str(self.tried)})
            except OSError:
                status, body = 0, ""
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.answers[status] = self.answers.get(status, 0) + 1
            if status == 200:
                self.acknowledged = self.tried
            elif status:
                self.refusals.append((status, body))
            time.sleep(0.02)
