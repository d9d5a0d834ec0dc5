"""scrape.py PORT COUNT: sends COUNT hostile requests, reads /metrics with prometheus_client's parser, and
prints what there is: each family's type and label names, its number of series, and the text's size."""
import json
import random
import socket
import sys

from prometheus_client.parser import text_string_to_metric_families

port, count = int(sys.argv[1]), int(sys.argv[2])


def fetch(data, limit=None):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall(data)
        link.shutdown(socket.SHUT_WR)
        got = b""
        while True:
            piece = link.recv(1 << 16)
            if not piece:
                return got
            got += piece


random.seed(7)
methods = ["GET", "HEAD", "OPTIONS", "DELETE", "PUT", "PATCH", "LOCK", "BREW"]
starts = ["/", "/pypi/simple/", "/npm/", "/helm/", "/pypi/packages/", "/helm/x/", "/-/", "/metrics/"]
for batch in range(count // 100):
    lines = []
    for number in range(100):
        name = "".join(random.choice("abc%41\"'{}=~.$") for _ in range(random.randrange(1, 30)))
        method = random.choice(methods) if number % 3 else f"M{batch}X{number}"
        path = f"{random.choice(starts)}..{batch}-{number}-{name}"
        lines.append(f"{method} {path} HTTP/1.1\r\nHost: h{batch}.example\r\n\r\n")
    for line in lines if batch % 10 == 0 else ["".join(lines)]:
        try:
            fetch(line.encode())
        except OSError:
            pass

answer = fetch(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
head, _, body = answer.partition(b"\r\n\r\n")
families = {}
for family in text_string_to_metric_families(body.decode()):
    series = {tuple(sorted((k, v) for k, v in s.labels.items() if k != "le")) for s in family.samples}
    names = sorted({k for labels in series for k, _ in labels})
    families[family.name] = {
        "type": family.type, "labels": names, "series": len(series), "help": family.documentation,
        "values": {k: sorted({v for labels in series for key, v in labels if key == k}) for k in names},
    }
print(json.dumps({"bytes": len(body), "head": head.decode(), "families": families}))
