"""A load of reads and writes over many sessions, as a process of its own. Prints one line of JSON with what was offered and answered."""
import asyncio
import json
import sys
import time

OUTSTANDING = 64
TICK = 0.02


class Connection:
    """One connection with requests behind one another; answers are counted, not read."""

    def __init__(self, counts):
        self.counts = counts
        self.waiting = 0
        self.tail = b""
        self.idle = asyncio.Event()

    async def open(self, port):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        self.task = asyncio.create_task(self._read())
        return self

    def send(self, requests):
        self.waiting += len(requests)
        self.idle.clear()
        self.writer.write(b"".join(requests))

    async def _read(self):
        while data := await self.reader.read(65536):
            data = self.tail + data
            place = 0
            while (start := data.find(b"HTTP/1.1 ", place)) >= 0 and start + 12 <= len(data):
                status = data[start + 9:start + 12].decode()
                self.counts[status] = self.counts.get(status, 0) + 1
                self.waiting -= 1
                place = start + 12
            # What may be the beginning of a status line is looked at again with the next bytes.
            self.tail = data[max(place, len(data) - 11):]
            if self.waiting <= 0:
                self.idle.set()
        self.counts["lost"] = self.counts.get("lost", 0) + 1
        self.waiting = OUTSTANDING
        self.idle.set()


def request(number, port, sessions):
    session = sessions[number % len(sessions)]
    head = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer user-secret\r\n"
    if number % 5:
        return f"GET /api/sessions/{session} HTTP/1.1\r\n{head}\r\n".encode()
    body = json.dumps({"title": f"t{number}"})
    return f"PATCH /api/sessions/{session} HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


async def closed(ports, sessions, seconds, connections):
    """As much as is answered when each connection waits for its answer."""
    counts = {}
    number = 0
    began = time.monotonic()

    async def ask(port):
        nonlocal number
        connection = await Connection(counts).open(port)
        while time.monotonic() - began < seconds and connection.waiting < OUTSTANDING:
            number += 1
            connection.send([request(number, port, sessions)])
            await connection.idle.wait()
            connection.idle.clear()

    await asyncio.gather(*(ask(ports[i % len(ports)]) for i in range(connections)))
    return {"rate": sum(counts.values()) / (time.monotonic() - began), "answers": counts}


async def offered(ports, sessions, seconds, connections, rate):
    """A given rate whatever is answered, as far as the connections take it."""
    counts = {}
    opened = [(port, await Connection(counts).open(port)) for i in range(connections) for port in [ports[i % len(ports)]]]
    began = time.monotonic()
    due = sent = refused = 0
    while (passed := time.monotonic() - began) < seconds:
        due = int(rate * passed)
        open_now = [(port, one) for port, one in opened if one.waiting < OUTSTANDING]
        share = max(1, (due - sent - refused) // max(1, len(open_now)) + 1)
        for port, one in open_now:
            count = min(share, OUTSTANDING - one.waiting, due - sent - refused)
            if count > 0:
                one.send([request(sent + i, port, sessions) for i in range(count)])
                sent += count
        refused += max(0, due - sent - refused)
        await asyncio.sleep(TICK)
    return {"offered": due / seconds, "sent": sent / seconds, "rate": sum(counts.values()) / seconds, "answers": counts}


if __name__ == "__main__":
    job = json.loads(sys.stdin.read())
    ports, sessions = job["ports"], job["sessions"]
    if "rate" in job:
        result = asyncio.run(offered(ports, sessions, job["seconds"], job["connections"], job["rate"]))
    else:
        result = asyncio.run(closed(ports, sessions, job["seconds"], job["connections"]))
    print(json.dumps(result))
