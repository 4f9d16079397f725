/*
 * Loaded into every process of a host (LD_PRELOAD, see room.py): the host's own clock, and a full volume D:.
 *
 * Both are read from one page of memory that all processes share: the file /var/lib/standin/machine, laid out in
 * machine.py, which is written from outside while they run. A step of the clock therefore counts at once, everywhere.
 *
 *  - Wall clock: clock_gettime and time follow the host's clock. gettimeofday does not: Samba's timers (tevent) are made
 *    with it, and on Windows, unlike here, timers do not notice a step. What Samba shows of such times passes through
 *    timeval_to_nttime, which does follow.
 *  - Times of files: the file system stamps them by the machine's clock. They are shown as what the host's clock said at
 *    that moment, so a later step does not change them. Times that a client sets are kept so that it reads them again.
 *  - Full volume: what would make a file on D: longer fails with ENOSPC, and no space is free.
 *
 * Built with tcc and no headers, for 64-bit Linux (the offsets in struct stat, statx and statvfs are glibc's).
 */

typedef long time_type;
struct timespec {
    long seconds;
    long nanoseconds;
};
struct step {
    long since; /* machine's clock, ns since 1970 */
    long offset; /* host's clock minus machine's from then on, ns */
};
struct page {
    volatile long flags;
    volatile long count;
    struct step steps[255];
};

extern void *dlsym(void *handle, const char *name);
extern int open(const char *path, int flags, ...);
extern int close(int file);
extern void *mmap(void *address, unsigned long length, int protection, int flags, int file, long offset);
extern long readlink(const char *path, char *buffer, unsigned long length);
extern char *getcwd(char *buffer, unsigned long length);
extern long lseek(int file, long offset, int whence);
extern int snprintf(char *buffer, unsigned long length, const char *format, ...);
extern int strncmp(const char *left, const char *right, unsigned long length);
extern int *__errno_location(void);

#define NEXT ((void *)-1l)
#define SECOND 1000000000l
#define PAGE 4096
#define FULL 1
#define REFUSE_RPC 2
#define ENOSPC 28
#define TIME_NOW 0x3fffffff
#define TIME_OMIT 0x3ffffffe
#define ORIGINAL(result, name, arguments) \
    static result(*original) arguments; \
    if (!original) { \
        original = dlsym(NEXT, name); \
    }

static struct page nothing;
static struct page *mapped;

static struct page *machine(void)
{
    if (!mapped) {
        int file = open("/var/lib/standin/machine", 0x80000);
        void *found = file < 0 ? (void *)-1l : mmap(0, PAGE, 1, 1, file, 0);

        if (file >= 0) {
            close(file);
        }
        mapped = found == (void *)-1l ? &nothing : found;
    }
    return mapped;
}

int machine_refuses_rpc(void)
{
    return (machine()->flags & REFUSE_RPC) != 0;
}

/* The host's clock minus the machine's at that moment of the machine's clock */
static long offset_at(long moment)
{
    struct page *page = machine();
    long index;

    for (index = page->count - 1; index >= 0; index--) {
        if (page->steps[index].since <= moment) {
            return page->steps[index].offset;
        }
    }
    return 0;
}

static void add(struct timespec *time, long difference)
{
    long rest = time->nanoseconds + difference % SECOND;

    time->seconds += difference / SECOND;
    if (rest < 0) {
        rest += SECOND;
        time->seconds--;
    } else if (rest >= SECOND) {
        rest -= SECOND;
        time->seconds++;
    }
    time->nanoseconds = rest;
}

static void show(struct timespec *time)
{
    add(time, offset_at(time->seconds * SECOND + time->nanoseconds));
}

/* The machine's time at which the host's clock shows this; the latest one if it showed it twice. */
static void hide(struct timespec *time)
{
    struct page *page = machine();
    long shown = time->seconds * SECOND + time->nanoseconds;
    long index = page->count - 1;

    if (time->nanoseconds == TIME_NOW || time->nanoseconds == TIME_OMIT || index < 0) {
        return;
    }
    while (index >= 0 && offset_at(shown - page->steps[index].offset) != page->steps[index].offset) {
        index--;
    }
    if (index >= 0) {
        add(time, -page->steps[index].offset);
    } else if (offset_at(shown) != 0) {
        /* A time that the clock stepped over: the nearest to it is right after the step. */
        add(time, -offset_at(shown));
    }
}

int clock_gettime(int clock, struct timespec *time)
{
    int result;
    ORIGINAL(int, "clock_gettime", (int, struct timespec *))

    result = original(clock, time);
    if (result == 0 && (clock == 0 || clock == 5)) {
        show(time);
    }
    return result;
}

time_type time(time_type *into)
{
    struct timespec now;

    clock_gettime(0, &now);
    if (into) {
        *into = now.seconds;
    }
    return now.seconds;
}

unsigned long timeval_to_nttime(const long *time)
{
    ORIGINAL(unsigned long, "timeval_to_nttime", (const long *))

    return original(time) + offset_at(time[0] * SECOND + time[1] * 1000) / 100;
}

