/** Living peers that the policy takes for dead: its T asked against what the living do. */
import type { Tolerance } from '../../bounds/types.ts';
import type { Mechanism } from '../../policy/types.ts';
import type { Load, Silence } from '../../scenario/types.ts';
import { deciding, inWords, lost, mechanismPath, patience, whileLoad } from '../probe.ts';
import type { PolicySubject } from '../subject.ts';
import type { PolicyRule, Problem, Severity } from '../types.ts';

/** A kind of living peer, and what is known of policies that kill it. */
interface Life {
  readonly name: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly source: string;
  /** The silence and the loads under which it is kept. */
  readonly trials: (subject: PolicySubject) => readonly Trial[];
  /** What happens; `toleratedMs` is T. */
  readonly message: (tolerated: Tolerance & { readonly maxMs: number }, trial: Trial) => string;
  readonly remedy: string;
  readonly yieldsTo?: readonly string[];
  /** The mechanisms that it speaks of, where another rule speaks of the rest. */
  readonly speaksOf?: (mechanism: Mechanism) => boolean;
}

interface Trial {
  readonly silence: Silence;
  readonly load: Load;
  /** The policy must survive this much of it. */
  readonly lengthMs: number;
}

const IDLE: Load = { kind: 'idle' };
const BUSY: Load = { kind: 'periodic', bytes: 1_024, everyMs: 500, direction: 'server' };

/** How long a peer that was seen alive in the field stayed like that. */
const PAUSE_MS = 78_000;
const PLATEAU_MS = 75_000;
const SLOW_MS = 75_000;
/** 900 kB at 20 kB/s. */
const UPLOAD = { kind: 'slow-uploader', messageBytes: 900_000, bytesPerSecond: 20_000 } as const;
const UPLOAD_MS = 45_000;
/** A pause of the process that a server under load has, now and then. */
const STALL_MS = 10_000;

function everyLoad(silence: Silence): Life['trials'] {
  return ({ loads }) => loads.map((load) => ({ silence, load, lengthMs: 1 }));
}

/** The subject without what another rule speaks of; indices stay as they are. */
function judged(subject: PolicySubject, { speaksOf }: Life): PolicySubject {
  if (speaksOf === undefined) return subject;
  const { policy } = subject;
  const mechanisms = policy.mechanisms.map((one) => (speaksOf(one) ? one : lost(one)));
  return { ...subject, policy: { ...policy, mechanisms } };
}

/** A silence beyond T. */
function beyond(toleratedMs: number): string {
  return toleratedMs < 1 ? 'for any time' : `for more than ${inWords(toleratedMs, 'down')}`;
}

function problemOf(whole: PolicySubject, life: Life, trial: Trial): Problem | null {
  const subject = judged(whole, life);
  const tolerance = (asked: PolicySubject): Tolerance => patience(asked, trial.silence, trial.load);
  const found = tolerance(subject);
  if (!found.proved || found.maxMs === null || found.maxMs >= trial.lengthMs) return null;
  const [index] = deciding(subject, (asked) => tolerance(asked).maxMs);
  const message = life.message({ ...found, maxMs: found.maxMs }, trial);
  return { path: mechanismPath(subject, index), message, remedy: life.remedy };
}

/** One problem per life: under the first load that kills it. */
function ruleFor(life: Life): PolicyRule {
  const { trials, message: _message, remedy: _remedy, speaksOf: _speaksOf, ...rule } = life;
  return {
    ...rule,
    check: (subject) => {
      const problems = trials(subject).map((trial) => problemOf(subject, life, trial));
      return problems.filter((problem) => problem !== null).slice(0, 1);
    },
  };
}

