/** Connection tracking: stateful firewalls. */
import { box, idleLimit } from './box.ts';

/** nf_conntrack-sysctl.rst: five days. */
export const conntrack = box(
  'conntrack',
  'netfilter connection tracking: 5 days',
  'silent',
  { nf_conntrack_tcp_timeout_established: idleLimit('120h') },
  ['iptables', 'nftables'],
);

/** KubeProxyConfiguration, conntrack.tcpEstablishedTimeout. */
export const kubeProxy = box('kube-proxy', 'kube-proxy in mode iptables: 24 h', 'silent', {
  tcpEstablishedTimeout: idleLimit('24h'),
});

export const firewall = box('firewall', "a firewall of one's own: an hour is usual", 'silent', {
  idle: idleLimit('1h'),
});
