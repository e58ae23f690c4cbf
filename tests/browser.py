"""A headless Chromium, controlled over a pipe with the DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/: JSON messages, each ended by a NUL byte. It
needs no driver and no network, only the browser from the system's packages.
"""

import json
import os
import select
import shutil
import subprocess
from collections import deque
from contextlib import suppress
from time import monotonic, sleep

TIMEOUT = 60  # seconds per response; enough for a browser that starts on a busy machine
_FLAGS = (
    *("--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"),
    "--renderer-process-limit=1",  # starting a process for each tab would take a sixth of the time
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # pages never leave this machine
)
_KEYS = {"Escape": ("Escape", 27, ""), "Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r")}


def find_chromium():
    """The path of Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """A running browser; leaving the `with` block ends it."""

    def __init__(self, program, profile):
        read, self._write = os.pipe()
        self._read, write = os.pipe()
        command = ["bash", "-c", f'exec "$@" 3<&{read} 4>&{write}', "bash", program, *_FLAGS]
        command += [f"--user-data-dir={profile}"]
        no_output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        # Chromium also writes outside its profile, for example crash reports.
        home = {"HOME": profile, "XDG_CONFIG_HOME": profile, "XDG_CACHE_HOME": profile}
        environ = os.environ | {name: str(path) for name, path in home.items()}
        self._process = subprocess.Popen(command, pass_fds=(read, write), env=environ, **no_output)
        os.close(read)
        os.close(write)
        self._buffer, self._last_id, self.events = b"", 0, deque()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with suppress(OSError, EOFError, TimeoutError):
            self.call("Browser.close")
        os.close(self._write)
        os.close(self._read)
        try:
            self._process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def call(self, method, session=None, **parameters):
        """Send a command to the browser or a page and return the result; events are collected."""
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": parameters}
        message |= {"sessionId": session} if session else {}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            received = self.receive()
            if received.get("id") == self._last_id:
                assert "error" not in received, f"{method}: {received['error']}"
                return received["result"]
            self.events.append(received)

    def receive(self):
        """Return the next message from the browser."""
        while b"\0" not in self._buffer:
            if not select.select([self._read], [], [], TIMEOUT)[0]:
                raise TimeoutError("the browser does not respond")
            if not (more := os.read(self._read, 1 << 20)):
                raise EOFError("the browser has exited")
            self._buffer += more
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def open(self, url, **options):
        """Open a new tab and wait until it has loaded `url`."""
        return Tab(self, url, **options)


class Tab:
    """A page in a tab of its own; `width` is in CSS pixels, `scripts` enables JavaScript."""

    def __init__(self, browser, url, *, width=1000, scheme="light", scripts=True, media=""):
        self._browser = browser
        context = browser.call("Target.createBrowserContext")["browserContextId"]
        self.context = context
        target = browser.call("Target.createTarget", url="about:blank", browserContextId=context)
        self._target = target["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)[
            "sessionId"
        ]
        browser.events.clear()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        self.emulate_media(scheme, media)
        self.call("Page.setLifecycleEventsEnabled", enabled=True)
        self._wait_for_load(self.call("Page.navigate", url=url)["loaderId"])

    def call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def _wait_for_load(self, loader):
        """Wait until this page, not the blank one before it, has loaded."""
        load, events = {"loaderId": loader, "name": "load"}, self._browser.events
        while not any(load.items() <= event.get("params", {}).items() for event in events):
            events.append(self._browser.receive())

    def emulate_media(self, scheme, media=""):
        """Set the preferred colour scheme and the medium, "screen" or "print"."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def value(self, expression):
        """The value of a JavaScript expression in the page."""
        evaluated = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in evaluated, evaluated["exceptionDetails"]
        return evaluated["result"].get("value")

    def click(self, selector):
        self.value(f"document.querySelector({json.dumps(selector)}).click()")

    def press(self, *keys):
        """Press keys in turn, each given as a character or the name of a key."""
        for key in keys:
            name, code, text = _KEYS.get(key, (key, ord(key[0].upper()), key))
            event = {"key": name, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
            self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def _nodes(self, selector):
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        return self.call("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"]

    def count_visible(self, selector):
        """The number of visible elements; works without JavaScript."""
        return sum(self._corner(node) is not None for node in self._nodes(selector))

    def _corner(self, node):
        with suppress(AssertionError):
            return self.call("DOM.getBoxModel", nodeId=node)["model"]["content"][:2]
        return None

    def click_at(self, selector):
        """Click the first such element with the mouse."""
        x, y = (position + 3 for position in self._corner(self._nodes(selector)[0]))
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def accessible_nodes(self):
        """The role and name of every node that a screen reader announces."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        announced = (node for node in nodes if not node["ignored"])
        return [
            (node["role"]["value"], node.get("name", {}).get("value", "")) for node in announced
        ]

    def console(self):
        """The console messages of the page: its output, errors and policy violations."""
        self.value("0")  # a round trip, after which all earlier messages have arrived
        methods = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [event for event in self._browser.events if event.get("method") in methods]

    def requested_urls(self):
        """The URLs that the page requested, except those that its policy blocked."""
        requests, failures = (
            [
                event["params"]
                for event in self._browser.events
                if event.get("method") == f"Network.{name}"
            ]
            for name in ("requestWillBeSent", "loadingFailed")
        )
        blocked = {item["requestId"] for item in failures if item.get("blockedReason") == "csp"}
        return [item["request"]["url"] for item in requests if item["requestId"] not in blocked]

    def opened_url(self):
        """The URL of the tab that this tab opened; waits until there is one."""
        start = monotonic()
        while monotonic() < start + TIMEOUT:
            targets = self._browser.call("Target.getTargets")["targetInfos"]
            tabs = (tab for tab in targets if tab.get("browserContextId") == self.context)
            if urls := [tab["url"] for tab in tabs if tab["url"].startswith("http")]:
                return urls[0]
            sleep(0.02)
        raise TimeoutError("no tab was opened")

    def close(self):
        self._browser.call("Target.disposeBrowserContext", browserContextId=self.context)
