"""Runs python-marathon, a client nobody here wrote, through one app's life.

    python_marathon.py URL

The client raises on an answer or an event that it cannot read, so whoever serves
Marathon's API at URL is held to what that client takes Marathon to say. Prints
what it saw; exit code 0 if all went well, 1 if not, 2 if the client is missing.
"""

import sys
import threading
import time

try:
    import requests
    from marathon import MarathonClient
    from marathon.models import MarathonApp, MarathonHealthCheck
    from marathon.models.events import EventFactory
except ImportError as missing:
    print(f"{missing}: install the Debian package python3-marathon (tests/tools/packages.sh tests)")
    sys.exit(2)

LIMIT_SECONDS = 30
APP = "/clients/web"


def await_that(what, condition):
    """Asks until `condition` holds; the wait is the client's own request."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {LIMIT_SECONDS} s: {what}")


def readable_types(version):
    """What to ask the event stream for; nothing means everything.

    Marathon 1.8 and later leaves both states out of every deployment's plan, and
    python-marathon 0.13 fails on a plan without them.
    """
    if tuple(int(part) for part in version.split(".")[:2]) < (1, 8):
        return None
    return [name for name, kind in EventFactory.event_to_class.items() if "plan" not in kind.KNOWN_ATTRIBUTES]


class Listener(threading.Thread):
    """Keeps the types of all events until one task was said to run and one to be killed."""

    def __init__(self, url, types):
        super().__init__(daemon=True)
        self.opened = threading.Event()
        self.types = types
        self.seen = []
        self.updates = {}
        self.error = None
        session = requests.Session()
        session.hooks["response"].append(lambda *_, **__: self.opened.set())
        self.client = MarathonClient(url, sse_session=session)

    def run(self):
        try:
            for event in self.client.event_stream(event_types=self.types):
                self.seen.append(event.event_type)
                if event.event_type == "status_update_event":
                    self.updates[event.task_status] = event
                if {"TASK_RUNNING", "TASK_KILLED"} <= self.updates.keys():
                    return
            self.error = "the stream ended"
        except Exception as error:  # told by the main thread
            self.error = repr(error)
        finally:
            self.opened.set()


def tour(url):
    client = MarathonClient(url)
    assert b"pong" in client.ping()
    info = client.get_info()
    assert info.name and info.version and info.framework_id, info
    assert client.get_leader()["leader"] == info.leader, info
    assert client.list_apps() == []

    listener = Listener(url, readable_types(info.version))
    listener.start()
    assert listener.opened.wait(LIMIT_SECONDS), "no answer to the event stream's request"

    check = MarathonHealthCheck(protocol="HTTP", path="/", interval_seconds=1, grace_period_seconds=5)
    created = client.create_app(APP, MarathonApp(cmd="sleep 1000", cpus=0.1, mem=32, instances=1, ports=[0],
                                                 labels={"team": "a"}, health_checks=[check]))
    assert created.id == APP and created.deployments, created
    await_that("the app is deployed", lambda: client.list_deployments() == [])
    scaled = client.scale_app(APP, instances=3)

    steps = client.list_deployments()
    assert [deployment.id for deployment in steps] == [scaled["deploymentId"]], steps
    assert steps[0].affected_apps == [APP], steps
    await_that("three tasks run", lambda: client.get_app(APP).tasks_running == 3)
    await_that("the app is scaled", lambda: client.list_deployments() == [])

    tasks = client.list_tasks(APP)
    assert len(tasks) == 3 and all(task.host and task.ports and task.started_at for task in tasks), tasks
    assert len(client.list_tasks()) == 3
    apps = client.list_apps(embed_tasks=True, embed_counts=True)
    assert [app.id for app in apps] == [APP] and apps[0].instances == 3 and len(apps[0].tasks) == 3, apps
    assert len(client.list_versions(APP)) >= 2
    client.delete_app(APP)
    await_that("the app is gone", lambda: client.list_apps() == [] and client.list_deployments() == [])

    listener.join(LIMIT_SECONDS)
    print("events:", " ".join(listener.seen))
    assert listener.error is None, listener.error
    assert {"TASK_RUNNING", "TASK_KILLED"} <= listener.updates.keys(), f"not within {LIMIT_SECONDS} s"
    running = listener.updates["TASK_RUNNING"]
    assert running.app_id == APP and running.task_id and running.host and running.ports, running


if __name__ == "__main__":
    tour(sys.argv[1])
    print("all read")
