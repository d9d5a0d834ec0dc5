#pragma once
#include <sqlite3.h>

// sqlite3_db_config is variadic, and Swift cannot import a variadic function. Answers the result code.
static inline int shim_sqlite3_set(sqlite3 *_Nonnull database, int option, int value) {
  return sqlite3_db_config(database, option, value, (int *)0);
}

// SQLITE_TRANSIENT is a macro with a cast, which Swift does not import either.
static inline int shim_sqlite3_bind_text(sqlite3_stmt *_Nonnull statement, int index,
                                         const char *_Nonnull bytes, sqlite3_uint64 count) {
  return sqlite3_bind_text64(statement, index, bytes, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int shim_sqlite3_bind_blob(sqlite3_stmt *_Nonnull statement, int index,
                                         const void *_Nonnull bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}
