// ICMP errors as a router on the way sends them (RFC 792, RFC 4443), about a packet that it does not pass on.
import { addressBytes, addresses } from './addresses.mjs';

/** Type and code, by version of IP. */
const KINDS = {
  'net-unreachable': { 4: [3, 0], 6: [1, 0] },
  'host-unreachable': { 4: [3, 1], 6: [1, 3] },
  'port-unreachable': { 4: [3, 3], 6: [1, 4] },
  'time-exceeded': { 4: [11, 0], 6: [3, 0] },
  'net-prohibited': { 4: [3, 9], 6: [1, 1] },
  'host-prohibited': { 4: [3, 10], 6: [1, 1] },
  'admin-prohibited': { 4: [3, 13], 6: [1, 1] },
};

const HEADER_BYTES = { 4: 20, 6: 40 };
const ICMP_HEADER_BYTES = 8;
const PROTOCOL = { 4: 1, 6: 58 };
/** As much of the packet as its own headers take. */
const QUOTED_BYTES = 100;

function checksum(bytes) {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The error about a packet, addressed to its sender. */
export function icmpError(packet, kind, af) {
  const [type, code] = KINDS[kind][af];
  const quoted = packet.subarray(0, QUOTED_BYTES);
  const message = Buffer.concat([Buffer.alloc(ICMP_HEADER_BYTES), quoted]);
  message[0] = type;
  message[1] = code;
  const header = Buffer.alloc(HEADER_BYTES[af]);
  const { router } = addresses[af];
  if (af === 4) {
    header[0] = 0x45;
    header.writeUInt16BE(header.length + message.length, 2);
    header[8] = 64;
    header[9] = PROTOCOL[4];
    addressBytes(4, router).copy(header, 12);
    packet.copy(header, 16, 12, 16);
    header.writeUInt16BE(checksum(header), 10);
    message.writeUInt16BE(checksum(message), 2);
  } else {
    header[0] = 0x60;
    header.writeUInt16BE(message.length, 4);
    header[6] = PROTOCOL[6];
    header[7] = 64;
    addressBytes(6, router).copy(header, 8);
    packet.copy(header, 24, 8, 24);
    const pseudo = Buffer.alloc(8);
    pseudo.writeUInt32BE(message.length, 0);
    pseudo[7] = PROTOCOL[6];
    message.writeUInt16BE(checksum(Buffer.concat([header.subarray(8), pseudo, message])), 2);
  }
  return Buffer.concat([header, message]);
}
