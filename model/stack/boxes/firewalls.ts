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

/** Amazon EC2, connection tracking, TcpEstablishedTimeout: 432 000 s; 350 s on Nitro v6 and later. */
export const awsSecurityGroup = box(
  'aws-security-group',
  'AWS security group that tracks connections: 5 days, 350 s on Nitro v6',
  'silent',
  { TcpEstablishedTimeout: idleLimit('120h') },
);

/** AWS Network Firewall, FlowTimeouts.TcpIdleTimeoutSeconds: 350 s, then packets are dropped. */
export const awsNetworkFirewall = box(
  'aws-network-firewall',
  'AWS Network Firewall: 350 s',
  'silent',
  { TcpIdleTimeoutSeconds: idleLimit('350s') },
);
