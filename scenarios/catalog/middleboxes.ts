/** Something between the two ends keeps a connection standing that has lost its other end. */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy, saturated } from './settings.ts';

/** What a middlebox may do with a flow that it forgets, apart from nothing. */
const MANNERS = [
  {
    name: 'nat-resets-next',
    onExpiry: 'reset-next',
    title: 'answers whoever sends next with a reset',
    truth:
      'Only whoever sends learns of it: an idle server never does, one that pings does at its next ping.',
  },
  {
    name: 'nat-resets-server',
    onExpiry: 'reset-server',
    title: 'resets the server at once',
    truth: 'The server knows within a quarter of a round trip; the client does not.',
  },
  {
    name: 'nat-resets-client',
    onExpiry: 'reset-client',
    title: 'resets the client at once and tells the server nothing',
    truth: 'The client is back within a second, as a new connection, and the server has a ghost.',
  },
  {
    name: 'balancer-closes-both',
    onExpiry: 'fin-both',
    title: 'closes both sides',
    truth:
      'An end of file on each side: no ghost, but a client that has to come back every 5 minutes.',
  },
] as const;

export const middleboxScenarios = [
  defineScenario({
    kind: 'fault',
    name: 'tunnel-half-open',
    title: 'A proxy in between keeps its side up; nobody is behind it',
    claim: 'An ESTABLISHED connection that acknowledges data has a client.',
    truth:
      "The proxy's kernel acknowledges, first what the proxy buffers, then what its socket holds. Keepalive is answered all along.",
    source:
      'A tunnel that stays ESTABLISHED with nobody behind it, in front of a single-seat server',
    tags: ['founding', 'fault', 'tunnel', 'busy'],
    reaches: 'acknowledged-by-nobody',
    load: busy,
    fault: { kind: 'tunnel-dead', proxyBufferBytes: 65_536 },
  }),
  defineScenario({
    kind: 'fault',
    name: 'nat-forgets',
    title: 'A middlebox drops the idle flow after 300 s, silently',
    claim: 'An established connection stays where it is.',
    truth:
      'After 300 s without a packet it is gone for both ends and neither is told. A probe more often than that keeps it: here a heartbeat prevents the fault it was meant to find.',
    source:
      'RFC 5382 REQ-5; NAT gateways and load balancers in the field forget after 4 to 6 minutes',
    tags: ['founding', 'fault', 'nat', 'idle'],
    reaches: 'flow-forgotten',
    fault: { kind: 'nat-expiry', idleMs: '300s' },
  }),
  ...(['idle', 'saturated'] as const).map((load) =>
    defineScenario({
      kind: 'fault',
      name: `tunnel-half-open-${load}`,
      title: `A proxy in between keeps its side up while ${load === 'idle' ? 'nobody sends' : 'the server sends as fast as it may'}; nobody is behind it`,
      claim: 'A probe tells.',
      truth:
        load === 'idle'
          ? "Keepalive is answered by the proxy's kernel. A ping is swallowed by the proxy: only its missing answer tells."
          : "The proxy's buffer and window are full within a round trip; then zero-window probes are answered for ever.",
      source:
        'A tunnel that stays ESTABLISHED with nobody behind it, in front of a single-seat server',
      tags: [...(load === 'idle' ? ['founding'] : []), 'fault', 'tunnel', load],
      reaches: load === 'idle' ? 'nothing-in-flight' : 'zero-window',
      load: load === 'idle' ? { kind: 'idle' } : saturated,
      fault: { kind: 'tunnel-dead', proxyBufferBytes: 65_536 },
    }),
  ),
  ...MANNERS.map(({ name, onExpiry, title, truth }) =>
    defineScenario({
      kind: 'fault',
      name,
      title: `A middlebox forgets the idle flow after 300 s and ${title}`,
      claim: 'A middlebox that forgets a flow tells both ends.',
      truth,
      source: 'RFC 5382 REQ-5, REQ-10; NAT gateways and load balancers in the field',
      tags: ['fault', 'nat', 'idle'],
      reaches: 'flow-forgotten',
      fault: { kind: 'nat-expiry', idleMs: '300s', onExpiry },
    }),
  ),
];
