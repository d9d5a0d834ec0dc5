#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

// accept4 and memfd_create are GNU extensions that the Glibc module does not declare.
static inline int shim_accept4(int socket, struct sockaddr *_Nullable address,
                               socklen_t *_Nullable length, int flags) {
  return accept4(socket, address, length, flags);
}

static inline int shim_memfd_create(const char *_Nonnull name, unsigned int flags) {
  return memfd_create(name, flags);
}

// openat and fcntl are variadic, and Swift cannot import a variadic function.
static inline int shim_openat(int directory, const char *_Nonnull path, int flags, mode_t mode) {
  return openat(directory, path, flags, mode);
}

static inline int shim_fcntl(int descriptor, int command, long value) {
  return fcntl(descriptor, command, value);
}

// errno is a macro.
static inline int shim_errno(void) { return errno; }
