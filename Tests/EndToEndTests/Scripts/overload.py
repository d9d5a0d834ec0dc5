"""Measures how many cold files a second a server brings, and sends twice as many requests as that.

usage: overload.py PORT PREFIX SIZE IN-FLIGHT CAPACITY-SECONDS OVERLOAD-SECONDS HIT-TARGET

File number N is PREFIX with "#" replaced by N; each is asked for once. First so many requests are kept
IN-FLIGHT; what comes whole each second is the capacity. Then requests start at twice that pace,
whatever becomes of them; then at half of it, until the last 20 answers were all good. Meanwhile
HIT-TARGET is asked for ten times a second. Prints one line of JSON: the capacity and the goodput in
files a second, answers by status, refusals without Retry-After, bodies of a wrong length, the seconds
until the recovery, and the longest and the 99th percentile of the hits in seconds.
"""

import json, selectors, socket, sys, time

port, prefix, size = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
in_flight, capacity_time, overload_time = int(sys.argv[4]), float(sys.argv[5]), float(sys.argv[6])
hit_target = sys.argv[7]
selector = selectors.DefaultSelector()
number, running, hits, good, good_hits = 0, 0, [], [], 0
statuses, unexplained, wrong, recent = {}, 0, 0, []


class Request:
    def __init__(self, target, is_hit):
        self.is_hit, self.bytes, self.start = is_hit, b"", time.monotonic()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        text = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        self.socket.sendall(text.encode())
        self.socket.setblocking(False)
        selector.register(self.socket, selectors.EVENT_READ, self)


def start():
    global number, running
    number += 1
    running += 1
    Request(prefix.replace("#", str(number)), False)


def finish(request):
    global running, unexplained, wrong, good_hits
    selector.unregister(request.socket)
    request.socket.close()
    head, _, body = request.bytes.partition(b"\r\n\r\n")
    status = int(head.split(b" ")[1]) if head.startswith(b"HTTP/1.1 ") else 0
    now = time.monotonic()
    if request.is_hit:
        hits.append(now - request.start)
        good_hits += status == 200
        return
    running -= 1
    statuses[status] = statuses.get(status, 0) + 1
    recent.append(status == 200)
    del recent[:-20]
    if status == 200:
        good.append(now)
        wrong += len(body) != size
    elif b"\r\nretry-after: " not in head.lower():
        unexplained += 1


def turn(pause):
    for key, _ in selector.select(pause):
        try:
            piece = key.data.socket.recv(1 << 18)
        except BlockingIOError:
            continue
        except OSError:
            piece = b""
        if piece:
            key.data.bytes += piece
        else:
            finish(key.data)


def drive(seconds, rate=None, until=lambda: False):
    """Keeps so many in flight, or starts so many a second; for a time, or until something is so."""
    begun = next_hit = time.monotonic()
    started = 0
    while time.monotonic() - begun < seconds and not until():
        now = time.monotonic()
        if now >= next_hit:
            Request(hit_target, True)
            next_hit = now + 0.1
        if rate is None:
            while running < in_flight:
                start()
        else:
            while started < (now - begun) * rate:
                start()
                started += 1
        turn(0.005)
    return begun


def goodput(begin, end):
    return sum(begin <= moment < end for moment in good) / (end - begin)


# The first second of each part fills the pipeline.
begun = drive(capacity_time)
capacity = goodput(begun + 1, begun + capacity_time)
begun = drive(overload_time, 2 * capacity)
overloaded = goodput(begun + 1, begun + overload_time)
shed = sum(count for status, count in statuses.items() if status == 503)
recent.clear()
begun = drive(30, capacity / 2, lambda: len(recent) == 20 and all(recent))
recovery = time.monotonic() - begun
end = time.monotonic() + 30
while running and time.monotonic() < end:
    turn(0.05)
hits.sort()
print(json.dumps({
    "capacity": capacity, "goodput": overloaded, "shed": shed,
    "statuses": {str(status): count for status, count in statuses.items()},
    "unexplained": unexplained, "wrong": wrong, "recovery": recovery, "files": number,
    "hits": len(hits), "badHits": len(hits) - good_hits, "longestHit": hits[-1],
    "hitPercentile": hits[len(hits) * 99 // 100],
}), flush=True)
