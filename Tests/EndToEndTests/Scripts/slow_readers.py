"""Reads one long file on many connections as slowly as can be, and measures others meanwhile.

usage: slow_readers.py PORT SLOW-TARGET NORMAL-TARGET COUNT SECONDS

The slow ones take 10 bytes a second through a small window. Rounds of requests for NORMAL-TARGET on
one kept connection are timed before and while they are there. With SECONDS above 0 it then waits so
long for the server to end the slow ones. Prints one line of JSON: "pairs" are the 99th percentiles in
seconds of each round without and with them, "bad" the normal answers that were none, "held" the slow
connections that had their first bytes, "ended" those that the server ended.
"""

import json, os, selectors, signal, socket, struct, sys, time

port, slow, normal = int(sys.argv[1]), sys.argv[2], sys.argv[3]
count, seconds = int(sys.argv[4]), float(sys.argv[5])
ESTABLISHED = 1


def request(target):
    return f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def sip(ready, ended):
    """Holds the slow connections; says through the pipes how many there are, and how many ended."""
    selector, held = selectors.DefaultSelector(), 0
    for _ in range(count):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(request(slow))
        client.settimeout(30)
        bytes = client.recv(16)
        held += bytes.startswith(b"HTTP/1.1 200")
        if not bytes.startswith(b"HTTP/1.1 200"):
            print("not held:", bytes, file=sys.stderr, flush=True)
        client.setblocking(False)
        selector.register(client, selectors.EVENT_READ, client)
    os.write(ready, struct.pack("q", held))
    while True:
        gone = 0
        for key, _ in selector.select(0):
            # What has come can be read after a reset, too, so only the state tells (tcp(7)).
            if key.data.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED:
                selector.unregister(key.data)
                key.data.close()
                gone += 1
                continue
            try:
                key.data.recv(10)
            except OSError:
                pass
        if gone:
            os.write(ended, struct.pack("q", gone))
        time.sleep(1)


class Normal:
    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bad = 0

    def once(self):
        self.socket.sendall(request(normal))
        bytes = b""
        while b"\r\n\r\n" not in bytes:
            piece = self.socket.recv(65536)
            if not piece:
                raise OSError("closed")
            bytes += piece
        head, rest = bytes.split(b"\r\n\r\n", 1)
        self.bad += b" 200 " not in head.split(b"\r\n")[0] + b" "
        lengths = [line[15:] for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"]
        while len(rest) < int(lengths[0]):
            rest += self.socket.recv(65536)

    def percentile(self, rounds=2000):
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            self.once()
            times.append(time.perf_counter() - start)
        return sorted(times)[rounds * 99 // 100]


client, pairs, held, gone = Normal(), [], 0, 0
client.percentile(500)
for _ in range(3):
    before = client.percentile()
    (ready_out, ready), (ended_out, ended) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        sip(ready, ended)
    held = struct.unpack("q", os.read(ready_out, 8))[0]
    pairs.append((before, client.percentile()))
    if pairs[-1][1] <= 2 * pairs[-1][0] and not seconds:
        break
    if seconds:
        os.set_blocking(ended_out, False)
        deadline = time.monotonic() + seconds
        while gone < held and time.monotonic() < deadline:
            client.once()
            try:
                gone += struct.unpack("q", os.read(ended_out, 8))[0]
            except BlockingIOError:
                time.sleep(0.1)
        seconds = 0
        if pairs[-1][1] <= 2 * pairs[-1][0]:
            break
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    child = None
print(json.dumps({"pairs": pairs, "bad": client.bad, "held": held, "ended": gone}), flush=True)
if child:
    os.kill(child, signal.SIGKILL)
