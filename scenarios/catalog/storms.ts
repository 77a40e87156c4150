/** Servers that restart, and everybody who comes back: reconnect storms and rolling restarts. */
import { defineScenario } from '../../model/scenario/index.ts';

/** 1260 clients at a server that takes 20 openings a second: 63 s of work. */
const OMI = { kind: 'restart', clients: 1_260, downMs: '20s', acceptsPerSecond: 20 } as const;
const OMI_SOURCE = 'BasedHardware/omi issues 4754 and 5520; coder/coder pull request 24096';

/** 700 clients, 35 s of work, of whom all wait 30 s between two attempts by then. */
const CROWD = {
  kind: 'restart',
  clients: 700,
  downMs: '2m',
  acceptsPerSecond: 20,
  baseMs: '1s',
  maxMs: '30s',
} as const;

/** Four servers of 2000 clients each. */
const ROLLOUT = {
  kind: 'rolling-restart',
  clients: 8_000,
  servers: 4,
  drainMs: '30s',
  downMs: '20s',
  pauseMs: '10s',
  acceptsPerSecond: 200,
} as const;

export const stormScenarios = [
  defineScenario({
    kind: 'live',
    name: 'restart-storm',
    title: 'A server with 10,000 clients restarts in 20 s and takes 200 openings a second',
    claim: 'Backoff with jitter spreads the clients out.',
    truth:
      'One second of jitter spreads them over a second. 50 s would be enough for all, but whoever waits longer than 10 s tries again, and the queue spends its turns on clients that have left: it takes minutes.',
    source: 'reconnecting clients: min(1000 · 2ⁿ + random · 1000, 30 000) ms',
    tags: ['live', 'idle', 'restart', 'fleet'],
    reaches: 'opening-wasted',
    silence: { kind: 'none' },
    story: {
      kind: 'restart',
      clients: 10_000,
      downMs: '20s',
      acceptsPerSecond: 200,
      baseMs: '1s',
      jitterMs: '1s',
      maxMs: '30s',
      attempts: null,
      teardown: 'atomic',
    },
    watchMs: '10m',
  }),
  defineScenario({
    kind: 'live',
    name: 'restart-storm-five-attempts',
    title:
      'The same with clients that give up after 5 attempts, and a server that is away for 40 s',
    claim: 'Five attempts with backoff are plenty.',
    truth:
      'They are over after 31 to 36 s: whoever was connected is gone for good, all of them at once.',
    source:
      'A client that reconnects after min(1000 · 2ⁿ + random · 1000, 30 000) ms, at most 5 times',
    tags: ['live', 'idle', 'restart', 'fleet'],
    reaches: 'given-up',
    silence: { kind: 'none' },
    story: {
      kind: 'restart',
      clients: 10_000,
      downMs: '40s',
      acceptsPerSecond: 200,
      baseMs: '1s',
      jitterMs: '1s',
      maxMs: '30s',
      attempts: 5,
      teardown: 'atomic',
    },
    watchMs: '10m',
  }),
  defineScenario({
    kind: 'live',
    name: 'restart-storm-leaky-clients',
    title:
      'A server with 4 000 clients restarts in 20 s and takes 200 openings a second; who gives an attempt up leaves its listeners',
    claim: 'A client that reconnects has one connection.',
    truth:
      'The openings take 20 s. Whoever waits longer than 10 s drops the attempt, and hears of the same loss twice: from its own timer, and from the end of the socket whose listeners nobody removed. It then tries in two loops, ends with two sessions, and gets everything twice. With some more clients the loops multiply faster than the server takes them, and it never comes back. The cure is a teardown in one step: listeners off, then close.',
    source: 'clients that reconnect from the close event and from a timer of their own',
    tags: ['live', 'idle', 'restart', 'fleet', 'client-defect'],
    reaches: 'two-sessions',
    silence: { kind: 'none' },
    story: {
      kind: 'restart',
      clients: 4_000,
      downMs: '20s',
      acceptsPerSecond: 200,
      baseMs: '1s',
      jitterMs: '1s',
      maxMs: '30s',
      attempts: null,
      teardown: 'leaky',
    },
    watchMs: '10m',
  }),
  defineScenario({
    kind: 'live',
    name: 'restart-storm-fixed-timer',
    title:
      '1260 clients try every 15 s; the server takes 20 openings a second, and its restart takes 20 s',
    claim: 'The clients try again after 15 s, so all are back soon.',
    truth:
      'All come at once, 63 s of work, and leave after 10 s. The turns that follow are spent on clients that have left, the next burst stands behind them, and so on for ever: 200 are served, 1060 never.',
    source: OMI_SOURCE,
    tags: ['live', 'idle', 'restart', 'fleet', 'client-defect'],
    reaches: 'opening-wasted',
    silence: { kind: 'none' },
    story: { ...OMI, baseMs: '15s', jitterMs: '0s', maxMs: '15s' },
    watchMs: '1h',
  }),
  defineScenario({
    kind: 'live',
    name: 'restart-storm-jitter-alone',
    title: 'The same, each wait 30 % longer or shorter',
    claim: 'Jitter cures a reconnect storm.',
    truth:
      'It spreads the attempts and takes none away: who comes every 15 s and waits 10 s makes 42 attempts a second of 1060 clients, and the server takes 20. What cures it is fewer attempts: waits that grow.',
    source: OMI_SOURCE,
    tags: ['live', 'idle', 'restart', 'fleet', 'client-defect'],
    reaches: 'opening-wasted',
    silence: { kind: 'none' },
    story: { ...OMI, baseMs: '15s', maxMs: '15s', jitter: 'percent', jitterPercent: 30 },
    watchMs: '1h',
  }),
  defineScenario({
    kind: 'live',
    name: 'restart-storm-full-jitter',
    title: 'The same with waits that double from 15 s to 5 min, each drawn from 0',
    claim: 'Clients that wait for minutes are away for minutes.',
    truth: 'Most of them are back sooner than those that try every 15 s, of whom most never are.',
    source: OMI_SOURCE,
    tags: ['live', 'idle', 'restart', 'fleet'],
    reaches: 'all-served-again',
    silence: { kind: 'none' },
    story: { ...OMI, baseMs: '15s', maxMs: '5m', jitter: 'full' },
    watchMs: '1h',
  }),
  defineScenario({
    kind: 'live',
    name: 'restart-storm-in-step',
    title:
      '700 clients at 20 openings a second after 2 min of absence; 1 s of jitter inside a cap of 30 s',
    claim:
      'Each client adds up to a second of chance to each wait, so they do not come all at once.',
    truth:
      'After five attempts every wait is the cap, which swallows the chance: the few seconds that lie between the clients by then are all that ever will. They come as one crowd, 200 of them are served, and the others come back together 40 s later, three times.',
    source: OMI_SOURCE,
    tags: ['live', 'idle', 'restart', 'fleet', 'client-defect'],
    reaches: 'opening-wasted',
    silence: { kind: 'none' },
    story: { ...CROWD, jitter: 'inside-cap', jitterMs: '1s' },
  }),
  defineScenario({
    kind: 'live',
    name: 'restart-storm-out-of-step',
    title: 'The same, each wait 30 % longer or shorter, the capped ones too',
    claim: 'Jitter only makes some clients wait longer.',
    truth:
      'They arrive over 20 s instead of 4, nobody waits in the queue for longer than his patience, no turn is lost, and the last is served when 700 openings at 20 a second are done: 35 s after the server is back.',
    source: OMI_SOURCE,
    tags: ['live', 'idle', 'restart', 'fleet'],
    reaches: 'all-served-again',
    silence: { kind: 'none' },
    story: { ...CROWD, jitter: 'percent', jitterPercent: 30 },
  }),
  defineScenario({
    kind: 'live',
    name: 'restart-storm-rejected',
    title: 'The same server lets 100 openings wait and rejects the others for 10 s',
    claim: 'Turning clients away makes a storm worse.',
    truth:
      'Whoever is told at once that there is no room costs no turn: nothing is wasted, and the server serves somebody all the time. A queue that is longer than the patience of those in it serves nobody.',
    source: 'RFC 9110 §10.2.3 (Retry-After) and §15.6.4 (503); RFC 6455 close code 1013',
    tags: ['live', 'idle', 'restart', 'fleet'],
    reaches: 'opening-turned-away',
    silence: { kind: 'none' },
    story: {
      ...OMI,
      baseMs: '15s',
      jitterMs: '0s',
      maxMs: '15s',
      queueLimit: 100,
      whenFull: 'reject',
      retryAfterMs: '10s',
      whenRejected: 'retry-after',
    },
    watchMs: '1h',
  }),
  defineScenario({
    kind: 'live',
    name: 'rolling-restart',
    title:
      'Four servers with 2,000 clients each restart one after the other, each with a drain of 30 s',
    claim: 'A rolling restart is not noticed: there is always a server, and each drains.',
    truth:
      'Nobody goes during a drain, so all clients of a server are cut off at its end, and come to the other three at once. Those go next, with more clients than before: who is unlucky is moved four times, and the server that was first is almost empty at the end.',
    source: 'Kubernetes, terminationGracePeriodSeconds; kubernetes.io, rolling update',
    tags: ['live', 'idle', 'restart', 'fleet'],
    reaches: 'moved-again',
    silence: { kind: 'none' },
    story: { ...ROLLOUT, drain: 'deadline' },
    watchMs: '1h',
  }),
  defineScenario({
    kind: 'live',
    name: 'rolling-restart-spread',
    title: 'The same, each client asked to go (1001) at its own instant of the drain',
    claim: 'How a drain ends makes no difference to a client that has to come back anyway.',
    truth:
      'It comes to a server that has nothing else to do, and is without a session for its own wait of a second or two instead of a queue.',
    source: 'RFC 6455 §7.4.1, close code 1001 (going away)',
    tags: ['live', 'idle', 'restart', 'fleet'],
    reaches: 'moved-again',
    silence: { kind: 'none' },
    story: { ...ROLLOUT, drain: 'spread' },
    watchMs: '1h',
  }),
];
