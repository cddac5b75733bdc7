"""A client that reads a turn's events and comes back after a break with the last number it saw."""
import http.client
import json
import threading
import time

from cluster import USER


class Chat:
    """One session with one turn under way."""

    def __init__(self, gateways):
        self.gateways = gateways
        self.events = []
        self.first = threading.Event()
        self.fault = None
        self.longest_pause = 0.0
        status, body = gateways[0].request("POST", "/api/sessions", {})
        assert status == 201, (status, body)
        self.session = json.loads(body)["id"]
        self.turn = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def join(self, patience=90):
        self.thread.join(patience)
        assert not self.thread.is_alive(), f"session {self.session} has no end; {len(self.events)} events"
        if self.fault:
            raise self.fault

    def names(self):
        return [name for _, name, _ in self.events]

    def text(self):
        """The answer: deltas after the last restart."""
        text = ""
        for _, name, data in self.events:
            text = "" if name == "turn.restarted" else text + (data["text"] if name == "turn.delta" else "")
        return text

    def check(self, text):
        numbers = [number for number, _, _ in self.events]
        assert numbers == list(range(1, len(numbers) + 1)), f"numbers {numbers}"
        assert self.names()[-1] == "turn.completed", self.events[-1]
        assert self.text() == text, self.text()

    def _run(self):
        try:
            turn = 0
            self._read(self.gateways[0], "POST", f"/api/sessions/{self.session}/turns", {"message": "Hello", "clientTurnId": "one"})
            until = time.monotonic() + 60
            while not (self.events and self.events[-1][1] in ("turn.completed", "turn.failed", "turn.interrupted", "turn.cancelled")):
                assert time.monotonic() < until, "no end in 60 s"
                turn += 1
                gateway = self.gateways[turn % len(self.gateways)]
                if self.turn is None:
                    self._read(gateway, "POST", f"/api/sessions/{self.session}/turns", {"message": "Hello", "clientTurnId": "one"})
                else:
                    self._read(gateway, "GET", f"/api/sessions/{self.session}/turns/{self.turn}/events?after={len(self.events)}", None)
                time.sleep(0.1)
        except Exception as fault:  # handed to the thread that joins
            self.fault = fault

    def _read(self, gateway, method, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
        try:
            payload = None if body is None else json.dumps(body)
            connection.request(method, path, payload, {"Content-Type": "application/json", "Accept": "text/event-stream", **USER})
            response = connection.getresponse()
            if response.status != 200:
                response.read()
                return
            self._take(response)
        except (OSError, http.client.HTTPException):
            pass  # broken off; comes back
        finally:
            connection.close()

    def _take(self, response):
        number = name = None
        last = time.monotonic()
        for line in response:
            line = line.decode().rstrip("\r\n")
            if line.startswith("id: "):
                number = int(line[4:])
            elif line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
                self.longest_pause = max(self.longest_pause, time.monotonic() - last)
                last = time.monotonic()
                self.events.append((number, name, data))
                if name == "turn.started":
                    self.turn = data["turnId"]
                if len(self.events) >= 5:
                    self.first.set()
