/**
 * Hops that forget an idle flow, as one table: how long each waits, what each end is told, and who says so.
 * Each is a scenario `path-<id>`: a connection through that hop on which nobody sends.
 */
import { defineScenario } from '../../model/scenario/index.ts';
import type { FaultScenario } from '../../model/scenario/index.ts';

type Manner = Extract<FaultScenario['fault'], { readonly kind: 'nat-expiry' }>['onExpiry'];

/** One hop. */
export interface Hop {
  readonly id: string;
  readonly hop: string;
  readonly idleMs: number;
  readonly onExpiry: NonNullable<Manner>;
  readonly source: string;
}

/** What each end is told, in words. */
const TELLS: Readonly<Record<Hop['onExpiry'], string>> = {
  drop: 'tells nobody: later packets vanish',
  'reset-next': 'answers whoever sends next with a reset',
  'reset-server': 'resets the server at once',
  'reset-client': 'resets the client at once and tells the server nothing',
  'fin-both': 'closes both sides',
};

const AWS_VPC = 'Amazon VPC User Guide, NAT gateways';
const CONNTRACK = 'Linux, Documentation/networking/nf_conntrack-sysctl.rst';
const CLOUDFLARE = 'Cloudflare documentation, connection limits';

/** The hops, shortest patience first within each kind of network. */
export const hops: readonly Hop[] = [
  hop(
    'aws-alb',
    'AWS Application Load Balancer',
    60,
    'fin-both',
    'Elastic Load Balancing User Guide, idle timeout',
  ),
  hop(
    'aws-nlb',
    'AWS Network Load Balancer',
    350,
    'reset-next',
    'AWS blog "Introducing NLB TCP configurable idle timeout"',
  ),
  hop(
    'aws-nlb-tls',
    'AWS Network Load Balancer, TLS listener',
    350,
    'reset-next',
    'Elastic Load Balancing User Guide: 350 s, fixed',
  ),
  hop('aws-nat-inside', 'AWS NAT gateway, for the side inside', 350, 'reset-next', AWS_VPC),
  hop('aws-nat-outside', 'AWS NAT gateway, for the side outside', 350, 'drop', AWS_VPC),
  hop(
    'aws-eni-nitro-v6',
    'connection tracking of an EC2 instance, Nitro v6 and later',
    350,
    'drop',
    'Elastic Load Balancing User Guide',
  ),
  hop(
    'aws-eni',
    'connection tracking of an EC2 instance',
    432_000,
    'drop',
    'Amazon EC2 User Guide, security group connection tracking',
  ),
  hop('gcp', 'Google Cloud, connection tracking', 600, 'drop', 'gRFC A8, which cites it'),
  hop(
    'azure-lb',
    'Azure Load Balancer',
    240,
    'drop',
    'Microsoft Learn, Load Balancer TCP Reset and Idle Timeout',
  ),
  hop(
    'azure-lb-reset',
    'Azure Load Balancer with TCP reset on',
    240,
    'reset-server',
    'Microsoft Learn, Load Balancer TCP Reset and Idle Timeout (the client is reset as well)',
  ),
  hop(
    'cloudflare-websocket',
    'Cloudflare, proxied WebSocket',
    100,
    'fin-both',
    'buildbot/buildbot#4078',
  ),
  hop('cloudflare-client', 'Cloudflare, keep-alive of a client', 400, 'fin-both', CLOUDFLARE),
  hop(
    'cloudflare-origin',
    'Cloudflare, idle connection to the origin',
    900,
    'fin-both',
    CLOUDFLARE,
  ),
  hop(
    'cloudfront',
    'Amazon CloudFront, WebSocket',
    600,
    'fin-both',
    'AWS re:Post, WebSocket idle timeout',
  ),
  hop('linux-conntrack', 'Linux connection tracking, established', 432_000, 'drop', CONNTRACK),
  hop(
    'kube-proxy',
    'Linux connection tracking as kube-proxy sets it',
    86_400,
    'drop',
    'Kubernetes, KubeProxyConfiguration, tcpEstablishedTimeout',
  ),
  hop(
    'rfc5382-nat',
    'the least that a NAT may keep an established flow',
    7_440,
    'drop',
    'RFC 5382 REQ-5',
  ),
  hop(
    'carrier-nat-short',
    'a mobile carrier of short patience',
    300,
    'drop',
    'Wang et al., NetPiculet, SIGCOMM 2011: below 5 to above 30 min',
  ),
  hop(
    'carrier-nat-long',
    'a mobile carrier of long patience',
    1_800,
    'drop',
    'Wang et al., NetPiculet, SIGCOMM 2011: below 5 to above 30 min',
  ),
  hop(
    'home-gateway',
    'a home gateway of the middle kind',
    3_600,
    'drop',
    'Hätönen et al., IMC 2010: minutes to 24 h, half of them about an hour or less',
  ),
];

function hop(
  id: string,
  name: string,
  idleS: number,
  onExpiry: Hop['onExpiry'],
  source: string,
): Hop {
  return { id, hop: name, idleMs: idleS * 1000, onExpiry, source };
}

export const pathScenarios = hops.map(({ id, hop: name, idleMs, onExpiry, source }) =>
  defineScenario({
    kind: 'fault',
    name: `path-${id}`,
    title: `Through ${name}: forgets a flow after ${idleMs / 1000} s`,
    claim: 'An established connection stays where it is.',
    truth: `After ${idleMs / 1000} s without a packet the hop forgets it and ${TELLS[onExpiry]}.`,
    source,
    tags: ['fault', 'nat', 'path', 'idle'],
    reaches: 'flow-forgotten',
    fault: { kind: 'nat-expiry', idleMs, onExpiry },
  }),
);
