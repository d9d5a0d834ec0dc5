"""Drives Debian's Chromium over the server's pages; prints what is wrong and exits 1.

    browser.py use BASE PROGRAMS FOLDER   runs the snippets of the page, and looks for what they brought
    browser.py history DATABASE           writes thirty days of sample history into a stopped server's file
    browser.py look BASE IMAGES           checks accessibility on all pages, and takes pictures of them
"""

import base64
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import time

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.chrome.service import Service

faults = []


def check(condition, what):
    if not condition:
        faults.append(what)


def start():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
        "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--force-device-scale-factor=1", "--lang=en",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    ]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.set_page_load_timeout(30)
    return driver


def listen(driver, base, expected=()):
    """What the console said and the network was asked since the last call."""
    for entry in driver.get_log("browser"):
        # A page that is an error by itself is said to be one.
        if not any(word in entry["message"] for word in expected):
            faults.append(f"console: {entry['message']}")
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] != "Network.requestWillBeSent":
            continue
        url = message["params"]["request"]["url"]
        check(url.startswith((base, "data:,")), f"asked outside: {url}")


def snippet(driver, base, name):
    driver.get(base + "/")
    return driver.find_element(By.CSS_SELECTOR, f"#setup-{name} pre code").text


def run(script, programs, folder):
    environment = {
        "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8", "PATH": f"{programs}:/usr/bin:/bin",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1",
        "npm_config_update_notifier": "false", "npm_config_cache": folder + "/npm",
        "HELM_CACHE_HOME": folder + "/helm", "HELM_CONFIG_HOME": folder + "/helm-config",
        "HELM_DATA_HOME": folder + "/helm-data",
    }
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=120)
    check(done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}")


def use(base, programs, folder):
    driver = start()
    try:
        site = f"{folder}/site"
        run(snippet(driver, base, "pip") + f"\npip install --target {site} requests", programs, folder)
        check(os.path.isdir(site + "/requests"), "pip installed nothing")
        run(
            snippet(driver, base, "uv")
            + f"\nuv pip install --python python3 --target {site}-uv flask", programs, folder)
        check(os.path.isdir(site + "-uv/flask"), "uv installed nothing")
        os.makedirs(folder + "/project")
        run(
            snippet(driver, base, "npm")
            + "\ncd project && npm init -y >/dev/null && npm install --no-audit "
            + os.environ["NPM_SAMPLE"], programs, folder)
        run(snippet(driver, base, "helm") + "\nhelm pull larder/web --version 1.1.0", programs, folder)
        check(os.path.exists(folder + "/web-1.1.0.tgz"), "helm pulled nothing")
        listen(driver, base)
        for query, name, version in [
            ("REQUE", "requests", None), ("charset_norm", "charset-normalizer", None),
            ("web", "web", "1.1.0"), (os.environ["NPM_SAMPLE"].split("/")[-1][:5], None, None),
        ]:
            # With the keyboard alone: past the skip link and the mark into the field.
            driver.get(base + "/")
            body = driver.find_element(By.TAG_NAME, "body")
            body.send_keys(Keys.TAB, Keys.TAB, Keys.TAB)
            driver.switch_to.active_element.send_keys(query + Keys.ENTER)
            # The page that is left has such links as well.
            end = time.monotonic() + 20
            while "/-/search" not in driver.current_url and time.monotonic() < end:
                time.sleep(0.05)
            # The page of an answer is kept for a second.
            for _ in range(50):
                # At once: a page that comes in between would take the elements away.
                names = driver.execute_script(
                    "return Array.from(document.querySelectorAll('.package a'), "
                    "link => link.textContent)")
                if names and (name is None or name in names):
                    break
                time.sleep(0.2)
                driver.refresh()
            check(names and (name is None or name in names), f"search for {query} finds {names}")
            driver.find_element(By.LINK_TEXT, name or names[0]).click()
            text = driver.find_element(By.TAG_NAME, "main").text
            check(version is None or version in text, f"{version} is not on the page of {name}")
            digest = driver.find_element(By.CSS_SELECTOR, ".file dl div:last-child code").text
            check(len(digest) == 64, f"no digest: {digest}")
            listen(driver, base)
    finally:
        driver.quit()


