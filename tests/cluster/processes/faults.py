"""What the cluster promises when its processes die, shown with real processes and a real Redis."""
import json
import os
import signal
import subprocess
import sys
import time
import traceback

import upstream
from backup import back_up
from calls import Writer, create, reach
from chat import Chat
from cluster import ADMIN, Cluster, until

FAMILIAR = "orleanschat:clusters"

cluster = Cluster(sys.argv[1], sys.argv[2], upstream.start())
silos, gateways, redis = cluster.silos, cluster.gateways, cluster.redis
results = []
restarted = []
short_lived = None
began_at = time.monotonic()


def busy():
    """Whether others use this machine so much that its times say nothing."""
    return os.getloadavg()[0] > 4 * os.cpu_count()


def bound(what, value, limit):
    """Holds a time to its bound, where the machine is quiet enough; returns it as text."""
    text = f"{what} {value:.1f} s of {limit}"
    if value > limit:
        assert busy(), text
        text += " (over, on a busy machine)"
    return text


def show(step):
    """Runs one step and says how it went."""
    began = time.monotonic()
    try:
        note = step() or ""
        results.append(True)
        print(f"ok      {step.__doc__} ({time.monotonic() - began:.1f} s, load {os.getloadavg()[0]:.0f}{', ' + note if note else ''})", flush=True)
    except Exception:
        results.append(False)
        print(f"FAILED  {step.__doc__} (load {os.getloadavg()[0]:.0f})\n{traceback.format_exc()[-3000:]}", flush=True)
        if step not in (start_without_redis, stop_without_redis):
            try:
                revive()
            except Exception:
                print(traceback.format_exc(), flush=True)


def faults_in(text):
    """The lines of a log that tell of a fault of this product; Orleans tells of messages that it sends on to other silos, too."""
    return [line[:300] for line in text.splitlines() if line.startswith(("fail: OrleansChat", "crit:"))]


def component(server, name):
    """The status of a component of /health, as a caller with a key sees it."""
    body = json.loads(server.request("GET", "/health")[1])
    return body["components"].get(name, {}).get("status")


def metric(server, name, *labels):
    """The sum of a metric's samples that have all the labels; None where there is none."""
    page = server.request("GET", "/metrics", headers=ADMIN)[1]
    values = [float(line.split(" # ")[0].rsplit(" ", 1)[1]) for line in page.splitlines()
              if line.startswith((name + "{", name + " ")) and all(label in line for label in labels)]
    return sum(values) if values else None


def alerts_on(expression):
    """Holds a step to a shipped alert: what the step looks at is what the alert asks."""
    with open(os.path.join(os.path.dirname(__file__), "../../../deploy/prometheus/rules.yaml"), encoding="utf-8") as rules:
        assert expression in rules.read(), expression


def revive():
    """What a step has left dead is started again, so that each shows its own faults."""
    for server in [redis, *silos, *gateways]:
        if server.child is not None and not server.is_running():
            server.start()
            if server is not redis:
                server.wait("/ready", 200)


def start_without_redis():
    """Silos and gateways start before Redis, wait, say so, and stop when told to"""
    for process in [*gateways, silos[0]]:
        process.start()
    silos[0].wait("/live", 200)
    assert silos[0].status("/ready") == 503
    for gateway in gateways:
        gateway.wait("/ready", 503)
        status, body = gateway.request("POST", "/api/sessions", {})
        assert status == 503 and json.loads(body)["retryAfterSeconds"] > 0, (status, body)
    for process in [silos[0], gateways[0]]:
        until(lambda: f"Redis at 127.0.0.1:{redis.port} does not answer" in process.text(), 30, f"{process.name} says that it waits for Redis")
        began = time.monotonic()
        assert process.stop(20) == 0, process.text()[-2000:]
        assert time.monotonic() - began < 10


def gateway_without_silos():
    """A gateway without a silo says so, and serves when there is one"""
    redis.start()
    gateways[0].start()
    gateways[0].wait("/ready", 503)
    until(lambda: "No silo is running" in gateways[0].text(), 30, "the gateway says that there is no silo")
    status, body = gateways[0].request("POST", "/api/sessions", {})
    assert status == 503 and json.loads(body)["retryAfterSeconds"] > 0, (status, body)
    for silo in silos:
        silo.start()
    for server in [*silos, *gateways]:
        server.wait("/ready", 200)


