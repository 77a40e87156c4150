/** Every box that a stack can name. */
import type { System } from '../facts.ts';
import { awsNlb, azureLb, gcpConntrack, ipvs } from './balancers.ts';
import {
  awsNetworkFirewall,
  awsSecurityGroup,
  conntrack,
  firewall,
  kubeProxy,
} from './firewalls.ts';
import { awsNatGateway, azureNatGateway, carrierNat, gcpCloudNat, nat } from './nat.ts';

export const boxes: readonly System[] = [
  nat,
  carrierNat,
  awsNatGateway,
  azureNatGateway,
  gcpCloudNat,
  awsNlb,
  azureLb,
  gcpConntrack,
  ipvs,
  conntrack,
  kubeProxy,
  firewall,
  awsSecurityGroup,
  awsNetworkFirewall,
];
