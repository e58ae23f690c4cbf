"""A real Chromium without a window, told what to do over a pipe in the DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/: one JSON message a NUL byte. No driver between
the tests and the browser that the system's packages provide, and no network.
"""

import json
import os
import select
import shutil
import subprocess
from collections import deque
from contextlib import suppress
from time import monotonic, sleep

PATIENCE = 60  # seconds for one answer of a browser that is starting on a busy machine
_FLAGS = (
    *("--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"),
    "--host-resolver-rules=MAP * ~NOTFOUND",  # whatever is opened stays here
)
_KEYS = {"Escape": ("Escape", 27, ""), "Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r")}


def installed():
    """The way to a Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """A running browser; `with` ends it."""

    def __init__(self, program, profile):
        read, self._write = os.pipe()
        self._read, write = os.pipe()
        wired = ["bash", "-c", f'exec "$@" 3<&{read} 4>&{write}', "bash", program, *_FLAGS]
        wired += [f"--user-data-dir={profile}"]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        # What it keeps beside its profile, as reports of crashes, stays with the profile.
        home = {"HOME": profile, "XDG_CONFIG_HOME": profile, "XDG_CACHE_HOME": profile}
        environ = os.environ | {name: str(path) for name, path in home.items()}
        self._process = subprocess.Popen(wired, pass_fds=(read, write), env=environ, **silent)
        os.close(read)
        os.close(write)
        self._left, self._number, self.events = b"", 0, deque()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with suppress(OSError, EOFError, TimeoutError):
            self.call("Browser.close")
        os.close(self._write)
        os.close(self._read)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def call(self, method, session=None, **parameters):
        """Tell the browser or a page something; what it answers. Events meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": session} if session else {}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def next(self):
        """The next message of the browser."""
        while b"\0" not in self._left:
            if not select.select([self._read], [], [], PATIENCE)[0]:
                raise TimeoutError("the browser says nothing")
            if not (more := os.read(self._read, 1 << 20)):
                raise EOFError("the browser is gone")
            self._left += more
        message, _, self._left = self._left.partition(b"\0")
        return json.loads(message)

    def open(self, url, **how):
        """A new tab at `url`, loaded."""
        return Tab(self, url, **how)


class Tab:
    """One page in a tab of its own. `width` in CSS pixels; without `scripts` none runs."""

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
        self.prefer(scheme, media)
        self.call("Page.setLifecycleEventsEnabled", enabled=True)
        self._loaded(self.call("Page.navigate", url=url)["loaderId"])

    def call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def _loaded(self, loader):
        """Wait until this page, not the empty one before it, has loaded."""
        wanted, seen = {"loaderId": loader, "name": "load"}, self._browser.events
        while not any(wanted.items() <= one.get("params", {}).items() for one in seen):
            seen.append(self._browser.next())

    def prefer(self, scheme, media=""):
        """Set the colour scheme that the system asks for, and the medium: "screen" or "print"."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def value(self, expression):
        """What an expression is in the page, as JSON has it."""
        done = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def click(self, selector):
        self.value(f"document.querySelector({json.dumps(selector)}).click()")

    def press(self, *keys):
        """Press keys one after the other: a letter, or the name of a key."""
        for one in keys:
            name, code, text = _KEYS.get(one, (one, ord(one[0].upper()), one))
            how = {"key": name, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **how)
            self.call("Input.dispatchKeyEvent", type="keyUp", **how)

    def _nodes(self, selector):
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        return self.call("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"]

    def boxes(self, selector):
        """How many elements are drawn, which needs no script in the page."""
        return sum(self._corner(node) is not None for node in self._nodes(selector))

    def _corner(self, node):
        with suppress(AssertionError):
            return self.call("DOM.getBoxModel", nodeId=node)["model"]["content"][:2]
        return None

    def click_at(self, selector):
        """Click with the mouse on the first such element."""
        x, y = (one + 3 for one in self._corner(self._nodes(selector)[0]))
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def heard(self):
        """The role and the name of everything that a screen reader tells of."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        told = (one for one in nodes if not one["ignored"])
        return [(one["role"]["value"], one.get("name", {}).get("value", "")) for one in told]

    def said(self):
        """All that the page wrote to the console, its errors and what its policy refused."""
        self.value("0")  # so that what it had to say was said
        told = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [one for one in self._browser.events if one.get("method") in told]

    def asked(self):
        """The addresses that were asked for, without those that the page's own policy stopped."""
        sent, stopped = (
            [
                one["params"]
                for one in self._browser.events
                if one.get("method") == f"Network.{name}"
            ]
            for name in ("requestWillBeSent", "loadingFailed")
        )
        refused = {one["requestId"] for one in stopped if one.get("blockedReason") == "csp"}
        return [one["request"]["url"] for one in sent if one["requestId"] not in refused]

    def opened(self):
        """The address of the tab that this one opened, for which it may have to wait."""
        began = monotonic()
        while monotonic() < began + PATIENCE:
            targets = self._browser.call("Target.getTargets")["targetInfos"]
            mine = (one["url"] for one in targets if one.get("browserContextId") == self.context)
            if found := [url for url in mine if url.startswith("http")]:
                return found[0]
            sleep(0.02)
        raise TimeoutError("no tab was opened")

    def close(self):
        self._browser.call("Target.disposeBrowserContext", browserContextId=self.context)
