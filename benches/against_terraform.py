#!/usr/bin/env python3
"""Plans and applies stacks/fastapi in turn with Terraform on one emulator, and prints ratios.

usage: infra sandbox run -- python3 benches/against_terraform.py INFRA [RUNS]

Each engine works in an account of its own. Measured for the whole process tree: wall seconds, CPU seconds, peak resident
memory. API calls are counted in runs of their own, through a counting proxy. The Terraform to compare with is named by
INFRA_TERRAFORM (default: `terraform` on the PATH); without one only infra's own figures are printed.
"""

import http.client
import http.server
import os
import pathlib
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
VARIABLES = ["-var-file=environments/dev.tfvars"]


class Engine:
    """One of the two, with its folder, its account and what was measured of it."""

    def __init__(self, name, command, folder, account):
        self.name, self.command, self.folder, self.account = name, command, folder, account
        self.runs = {}

    def environment(self, endpoint=None):
        environment = dict(os.environ, AWS_ACCESS_KEY_ID=self.account, TF_VAR_db_password="bench-password-1234", TF_IN_AUTOMATION="1")
        if endpoint:
            environment["AWS_ENDPOINT_URL"] = endpoint
        return environment

    def run(self, arguments, endpoint=None, expect=0):
        """Runs a command and gives its wall seconds, CPU seconds and peak memory in MB."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                [*self.command, *arguments],
                cwd=self.folder,
                env=self.environment(endpoint),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            peak = 0
            while process.poll() is None:
                peak = max(peak, resident(process.pid))
                time.sleep(0.002)
            wall = time.monotonic() - start
            if process.returncode != expect:
                output.seek(0)
                sys.exit(f"bench: {self.name} {' '.join(arguments)} exited {process.returncode}:\n{output.read().decode()}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"wall s": wall, "CPU s": cpu, "peak MB": peak / 1e6}

    def measure(self, what, arguments, expect=0):
        self.runs.setdefault(what, []).append(self.run(arguments, expect=expect))

    def median(self, what, unit):
        return statistics.median(run[unit] for run in self.runs[what])


def resident(pid):
    """Resident bytes of a process and all below it."""
    total, todo = 0, [pid]
    while todo:
        pid = todo.pop()
        try:
            total += int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for task in os.listdir(f"/proc/{pid}/task"):
                todo += [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError, IndexError):
            continue
    return total


class Counter(http.server.BaseHTTPRequestHandler):
    """Passes requests on and counts them."""

    protocol_version = "HTTP/1.1"
    upstream, count = None, 0

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Counter.count += 1
        connection = http.client.HTTPConnection(Counter.upstream)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST

    def log_message(self, *_):
        pass


def count_calls(engine, arguments, proxy):
    Counter.count = 0
    engine.run(arguments, endpoint=f"http://127.0.0.1:{proxy.server_port}")
    return Counter.count


def main():
    if not os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://127.0.0.1:"):
        sys.exit("bench: run it in the sandbox: infra sandbox run -- python3 benches/against_terraform.py INFRA")
    infra = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    terraform = shlex.split(os.environ.get("INFRA_TERRAFORM", "terraform"))
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        shutil.copytree(ROOT / "stacks/fastapi", work / "infra")
        (work / "infra/backend.tf").unlink()
        engines = [Engine("infra", [infra], work / "infra", "111111111111")]
        if shutil.which(terraform[0]):
            subprocess.run([ROOT / "stacks/fastapi/terraform-copy", work / "terraform"], check=True)
            (work / "terraform/backend.tf").unlink(missing_ok=True)
            engines.append(Engine("terraform", terraform, work / "terraform", "222222222222"))
            engines[1].run(["init", "-input=false"])
        else:
            print("bench: no Terraform on the PATH: only infra is measured", file=sys.stderr)
        options = ["-input=false", *VARIABLES]
        for engine in engines:
            engine.measure("apply", ["apply", "-auto-approve", *options])
        for _ in range(runs):
            for engine in engines:
                engine.measure("plan, no changes", ["plan", "-detailed-exitcode", *options])
        upstream = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"])
        Counter.upstream = upstream.netloc
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counter)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        calls = [count_calls(engine, ["plan", *options], proxy) for engine in engines]
        for engine in engines:
            engine.measure("destroy", ["destroy", "-auto-approve", *options])
        report(engines, calls)


def report(engines, calls):
    print(f"{'':20}{'':10}" + "".join(f"{engine.name:>14}" for engine in engines) + (f"{'ratio':>10}" if len(engines) > 1 else ""))
    for what in engines[0].runs:
        for unit in ("wall s", "CPU s", "peak MB"):
            values = [engine.median(what, unit) for engine in engines]
            print(row(what, unit, values))
    print(row("plan, no changes", "API calls", calls))


def row(what, unit, values):
    ratio = f"{values[1] / values[0]:>9.1f}x" if len(values) > 1 and values[0] else ""
    return f"{what:20}{unit:10}" + "".join(f"{value:>14.3f}" for value in values) + ratio


if __name__ == "__main__":
    main()
