"""What the cluster promises when its processes die, shown with real processes and a real Redis."""
import json
import signal
import sys
import time
import traceback

import upstream
from chat import Chat
from cluster import Cluster

cluster = Cluster(sys.argv[1], sys.argv[2], upstream.start())
silos, gateways, redis = cluster.silos, cluster.gateways, cluster.redis
results = []


def show(step):
    """Runs one step and says how it went."""
    began = time.monotonic()
    try:
        note = step() or ""
        results.append(True)
        print(f"ok      {step.__doc__} ({time.monotonic() - began:.1f} s{', ' + note if note else ''})", flush=True)
    except Exception:
        results.append(False)
        print(f"FAILED  {step.__doc__}\n{traceback.format_exc()}", flush=True)


def create(gateway, patience=15):
    """Creates a session; returns the seconds until one call succeeded and the session."""
    began = time.monotonic()
    while True:
        try:
            status, body = gateway.request("POST", "/api/sessions", {})
        except OSError:
            status, body = 0, ""
        if status == 201:
            return time.monotonic() - began, json.loads(body)["id"]
        assert time.monotonic() - began < patience, (status, body)
        time.sleep(0.05)


def start_without_redis():
    """Gateways and silos start before Redis, wait, and say so"""
    for process in [*gateways, *silos]:
        process.start()
    for silo in silos:
        silo.wait("/live", 200)
        assert silo.status("/ready") == 503
    for gateway in gateways:
        gateway.wait("/ready", 503)
        status, body = gateway.request("POST", "/api/sessions", {})
        assert status == 503 and json.loads(body)["retryAfterSeconds"] > 0, (status, body)
    assert "does not answer" in silos[0].text()
    redis.start()
    for server in [*silos, *gateways]:
        server.wait("/ready", 200)


def stream():
    """Turns stream through both gateways"""
    chats = [Chat([gateway]) for gateway in gateways]
    for chat in chats:
        chat.join()
        chat.check(upstream.TEXT)


def kill_gateway():
    """A client goes on through the other gateway when its own is killed in mid-stream"""
    chat = Chat(gateways)
    assert chat.first.wait(20)
    gateways[0].kill()
    chat.join()
    chat.check(upstream.TEXT)
    assert "turn.restarted" not in chat.names()
    gateways[0].start()
    gateways[0].wait("/ready", 200)


def kill_silo(victim):
    def step():
        chats = [Chat([gateway]) for gateway in gateways * 4]
        for chat in chats:
            assert chat.first.wait(20)
        victim.kill()
        took, _ = create(gateways[0])
        for chat in chats:
            chat.join()
            chat.check(upstream.TEXT)
        restarts = [chat.names().count("turn.restarted") for chat in chats]
        assert max(restarts) <= 1, restarts
        restarted.append(sum(restarts))
        victim.start()
        victim.wait("/ready", 200)
        return f"{sum(restarts)} of {len(chats)} turns restarted, first new call {took:.1f} s, longest pause {max(c.longest_pause for c in chats):.1f} s"

    step.__doc__ = f"Every turn streams to its end when {victim.name} is killed"
    return step


def restarts_were_seen():
    """The silos that were killed did hold turns"""
    assert sum(restarted) > 0, restarted


def hang_silo():
    """A silo that hangs is out of the way within 10 s"""
    silos[0].send(signal.SIGSTOP)
    began = time.monotonic()
    slowest = 0.0
    while time.monotonic() - began < 10:
        took = max(create(gateway, 15)[0] for gateway in gateways)
        slowest = max(slowest, took)
    last = max(create(gateway, 5)[0] for gateway in gateways)
    silos[0].send(signal.SIGCONT)
    silos[0].end()
    assert last < 2, last
    silos[0].start()
    silos[0].wait("/ready", 200)
    return f"slowest call {slowest:.1f} s"


def drain_silo():
    """A silo that is told to stop drains its turns: no client sees a restart"""
    chats = [Chat([gateway]) for gateway in gateways * 3]
    for chat in chats:
        assert chat.first.wait(20)
    code = silos[1].stop()
    for chat in chats:
        chat.join()
        chat.check(upstream.TEXT)
        assert "turn.restarted" not in chat.names(), chat.names()
    assert code == 0, code
    silos[1].start()
    silos[1].wait("/ready", 200)


def lose_redis():
    """Without Redis calls fail with 503 and a time; afterwards all recovers and nothing acknowledged is lost"""
    _, session = create(gateways[0])
    redis.kill()
    status, body = gateways[0].request("PATCH", f"/api/sessions/{session}", {"title": "x"})
    assert status == 503 and json.loads(body)["retryAfterSeconds"] > 0, (status, body)
    redis.start()
    took, _ = create(gateways[1], 30)
    status, body = gateways[1].request("PATCH", f"/api/sessions/{session}", {"title": "y"})
    assert status == 200 and json.loads(body)["title"] == "y", (status, body)
    return f"first call {took:.1f} s after Redis was back"


restarted = []
try:
    show(start_without_redis)
    show(stream)
    show(kill_gateway)
    show(kill_silo(silos[0]))
    show(kill_silo(silos[1]))
    show(restarts_were_seen)
    show(hang_silo)
    show(drain_silo)
    show(lose_redis)
finally:
    cluster.end()

if not all(results):
    for process in [*silos, *gateways]:
        print(f"== {process.name}\n" + process.text()[-4000:])
print(f"{results.count(True)} passed, {results.count(False)} failed")
sys.exit(0 if all(results) else 1)
