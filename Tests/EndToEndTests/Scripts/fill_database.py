"""Adds stored responses to a database, each a copy of one that is there under another key.

usage: fill_database.py DATABASE COUNT
"""

import sqlite3, sys

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
columns = [row[1] for row in connection.execute("PRAGMA table_info(responses)")][1:]
others = ", ".join(column for column in columns if column not in ("key", "body"))
connection.execute("PRAGMA cache_size = -400000")
connection.execute("BEGIN")
connection.execute(
    f"""
    WITH RECURSIVE numbers (number) AS (
        SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {int(sys.argv[2])}
    )
    INSERT INTO responses (key, body, {others})
    SELECT sample.key || '-' || number, randomblob(32), {others}
    FROM numbers, (SELECT * FROM responses WHERE kind = 'artifact' LIMIT 1) AS sample
    """)
connection.execute("COMMIT")
connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
print(connection.execute("SELECT count(*) FROM responses").fetchone()[0])
