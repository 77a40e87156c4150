/** A handshake that one side begins and the other never finishes: at the opening and at the end. */
import { defineScenario } from '../../model/scenario/index.ts';
import { saturated } from './settings.ts';

export const handshakeScenarios = [
  defineScenario({
    kind: 'fault',
    name: 'syn-abandoned',
    title: 'The client vanishes after its SYN',
    claim: 'Nothing has begun, so nothing is held.',
    truth:
      'The kernel holds a request and repeats its SYN-ACK after 1, 3, 7, 15 and 31 s (tcp_synack_retries = 5); 63 s after the first it forgets it. No process ever hears of it.',
    source: 'net/ipv4/inet_connection_sock.c, reqsk_timer_handler; tcp(7), tcp_synack_retries',
    tags: ['fault', 'handshake', 'vanish', 'idle'],
    reaches: 'syn-ack-again',
    fault: { kind: 'handshake-abandoned', after: 'syn' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'upgrade-abandoned',
    title: 'TCP is established and the client never asks for the upgrade',
    claim: 'The heartbeat finds it.',
    truth:
      'There is no WebSocket yet, so none runs. Only a time limit on the handshake ends it. Where the policy sets none, or has lost it, a silent client holds a descriptor for as long as it likes.',
    source: 'RFC 6455 §4.2; the slow openings that HTTP servers limit by a header timeout',
    tags: ['fault', 'handshake', 'frozen', 'idle'],
    reaches: 'upgrade-awaited',
    fault: { kind: 'handshake-abandoned', after: 'established' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'close-unanswered',
    title: 'The server begins the closing handshake, and a frozen client never answers',
    claim: 'A connection that is being closed is gone.',
    truth:
      'It is decided, and stays: the descriptor is closed when the time limit of the closing handshake runs out, and never where there is none.',
    source: 'RFC 6455 §7.1.1; python-websockets/websockets#1527',
    tags: ['fault', 'handshake', 'frozen', 'idle'],
    reaches: 'close-unanswered',
    fault: { kind: 'close-unanswered' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'close-unanswered-saturated',
    title:
      'The same behind a full send path: a client of 16 KiB receive buffer, so the Close frame itself does not get out',
    claim: 'The time limit of the closing handshake runs from the Close frame.',
    truth:
      'Where it runs from when the frame is written, it never starts: the frame waits behind what the client does not read.',
    source: 'RFC 6455 §5.5.1, §7.1.1; python-websockets/websockets#1527',
    tags: ['fault', 'handshake', 'frozen', 'saturated'],
    reaches: 'zero-window',
    load: saturated,
    kernel: { clientSysctls: { 'net.ipv4.tcp_rmem.1': 16_384, 'net.ipv4.tcp_rmem.2': 16_384 } },
    fault: { kind: 'close-unanswered' },
  }),
];
