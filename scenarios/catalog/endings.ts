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
    reaches: 'nothing-in-flight',
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
    reaches: 'reset-by-peer',
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
    reaches: 'end-of-file',
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
    reaches: 'end-of-file',
    fault: { kind: 'close' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'half-close',
    title: 'The client shuts its sending side and goes away; the server closes at the end of file',
    claim: 'A half-closed connection is half alive.',
    truth:
      "Its own close ends it for the server. The client's kernel never sends more, so nothing is left after FIN_WAIT2 or LAST_ACK.",
    source: 'shutdown(2); RFC 9293 §3.6',
    tags: ['fault', 'half-close', 'idle'],
    reaches: 'end-of-file',
    fault: { kind: 'half-close' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'close-wait',
    title: 'The same on a server that does not close at the end of file: CLOSE_WAIT',
    claim: 'The kernel cleans up what the peer has closed.',
    truth:
      'CLOSE_WAIT has no timer: the kernel waits for the application, for ever. They pile up until descriptors run out.',
    source: 'RFC 9293 §3.6 (the application closes); net/ipv4/tcp.c, tcp_close',
    tags: ['fault', 'half-close', 'close-wait', 'broken-server', 'idle'],
    reaches: 'close-wait',
    server: { closesAtEof: false },
    fault: { kind: 'half-close' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'close-wait-busy',
    title: 'CLOSE_WAIT while the server goes on sending 1 KiB every 500 ms',
    claim: 'Whoever still sends finds out.',
    truth:
      'The peer has shut one side only: its kernel takes the data until its buffer is full, then the window closes, and that can last for ever.',
    source: 'RFC 9293 §3.6; net/ipv4/tcp_timer.c, tcp_probe_timer',
    tags: ['fault', 'half-close', 'close-wait', 'broken-server', 'busy'],
    reaches: 'close-wait',
    load: busy,
    server: { closesAtEof: false },
    fault: { kind: 'half-close' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'crash-unnoticed',
    title: "The client's process dies, and the server does not close at the end of file",
    claim: 'CLOSE_WAIT is harmless while the peer is gone.',
    truth:
      'It holds the descriptor until something is sent: then the host of the dead process resets it.',
    source: 'RFC 9293 §3.10.7.1 (a closed connection answers with a reset)',
    tags: ['fault', 'crash', 'close-wait', 'broken-server', 'idle'],
    reaches: 'close-wait',
    server: { closesAtEof: false },
    fault: { kind: 'crash' },
  }),
];
