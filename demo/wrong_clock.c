/* Loaded into one process with LD_PRELOAD: its wall clock is off by the seconds in the file $ATRIUM_DEMO_CLOCK names.
 *
 * Monotonic and boot clock stay as they are, and so does every wait that goes by them. Deadlines by the wall clock
 * (pthread_cond_timedwait without a clock of its own) are not translated; neither Python nor Qt makes any. Declares
 * what it needs itself, so that a compiler without the C library's headers will do.
 */
typedef long long i64;
struct moment { i64 seconds; i64 nanoseconds; };

extern void *dlsym(void *handle, const char *name);
extern char *getenv(const char *name);
extern int open(const char *path, int flags, ...);
extern void *mmap(void *at, unsigned long bytes, int protection, int flags, int file, long offset);

static const volatile i64 nothing = 0;
static const volatile i64 *off;
static int (*real_clock_gettime)(int clock, struct moment *now);

static void prepare(void)
{
    const char *path;
    void *page = (void *)-1L;
    int file;

    if (off)
        return;
    real_clock_gettime = (int (*)(int, struct moment *))dlsym((void *)-1L /* RTLD_NEXT */, "clock_gettime");
    path = getenv("ATRIUM_DEMO_CLOCK");
    file = path ? open(path, 0 /* O_RDONLY */) : -1;
    if (file >= 0)
        page = mmap(0, sizeof *off, 1 /* PROT_READ */, 1 /* MAP_SHARED */, file, 0);
    off = page == (void *)-1L ? &nothing : page;
}

int clock_gettime(int clock, struct moment *now)
{
    int result;

    prepare();
    result = real_clock_gettime(clock, now);
    /* CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI */
    if (result == 0 && (clock == 0 || clock == 5 || clock == 11))
        now->seconds += *off;
    return result;
}

long time(long *into)
{
    struct moment now;

    clock_gettime(0, &now);
    if (into)
        *into = (long)now.seconds;
    return (long)now.seconds;
}

int gettimeofday(i64 *into, void *zone)
{
    struct moment now;

    (void)zone;
    if (clock_gettime(0, &now))
        return -1;
    into[0] = now.seconds;
    into[1] = now.nanoseconds / 1000;
    return 0;
}
