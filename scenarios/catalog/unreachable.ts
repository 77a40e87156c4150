/** The way to the client is gone, and something on the server's side of the break knows it. */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy } from './settings.ts';

const ICMP_SOURCE =
  'RFC 1122 §4.2.3.9 (an ICMP unreachable is a soft error), RFC 6069; net/ipv4/tcp_ipv4.c, tcp_v4_err';
const LINK_SOURCE = 'net/ipv4/ip_output.c, ENETUNREACH; net/ipv4/tcp_timer.c, tcp_retransmit_timer';

export const unreachableScenarios = [
  defineScenario({
    kind: 'fault',
    name: 'unreachable-idle',
    title: 'The client cannot be reached any more, a router would say so; nobody was sending',
    claim: 'The router tells the server.',
    truth: 'It answers packets, and an idle server sends none.',
    source: ICMP_SOURCE,
    tags: ['fault', 'unreachable', 'idle'],
    reaches: 'nothing-in-flight',
    fault: { kind: 'unreachable' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'unreachable-busy',
    title: 'A router says host unreachable to a server that sends 1 KiB every 500 ms',
    claim: 'ICMP unreachable ends the connection.',
    truth:
      'It is kept as the error to report, and turns the back-off one step down: more packets, the same end by tcp_retries2, called EHOSTUNREACH instead of ETIMEDOUT.',
    source: ICMP_SOURCE,
    tags: ['fault', 'unreachable', 'busy'],
    reaches: 'icmp-error',
    load: busy,
    fault: { kind: 'unreachable' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'link-down-idle',
    title: "The server's own interface goes down; nobody was sending",
    claim: 'A server notices that its cable is out.',
    truth: 'Its sockets do not: an idle one stays ESTABLISHED until something is sent and refused.',
    source: LINK_SOURCE,
    tags: ['fault', 'link-down', 'idle'],
    reaches: 'nothing-in-flight',
    fault: { kind: 'link-down' },
  }),
  defineScenario({
    kind: 'fault',
    name: 'link-down-busy',
    title: "The server's own interface goes down while it sends 1 KiB every 500 ms",
    claim: 'The write fails at once.',
    truth:
      'Data is queued as before. That nothing leaves is known to the kernel and told to nobody: it backs off and ends by the clock of any other loss.',
    source: LINK_SOURCE,
    tags: ['fault', 'link-down', 'busy'],
    reaches: 'unsent-behind-dead-link',
    load: busy,
    fault: { kind: 'link-down' },
  }),
];
