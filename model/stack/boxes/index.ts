/** Every box that a stack can name. */
import type { System } from '../facts.ts';
import { awsNlb, azureLb, gcpConntrack, ipvs } from './balancers.ts';
import { conntrack, firewall, kubeProxy } from './firewalls.ts';
import { awsNatGateway, carrierNat, nat } from './nat.ts';

export const boxes: readonly System[] = [
  nat,
  carrierNat,
  awsNatGateway,
  awsNlb,
  azureLb,
  gcpConntrack,
  ipvs,
  conntrack,
  kubeProxy,
  firewall,
];
