/* The story of story.ts in C: two ends, eight deadlines, the nearest of them found by looking at all.
 * cc -O3: story FIRST LIVES prints microseconds of processor time and the two sums; story FIRST LIVES list prints each life. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { DELAY = 25000, SWEEP = 30000000, DELAYED_ACK = 40000, FIRST_TIMEOUT = 1000000, TIMEOUT = 250000 };
enum { LONGEST_TIMEOUT = 120000000, ORPHAN = 102200000, GIVES_UP = 924600000 };
enum { REQUEST = 200, RESPONSE = 129, PING = 2, PONG = 6 };
enum { SYN = 1, ACK = 2, FIN = 4 };
enum { CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1 };
enum { SERVER, CLIENT };
enum { ARRIVES, RESEND = 2, DELAYED = 4, SWEEPS = 6, CUTS, SLOTS };
#define NEVER INT64_MAX
#define RING 16

typedef struct { int64_t at; int32_t seq, ack, length, flags; } packet;
typedef struct { int32_t state, una, nxt, rcv, backoff, probed, orphan; int64_t resent; } end;

static int64_t due[SLOTS], now, decided, released;
static packet wire[2][RING];
static unsigned head[2], tail[2];
static end ends[2];
static int cut, alive;

static void sends(int from, int32_t seq, int32_t length, int32_t flags) {
  const int to = 1 - from;
  due[DELAYED + from] = NEVER;
  if (cut) return;
  packet *p = &wire[to][tail[to]++ % RING];
  *p = (packet){now + DELAY, seq, ends[from].rcv, length, flags};
  if (tail[to] - head[to] == 1) due[ARRIVES + to] = p->at;
}

static void writes(int from, int32_t length, int32_t flags) {
  end *e = &ends[from];
  if (e->una == e->nxt) due[RESEND + from] = now + TIMEOUT;
  sends(from, e->nxt, length, flags);
  e->nxt += length;
}

static void hears(int at, int32_t length) {
  if (at == CLIENT) {
    if (length == PING) writes(CLIENT, PONG, ACK);
  } else if (length == PONG) {
    alive = 1;
  } else if (length == REQUEST) {
    writes(SERVER, RESPONSE, ACK);
    alive = 1;
  }
}

static void arrives(int at) {
  end *e = &ends[at];
  const packet p = wire[at][head[at]++ % RING];
  due[ARRIVES + at] = head[at] == tail[at] ? NEVER : wire[at][head[at] % RING].at;
  switch (e->state) {
  case LISTEN:
    e->rcv = p.seq + 1;
    e->state = SYN_RECEIVED;
    e->nxt = 1;
    due[RESEND + at] = now + FIRST_TIMEOUT;
    sends(at, 0, 0, SYN | ACK);
    return;
  case SYN_SENT:
    e->rcv = p.seq + 1;
    e->una = p.ack;
    e->state = ESTABLISHED;
    due[RESEND + at] = NEVER;
    sends(at, e->nxt, 0, ACK);
    writes(at, REQUEST, ACK);
    return;
  case SYN_RECEIVED:
    e->state = ESTABLISHED;
    break;
  case CLOSED:
    return;
  }
  if (p.ack > e->una) {
    e->una = p.ack;
    e->backoff = e->probed = 0;
    e->resent = NEVER;
    due[RESEND + at] = e->una == e->nxt ? NEVER : now + TIMEOUT;
  }
  if (p.length == 0) return;
  if (p.seq != e->rcv) {
    sends(at, e->nxt, 0, ACK);
    return;
  }
  e->rcv += p.length;
  if (due[DELAYED + at] == NEVER) due[DELAYED + at] = now + DELAYED_ACK;
  hears(at, p.length);
}

static void resends(int from) {
  end *e = &ends[from];
  const int64_t limit = e->orphan ? ORPHAN : GIVES_UP;
  if (e->resent != NEVER && now - e->resent >= limit) {
    e->state = CLOSED;
    if (from == SERVER) released = now;
    return;
  }
  if (e->resent == NEVER) e->resent = now;
  if (e->probed) e->backoff += 1;
  e->probed = 1;
  int64_t timeout = (int64_t)TIMEOUT << e->backoff;
  if (timeout > LONGEST_TIMEOUT) timeout = LONGEST_TIMEOUT;
  due[RESEND + from] = now + timeout;
  sends(from, e->una, e->nxt - e->una, ACK);
}

static void sweeps(void) {
  end *server = &ends[SERVER];
  due[SWEEPS] = now + SWEEP;
  if (server->state != ESTABLISHED) return;
  if (alive) {
    alive = 0;
    writes(SERVER, PING, ACK);
    return;
  }
  due[SWEEPS] = NEVER;
  decided = now;
  server->orphan = 1;
  server->state = FIN_WAIT_1;
  writes(SERVER, 1, ACK | FIN);
}

static void live(int64_t cut_at, int64_t first_sweep) {
  for (int slot = 0; slot < SLOTS; slot += 1) due[slot] = NEVER;
  memset(ends, 0, sizeof ends);
  head[0] = head[1] = tail[0] = tail[1] = 0;
  now = 0;
  cut = alive = 0;
  released = NEVER;
  ends[SERVER].resent = ends[CLIENT].resent = NEVER;
  ends[SERVER].state = LISTEN;
  ends[CLIENT].state = SYN_SENT;
  ends[CLIENT].nxt = 1;
  due[CUTS] = cut_at;
  due[SWEEPS] = first_sweep;
  due[RESEND + CLIENT] = FIRST_TIMEOUT;
  sends(CLIENT, 0, 0, SYN);
  while (released == NEVER) {
    int next = 0;
    for (int slot = 1; slot < SLOTS; slot += 1)
      if (due[slot] < due[next]) next = slot;
    now = due[next];
    due[next] = NEVER;
    switch (next) {
    case ARRIVES + SERVER: case ARRIVES + CLIENT: arrives(next - ARRIVES); break;
    case RESEND + SERVER: case RESEND + CLIENT: resends(next - RESEND); break;
    case DELAYED + SERVER: case DELAYED + CLIENT: sends(next - DELAYED, ends[next - DELAYED].nxt, 0, ACK); break;
    case SWEEPS: sweeps(); break;
    case CUTS: cut = 1; break;
    }
  }
}

int main(int count, char **words) {
  const uint32_t first = strtoul(words[1], NULL, 10), lives = strtoul(words[2], NULL, 10);
  const int list = count > 3;
  double decided_sum = 0, released_sum = 0;
  for (uint32_t life = first; life != first + lives; life += 1) {
    const int64_t cut_at = 1000000 + (int64_t)((uint32_t)(life * 0x9e3779b9u) / 4294967296.0 * 599000000);
    const int64_t tick = cut_at - (int64_t)((uint32_t)(life * 0x85ebca6bu) / 4294967296.0 * SWEEP);
    live(cut_at, ((tick % SWEEP) + SWEEP) % SWEEP);
    decided_sum += decided - cut_at;
    released_sum += released - cut_at;
    if (list) printf("%lld %lld\n", (long long)decided, (long long)released);
  }
  if (list) return 0;
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  printf("%lld %.0f %.0f\n", used.ru_utime.tv_sec * 1000000LL + used.ru_utime.tv_usec + used.ru_stime.tv_sec * 1000000LL + used.ru_stime.tv_usec, decided_sum, released_sum);
  return 0;
}
