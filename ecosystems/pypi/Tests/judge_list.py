"""Judges renderings of the list of all projects with json and html.parser.

Arguments: the upstream's list in JSON, our HTML of it, our JSON of that list in HTML. Exit status 1 when
a name was lost, changed or invented, or when a link leads elsewhere than to its page.
"""

import html.parser
import json
import re
import sys


class List(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.entries, self.href, self.text = [], None, ""

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.href, self.text = dict(attrs).get("href"), ""

    def handle_data(self, data):
        if self.href is not None:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "a":
            self.entries.append((self.text, self.href))
            self.href = None


def main():
    original, our_html, our_json = sys.argv[1:]
    with open(original, encoding="utf-8") as file:
        names = [project["name"] for project in json.load(file)["projects"]]
    with open(our_html, encoding="utf-8") as file:
        text = file.read()
    page = List()
    page.feed(text)
    page.close()
    expected = [(name, re.sub(r"[-_.]+", "-", name).lower() + "/") for name in names]
    complaints = []
    if page.entries != expected:
        wrong = next((pair for pair in zip(page.entries, expected) if pair[0] != pair[1]), None)
        complaints.append(f"html: {len(page.entries)} of {len(expected)} names, first wrong {wrong}")
    with open(our_json, encoding="utf-8") as file:
        ours = json.load(file)
    if [project["name"] for project in ours["projects"]] != names:
        complaints.append("json: other names")
    for host in ("index.example", "files.example"):
        if host in text:
            complaints.append(f"html: {host} is left")
    print("\n".join(complaints))
    print(f"judged {len(names)} names")
    sys.exit(1 if complaints else 0)


main()
