/** Network address translation: home and carrier gateways, and those of clouds. */
import { atExpiry, box, idleLimit } from './box.ts';

export const nat = box(
  'nat',
  "a NAT of one's own: RFC 5382 asks for 2 h 4 min at least",
  'silent',
  {
    idle: idleLimit('124m'),
    at_expiry: atExpiry,
  },
);

/** NetPiculet, SIGCOMM 2011: from under 5 min to over 30 min, by carrier. */
export const carrierNat = box(
  'carrier-nat',
  "a carrier's NAT: some forget after 4 min or less, and tell nobody",
  'silent',
  { idle: idleLimit('4m') },
  ['mobile', 'cgnat'],
  true,
);

/** Amazon VPC, NAT gateways: whoever is behind it and goes on gets a reset. */
export const awsNatGateway = box(
  'aws-nat-gateway',
  'AWS NAT gateway: 350 s, fixed',
  'reset',
  { idle: idleLimit('350s') },
  ['nat-gateway'],
  true,
);

/** MicrosoftDocs/azure-docs, articles/nat-gateway/nat-gateway-resource.md: 4 min to 120 min; a reset for who goes on. */
export const azureNatGateway = box(
  'azure-nat-gateway',
  'Azure NAT Gateway: 4 min, then a reset for whoever sends',
  'reset',
  { idleTimeoutInMinutes: idleLimit('4m', 'min') },
);

/** Compute Engine API, RouterNat.tcpEstablishedIdleTimeoutSec: 1200 s. */
export const gcpCloudNat = box(
  'gcp-cloud-nat',
  'Google Cloud NAT: 20 min',
  'silent',
  { tcpEstablishedIdleTimeoutSec: idleLimit('20m') },
  ['cloud-nat'],
);
