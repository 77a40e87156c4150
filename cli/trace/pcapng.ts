/**
 * A run as a packet capture that Wireshark and tshark open (draft-ietf-opsawg-pcapng). Time zero of
 * the run is 1970-01-01; a packet is stamped when its sender hands it to the wire, and carries a
 * comment with the kernel's reason and, where that was so, that it never arrived.
 */
import type { RunResult } from '../../model/results/types.ts';
import { packetsOf, type WirePacket } from './segment.ts';
import { tcpFrame } from './tcp-frame.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** LINKTYPE_RAW: the packet begins with its IP header. */
const LINKTYPE_RAW = 101;

const Option = { End: 0, Comment: 1, InterfaceName: 2, UserApplication: 4 } as const;

const encoder = new TextEncoder();

function word32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function halves(low: number, high: number): Uint8Array {
  return word32(((high << 16) | (low & 0xffff)) >>> 0);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Fields are filled with zeros to 32 bits. */
function padded(bytes: Uint8Array): Uint8Array {
  return joined([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);
}

function option(code: number, text: string): Uint8Array {
  const bytes = encoder.encode(text);
  return joined([halves(code, bytes.length), padded(bytes)]);
}

function block(type: number, body: readonly Uint8Array[]): Uint8Array {
  const content = joined([...body, halves(Option.End, 0)]);
  const length = word32(content.length + 12);
  return joined([word32(type), length, content, length]);
}

function packetBlock(packet: WirePacket, scaled: boolean, index: number): Uint8Array {
  const frame = tcpFrame(packet, scaled, index);
  const timeUs = Math.round(packet.atMs * 1000);
  const comment = packet.lost ? `${packet.why}; lost on the way` : packet.why;
  return block(ENHANCED_PACKET, [
    word32(0),
    word32(Math.floor(timeUs / 2 ** 32)),
    word32(timeUs % 2 ** 32),
    word32(frame.bytes.length),
    word32(frame.wireLength),
    padded(frame.bytes),
    option(Option.Comment, comment),
  ]);
}

/** The whole file. */
export function runToPcapng(run: RunResult, version: string): Uint8Array {
  const packets = packetsOf(run);
  const scaled = packets.some(({ flags }) => flags.includes('S'));
  const title = `${run.policy} on ${run.scenario}, seed ${run.seed}: ${run.outcome}`;
  return joined([
    block(SECTION_HEADER, [
      word32(BYTE_ORDER_MAGIC),
      halves(1, 0),
      word32(0xffffffff),
      word32(0xffffffff),
      option(Option.Comment, title),
      option(Option.UserApplication, `ghostbound ${version}`),
    ]),
    block(INTERFACE_DESCRIPTION, [
      halves(LINKTYPE_RAW, 0),
      word32(0),
      option(Option.InterfaceName, 'simulated wire'),
    ]),
    ...packets.map((packet, index) => packetBlock(packet, scaled, index)),
  ]);
}
