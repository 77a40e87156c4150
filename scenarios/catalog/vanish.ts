/** The peer's packets stop: power, cable, radio, a firewall that drops. Nobody says goodbye. */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy, chatter, saturated } from './settings.ts';

const vanish = { kind: 'vanish', direction: 'both' } as const;
const SOURCE =
  'Half-open connections: RFC 9293 §3.5.1; net/ipv4/tcp_timer.c, retransmits_timed_out';

export const vanishScenarios = [
  defineScenario({
    kind: 'fault',
    name: 'vanish-idle',
    title: 'Both directions cut for ever, nobody was sending',
    claim: 'TCP notices a broken path.',
    truth: 'Without data in flight TCP sends nothing, so it notices nothing: only a probe does.',
    source: SOURCE,
    tags: ['founding', 'fault', 'vanish', 'idle'],
    reaches: 'nothing-in-flight',
    fault: vanish,
  }),
  defineScenario({
    kind: 'fault',
    name: 'vanish-busy',
    title: 'Both directions cut for ever while the server sends 1 KiB every 500 ms',
    claim: 'tcp_retries2 = 15 ends it after 13 to 30 minutes.',
    truth:
      'It ends at the first retransmission timeout at least 924.6 s after the first retransmission. Keepalive does nothing while data is unacknowledged.',
    source: SOURCE,
    tags: ['founding', 'fault', 'vanish', 'busy'],
    reaches: 'retransmitting',
    load: busy,
    fault: vanish,
  }),
  defineScenario({
    kind: 'fault',
    name: 'vanish-saturated',
    title: 'Both directions cut for ever while the server sends as fast as it may',
    claim: 'A heartbeat finds it.',
    truth:
      'The ping waits behind all that was queued. A reaper whose patience starts when the ping is written waits with it, up to tcp_retries2.',
    source: SOURCE,
    tags: ['founding', 'fault', 'vanish', 'saturated'],
    reaches: 'retransmitting',
    load: saturated,
    fault: vanish,
  }),
  defineScenario({
    kind: 'fault',
    name: 'vanish-one-way',
    title: "Only the client's packets vanish; what the server sends still arrives",
    claim: 'The client still receives, so the connection is fine.',
    truth:
      'Nothing is acknowledged and no pong returns: to the server it is gone, while the client sees a connection that works.',
    source: SOURCE,
    tags: ['fault', 'vanish', 'busy', 'one-way'],
    reaches: 'retransmitting',
    load: busy,
    fault: { kind: 'vanish', direction: 'client-to-server' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'vanish-one-way-to-client',
    title: "Only the server's packets vanish; what the client sends, every 20 s, still arrives",
    claim: 'Who is heard is alive.',
    truth:
      "It is, and cannot be reached: pings get no answer, messages still come until the client's kernel, whose bytes nobody acknowledges either, falls silent.",
    source: SOURCE,
    tags: ['fault', 'vanish', 'busy', 'one-way'],
    reaches: 'packet-lost',
    load: chatter,
    fault: { kind: 'vanish', direction: 'server-to-client' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'vanish-telemetry',
    title: 'Both directions cut for ever; only the client was sending, 1 KiB every 500 ms',
    claim: 'A server that hears something twice a second notices when it stops.',
    truth:
      'TCP has nothing of its own in flight, so it notices nothing. Only a deadline on what is received does.',
    source: SOURCE,
    tags: ['fault', 'vanish', 'busy', 'client-sends'],
    reaches: 'nothing-in-flight',
    load: { ...busy, direction: 'client' },
    fault: vanish,
  }),
];
