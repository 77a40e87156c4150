/** Something between the two ends keeps a connection standing that has lost its other end. */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy } from './settings.ts';

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
    fault: { kind: 'nat-expiry', idleMs: '300s' },
  }),
];
