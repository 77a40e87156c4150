/** The peer ends and something still speaks for it: its kernel, its rebooted host. */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy } from './settings.ts';

const REBOOT_SOURCE = 'RFC 9293 §3.5.1 (half-open connections), §3.10.7.1 (reset generation)';

export const endingScenarios = [
  defineScenario({
    kind: 'fault',
    name: 'reboot',
    title: "The client's host comes back after 30 s and resets what it gets; nobody was sending",
    claim: 'A rebooted peer resets its old connections.',
    truth: 'Only those that send it something: an idle server hears nothing, for ever.',
    source: REBOOT_SOURCE,
    tags: ['founding', 'fault', 'reboot', 'idle'],
    fault: { kind: 'reboot', downMs: '30s' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'reboot-busy',
    title: "The client's host comes back after 30 s while the server sends 1 KiB every 500 ms",
    claim: 'The reset comes as soon as the host is back.',
    truth:
      'It comes with the first retransmission after that; these have backed off by then to tens of seconds.',
    source: REBOOT_SOURCE,
    tags: ['fault', 'reboot', 'busy'],
    load: busy,
    fault: { kind: 'reboot', downMs: '30s' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'crash',
    title: "The client's process dies; its kernel closes the socket for it",
    claim: 'A crash leaves a ghost.',
    truth: 'It does not: the kernel sends FIN, and the server knows half a round trip later.',
    source: 'close(2); RFC 9293 §3.6',
    tags: ['fault', 'crash', 'idle'],
    fault: { kind: 'crash' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'close-clean',
    title: 'Close handshake, both sides',
    claim: 'A watchdog on the TCP state mistakes a client that leaves for a dead one.',
    truth: 'The handshake is over within a round trip; nothing is left to reap.',
    source: 'RFC 6455 §7; RFC 9293 §3.6',
    tags: ['founding', 'fault', 'close', 'idle'],
    fault: { kind: 'close' },
  }),
];
