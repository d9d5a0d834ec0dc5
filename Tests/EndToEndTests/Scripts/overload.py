"""Measures how many cold files a second a server brings, and sends twice as many requests as that.

usage: overload.py PORT PREFIX SIZE IN-FLIGHT CAPACITY-SECONDS OVERLOAD-SECONDS ROUNDS HIT-TARGET

File number N is PREFIX with "#" replaced by N; each is asked for once. First so many requests are kept
IN-FLIGHT; what comes whole each second is the capacity. Then requests start at twice that pace,
whatever becomes of them; then at half of it, until nothing was refused for three seconds. All this is a
round, and there are up to ROUNDS of them until one is good: goodput of 80 %, recovery within 10 s.
Meanwhile HIT-TARGET is asked for ten times a second. Prints one line of JSON: of each round capacity and
goodput in files a second and the seconds until the last refusal, answers by status, refusals without
Retry-After, bodies of a wrong length, and the longest and the 99th percentile of the hits in seconds.
"""

import json, selectors, socket, sys, time

port, prefix, size = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
in_flight, capacity_time, overload_time = int(sys.argv[4]), float(sys.argv[5]), float(sys.argv[6])
most_rounds, hit_target = int(sys.argv[7]), sys.argv[8]
selector = selectors.DefaultSelector()
number, running, hits, good, good_hits = 0, 0, [], [], 0
statuses, unexplained, wrong, rounds, last_refusal, shed = {}, 0, 0, [], 0, 0


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
    global running, unexplained, wrong, good_hits, last_refusal
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
    if status == 200:
        good.append(now)
        wrong += len(body) != size
    else:
        last_refusal = now
        unexplained += b"\r\nretry-after: " not in head.lower()


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


# The pipeline fills first. More rounds than one, since others use the machine's cores as well.
for _ in range(most_rounds):
    begun = drive(capacity_time)
    capacity = goodput(begun + capacity_time / 2, begun + capacity_time)
    before = statuses.get(503, 0)
    begun = drive(overload_time, 2 * capacity)
    overloaded = goodput(begun + 2, begun + overload_time)
    shed += statuses.get(503, 0) - before
    last_refusal = begun = time.monotonic()
    drive(20, capacity / 2, lambda: time.monotonic() - last_refusal > 3)
    recovery = last_refusal - begun
    rounds.append((capacity, overloaded, recovery))
    if overloaded >= 0.8 * capacity and recovery <= 10:
        break
end = time.monotonic() + 30
while running and time.monotonic() < end:
    turn(0.05)
hits.sort()
print(json.dumps({
    "rounds": rounds, "shed": shed,
    "statuses": {str(status): count for status, count in statuses.items()},
    "unexplained": unexplained, "wrong": wrong, "files": number,
    "hits": len(hits), "badHits": len(hits) - good_hits, "longestHit": hits[-1],
    "hitPercentile": hits[len(hits) * 99 // 100],
}), flush=True)
