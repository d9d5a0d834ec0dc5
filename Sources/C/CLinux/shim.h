#pragma once
// Without _GNU_SOURCE: the Glibc module of the toolchain is built without it, and types that differ
// between the two modules (fd_set, the enums of getrusage) cannot be used at all. What only GNU
// declares is declared here.
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

extern int accept4(int socket, struct sockaddr *_Nullable address, socklen_t *_Nullable length,
                   int flags);
extern int memfd_create(const char *_Nonnull name, unsigned int flags);
extern int renameat2(int from, const char *_Nonnull name, int to, const char *_Nonnull newName,
                     unsigned int flags);

static inline int shim_accept4(int socket, struct sockaddr *_Nullable address,
                               socklen_t *_Nullable length, int flags) {
  return accept4(socket, address, length, flags);
}

static inline int shim_memfd_create(const char *_Nonnull name) {
  return memfd_create(name, 1 /* MFD_CLOEXEC */);
}

static inline int shim_duplicate(int descriptor) {
  return fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

static inline int shim_rename_no_replace(int from, const char *_Nonnull name, int to,
                                         const char *_Nonnull newName) {
  return renameat2(from, name, to, newName, 1 /* RENAME_NOREPLACE */);
}

// openat and fcntl are variadic, and Swift cannot import a variadic function.
static inline int shim_openat(int directory, const char *_Nonnull path, int flags, mode_t mode) {
  return openat(directory, path, flags, mode);
}

static inline int shim_fcntl(int descriptor, int command, long value) {
  return fcntl(descriptor, command, value);
}

// errno is a macro, and so is MAP_FAILED.
static inline int shim_errno(void) { return errno; }

static inline void *_Nullable shim_map_readable(int descriptor, size_t count) {
  void *start = mmap(NULL, count, PROT_READ, MAP_SHARED, descriptor, 0);
  return start == MAP_FAILED ? NULL : start;
}

// SIG_IGN is a macro.
static inline void shim_ignore_signal(int number) { signal(number, SIG_IGN); }

// A message of two parts, without a signal when the peer has gone.
static inline ssize_t shim_send_two(int socket, const void *_Nullable first, size_t firstCount,
                                    const void *_Nullable second, size_t secondCount, int flags) {
  struct iovec parts[2] = {{(void *)first, firstCount}, {(void *)second, secondCount}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  return sendmsg(socket, &message, flags | MSG_NOSIGNAL);
}

// Bytes that the peer has not acknowledged (SIOCOUTQ, which is TIOCOUTQ), or 0.
static inline int shim_unsent(int socket) {
  int count = 0;
  return ioctl(socket, TIOCOUTQ, &count) == 0 ? count : 0;
}

// The calling thread's policy and weight stay what they are. glibc has no sched_setattr before 2.41,
// and <linux/sched/types.h> has a struct sched_param of its own: this is its struct sched_attr in the
// first version.
static inline int shim_set_slice(uint64_t nanoseconds) {
  struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
  } attributes = {.size = sizeof attributes};
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return -1;
  if (attributes.policy != 0 /* SCHED_OTHER */) return 0;
  attributes.runtime = nanoseconds;
  return (int)syscall(SYS_sched_setattr, 0, &attributes, 0);
}