const lives: readonly Life[] = [
  {
    name: 'kills-healthy-client',
    severity: 'error',
    summary: 'A client with which nothing is wrong is reaped.',
    source: 'websockets/ws#2217; dotnet/aspnetcore#44197',
    trials: everyLoad({ kind: 'none' }),
    message: ({ by, derivation }, { load }) =>
      `A client with which nothing is wrong is reaped ${whileLoad(load)} (${by}). ${derivation}`,
    remedy: 'Ask before judging (a ping), and wait for longer than a round trip.',
  },
  {
    name: 'one-lost-packet-kills',
    severity: 'warning',
    summary: 'A single lost packet is taken for death: no retransmission comes back in time.',
    source: 'RFC 6298 §2.4, §5.5; net/ipv4/tcp_timer.c, tcp_keepalive_timer',
    yieldsTo: ['kills-healthy-client'],
    trials: ({ loads }) =>
      loads
        .filter(({ kind }) => kind !== 'saturated')
        .map((load) => ({ silence: { kind: 'outage', lengthMs: 1_000 }, load, lengthMs: 1 })),
    message: ({ by }, { load }) =>
      `A single packet lost ${whileLoad(load)} reaps a living client (${by}): neither a retransmission nor a second probe comes back in time.`,
    remedy: 'Wait for at least two retransmissions (about a second), or two probes.',
  },
  {
    name: 'kills-paused-client',
    severity: 'error',
    summary: 'A client whose application pauses, while its kernel takes every byte, is reaped.',
    source: 'A single-seat server whose stall timer counted application acknowledgements',
    yieldsTo: ['kills-healthy-client'],
    trials: () => [
      {
        silence: { kind: 'application-pause', lengthMs: PAUSE_MS },
        load: BUSY,
        lengthMs: PAUSE_MS,
      },
    ],
    message: ({ maxMs, by }) =>
      `A client whose application says nothing ${beyond(maxMs)} is reaped (${by}), though its kernel acknowledges every byte.`,
    remedy: 'Count bytes acknowledged by the kernel (tcpi_bytes_acked), or pongs, as life.',
  },
  {
    name: 'kills-steady-queue',
    severity: 'error',
    summary:
      'A client that reads as fast as the server writes is reaped: its queue does not shrink.',
    source: 'A single-seat server whose stall timer looked at the queue alone',
    // A pong behind the queue is the slow reader's rule.
    speaksOf: (mechanism) => 'progress' in mechanism,
    trials: () => [
      {
        silence: {
          kind: 'plateau',
          queueBytes: 131_072,
          bytesPerSecond: 16_384,
          lengthMs: PLATEAU_MS,
        },
        load: { kind: 'periodic', bytes: 8_192, everyMs: 500, direction: 'server' },
        lengthMs: PLATEAU_MS,
      },
    ],
    message: ({ maxMs, by }) =>
      `A client whose queue stays at one length ${beyond(maxMs)} is reaped (${by}), though its bytes are acknowledged all along.`,
    remedy: 'Look at bytes acknowledged (tcpi_bytes_acked), not at the length of the queue.',
  },
  {
    name: 'kills-slow-reader',
    severity: 'warning',
    summary: 'A client that reads slowly but steadily of a full send path is reaped.',
    source: 'socketio/socket.io#2666, #2769; sockjs/sockjs-node#169; net.ipv4.tcp_wmem',
    trials: ({ readerBytesPerSecond: bytesPerSecond, loads }) =>
      loads
        .filter(({ kind }) => kind === 'saturated')
        .map((load) => ({
          silence: { kind: 'slow-reader', bytesPerSecond, lengthMs: SLOW_MS },
          load,
          lengthMs: SLOW_MS,
        })),
    message: ({ maxMs, by, derivation }, { silence }) =>
      `A client that reads ${silence.kind === 'slow-reader' ? silence.bytesPerSecond : 0} bytes a second of a full send path ${beyond(maxMs)} is reaped alive (${by}). ${derivation}`,
    remedy:
      'Cap the send queue so that it drains within the patience, or take progress of acknowledged bytes for life.',
  },
  {
    name: 'kills-slow-uploader',
    severity: 'warning',
    summary: 'A client that uploads one long message is reaped: its pong cannot pass inside it.',
    source: 'RFC 6455 §5.4; socketio/socket.io#1332; happner/happn#158',
    trials: () => [{ silence: UPLOAD, load: IDLE, lengthMs: UPLOAD_MS }],
    message: ({ maxMs, by }) =>
      `A client whose message takes longer than ${inWords(maxMs, 'down')} to upload is reaped while it sends (${by}): no pong passes inside a message.`,
    remedy: 'Take any received byte for life.',
  },
  {
    name: 'loop-stall-kills-all',
    severity: 'warning',
    summary: "A stall of the server's own event loop reaps every client at once.",
    source: 'bigbluebutton/bigbluebutton#10826; python-websockets/websockets#625',
    yieldsTo: ['kills-healthy-client'],
    trials: ({ loads }) =>
      loads.slice(0, 1).map((load) => ({
        silence: { kind: 'server-starved', lengthMs: STALL_MS },
        load,
        lengthMs: STALL_MS,
      })),
    message: ({ maxMs, by }) =>
      `When the server itself stands still ${beyond(maxMs)}, every client is reaped at once (${by}), and all of them come back together.`,
    remedy: 'Wait longer for the answer, or read the sockets again before judging after a stall.',
  },
];

export const livingRules = lives.map(ruleFor);
