/* Stands between a program and the C library, so that a fault happens at a chosen moment. It is loaded with LD_PRELOAD:
 *
 *   FAULT_DIR=/some/folder     only what happens to files in it counts
 *   FAULT_AT=N                 the fault happens at the Nth change of a file, from 1
 *   FAULT_KIND=full            from then on nothing can be written there any more (ENOSPC); of the Nth write, half is
 *   FAULT_KIND=read-only       from then on nothing can be written, made, renamed or removed there (EROFS)
 *   FAULT_KIND=kill            the program is killed (SIGKILL) before the Nth change
 *   FAULT_COUNT=/some/file     the number of changes is written there at the end
 *   FAULT_CLOCK=/some/file     the file tells by how many seconds the date and time are wrong, read at every call
 *   FAULT_PANIC=NAME:N         the Nth look at the monotonic clock on the thread of this name fails, which Rust's standard
 *                              library answers with a panic
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static atomic_int changes, looks;
static const char *folder, *count_file;
static int at, is_kill, is_read_only;

__attribute__((constructor)) static void begin(void) {
    const char *kind = getenv("FAULT_KIND"), *number = getenv("FAULT_AT");
    folder = getenv("FAULT_DIR");
    count_file = getenv("FAULT_COUNT");
    at = number ? atoi(number) : 0;
    is_kill = kind && !strcmp(kind, "kill");
    is_read_only = kind && !strcmp(kind, "read-only");
}

__attribute__((destructor)) static void end(void) {
    if (count_file) {
        FILE *file = fopen(count_file, "w");
        if (file) {
            fprintf(file, "%d\n", changes);
            fclose(file);
        }
    }
}

static int is_ours(const char *path) { return folder && path && !strncmp(path, folder, strlen(folder)); }

static int is_open_in_ours(int fd) {
    char link[64], path[4096];
    if (!folder || fd <= 2) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return is_ours(path);
}

/* 0: go on; 1: this is the moment; 2: it has passed. */
static int next(void) {
    int n = atomic_fetch_add(&changes, 1) + 1;
    if (!at || n < at) return 0;
    if (is_kill) kill(getpid(), SIGKILL);
    return n == at ? 1 : 2;
}

static int fails(void) {
    errno = is_read_only ? EROFS : ENOSPC;
    return -1;
}

#define REAL(name, ...) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t n) {
    REAL(write);
    if (n && is_open_in_ours(fd)) {
        int moment = next();
        if (moment == 1 && !is_read_only && n > 1) return real(fd, bytes, n / 2);
        if (moment) return fails();
    }
    return real(fd, bytes, n);
}

static int opens(const char *path, int flags) { return (flags & O_CREAT) && is_ours(path) && next(); }

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = va_arg(rest, mode_t); \
        va_end(rest); \
        REAL(name); \
        return opens(path, flags) ? fails() : real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    /* A folder that is there is told as such before anything else. */
    return is_ours(path) && access(path, F_OK) && next() ? fails() : real(path, mode);
}

/* On a full disk these still work. */
int rename(const char *from, const char *to) {
    REAL(rename);
    return is_ours(to) && next() && is_read_only ? fails() : real(from, to);
}

int unlink(const char *path) {
    REAL(unlink);
    return is_ours(path) && next() && is_read_only ? fails() : real(path);
}

int rmdir(const char *path) {
    REAL(rmdir);
    return is_ours(path) && next() && is_read_only ? fails() : real(path);
}

int fsync(int fd) {
    REAL(fsync);
    if (is_open_in_ours(fd)) next();
    return real(fd);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(clock_gettime);
    const char *wrong = getenv("FAULT_CLOCK"), *panics = getenv("FAULT_PANIC");
    int result = real(clock, time);
    if (clock == CLOCK_REALTIME && wrong) {
        char text[32] = "";
        int file = open(wrong, O_RDONLY);
        if (file >= 0) {
            if (read(file, text, sizeof text - 1) > 0) time->tv_sec += atoll(text);
            close(file);
        }
    }
    if (clock == CLOCK_MONOTONIC && panics) {
        char name[17] = "";
        const char *number = strrchr(panics, ':');
        prctl(PR_GET_NAME, name);
        if (number && strlen(name) == (size_t)(number - panics) && !strncmp(name, panics, strlen(name)) &&
            atomic_fetch_add(&looks, 1) + 1 == atoi(number + 1)) {
            errno = EINVAL;
            return -1;
        }
    }
    return result;
}
