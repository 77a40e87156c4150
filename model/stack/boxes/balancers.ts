/** Layer 4 balancers: they forward packets of a flow to one server, and forget the flow. */
import { flag } from '../../policy/presets/options.ts';
import { factWithDefault } from '../option-table.ts';
import { box, idleLimit } from './box.ts';

/** Elastic Load Balancing, Network Load Balancers, idle timeout: 350 s, who sends afterwards gets a reset. */
export const awsNlb = box(
  'aws-nlb',
  'AWS Network Load Balancer: 350 s, then a reset for whoever sends',
  'reset',
  { tcp_idle_timeout_seconds: idleLimit('350s') },
  ['nlb'],
);

/** Azure Load Balancer, TCP reset and idle timeout: 4 min; silent unless enableTcpReset. */
export const azureLb = box(
  'azure-lb',
  'Azure Load Balancer: 4 min, silent unless enableTcpReset',
  'silent',
  {
    idleTimeoutInMinutes: idleLimit('4m', 'min'),
    enableTcpReset: factWithDefault(
      flag(false, 'Both ends are reset when the idle time is over.'),
      (isOn) => ({ atExpiry: isOn ? 'reset' : 'silent' }),
    ),
  },
  ['azure-nat'],
);

/** Google Cloud, VPC firewall rules, connection tracking: 10 min; gRFC A8. */
export const gcpConntrack = box(
  'gcp-network',
  'Google Cloud, network load balancer and firewall: 10 min',
  'silent',
  { idle: idleLimit('10m') },
  ['gcp-lb'],
  true,
);

/** ipvsadm(8), --set: 900 s for TCP; kube-proxy in mode ipvs leaves it so. */
export const ipvs = box(
  'ipvs',
  'IPVS, and kube-proxy on it: 900 s',
  'silent',
  { tcp: idleLimit('15m') },
  ['kube-proxy-ipvs'],
);
