"""Silos, gateways and Redis as child processes, each ended by its own id."""
import http.client
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

USER = {"Authorization": "Bearer user-secret"}
ADMIN = {"Authorization": "Bearer admin-secret"}


# Below the ports that kernels give to outgoing connections: one of those can be taken while its process is down, even by an attempt to reach it.
PORTS = itertools.count(os.getpid() * 61)


def free_port():
    while True:
        port = 31_000 + next(PORTS) % 1_700
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def until(condition, patience, what):
    """Waits for a condition; fails with its name when its time is over."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not after {patience} s: {what}")
        time.sleep(0.1)


class Process:
    """One process with its log."""

    def __init__(self, name, command, folder):
        self.name = name
        self.command = command
        self.folder = folder
        self.log = os.path.join(folder, name + ".log")
        self.child = None
        self.began = 0

    def start(self):
        self.began = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def send(self, what):
        os.kill(self.child.pid, what)

    def kill(self):
        self.send(signal.SIGKILL)
        self.child.wait(10)

    def stop(self, patience=60):
        """Tells it to stop; returns its exit code."""
        self.send(signal.SIGTERM)
        return self.child.wait(patience)

    def is_running(self):
        return self.child is not None and self.child.poll() is None

    def end(self):
        if self.is_running():
            self.send(signal.SIGCONT)
            self.kill()

    def text(self, since_start=True):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(self.began if since_start else 0)
            return log.read()


class Server(Process):
    """A process with an HTTP address."""

    def __init__(self, name, command, folder, port):
        super().__init__(name, command, folder)
        self.port = port

    def request(self, method, path, body=None, headers=None, timeout=40):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            payload = None if body is None else json.dumps(body)
            connection.request(method, path, payload, {"Content-Type": "application/json", **(USER if headers is None else headers)})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def status(self, path, headers=None):
        try:
            return self.request("GET", path, headers=headers, timeout=5)[0]
        except OSError:
            return 0

    def wait(self, path, status, patience=90):
        until(lambda: self.status(path) == status, patience, f"{self.name}{path} is {status}")


class Redis(Process):
    """A Redis of its own, which forgets nothing that it has acknowledged."""

    def __init__(self, folder, name="redis"):
        self.port = free_port()
        super().__init__(name, ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                                   "--appendonly", "yes", "--appendfsync", "always", "--dir", folder], folder)

    def ask(self, *words):
        """One command; returns the answer as text or a list."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            words = [str(word).encode() for word in words]
            connection.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
            with connection.makefile("rb") as answer:
                return self._read(answer)

    def _read(self, answer):
        line = answer.readline().rstrip(b"\r\n")
        kind, rest = line[:1], line[1:]
        if kind == b"*":
            return [self._read(answer) for _ in range(int(rest))]
        if kind == b"$":
            return None if rest == b"-1" else answer.read(int(rest) + 2)[:-2].decode(errors="replace")
        return rest.decode()


class Cluster:
    """Two silos, two gateways and Redis, none of them started."""

    def __init__(self, silo, gateway, upstream, more=None):
        self.folder = tempfile.mkdtemp(prefix="orleanschat-processes-")
        self.paths = os.path.abspath(silo), os.path.abspath(gateway)
        self.redis = Redis(self.folder)
        settings = {"OrleansChat": {
            "Cluster": {"Redis": f"127.0.0.1:{self.redis.port}", "AdvertisedAddress": "127.0.0.1"},
            "ApiKeys": [{"Id": "user", "Secret": "user-secret", "Budget": {"Usd": 1000, "Window": "Total"}},
                        {"Id": "admin", "Secret": "admin-secret", "Admin": True}],
            "Upstreams": [{"Id": "slow", "BaseUrl": upstream}],
            "Models": [{"Id": "default", "Route": ["slow/slow"], "InputUsdPerMillion": 1, "OutputUsdPerMillion": 2}],
            **(more or {})}}
        with open(os.path.join(self.folder, "orleanschat.json"), "w", encoding="utf-8") as file:
            json.dump(settings, file)
        self.silos = [self.silo(f"silo-{letter}") for letter in "ab"]
        self.gateways = [self.gateway(f"gateway-{letter}") for letter in "ab"]
        self.others = []

    def silo(self, name, *settings):
        port = free_port()
        arguments = [f"--OrleansChat:Cluster:SiloUrls=http://127.0.0.1:{port}",
                     f"--OrleansChat:Cluster:SiloPort={free_port()}", f"--OrleansChat:Cluster:GatewayPort={free_port()}"]
        return Server(name, ["dotnet", self.paths[0], *arguments, *settings], self.folder, port)

    def gateway(self, name, *settings):
        port = free_port()
        return Server(name, ["dotnet", self.paths[1], f"--OrleansChat:Urls=http://127.0.0.1:{port}", *settings], self.folder, port)

    def begin(self, process):
        """Starts a process beside those of the cluster."""
        self.others.append(process)
        process.start()
        return process

    def end(self, keep=False):
        for process in [*self.others, *self.gateways, *self.silos, self.redis]:
            process.end()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
