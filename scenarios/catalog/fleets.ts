/** What ghosts do to the server around them: a shutdown, a descriptor table, a pool. */
import { defineScenario } from '../../model/scenario/index.ts';

export const fleetScenarios = [
  defineScenario({
    kind: 'fault',
    name: 'drain-with-ghosts',
    title: 'Two ghosts, then SIGTERM',
    claim: 'A drain ends when the clients have gone.',
    truth:
      'Ghosts never go. The drain lasts until a reaper finds them, or a deadline, or somebody with SIGKILL.',
    source: 'A chat server in production; systemd.service(5), TimeoutStopSec=',
    tags: ['founding', 'fault', 'vanish', 'idle', 'drain'],
    fault: { kind: 'vanish', direction: 'both' },
    story: { kind: 'drain', ghosts: 2, sigtermAfterMs: '10s' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'descriptor-exhaustion',
    title: '20 % of 800 connections become ghosts each hour, under 1024 descriptors',
    claim: 'Clients reconnect, so losing some is harmless.',
    truth:
      'Each ghost keeps its descriptor while its client takes a new one: 160 more an hour, and accept fails with EMFILE after 1.4 hours, unless ghosts are found faster than they come.',
    source: 'accept(2), EMFILE; setrlimit(2), RLIMIT_NOFILE with the usual soft limit of 1024',
    tags: ['founding', 'fault', 'vanish', 'idle', 'descriptors'],
    fault: { kind: 'vanish', direction: 'both' },
    story: {
      kind: 'descriptors',
      connections: 800,
      descriptorLimit: 1_024,
      ghostSharePerHour: 0.2,
    },
  }),
  defineScenario({
    kind: 'fault',
    name: 'pool-behind-nat',
    title: 'Pool entries idle 30 min behind a NAT of 5 min; the first query afterwards',
    claim: 'A pool entry that was never closed is ready for use.',
    truth:
      'The NAT forgot it 25 minutes ago. The first query hangs until the kernel gives up, 924.6 s or more with tcp_retries2 = 15.',
    source:
      'Database pools behind a NAT gateway; an idle timeout below that of the path prevents it',
    tags: ['founding', 'fault', 'nat', 'idle', 'pool'],
    fault: { kind: 'nat-expiry', idleMs: '5m' },
    story: { kind: 'pool', idleMs: '30m', queryBytes: 256 },
  }),
];
