/**
 * What each silence of a living peer holds up, for the exploration; what it does not speak of, it refuses. A fault has its silence too: the
 * same thing, but with an end.
 */
import type { Act } from '../faults/acts.ts';
import { faultKindOf, silenceKindOf } from '../faults/index.ts';
import type { Twin } from '../faults/kind.ts';
import { PAGE_BUFFER_BYTES, READ_SLICE_MS, UPLOAD_SLICE_MS } from '../scenario/reading.ts';
import type { Fault, Scenario, Silence } from '../scenario/types.ts';
import { LifeBit } from '../reaper/types.ts';
import { NotModelled } from './not-modelled.ts';
import { roundTrips } from './slow-start.ts';
import type { Setting } from './setting.ts';

/** What becomes of something that the peer would send. */
export type Held =
  /** It comes as ever. */
  | 'passes'
  /** It is sent into a path that is cut: the peer's kernel sends it again. */
  | 'lost'
  /** It is overdue when the silence is over, and comes then. */
  | 'held'
  /** It waits behind what is being sent, with others of its kind, and comes with its end; its rhythm goes on. */
  | 'queued'
  /** It is left out. */
  | 'skipped'
  /** Its clock stands: it comes as much later as the silence was long. */
  | 'stopped'
  /** It comes at the next instant at which timers are let run. */
  | 'throttled';

/** Who of the peer sends: its library, its application, the load that its application makes. */
export type Source = 'library' | 'application' | 'load';

export interface Quiet {
  /** Nothing passes between the hosts; else the peer's kernel acknowledges. */
  readonly cut: boolean;
  /** The peer's host, and with it its kernel, stands still. */
  readonly sleeps: boolean;
  /** What the peer answers, and what it sends of its own. */
  readonly answers: Readonly<Record<'library' | 'application', Held>>;
  readonly beats: Readonly<Record<Source, Held>>;
  /** The server's own process stands still, with its load or without. */
  readonly server: 'runs' | 'starved' | 'stalled';
  /** Timers of the peer's application run so often, µs; 0 = when they are due. */
  readonly throttledUs: number;
  /** A ping lies unread for so long at most, µs. */
  readonly readsWithinUs: number;
  /** What the server may write before the peer's buffers are full, bytes; Infinity where it reads all. */
  readonly roomBytes: number;
  /** The peer is in the middle of one message; null = it is not. */
  readonly upload: Upload | null;
}

/** A message inside which nothing else can pass (RFC 6455 §5.4), sent at a rate. */
export interface Upload {
  /** Bytes of it arrive so often at least, µs. */
  readonly everyUs: number;
  /** From when its end, and what waits behind it, is handed to the kernel until all of it has left, µs. */
  readonly leavesWithinUs: number;
}

const US_PER_MS = 1_000;

/** The window that a receiver with the default buffer offers at first, less what slow start has under way, bytes. */
const ROOM_BYTES = 48_000;

const all = (held: Held): Pick<Quiet, 'answers' | 'beats'> => ({
  answers: { library: held, application: held },
  beats: { library: held, application: held, load: held },
});

const quiet: Quiet = {
  ...all('passes'),
  cut: false,
  sleeps: false,
  server: 'runs',
  throttledUs: 0,
  readsWithinUs: 0,
  roomBytes: Infinity,
  upload: null,
};

const outage: Quiet = { ...quiet, ...all('lost'), cut: true };

const hostSleep: Quiet = {
  ...outage,
  sleeps: true,
  beats: { library: 'stopped', application: 'stopped', load: 'stopped' },
};

const processPause: Quiet = { ...quiet, ...all('held'), roomBytes: ROOM_BYTES };

const applicationPause: Quiet = {
  ...quiet,
  answers: { library: 'passes', application: 'held' },
  beats: { library: 'passes', application: 'held', load: 'skipped' },
};

const pageFreeze: Quiet = { ...applicationPause, roomBytes: PAGE_BUFFER_BYTES };

/** What is held up, or null where nobody is silent. @throws NotModelled with the reason */
export function quietOf(scenario: Scenario, setting: Setting): Quiet | null {
  return scenario.kind === 'fault' ? twinOf(scenario.fault) : ofSilence(scenario.silence, setting);
}

/** A silence is what is done when it begins. */
function ofSilence(silence: Silence, setting: Setting): Quiet | null {
  const acts = silenceKindOf(silence).begins(silence);
  const [act, another] = acts;
  if (act?.act === 'read-at-rate' && another?.act === 'hold-queue') {
    return readsQueue(act.bytesPerSecond, another.bytes, setting);
  }
  if (another !== undefined) throw new NotModelled('a silence that is several at once');
  return act === undefined ? null : ofAct(act, setting);
}