def wrong_names():
    """Wrong names and versions are told, and no second owner comes up"""
    second = cluster.begin(cluster.silo("silo-second", "--OrleansChat:Cluster:ClusterId=another"))
    assert second.child.wait(60) == 1 and "second owner" in second.text(), second.text()[-2000:]
    for name in ("ClusterId", "ServiceId"):
        lost = cluster.begin(cluster.gateway("gateway-" + name, f"--OrleansChat:Cluster:{name}=another"))
        until(lambda: "'orleanschat/orleanschat' (service/cluster)" in lost.text(), 60, f"a gateway with a wrong {name} says which clusters there are")
        lost.wait("/ready", 503)
        assert lost.stop(20) == 0, lost.text()[-2000:]
    version = redis.ask("HGET", FAMILIAR, "orleanschat/orleanschat")
    redis.ask("HSET", FAMILIAR, "orleanschat/orleanschat", 99)
    try:
        for stranger in (cluster.silo("silo-old"), cluster.gateway("gateway-old")):
            cluster.begin(stranger)
            assert stranger.child.wait(60) == 1 and "speaks version 99" in stranger.text(), stranger.text()[-2000:]
    finally:
        redis.ask("HSET", FAMILIAR, "orleanschat/orleanschat", version)


def dashboard():
    """The dashboard opens for an admin key only, and shows the grains"""
    for path in ("/dashboard/", "/dashboard/DashboardCounters"):
        assert silos[0].status(path, {}) == 401, path
        assert silos[0].status(path, {"Authorization": "Bearer nobody"}) == 401, path
        assert silos[0].status(path) == 403, path
        assert silos[0].status(path, ADMIN) == 200, path
    create(gateways[0])
    until(lambda: "SessionGrain" in silos[0].request("GET", "/dashboard/DashboardCounters", headers=ADMIN)[1], 60, "the dashboard shows the grains")


def stream():
    """Turns stream through both gateways"""
    global short_lived
    short_lived = create(gateways[0], body={"ttlMinutes": 1})[1]
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
        alerts_on("max(orleans_consistent_ring_size) < max(max_over_time(orleans_consistent_ring_size[15m])) and on() max(increase(orleanschat_silos_lost_total[15m])) > 0")
        other = next(silo for silo in silos if silo is not victim)
        until(lambda: metric(other, "orleans_consistent_ring_size") == 2, 30, "the ring has both silos")
        chats = [Chat([gateway]) for gateway in gateways * 4]
        writers = [Writer(gateway) for gateway in gateways * 2]

        # Nothing else comes between: a turn ends by itself after some seconds, and then the kill would find none.
        for chat in chats:
            assert chat.first.wait(20)
        lost = metric(other, "orleanschat_silos_lost_total")
        victim.kill()
        held = reach(gateways[0], [writer.session for writer in writers] + [chat.session for chat in chats])
        for chat in chats:
            chat.join()
            chat.check(upstream.TEXT)
        for writer in writers:
            writer.stop()
            writer.check(gateways[1])
        restarts = [chat.names().count("turn.restarted") for chat in chats]
        assert max(restarts) <= 1, restarts
        restarted.append(sum(restarts))
        until(lambda: metric(other, "orleans_consistent_ring_size") == 1, 30, "the alert of a lost silo")
        assert metric(other, "orleanschat_silos_lost_total") > lost
        until(lambda: all(component(gateway, "cluster") == "healthy" for gateway in gateways), 30, "the other silo answers for both")
        victim.start()
        victim.wait("/ready", 200)
        until(lambda: metric(other, "orleans_consistent_ring_size") == 2, 30, "the end of the alert")
        return "; ".join([
            f"{sum(restarts)} of {len(chats)} turns restarted",
            bound("new calls", held, 2),
            bound("calls in flight", max(writer.slowest for writer in writers), 5),
            bound("pause of a stream", max(chat.longest_pause for chat in chats), 5)])

    step.__doc__ = f"Every turn streams to its end and nothing acknowledged is lost when {victim.name} is killed"
    return step


