"""Silos, gateways and Redis as child processes, each ended by its own id."""
import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """One process with its log."""

    def __init__(self, name, command, folder):
        self.name = name
        self.command = command
        self.folder = folder
        self.log = os.path.join(folder, name + ".log")
        self.child = None

    def start(self):
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def send(self, what):
        os.kill(self.child.pid, what)

    def kill(self):
        self.send(signal.SIGKILL)
        self.child.wait()

    def stop(self, patience=60):
        self.send(signal.SIGTERM)
        return self.child.wait(patience)

    def end(self):
        if self.child is not None and self.child.poll() is None:
            self.send(signal.SIGCONT)
            self.kill()

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
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
            connection.request(method, path, payload, {"Content-Type": "application/json", **(headers or {})})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def status(self, path):
        try:
            return self.request("GET", path, timeout=5)[0]
        except OSError:
            return 0

    def wait(self, path, status, patience=60):
        until = time.monotonic() + patience
        while self.status(path) != status:
            if time.monotonic() > until:
                raise AssertionError(f"{self.name}{path} is not {status} after {patience} s")
            time.sleep(0.1)


class Cluster:
    """Two silos, two gateways and Redis, none of them started."""

    def __init__(self, silo, gateway, upstream, more=None):
        self.folder = tempfile.mkdtemp(prefix="orleanschat-processes-")
        redis_port = free_port()
        settings = {"OrleansChat": {
            "Cluster": {"Redis": f"127.0.0.1:{redis_port}", "AdvertisedAddress": "127.0.0.1"},
            "Upstreams": [{"Id": "slow", "BaseUrl": upstream}],
            "Models": [{"Id": "default", "Route": ["slow/slow"]}],
            **(more or {})}}
        with open(os.path.join(self.folder, "orleanschat.json"), "w", encoding="utf-8") as file:
            json.dump(settings, file)
        self.redis = Process("redis", ["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "",
                                       "--appendonly", "yes", "--appendfsync", "always", "--dir", self.folder], self.folder)
        self.silos = [self._silo(f"silo-{letter}", os.path.abspath(silo)) for letter in "ab"]
        self.gateways = [self._gateway(f"gateway-{letter}", os.path.abspath(gateway)) for letter in "ab"]

    def _silo(self, name, path):
        port = free_port()
        arguments = [f"--OrleansChat:Cluster:SiloUrls=http://127.0.0.1:{port}",
                     f"--OrleansChat:Cluster:SiloPort={free_port()}", f"--OrleansChat:Cluster:GatewayPort={free_port()}"]
        return Server(name, ["dotnet", path, *arguments], self.folder, port)

    def _gateway(self, name, path):
        port = free_port()
        return Server(name, ["dotnet", path, f"--OrleansChat:Urls=http://127.0.0.1:{port}"], self.folder, port)

    def end(self):
        for process in [*self.gateways, *self.silos, self.redis]:
            process.end()
