"""Judges served indexes with readers that are not Larder's: PyYAML and json.

Argument: a manifest. For each index: the upstream's, ours as JSON and as YAML, and, where they are known,
the facts: which URL is fetched for which path; and how many charts, entries and entries left out there
are. With "registries", URLs of registries stay as they are. Prints what was lost or left; exit status 1 when there was anything.
"""

import json
import re
import sys
from datetime import datetime
from urllib.parse import unquote, urljoin, urlsplit

import yaml

SOURCE = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar as its text
TYPED = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NULLS = ("", "~", "null", "Null", "NULL")
TRUE = ("true", "yes", "on")
FALSE = ("false", "no", "off")
TEXTS = """apiVersion appVersion checksum condition description digest engine home icon kubeVersion
    name tags tillerVersion type url version created""".split()


def moment(text):
    text = re.sub(r"(\.\d{1,6})\d*", r"\1", text.strip()).replace("Z", "+00:00").replace("z", "+00:00")
    value = datetime.fromisoformat(re.sub(r" ?([+-]\d\d)(\d\d)$", r"\1:\2", text))
    return value.timestamp() if value.tzinfo else datetime.fromisoformat(value.isoformat() + "+00:00").timestamp()


def is_time(text):
    try:
        moment(text)
        return True
    except ValueError:
        return False


def same(want, have):
    """Whether our value says what the source's text says."""
    if isinstance(want, dict):
        return isinstance(have, dict) and list(want) == list(have) and all(same(want[k], have[k]) for k in want)
    if isinstance(want, list):
        return isinstance(have, list) and len(want) == len(have) and all(map(same, want, have))
    if have is None:
        return want in NULLS
    if isinstance(have, bool):
        return want.lower() in (TRUE if have else FALSE)
    if isinstance(have, (int, float)):
        return float(want) == have
    return want == have


def is_sha256(text):
    return re.fullmatch(r"(sha256:)?[0-9a-fA-F]{64}", text) is not None


def judge_entry(chart, want, have, complain):
    lost = [key for key in want if key != "urls" and key not in have]
    for key in lost:
        broken = key == "digest" and not is_sha256(want[key]) or key == "created" and not is_time(want[key])
        if not broken and key not in ("broken", "home"):
            complain(f"{chart}: {key} is lost: {want[key]!r}")
    for key in have:
        if key not in want:
            complain(f"{chart}: {key} is invented")
        elif key == "digest" and have[key]:
            if have[key] != want[key].lower().removeprefix("sha256:"):
                complain(f"{chart}: digest {have[key]} of {want[key]}")
        elif key == "created" and have[key] and have[key] != want[key]:
            if moment(have[key]) != moment(want[key]) or not re.fullmatch(
                r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", have[key]):
                complain(f"{chart}: created {have[key]} of {want[key]}")
        elif key != "urls" and not same(want[key], have[key]):
            complain(f"{chart}: {key}: {want[key]!r} became {have[key]!r}")
    for key in TEXTS:
        if not isinstance(have.get(key, ""), (str, type(None))):
            complain(f"{chart}: {key} is no text")


def fetched(url, base):
    if url.startswith("oci://"):
        host, path = url[6:].split("/", 1)
        name, tag = path.rsplit(":", 1)
        return f"https://{host}/v2/{name}/manifests/{tag.replace('+', '_')}"
    return urljoin(base.rstrip("/") + "/", url)


def judge_url(chart, want, have, base, facts, complain):
    if len(have["urls"]) != 1:
        complain(f"{chart}: {len(have['urls'])} urls")
    url = have["urls"][0]
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or parts.query or parts.fragment or url.startswith("/"):
        complain(f"{chart}: {url} is not a plain relative path")
    if "%2b" in url.lower() or ".." in url.split("/") or not url.endswith((".tgz", ".tar.gz")):
        complain(f"{chart}: {url} is no good path")
    upstream = fetched(want["urls"][0], base)
    fact = upstream if facts is None else facts.get(url)
    if fact is None:
        complain(f"{chart}: {url} has no fact")
    elif unquote(fact) != unquote(upstream):
        complain(f"{chart}: {url} is fetched from {fact}, not {upstream}")
    here = urlsplit(upstream)
    root = urlsplit(base.rstrip("/") + "/")
    if here.netloc == root.netloc and here.path.startswith(root.path):
        if url != unquote(here.path[len(root.path):]):
            complain(f"{chart}: {url} is not the path below the repository")
    elif not url.startswith(f"-/{here.netloc}/"):
        complain(f"{chart}: {url} does not name its host")


def is_servable(entry):
    if not isinstance(entry, dict) or not isinstance(entry.get("urls"), list):
        return False
    return any(re.match(r"(https?|oci)://|[\w./-]", url or "") and not url.startswith("ftp:")
               for url in entry["urls"])


def judge(entry, complain):
    with open(entry["original"], encoding="utf-8") as file:
        original = yaml.load(file, Loader=SOURCE)
    with open(entry["json"], encoding="utf-8") as file:
        text = file.read()
    ours = json.loads(text)
    with open(entry["yaml"], encoding="utf-8") as file:
        if yaml.load(file, Loader=TYPED) != ours:
            complain("the form in YAML says something else")
    if yaml.load(text, Loader=TYPED) != ours:
        complain("the JSON reads differently as YAML")
    if "\\/" in text or re.search(r"\\ud[89ab]", text, re.I) or re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]", text):
        complain("characters or escapes that YAML readers refuse")
    for key, value in original.items():
        if key == "generated" and ours.get(key) and moment(ours[key]) == moment(value):
            continue
        if key != "entries" and not same(value, ours.get(key)):
            complain(f"{key} differs")
    dropped = 0
    for chart, entries in original["entries"].items():
        kept = [one for one in entries if is_servable(one)]
        dropped += len(entries) - len(kept)
        served = ours["entries"].get(chart, [])
        if len(kept) != len(served) or kept and list(ours["entries"]).count(chart) != 1:
            complain(f"{chart}: {len(served)} entries for {len(kept)}")
        for want, have in zip(kept, served):
            judge_entry(chart, want, have, complain)
            if entry.get("registries") and have["urls"] == want["urls"][:1] and have["urls"][0].startswith("oci://"):
                continue
            judge_url(chart, want, have, entry["base"], entry.get("facts"), complain)
    count = sum(map(len, ours["entries"].values()))
    found = (len(ours["entries"]), count, dropped)
    if "charts" in entry and found != (entry["charts"], entry["entries"], entry["dropped"]):
        complain(f"charts, entries, dropped: {found}")
    return count


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        manifest = json.load(file)
    complaints, counts = [], []
    for entry in manifest:
        def complain(text, entry=entry):
            complaints.append(f"{entry['base']}: {text}")
        try:
            counts.append(judge(entry, complain))
        except Exception as error:  # an index that Python cannot read is the finding
            complain(f"{type(error).__name__}: {error}")
    print("\n".join(complaints[:40]))
    print(f"judged {len(counts)} indexes, {sum(counts)} entries")
    sys.exit(1 if complaints else 0)


main()