def restarts_were_seen():
    """The silos that were killed did hold turns"""
    assert sum(restarted) > 0, restarted


def hang_silo():
    """A silo that hangs is out of the way within 10 s"""
    chats = [Chat([gateway]) for gateway in gateways * 2]
    writers = [Writer(gateway) for gateway in gateways * 2]
    for chat in chats:
        assert chat.first.wait(20)
    silos[0].send(signal.SIGSTOP)
    try:
        held = max(reach(gateway, [writer.session for writer in writers], 30) for gateway in gateways)
        slowest, _ = create(gateways[0])
        for chat in chats:
            chat.join()
            chat.check(upstream.TEXT)
        for writer in writers:
            writer.stop()
            writer.check(gateways[1])
    finally:
        silos[0].send(signal.SIGCONT)
        silos[0].end()
    silos[0].start()
    silos[0].wait("/ready", 200)
    return "; ".join([
        bound("new calls", max(held, slowest), 10),
        bound("calls in flight", max(writer.slowest for writer in writers), 10),
        bound("pause of a stream", max(chat.longest_pause for chat in chats), 10)])


def drain_silo():
    """A silo that is told to stop drains its turns: no client sees a restart or an error, and new turns begin elsewhere"""
    chats = [Chat([gateway]) for gateway in gateways * 3]
    writers = [Writer(gateway) for gateway in gateways]
    for chat in chats:
        assert chat.first.wait(20)
    notes = []
    for victim in silos:
        victim.send(signal.SIGTERM)
        began = time.monotonic()
        late = [Chat([gateway]) for gateway in gateways * 2]
        code = victim.child.wait(60)
        notes.append(f"{victim.name} left after {time.monotonic() - began:.1f} s")
        for chat in [*chats, *late]:
            chat.join()
            chat.check(upstream.TEXT)
            assert "turn.restarted" not in chat.names(), chat.names()
        assert code == 0, code
        assert not faults_in(victim.text()[-20000:].split("Draining", 1)[-1]), faults_in(victim.text())
        victim.start()
        victim.wait("/ready", 200)
        chats = []
    for writer in writers:
        writer.stop()
        assert set(writer.answers) <= {200}, (writer.answers, writer.refusals[:2])
        writer.check(gateways[0])
    return "; ".join(notes + [f"slowest write {max(writer.slowest for writer in writers):.1f} s"])


