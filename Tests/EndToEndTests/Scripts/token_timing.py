"""Times how long a server takes to refuse guessed tokens.

usage: token_timing.py PORT TOKEN COUNT

Guesses of three kinds, COUNT of each in turns: an id that nobody has, a known id with another secret,
and a known id with all but the end of its secret. Prints the largest |t| of Welch's test between two
kinds; what took longer than four fifths of all did is left out, as the machine's and not the server's.
"""

import itertools
import math
import random
import secrets
import socket
import statistics
import sys
import time


def guesses(token):
    _, ident, secret = token.split("_")
    # Never the same bytes again: what a loop has seen before it need not read anew.
    end = secrets.token_hex(8)
    return [
        (secrets.token_hex(8), secrets.token_hex(32)),
        (ident, secrets.token_hex(32)),
        (ident, secret[:-16] + end),
    ]


def ask(connection, ident, secret, length):
    request = (
        "GET /pypi/simple/absent/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer larder_{ident}_{secret}\r\n\r\n"
    ).encode()
    begin = time.perf_counter_ns()
    connection.sendall(request)
    answer = connection.recv(65_536)
    while length and len(answer) < length:
        more = connection.recv(65_536)
        if not more:
            break
        answer += more
    nanoseconds = time.perf_counter_ns() - begin
    if not answer.startswith(b"HTTP/1.1 401 ") or (length and len(answer) != length):
        sys.exit(f"no refusal: {answer[:200]!r}")
    return nanoseconds, len(answer)


def welch(one, other):
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return abs(statistics.fmean(one) - statistics.fmean(other)) / math.sqrt(spread)


def main():
    port, token, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    times = [[], [], []]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        length = 0
        for turn in range(count + 100):
            kinds = list(enumerate(guesses(token)))
            random.shuffle(kinds)
            for kind, guess in kinds:
                took, length = ask(connection, *guess, length)
                if turn >= 100:
                    times[kind].append(took)
    limit = statistics.quantiles(list(itertools.chain(*times)), n=5)[3]
    kept = [[took for took in some if took <= limit] for some in times]
    print(max(welch(*pair) for pair in itertools.combinations(kept, 2)))


main()
