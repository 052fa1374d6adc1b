# SPDX-License-Identifier: MIT
"""A headless Chromium, driven by W3C WebDriver over loopback. Names are looked up by nobody: the pages
are files. It ends with the test case."""
import json
import os
import re
import urllib.request

import vltest

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what WebDriver calls an element's reference
ENTER = "\ue007"


class Browser:
    def __init__(self, case):
        driver = vltest.tool("chromedriver", "chromium-driver")
        chromium = vltest.tool("chromium", "chromium")
        self.driver = case.start_raw([driver, "--port=0"], env={**os.environ, "HOME": case.folder})
        self.driver.wait_for("started successfully on port ")
        self.url = "http://127.0.0.1:%s" % re.match(r"\d+", self.driver.wait_for(".\n"))[0]
        options = {"binary": chromium, "args": [
            "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
            "--window-size=1400,900", "--host-resolver-rules=MAP * ~NOTFOUND",
            "--user-data-dir=" + case.path("chromium")]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.url += "/session/" + session["sessionId"]
        case.addCleanup(self.call, "DELETE", "")

    def call(self, method, path, body=None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.url + path, data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60 * vltest.SLOWNESS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError("%s %s: %s" % (method, path, error.read().decode())) from None

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def find(self, css):
        return self.call("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def click(self, element):
        self.call("POST", "/element/%s/click" % element)

    def type(self, element, text):
        self.call("POST", "/element/%s/value" % element, {"text": text})

    def text(self, css):
        return self.script("return document.querySelector(arguments[0]).textContent", css)

    def script(self, text, *arguments):
        """What the JavaScript returns; an element comes back as its reference."""
        value = self.call("POST", "/execute/sync", {"script": text, "args": list(arguments)})
        return value[ELEMENT] if isinstance(value, dict) and ELEMENT in value else value

    def act(self, kind, *actions):
        """Input by a `pointer` (the mouse) or a `wheel`."""
        device = {"type": kind, "id": kind, "actions": list(actions)}
        if kind == "pointer":
            device["parameters"] = {"pointerType": "mouse"}
        self.call("POST", "/actions", {"actions": [device]})

    def windows(self):
        return self.call("GET", "/window/handles")

    def switch_to(self, window):
        self.call("POST", "/window", {"handle": window})

    def log(self):
        """What the page has complained of since the last call."""
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})]
