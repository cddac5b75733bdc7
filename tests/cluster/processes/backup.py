"""A backup under load and its restore elsewhere, by the scripts that operators are given."""
import json
import os
import subprocess

import upstream
from calls import Writer
from chat import Chat
from cluster import ADMIN, USER, Redis, until

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "deploy", "redis")
FINAL = ("completed", "interrupted", "failed", "cancelled")


def read(server, path, headers=None):
    status, body = server.request("GET", path, headers=headers)
    assert status == 200, (path, status, body)
    return json.loads(body)


def run(script, *arguments):
    done = subprocess.run([os.path.join(SCRIPTS, script), *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, (script, done.stdout, done.stderr)
    return done.stdout.strip()


def budget(gateway):
    return next(scope["budget"] for scope in read(gateway, "/api/limits")["scopes"] if scope["scope"] == "key:user")


def call(gateway):
    """One call without a session."""
    status, body = gateway.request("POST", "/v1/chat/completions", {"model": "default", "stream": True, "messages": [{"role": "user", "content": "Hello"}]})
    assert status == 200, (status, body)


def back_up(cluster):
    gateways = cluster.gateways

    # What is acknowledged before the backup begins: turns and their messages, settlements, a key, and titles that change all the time.
    done = [Chat([gateway]) for gateway in gateways]
    call(gateways[0])
    status, body = gateways[0].request("POST", "/api/keys", {"id": "made"}, headers=ADMIN)
    assert status == 201, (status, body)
    made = {"Authorization": "Bearer " + json.loads(body)["secret"]}
    for chat in done:
        chat.join()
        chat.check(upstream.TEXT)
    writers = [Writer(gateway) for gateway in gateways * 3]
    running = [Chat([gateway]) for gateway in gateways * 2]
    for chat in running:
        assert chat.first.wait(20)
    until(lambda: all(writer.acknowledged > 5 for writer in writers), 30, "the writers are under way")
    spent = budget(gateways[0])["spentUsd"]
    acknowledged = [writer.acknowledged for writer in writers]

    file = os.path.join(cluster.folder, "backup.rdb")
    taken = run("backup", file, "-p", str(cluster.redis.port))
    tried = [writer.tried for writer in writers]

    # Elsewhere, while the cluster goes on.
    folder = os.path.join(cluster.folder, "restored")
    restored = run("restore", file, folder)
    redis = cluster.begin(Redis(folder, "restored-redis"))
    name = f"--OrleansChat:Cluster:Redis=127.0.0.1:{redis.port}"
    silo = cluster.begin(cluster.silo("restored-silo", name))
    gateway = cluster.begin(cluster.gateway("restored-gateway", name))
    try:
        silo.wait("/ready", 200)
        gateway.wait("/ready", 200)
        check(gateway, made, done, running, spent, list(zip(writers, acknowledged, tried)))
    finally:
        for process in (gateway, silo, redis):
            process.end()

    # And the cluster itself has not noticed.
    for chat in running:
        chat.join()
        chat.check(upstream.TEXT)
        assert "turn.restarted" not in chat.names(), chat.names()
    for writer in writers:
        writer.stop()
        assert set(writer.answers) == {200}, (writer.answers, writer.refusals[:2])
        writer.check(gateways[0])
        assert writer.acknowledged > dict(zip(writers, tried))[writer], "nothing was written meanwhile"
    return f"{os.path.basename(taken)}; {os.path.basename(restored)}; {sum(acknowledged)} writes acknowledged before, {sum(tried) - sum(acknowledged)} during the backup"


def check(gateway, made, done, running, spent, written):
    """What a restored cluster answers."""
    for writer, acknowledged, tried in written:
        title = int(read(gateway, f"/api/sessions/{writer.session}")["title"])
        assert acknowledged <= title <= tried, (acknowledged, title, tried)
    for chat in done:
        messages = read(gateway, f"/api/sessions/{chat.session}")["messages"]
        assert [message["content"] for message in messages] == ["Hello", upstream.TEXT], messages
    assert gateway.status("/v1/models", made) == 200
    assert gateway.status("/v1/models", USER) == 200

    # A turn that ran is taken up as after its silo's death: it begins again or is marked, and does not stay open.
    for chat in running:
        until(lambda chat=chat: read(gateway, f"/api/sessions/{chat.session}/turns/{chat.turn}")["status"] in FINAL, 120, "the restored turn has an end")

    # The ledger is whole: its entries are the spend, none is lost, and what was reserved is settled or charged.
    until(lambda: budget(gateway)["reservedUsd"] == 0, 240, "no reservation is left")
    now = budget(gateway)["spentUsd"]
    usage = read(gateway, "/api/usage")["total"]["costUsd"]
    assert now >= spent, (now, spent)
    assert abs(usage - now) < 1e-9, (usage, now)
