/** The story in typed arrays, as one writes what has to be fast: no object is made in a life, and the nearest of eight deadlines is found by looking at all. */
import {
  Bytes,
  DELAY_US,
  DELAYED_ACK_US,
  FIRST_TIMEOUT_US,
  GIVES_UP_US,
  LONGEST_TIMEOUT_US,
  ORPHAN_US,
  SWEEP_US,
  TIMEOUT_US,
  type Life,
} from './story.ts';

const Server = 0;
const Client = 1;

// States.
const Closed = 0;
const Listen = 1;
const SynSent = 2;
const SynReceived = 3;
const Established = 4;
const FinWait1 = 5;

// Deadlines; those of the client come behind those of the server.
const Arrives = 0;
const Resend = 2;
const Delayed = 4;
const Sweeps = 6;
const Cuts = 7;
const SLOTS = 8;

const RING = 16;

const due = new Float64Array(SLOTS);
// Of either end.
const state = new Int32Array(2);
const una = new Int32Array(2);
const nxt = new Int32Array(2);
const rcv = new Int32Array(2);
const backoff = new Int32Array(2);
const probed = new Int32Array(2);
const resentUs = new Float64Array(2);
// Under way to either end.
const head = new Int32Array(2);
const tail = new Int32Array(2);
const wireUs = new Float64Array(2 * RING);
const wireSeq = new Int32Array(2 * RING);
const wireAck = new Int32Array(2 * RING);
const wireLength = new Int32Array(2 * RING);

/** Now. In an array, as a variable of the module would be a new object at each step. */
const clock = new Float64Array(1);
let isCut = false;
let isAlive = false;
let isOrphan = false;
const life: Life = { decidedUs: Infinity, releasedUs: Infinity };

function send(from: number, seq: number, length: number): void {
  due[Delayed + from] = Infinity;
  if (isCut) return;
  const nowUs = clock[0]!;
  const to = 1 - from;
  const last = tail[to]!;
  const place = to * RING + (last & (RING - 1));
  wireUs[place] = nowUs + DELAY_US;
  wireSeq[place] = seq;
  wireAck[place] = rcv[from]!;
  wireLength[place] = length;
  tail[to] = last + 1;
  if (last === head[to]) due[Arrives + to] = nowUs + DELAY_US;
}

function write(from: number, length: number): void {
  const nowUs = clock[0]!;
  const seq = nxt[from]!;
  if (una[from] === seq) due[Resend + from] = nowUs + TIMEOUT_US;
  send(from, seq, length);
  nxt[from] = seq + length;
}

function hear(at: number, length: number): void {
  if (at === Client) {
    if (length === Bytes.Ping) write(Client, Bytes.Pong);
  } else if (length === Bytes.Pong) isAlive = true;
  else if (length === Bytes.Request) {
    write(Server, Bytes.Response);
    isAlive = true;
  }
}

function arrive(at: number): void {
  const nowUs = clock[0]!;
  const first = head[at]!;
  const place = at * RING + (first & (RING - 1));
  head[at] = first + 1;
  due[Arrives + at] =
    first + 1 === tail[at] ? Infinity : wireUs[at * RING + ((first + 1) & (RING - 1))]!;
  const seq = wireSeq[place]!;
  const ack = wireAck[place]!;
  const length = wireLength[place]!;
  switch (state[at]) {
    case Listen:
      rcv[at] = seq + 1;
      state[at] = SynReceived;
      nxt[at] = 1;
      due[Resend + at] = nowUs + FIRST_TIMEOUT_US;
      send(at, 0, 0);
      return;
    case SynSent:
      rcv[at] = seq + 1;
      una[at] = ack;
      state[at] = Established;
      due[Resend + at] = Infinity;
      send(at, nxt[at]!, 0);
      write(at, Bytes.Request);
      return;
    case SynReceived:
      state[at] = Established;
      break;
    case Closed:
      return;
    default:
  }
  if (ack > una[at]!) {
    una[at] = ack;
    backoff[at] = 0;
    probed[at] = 0;
    resentUs[at] = Infinity;
    due[Resend + at] = ack === nxt[at] ? Infinity : nowUs + TIMEOUT_US;
  }
  if (length === 0) return;
  if (seq !== rcv[at]) {
    send(at, nxt[at]!, 0);
    return;
  }
  rcv[at] = seq + length;
  if (due[Delayed + at] === Infinity) due[Delayed + at] = nowUs + DELAYED_ACK_US;
  hear(at, length);
}

function resend(from: number): void {
  const nowUs = clock[0]!;
  const limitUs = from === Server && isOrphan ? ORPHAN_US : GIVES_UP_US;
  const sinceUs = resentUs[from]!;
  if (nowUs - sinceUs >= limitUs) {
    state[from] = Closed;
    if (from === Server) life.releasedUs = nowUs;
    return;
  }
  if (sinceUs === Infinity) resentUs[from] = nowUs;
  if (probed[from] === 1) backoff[from]! += 1;
  probed[from] = 1;
  due[Resend + from] = nowUs + Math.min(TIMEOUT_US * (1 << backoff[from]!), LONGEST_TIMEOUT_US);
  send(from, una[from]!, nxt[from]! - una[from]!);
}

function sweep(): void {
  const nowUs = clock[0]!;
  due[Sweeps] = nowUs + SWEEP_US;
  if (state[Server] !== Established) return;
  if (isAlive) {
    isAlive = false;
    write(Server, Bytes.Ping);
    return;
  }
  due[Sweeps] = Infinity;
  life.decidedUs = nowUs;
  isOrphan = true;
  state[Server] = FinWait1;
  write(Server, 1);
}

export function playTyped(cutUs: number, firstSweepUs: number): Life {
  for (let slot = 0; slot < SLOTS; slot += 1) due[slot] = Infinity;
  for (let end = Server; end <= Client; end += 1) {
    una[end] = 0;
    nxt[end] = 0;
    rcv[end] = 0;
    backoff[end] = 0;
    probed[end] = 0;
    head[end] = 0;
    tail[end] = 0;
    resentUs[end] = Infinity;
  }
  clock[0] = 0;
  isCut = false;
  isAlive = false;
  isOrphan = false;
  life.releasedUs = Infinity;
  state[Server] = Listen;
  state[Client] = SynSent;
  nxt[Client] = 1;
  due[Cuts] = cutUs;
  due[Sweeps] = firstSweepUs;
  due[Resend + Client] = FIRST_TIMEOUT_US;
  send(Client, 0, 0);
  while (life.releasedUs === Infinity) {
    let next = 0;
    let nextUs = due[0]!;
    for (let slot = 1; slot < SLOTS; slot += 1) {
      const us = due[slot]!;
      if (us >= nextUs) continue;
      nextUs = us;
      next = slot;
    }
    clock[0] = nextUs;
    due[next] = Infinity;
    if (next < Resend) arrive(next - Arrives);
    else if (next < Delayed) resend(next - Resend);
    else if (next < Sweeps) send(next - Delayed, nxt[next - Delayed]!, 0);
    else if (next === Sweeps) sweep();
    else isCut = true;
  }
  return life;
}
