"""Asks for one target again and again over one connection: repeat.py PORT COUNT STATUS TARGET [FIELD...].

Prints how many answers had the status.
"""

import re
import socket
import sys

port, count, status, target, *fields = sys.argv[1:]
lines = [f"GET {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", "User-Agent: repeat", *fields]
request = "\r\n".join(lines + ["", ""]).encode()
good = 0
with socket.create_connection(("127.0.0.1", int(port)), timeout=60) as client:
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(int(count)):
        client.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += client.recv(65536)
        head, body = answer.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?i)\ncontent-length: (\d+)", head)
        rest = int(length[1]) - len(body) if length else 0
        while rest > 0:
            rest -= len(client.recv(min(rest, 1 << 20)))
        good += head.startswith(f"HTTP/1.1 {status} ".encode())
print(good)
