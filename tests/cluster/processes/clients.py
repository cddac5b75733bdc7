"""Runs the tests of the official npm clients against a gateway of a cluster: arguments are the silo's and the gateway's assemblies."""
import json
import os
import subprocess
import sys

from cluster import Cluster, free_port

CLIENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "clients")


def main(silo, gateway):
    environment = {**os.environ, "ORLEANSCHAT_CLIENTS_UPSTREAM": str(free_port())}
    printed = subprocess.run(["node", "settings.mjs"], cwd=CLIENTS, env=environment, check=True, capture_output=True, text=True).stdout
    cluster = Cluster(silo, gateway, "http://127.0.0.1:1/v1", json.loads(printed)["OrleansChat"])
    try:
        for process in [cluster.redis, *cluster.silos, cluster.gateways[0]]:
            process.start()
        cluster.gateways[0].wait("/ready", 200)
        environment["ORLEANSCHAT_CLIENTS_URL"] = f"http://127.0.0.1:{cluster.gateways[0].port}"
        return subprocess.run([os.path.join(CLIENTS, "run")], env=environment, check=False).returncode
    finally:
        cluster.end()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