function ofAct(act: Act, setting: Setting): Quiet {
  switch (act.act) {
    case 'cut':
      if (!act.toClient || !act.toServer) throw new NotModelled('a path that is cut one way');
      return outage;
    case 'host-sleeps':
      return hostSleep;
    case 'stop-process':
      return processPause;
    case 'pause-application':
      return applicationPause;
    case 'freeze-application':
      return pageFreeze;
    case 'starve-server':
      return { ...quiet, server: 'starved' };
    case 'stall-server':
      return { ...quiet, server: 'stalled' };
    case 'throttle-timers': {
      const beats = { library: 'passes', application: 'throttled', load: 'throttled' } as const;
      return { ...quiet, beats, throttledUs: act.everyMs * US_PER_MS };
    }
    case 'upload':
      return uploads(act.bytesPerSecond, setting);
    case 'read-paced':
      return slow(act.bytes, act.everyMs * US_PER_MS, setting);
    case 'read-at-rate':
      return slow(act.bytesPerSecond, US_PER_MS * 1_000, setting);
    default:
      throw new NotModelled(`a silence that begins with ${act.act}`);
  }
}

/** Small frames and all messages of so long fit into what is read in it, else what waits grows. */
const SMALL_FRAMES_BYTES = 256;

function slow(bytes: number, everyUs: number, { writes, behind }: Setting): Quiet {
  // What stands before a ping is no more than all buffers hold.
  if (behind !== null) return readsAll(behind.holdsBytes, bytes, everyUs);
  const written = writes === null ? 0 : (Math.ceil(everyUs / writes.everyUs) + 1) * writes.bytes;
  if (written + SMALL_FRAMES_BYTES > bytes) {
    throw new NotModelled('a peer that reads more slowly than it is written to');
  }
  return { ...quiet, readsWithinUs: everyUs };
}

/** So much stands before a ping. */
function readsAll(heldBytes: number, bytes: number, everyUs: number): Quiet {
  const reads = Math.ceil(heldBytes / Math.max(1, bytes));
  return { ...quiet, readsWithinUs: reads * everyUs, roomBytes: ROOM_BYTES };
}

/**
 * Who reads as fast as is written, behind a queue of one length. Its own kernel's buffer may have grown to its limit: one that small segments overfill does so
 * (tcp_clamp_window).
 */
function readsQueue(bytes: number, queueBytes: number, { full, behind }: Setting): Quiet {
  if (full === null && behind === null) {
    throw new NotModelled('a writer that keeps a queue standing');
  }
  const heldBytes = queueBytes + (behind?.holdsBytes ?? 0);
  return readsAll(heldBytes, bytes, READ_SLICE_MS * US_PER_MS);
}

/** A window that has not grown takes so much at once, bytes. */
const FIRST_WINDOW_BYTES = 64_000;

function uploads(bytesPerSecond: number, setting: Setting): Quiet {
  const { rttUs, through, answersMessages, writes, beats } = setting;
  if (through !== null) throw new NotModelled('a message that proxies hand on in parts');
  if (answersMessages && writes !== null) {
    throw new NotModelled('acknowledgements that wait behind a message');
  }
  const sliceBytes = Math.ceil((bytesPerSecond * UPLOAD_SLICE_MS) / 1_000);
  // The congestion window may have fallen back to ten segments meanwhile; frames that wait behind the last bytes may need a round trip more.
  const leavesWithinUs = roundTrips(sliceBytes) * rttUs;
  const everyUs = UPLOAD_SLICE_MS * US_PER_MS;
  const fills = leavesWithinUs > everyUs || beats.some((beat) => beat.everyUs <= leavesWithinUs);
  if (sliceBytes > FIRST_WINDOW_BYTES || fills) {
    throw new NotModelled('an upload that fills its path');
  }
  return {
    ...quiet,
    answers: { library: 'held', application: 'held' },
    beats: { library: 'queued', application: 'queued', load: 'skipped' },
    upload: { everyUs, leavesWithinUs },
  };
}

const twins: Readonly<Record<Twin, Quiet>> = {
  outage,
  'host-sleep': hostSleep,
  'process-pause': processPause,
  'page-freeze': pageFreeze,
};

/** What a silence bunches, and somebody counts; what comes sooner than it can be told to have left. @throws NotModelled */
export function refuseBunched(
  { policy, beats, toServerUs }: Setting,
  { cut, server, upload }: Quiet,
): void {
  const bunches = cut || server !== 'runs' || upload !== null;
  const counts = policy.mechanisms.some(({ kind }) => kind === 'ping-strikes');
  if (bunches && counts && beats.some(({ bits }) => (bits & LifeBit.Ping) !== 0)) {
    throw new NotModelled('pings of the peer that a silence bunches');
  }
  if (beats.some(({ everyUs }) => everyUs <= toServerUs)) {
    throw new NotModelled('a peer that speaks more often than a packet takes');
  }
}

/** Whether the peer's library answers until buffers are full, and no longer. */
export function answersStop({ cut, roomBytes, readsWithinUs, answers }: Quiet): boolean {
  const isFilled = !cut && roomBytes !== Infinity && readsWithinUs === 0;
  return isFilled && answers.library === 'passes';
}

/** The silence that a fault would be if it ended and nobody reported it; null where the peer, its host or a box says that it is gone. */
function twinOf(fault: Fault): Quiet | null {
  const twin = faultKindOf(fault).asSilence(fault);
  return twin === null ? null : twins[twin];
}
