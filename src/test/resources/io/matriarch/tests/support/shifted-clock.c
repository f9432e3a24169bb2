/*
 * The wall clock of a process, shifted by the seconds that stand in the first eight bytes of the file SHIFTED_CLOCK, read at each question.
 * Loaded before the C library (LD_PRELOAD). What counts only forward (CLOCK_MONOTONIC) is as it is. Needs no headers, only a compiler.
 */
#if defined(__x86_64__)
#define SYS_CLOCK_GETTIME 228
#elif defined(__aarch64__)
#define SYS_CLOCK_GETTIME 113
#else
#error "the number of clock_gettime on this processor is not known here"
#endif

#define REALTIME 0
#define REALTIME_COARSE 5
#define SIZE 8

struct timespec { long sec; long nsec; };
struct timeval { long sec; long usec; };

extern long syscall(long number, ...);
extern char *getenv(const char *name);
extern int open(const char *path, int flags, ...);
extern void *mmap(void *at, unsigned long size, int protection, int flags, int file, long offset);

static volatile long *difference;

static long shift(void) {
  if (!difference) {
    const char *path = getenv("SHIFTED_CLOCK");
    int file = path ? open(path, 0) : -1;
    void *at = file < 0 ? (void *) -1 : mmap((void *) 0, SIZE, 1 /* read */, 1 /* shared */, file, 0);
    if (at == (void *) -1) {
      return 0;
    }
    difference = at;
  }
  return *difference;
}

int clock_gettime(int clock, struct timespec *now) {
  int failed = (int) syscall(SYS_CLOCK_GETTIME, clock, now);
  if (!failed && (clock == REALTIME || clock == REALTIME_COARSE)) {
    now->sec += shift();
  }
  return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
  struct timespec precise;
  (void) zone;
  if (clock_gettime(REALTIME, &precise)) {
    return -1;
  }
  now->sec = precise.sec;
  now->usec = precise.nsec / 1000;
  return 0;
}

long time(long *seconds) {
  struct timespec precise;
  clock_gettime(REALTIME, &precise);
  if (seconds) {
    *seconds = precise.sec;
  }
  return precise.sec;
}
