/**
 * One simulated segment as IPv4 and TCP headers (RFC 791, RFC 9293 §3.1). The kernel model moves
 * counts of bytes, not bytes, so there is no payload to store: the headers state its length, the
 * capture is cut after them, as `tcpdump -s` would, and checksums are those of a payload of zeros.
 */
import type { WirePacket } from './segment.ts';

/** RFC 5737: addresses for documentation, in nobody's network. */
const SERVER = { address: [192, 0, 2, 1], port: 9000 } as const;
/** The port of the first connection; each further one has the next. */
const CLIENT = { address: [198, 51, 100, 2], port: 50_000 } as const;

/** From the first one up to the last number a port has. */
const CLIENT_PORTS = 0x1_0000 - CLIENT.port;

const IPV4_HEADER_BYTES = 20;
const TCP_HEADER_BYTES = 20;
const PROTOCOL_TCP = 6;
const TIME_TO_LIVE = 64;
const LARGEST_IPV4_BYTES = 0xffff;
/** What a capture shows for a segment that the network card will cut up (segmentation offload). */
const OFFLOADED = 0;
const DO_NOT_FRAGMENT = 0x4000;

/** The window field counts 2^7 bytes, as a Linux server's usually does (RFC 7323 §2). */
const WINDOW_SCALE = 7;

/** MSS 1460 (RFC 9293 §3.7.1), no-operation, window scale 7 (RFC 7323 §2.2): eight bytes. */
const SYN_OPTIONS = [2, 4, 1460 >> 8, 1460 & 0xff, 1, 3, 3, WINDOW_SCALE] as const;

const flagBits: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, '.': 16 };

/** Headers as captured, and how long the packet was on the wire. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly wireLength: number;
}

/** Ones' complement sum of 16-bit words (RFC 1071). */
function sum16(bytes: Uint8Array, start: number): number {
  let sum = start;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

function windowField(packet: WirePacket, scaled: boolean): number {
  const isSyn = packet.flags.includes('S');
  const units = scaled && !isSyn ? packet.windowBytes >> WINDOW_SCALE : packet.windowBytes;
  return Math.min(0xffff, units);
}

function tcpHeader(packet: WirePacket, scaled: boolean): Uint8Array {
  const options = packet.flags.includes('S') ? SYN_OPTIONS : [];
  const length = TCP_HEADER_BYTES + options.length;
  const header = new Uint8Array(length);
  const view = new DataView(header.buffer);
  const [source, target] = packet.fromServer ? [SERVER, CLIENT] : [CLIENT, SERVER];
  const flags = [...packet.flags].reduce((bits, flag) => bits | (flagBits[flag] ?? 0), 0);
  const clientPort = CLIENT.port + (packet.connection % CLIENT_PORTS);
  view.setUint16(0, packet.fromServer ? SERVER.port : clientPort);
  view.setUint16(2, packet.fromServer ? clientPort : SERVER.port);
  view.setUint32(4, packet.seq >>> 0);
  view.setUint32(8, packet.flags.includes('.') ? packet.ack >>> 0 : 0);
  view.setUint16(12, ((length / 4) << 12) | flags);
  view.setUint16(14, windowField(packet, scaled));
  header.set(options, TCP_HEADER_BYTES);
  const pseudo = new Uint8Array([...source.address, ...target.address, 0, PROTOCOL_TCP, 0, 0]);
  new DataView(pseudo.buffer).setUint16(10, length + packet.length);
  view.setUint16(16, ~sum16(header, sum16(pseudo, 0)) & 0xffff);
  return header;
}

function ipv4Header(packet: WirePacket, tcpBytes: number, id: number): Uint8Array {
  const header = new Uint8Array(IPV4_HEADER_BYTES);
  const view = new DataView(header.buffer);
  const [source, target] = packet.fromServer ? [SERVER, CLIENT] : [CLIENT, SERVER];
  const length = IPV4_HEADER_BYTES + tcpBytes + packet.length;
  view.setUint16(0, 0x4500);
  view.setUint16(2, length > LARGEST_IPV4_BYTES ? OFFLOADED : length);
  view.setUint16(4, id & 0xffff);
  view.setUint16(6, DO_NOT_FRAGMENT);
  view.setUint16(8, (TIME_TO_LIVE << 8) | PROTOCOL_TCP);
  header.set(source.address, 12);
  header.set(target.address, 16);
  view.setUint16(10, ~sum16(header, 0) & 0xffff);
  return header;
}

/**
 * The frame of one packet.
 *
 * @param scaled whether the capture holds the handshake, so that a reader knows the window's scale
 * @param id the IPv4 identification: the packet's number
 */
export function tcpFrame(packet: WirePacket, scaled: boolean, id: number): Frame {
  const tcp = tcpHeader(packet, scaled);
  const ip = ipv4Header(packet, tcp.length, id);
  const bytes = new Uint8Array(ip.length + tcp.length);
  bytes.set(ip);
  bytes.set(tcp, ip.length);
  return { bytes, wireLength: bytes.length + packet.length };
}
