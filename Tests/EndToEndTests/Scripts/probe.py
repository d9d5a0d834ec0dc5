"""Asks a server for small things while another program attacks it, and says how long each took.

usage: probe.py PORT SECONDS TARGET…

Every question is a connection of its own, from 127.0.0.2, so that it is another client than the
attacker at 127.0.0.1. The attack begins when this prints "ready". Prints one line of JSON at the end:
for each target the longest time in seconds, the questions, and those that were not answered 200.
"""

import json, socket, sys, time

port, seconds, targets = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]


def ask(target):
    with socket.create_connection(
            ("127.0.0.1", port), timeout=20, source_address=("127.0.0.2", 0)) as client:
        client.sendall(
            f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := client.recv(65536):
            answer += piece
        return answer.startswith(b"HTTP/1.1 200 ")


print("ready", flush=True)
result = {target: {"longest": 0.0, "count": 0, "bad": 0} for target in targets}
end = time.monotonic() + seconds
while time.monotonic() < end:
    for target in targets:
        start = time.monotonic()
        try:
            good = ask(target)
        except OSError:
            good = False
        figures = result[target]
        figures["longest"] = max(figures["longest"], time.monotonic() - start)
        figures["count"] += 1
        figures["bad"] += not good
    time.sleep(0.02)
print(json.dumps(result), flush=True)