static int shown_stat(int result, char *status)
{
    if (result == 0) {
        show((struct timespec *)(status + 72));
        show((struct timespec *)(status + 88));
        show((struct timespec *)(status + 104));
    }
    return result;
}

#define STAT(name, declared, given) \
    int name declared \
    { \
        ORIGINAL(int, #name, declared) \
        return shown_stat(original given, status); \
    }
STAT(stat, (const char *path, char *status), (path, status))
STAT(stat64, (const char *path, char *status), (path, status))
STAT(lstat, (const char *path, char *status), (path, status))
STAT(lstat64, (const char *path, char *status), (path, status))
STAT(fstat, (int file, char *status), (file, status))
STAT(fstat64, (int file, char *status), (file, status))
STAT(fstatat, (int folder, const char *path, char *status, int flags), (folder, path, status, flags))
STAT(fstatat64, (int folder, const char *path, char *status, int flags), (folder, path, status, flags))

int statx(int folder, const char *path, int flags, unsigned mask, char *status)
{
    int result, at;
    ORIGINAL(int, "statx", (int, const char *, int, unsigned, char *))

    result = original(folder, path, flags, mask, status);
    for (at = 64; result == 0 && at <= 112; at += 16) {
        struct timespec time = {*(long *)(status + at), *(unsigned *)(status + at + 8)};

        show(&time);
        *(long *)(status + at) = time.seconds;
        *(unsigned *)(status + at + 8) = time.nanoseconds;
    }
    return result;
}

static const struct timespec *hidden(const struct timespec *given, struct timespec *times)
{
    if (!given) {
        return given;
    }
    times[0] = given[0];
    times[1] = given[1];
    hide(&times[0]);
    hide(&times[1]);
    return times;
}

int utimensat(int folder, const char *path, const struct timespec *given, int flags)
{
    struct timespec times[2];
    ORIGINAL(int, "utimensat", (int, const char *, const struct timespec *, int))

    return original(folder, path, hidden(given, times), flags);
}

int futimens(int file, const struct timespec *given)
{
    struct timespec times[2];
    ORIGINAL(int, "futimens", (int, const struct timespec *))

    return original(file, hidden(given, times));
}

static int on_d(const char *path)
{
    return strncmp(path, "/srv/d", 6) == 0 && (path[6] == '/' || path[6] == 0);
}

static int is_on_d(int file)
{
    char name[32], path[64];
    long length;

    snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
    length = readlink(name, path, sizeof(path) - 1);
    path[length < 0 ? 0 : length] = 0;
    return on_d(path);
}

/* True, with errno set, if the volume of this file is full and the file would have to grow to that many bytes. */
static int refused(int file, long bytes)
{
    char status[256];
    int before = *__errno_location();

    if (!(machine()->flags & FULL) || !is_on_d(file) || fstat(file, status) != 0
        || bytes <= *(long *)(status + 48)) {
        *__errno_location() = before;
        return 0;
    }
    *__errno_location() = ENOSPC;
    return 1;
}

static long position(int file)
{
    return machine()->flags & FULL && is_on_d(file) ? lseek(file, 0, 1) : 0;
}

#define GUARD(result, name, declared, given, file, bytes) \
    result name declared \
    { \
        ORIGINAL(result, #name, declared) \
        return refused(file, bytes) ? -1 : original given; \
    }
GUARD(long, pwrite, (int file, const void *data, long size, long at), (file, data, size, at), file, at + size)
GUARD(long, pwrite64, (int file, const void *data, long size, long at), (file, data, size, at), file, at + size)
GUARD(long, write, (int file, const void *data, long size), (file, data, size), file, position(file) + size)
GUARD(long, sendfile, (int file, int from, long *at, long size), (file, from, at, size), file, position(file) + size)
GUARD(long, sendfile64, (int file, int from, long *at, long size), (file, from, at, size), file, position(file) + size)
GUARD(int, ftruncate, (int file, long size), (file, size), file, size)
GUARD(int, ftruncate64, (int file, long size), (file, size), file, size)
GUARD(int, fallocate, (int file, int mode, long at, long size), (file, mode, at, size), file, at + size)
GUARD(int, fallocate64, (int file, int mode, long at, long size), (file, mode, at, size), file, at + size)

static int shown_space(int result, const char *path, int file, long *space)
{
    char folder[64];

    if (result == 0 && machine()->flags & FULL) {
        int there = !path ? is_on_d(file) : path[0] == '/' ? on_d(path) : getcwd(folder, sizeof(folder)) && on_d(folder);

        if (there) {
            space[3] = space[4] = 0;
        }
    }
    return result;
}

#define SPACE(name, kind, path, file) \
    int name(kind where, long *space) \
    { \
        ORIGINAL(int, #name, (kind, long *)) \
        return shown_space(original(where, space), path, file, space); \
    }
SPACE(statvfs, const char *, where, -1)
SPACE(statvfs64, const char *, where, -1)
SPACE(fstatvfs, int, 0, where)
SPACE(fstatvfs64, int, 0, where)