def history(path):
    """A month of a busy team: working days, quiet ends of weeks, an outage of two hours."""
    numbers = random.Random(7)
    now = int(time.time())
    database = sqlite3.connect(path)
    first = now // 3600 - 29 * 24
    outages = [("pypi", 6, 2.2), ("npm", 13, 0.4), ("npm", 21, 5.5), ("pypi", 24, 0.1)]
    for hour in range(first, now // 3600):
        day = (hour // 24 + 4) % 7
        busy = (0.15 if day in (0, 6) else 1.0) * (1.6 if 7 <= hour % 24 <= 18 else 0.35)
        share = min(0.982, 0.80 + 0.16 * (hour - first) / (29 * 24) + numbers.uniform(-0.02, 0.03))
        requests = int(busy * numbers.uniform(900, 1500))
        hits = int(requests * share)
        outage = sum(
            requests for label, ago, hours in outages
            if now // 3600 - ago * 24 <= hour < now // 3600 - ago * 24 + max(hours, 1))
        database.execute(
            "INSERT INTO traffic VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hour) DO NOTHING",
            (hour, requests, hits, requests * 410_000, int((requests - hits) * 1.3),
             (requests - hits) * 440_000, outage))
    for label, ago, hours in outages:
        began = now - ago * 86400
        database.execute(
            "INSERT INTO outages (upstream, began_at, ended_at, served_count) VALUES (?, ?, ?, ?)",
            (label, began, began + int(hours * 3600), int(hours * 900)))
    database.commit()


def emulate(driver, width, scheme):
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme},
                      {"name": "prefers-reduced-motion", "value": "reduce"}]})


def picture(driver, path):
    size = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    shot = driver.execute_cdp_cmd(
        "Page.captureScreenshot",
        {"format": "png", "captureBeyondViewport": True, "optimizeForSpeed": False,
         "clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}})
    path.write_bytes(base64.b64decode(shot["data"]))


def look(base, images):
    import axe_playwright_python
    axe = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
    folder = pathlib.Path(images)
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "landing": "/", "search": "/-/search?q=e", "package": "/-/packages/pypi/requests",
        "error": "/pypi/nothing/here",
    }
    driver = start()
    try:
        for name, path in pages.items():
            for width in (360, 1600):
                for scheme in ("light", "dark"):
                    emulate(driver, width, scheme)
                    driver.get(base + path)
                    where = f"{name} at {width} px, {scheme}"
                    # The error page is a 404, and the browser says so.
                    listen(driver, base, ("404",) if name == "error" else ())
                    overflow = driver.execute_script(
                        "return document.documentElement.scrollWidth - window.innerWidth")
                    check(overflow <= 0, f"{where}: {overflow} px too wide")
                    picture(driver, folder / f"{name}-{width}-{scheme}.png")
                    driver.execute_script(axe)
                    found = driver.execute_async_script(
                        "const done = arguments[0];"
                        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa',"
                        " 'best-practice']}).then(r => done([r.violations, r.passes.length]))")
                    check(found[1] > 15 or name == "error", f"{where}: axe looked at {found[1]}")
                    for violation in found[0]:
                        nodes = [node["html"][:160] for node in violation["nodes"][:3]]
                        detail = violation["nodes"][0].get("failureSummary", "")[:300]
                        faults.append(f"{where}: {violation['id']}: {nodes} {detail}")
                    listen(driver, base, ("404",) if name == "error" else ())
        # A field with the focus shows it.
        driver.get(base + "/")
        driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
        skip = driver.switch_to.active_element
        check(skip.text.startswith("Skip"), "the first stop is not the skip link")
        check(skip.rect["y"] >= 0, "the skip link stays out of sight")
        outline = skip.value_of_css_property("outline-style")
        check(outline == "solid", f"the focus is not shown: {outline}")
    finally:
        driver.quit()


{"use": use, "history": history, "look": look}[sys.argv[1]](*sys.argv[2:])
for fault in faults:
    print(fault)
sys.exit(1 if faults else 0)
