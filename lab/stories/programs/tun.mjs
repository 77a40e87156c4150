// TUN devices (Documentation/networking/tuntap.rst) and the packets that come out of them, for every program that is a wire.
import { openSync } from 'node:fs';
import koffi from 'koffi';

// include/uapi/linux/if_tun.h
const TUNSETIFF = 0x400454ca;
const TUNSETOFFLOAD = 0x400454d0;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
/** Checksums, and segments of many segments (TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6). */
const TUN_F_SEGMENTATION = 0x07;
// struct ifreq of include/uapi/linux/if.h: the name, then the flags.
const IFREQ_BYTES = 40;
const IFREQ_FLAGS = 16;

/** struct virtio_net_hdr: before each packet of a device with offload. */
export const VNET_HEADER_BYTES = 10;

export const PACKET_BYTES = 65_536 + VNET_HEADER_BYTES;

const ioctl = koffi.load(null).func('int ioctl(int, unsigned long, void *)');
const ioctlNumber = koffi.load(null).func('int ioctl(int, unsigned long, long)');

/** Opens a device of this process's network namespace; its packets are read and written as files. */
export function openDevice(name, { path = '/dev/net/tun', offload = false, flags = 'r+' } = {}) {
  const fd = openSync(path, flags);
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI | (offload ? IFF_VNET_HDR : 0), IFREQ_FLAGS);
  if (ioctl(fd, TUNSETIFF, request) !== 0) throw new Error(`no TUN device: errno ${koffi.errno()}`);
  if (offload && ioctlNumber(fd, TUNSETOFFLOAD, TUN_F_SEGMENTATION) !== 0) {
    throw new Error(`a TUN device without offload: errno ${koffi.errno()}`);
  }
  return fd;
}

const TCP = 6;
const LETTERS = [
  [2, 'S'],
  [1, 'F'],
  [4, 'R'],
  [8, 'P'],
  [16, '.'],
];

/** What the header of a TCP packet says (RFC 9293 §3.1, behind RFC 791 §3.1 or RFC 8200 §3); null of any other packet. */
export function tcpHeader(packet) {
  const version = packet[0] >> 4;
  if ((version === 4 ? packet[9] : packet[6]) !== TCP) return null;
  const head = version === 4 ? (packet[0] & 0x0f) * 4 : 40;
  const bits = packet[head + 13];
  // The length in the header of a segment of many segments is no more than sixteen bits; so long is the packet itself.
  return {
    flags: LETTERS.map(([bit, letter]) => (bits & bit ? letter : '')).join(''),
    seq: packet.readUInt32BE(head + 4),
    ack: packet.readUInt32BE(head + 8),
    len: packet.length - head - (packet[head + 12] >> 4) * 4,
    win: packet.readUInt16BE(head + 14),
  };
}

/** Uniform draws in [0, 1): mulberry32. */
export function drawsFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