def load(**job):
    """Runs the load as a process of its own."""
    job = {"ports": [gateway.port for gateway in gateways], **job}
    done = subprocess.run([sys.executable, os.path.join(os.path.dirname(__file__), "load.py")], input=json.dumps(job),
                          capture_output=True, text=True, timeout=job["seconds"] + 60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def overload():
    """Four times the load that it can answer evicts no healthy silo"""
    sessions = [create(gateways[i % 2])[1] for i in range(50)]
    sustainable = load(sessions=sessions, seconds=6, connections=16)
    heavy = load(sessions=sessions, seconds=20, connections=128, rate=4 * sustainable["rate"])
    assert all(silo.is_running() for silo in silos), [silo.text()[-1500:] for silo in silos]
    took, _ = create(gateways[0], 30)
    for silo in silos:
        status, body = silo.request("GET", "/health")
        assert status == 200 and "2 active silos" in body, (silo.name, status, body)
    return f"{sustainable['rate']:.0f} a second answered, {heavy['offered']:.0f} offered: {heavy['sent']:.0f} sent, {heavy['answers']}; {took:.1f} s to the next answer"


def backup():
    """A backup of Redis under load, restored elsewhere while the cluster goes on, has all that was acknowledged before it"""
    return back_up(cluster)


def lose_redis():
    """Without Redis calls fail with 503 and a time; afterwards all recovers by itself and nothing acknowledged is lost"""
    writers = [Writer(gateway) for gateway in gateways * 2]
    until(lambda: all(writer.acknowledged > 5 for writer in writers), 30, "the writers are under way")
    _, session = create(gateways[0])
    redis.kill()
    status, body = gateways[0].request("PATCH", f"/api/sessions/{session}", {"title": "x"})
    assert status == 503 and json.loads(body)["retryAfterSeconds"] > 0, (status, body)
    status, body = gateways[0].request("POST", "/api/sessions", {})
    assert status == 503 and json.loads(body)["retryAfterSeconds"] > 0, (status, body)
    alerts_on("max(orleanschat_incidents_open) > 0")
    for server in [*silos, *gateways]:
        until(lambda server=server: component(server, "redis") in ("degraded", "unhealthy"), 30, f"{server.name} says that Redis is lost")
    until(lambda: (metric(gateways[0], "orleanschat_incidents_open") or 0) > 0, 60, "the alert of an incident")
    refused = sum(len(writer.refusals) for writer in writers)
    redis.start()
    took, _ = create(gateways[1], 30)
    seen = [writer.acknowledged for writer in writers]
    until(lambda: all(writer.acknowledged > before for writer, before in zip(writers, seen)), 30, "all writers go on")
    for writer in writers:
        writer.stop()
        assert set(writer.answers) <= {200, 503}, (writer.answers, [refusal for refusal in writer.refusals if refusal[0] != 503][:2])
        assert all(json.loads(body)["retryAfterSeconds"] > 0 for _, body in writer.refusals)
        writer.check(gateways[0])
    for silo in silos:
        assert silo.is_running(), silo.text()[-2000:]
    for server in [*silos, *gateways]:
        until(lambda server=server: component(server, "redis") == "healthy", 60, f"{server.name} says that Redis is back")
    return f"{refused} calls refused; first call {took:.1f} s after Redis was back"


def sweeps():
    """By the reminders in Redis, sessions expire and what dead turns held is given back, after all silos were restarted"""
    until(lambda: not redis.ask("KEYS", f"*{short_lived}*"), 240, "the expired session is gone from Redis")
    assert gateways[0].request("GET", f"/api/sessions/{short_lived}")[0] == 404
    reminders = redis.ask("KEYS", "*reminder*")
    assert reminders, redis.ask("KEYS", "*")[:20]

    def budget():
        status, body = gateways[0].request("GET", "/api/limits")
        assert status == 200, (status, body)
        return next(scope["budget"] for scope in json.loads(body)["scopes"] if scope["scope"] == "key:user")

    until(lambda: budget()["reservedUsd"] == 0, 240, f"no reservation is left: {budget()}")
    usage = json.loads(gateways[0].request("GET", "/api/usage")[1])["total"]
    assert abs(usage["costUsd"] - budget()["spentUsd"]) < 1e-9, (usage, budget())

    # A call whose silo and cost tracker died together is charged when its turn is brought back; one that was never sent may be charged as well.
    assert usage["requests"] >= upstream.Upstream.calls, (usage, upstream.Upstream.calls)
    return f"{upstream.Upstream.calls} upstream calls, {usage['requests']} charges, {usage['costUsd']:.6f} USD"


def stop_without_redis():
    """Silos and gateways stop in time when Redis is gone"""
    redis.kill()
    notes = []
    for process in [*silos, *gateways]:
        began = time.monotonic()
        process.stop(40)
        notes.append(bound(process.name, time.monotonic() - began, 15))
    return "; ".join(notes)


try:
    for step in (start_without_redis, gateway_without_silos, stream, dashboard, wrong_names, kill_gateway, kill_silo(silos[0]), kill_silo(silos[1]),
                 restarts_were_seen, hang_silo, drain_silo, backup, lose_redis, overload, sweeps, stop_without_redis):
        if len(sys.argv) < 4 or any(word in step.__doc__ for word in sys.argv[3:]) or step in (start_without_redis, gateway_without_silos, stream):
            show(step)
    if not all(results):
        for process in [*silos, *gateways]:
            if process.child is not None:
                print(f"== {process.name}\n" + process.text(since_start=False)[-4000:])
finally:
    cluster.end(keep=os.environ.get("KEEP") == "1")

print(f"{results.count(True)} passed, {results.count(False)} failed")
sys.exit(0 if results and all(results) else 1)
