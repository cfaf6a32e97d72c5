"""Starts moto's server with this project's corrections applied, on the loopback interface only.

By hand:  python launcher.py --port 5000
          INFRA_SANDBOX_WITHOUT=rds-windows,ecs-rollout python launcher.py --port 5000

Besides moto's own paths it answers `GET /moto-api/infra-sandbox` with a JSON object that says who it is: `token` (as
given on the command line), `pid`, `moto` (version), `corrections` (names of the active ones) and `rollout_seconds`.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import threading

WITHOUT = "INFRA_SANDBOX_WITHOUT"
ROLLOUT_SECONDS = "INFRA_SANDBOX_ROLLOUT_SECONDS"
LOG_REQUESTS = "INFRA_SANDBOX_LOG_REQUESTS"
IDENTITY_PATH = "/moto-api/infra-sandbox"


def parse(argv):
    parser = argparse.ArgumentParser(description="moto with corrections, on 127.0.0.1")
    parser.add_argument("--port", type=int, default=5000, help="port to listen on; 0 picks a free one")
    parser.add_argument("--report", help="file that receives `{\"port\": N, \"pid\": N}` once the port is bound")
    parser.add_argument("--token", default="", help="opaque text that the identity page repeats")
    parser.add_argument("--detach", action="store_true", help="lead a session of its own, so that no terminal's signals reach it")
    parser.add_argument("--until-stdin-closes", action="store_true", help="exit when standard input reaches its end")
    parser.add_argument("--scratch", help="folder to remove when standard input reaches its end")
    parser.add_argument("--list-corrections", action="store_true", help="print the corrections and exit")
    return parser.parse_args(argv)


def set_moto_up():
    """Settings moto reads from the environment when it is imported; whatever the caller had set for it is dropped."""
    for name in list(os.environ):
        if name.startswith(("MOTO_", "AWS_")) or name == "INITIAL_NO_AUTH_ACTION_COUNT":
            del os.environ[name]
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    # moto's own calls to AWS, if an operation makes any, must not leave this machine.
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_ACCESS_KEY_ID"] = "sandbox"
    os.environ["AWS_SECRET_ACCESS_KEY"] = "sandbox"
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"


def rollout_seconds():
    text = os.environ.get(ROLLOUT_SECONDS, "") or "0"
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        sys.exit(f"{ROLLOUT_SECONDS}: `{text}` is not a number of seconds")
    return seconds


def write_report(path, report):
    """Written aside and renamed: a reader sees the whole report or none."""
    aside = f"{path}.{os.getpid()}"
    with open(aside, "w", encoding="utf-8") as file:
        json.dump(report, file)
    os.replace(aside, path)


def exit_when_stdin_closes(scratch):
    """Whoever held the other end may have been killed, so the folder is removed here."""
    while os.read(0, 4096):
        pass
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)


def identity_application(application, identity):
    """Answers the identity page before moto looks at the request."""
    body = json.dumps(identity).encode()

    def answer(environ, start_response):
        if environ.get("PATH_INFO") == IDENTITY_PATH:
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        return application(environ, start_response)

    return answer


def one_at_a_time(application):
    """moto's objects are shared by all threads and guarded by nothing: one that lists while another adds breaks."""
    lock = threading.Lock()

    def answer(environ, start_response):
        with lock:
            return list(application(environ, start_response))

    return answer


def request_handler(log_requests):
    from moto.moto_server.werkzeug_app import MotoRequestHandler

    class Handler(MotoRequestHandler):
        def log_request(self, code="-", size="-"):
            if log_requests:
                super().log_request(code, size)

    return Handler


def main(argv):
    arguments = parse(argv)
    if arguments.detach:
        os.setsid()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    seconds = rollout_seconds()
    set_moto_up()

    import corrections

    try:
        active = corrections.choose(os.environ.get(WITHOUT, ""), seconds)
    except corrections.UnknownCorrection as unknown:
        sys.exit(f"{WITHOUT}: {unknown}")
    if arguments.list_corrections:
        for correction in active:
            print(f"{correction.name:30} {correction.effect}")
        return

    import moto
    import speed
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication
    from werkzeug.serving import make_server

    speed.remember_what_does_not_change()
    identity = {
        "token": arguments.token,
        "pid": os.getpid(),
        "moto": moto.__version__,
        "corrections": [correction.name for correction in active],
        "rollout_seconds": seconds,
    }
    application = identity_application(
        one_at_a_time(DomainDispatcherApplication(corrections.application_maker(active))), identity
    )
    # Says why and exits where the port cannot be bound.
    server = make_server(
        "127.0.0.1",
        arguments.port,
        application,
        threaded=True,
        request_handler=request_handler(bool(os.environ.get(LOG_REQUESTS))),
    )
    # A connection that is still open must not keep the process alive.
    server.daemon_threads = True
    os.environ["MOTO_PORT"] = str(server.port)
    if arguments.report:
        write_report(arguments.report, {"port": server.port, "pid": os.getpid()})
    if arguments.until_stdin_closes:
        threading.Thread(target=exit_when_stdin_closes, args=[arguments.scratch], daemon=True).start()
    print(f"listening on http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
