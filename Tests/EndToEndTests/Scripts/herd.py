"""Many clients ask several servers for the same files and compare every byte.

usage: herd.py PORT,PORT,… COUNT FILES

FILES is JSON: a list of {"target", "sha256"}. COUNT clients at each port ask for every file once, each in
an order of its own, on one connection as long as it lasts. What has no "sha256" only has to be complete.
An answer of 503 with Retry-After is asked for again, for 60 s in all. Prints one line of JSON.
"""

import hashlib, http.client, json, random, sys, threading, time

ports, count = [int(port) for port in sys.argv[1].split(",")], int(sys.argv[2])
with open(sys.argv[3]) as file:
    files = json.load(file)
lock, right, wrong, others, times = threading.Lock(), 0, [], {}, []


def note(word):
    with lock:
        others[word] = others.get(word, 0) + 1


def fetch(connection, port, item):
    """The connection to go on with, and seconds to wait before another try; none when it is over."""
    global right
    begin = time.monotonic()
    try:
        connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", item["target"])
        answer = connection.getresponse()
        digest = hashlib.sha256()
        while piece := answer.read(1 << 18):
            digest.update(piece)
    except (OSError, http.client.HTTPException) as error:
        note(type(error).__name__)
        connection.close()
        return None, None
    if answer.status != 200:
        note(str(answer.status))
        again = answer.getheader("Retry-After")
        return connection, float(again) if again and answer.status == 503 else None
    with lock:
        times.append(time.monotonic() - begin)
        if item.get("sha256", digest.hexdigest()) == digest.hexdigest():
            right += 1
        else:
            wrong.append(item["target"])
    return connection, None


def client(port, seed):
    order = files[:]
    random.Random(seed).shuffle(order)
    connection = None
    for item in order:
        end = time.monotonic() + 60
        while True:
            connection, pause = fetch(connection, port, item)
            if pause is None or time.monotonic() + pause > end:
                break
            time.sleep(pause)


threading.stack_size(1 << 18)
begin = time.monotonic()
threads = [threading.Thread(target=client, args=(port, f"{port} {number}"))
    for port in ports for number in range(count)]
for thread in threads: thread.start()
for thread in threads: thread.join()
times.sort()
print(json.dumps({"right": right, "wrong": wrong, "others": others,
    "seconds": time.monotonic() - begin, "median": times[len(times) // 2] if times else 0,
    "longest": times[-1] if times else 0}))
