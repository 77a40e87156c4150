// Addresses that nobody else has (RFC 5737, RFC 3849), and how the kernel is told of them.

/** By version of IP. */
export const addresses = {
  4: { server: '192.0.2.1', client: '192.0.2.2', router: '192.0.2.254', prefix: 24 },
  6: { server: '2001:db8::1', client: '2001:db8::2', router: '2001:db8::fe', prefix: 64 },
};

// include/linux/socket.h
const FAMILY = { 4: 2, 6: 10 };
const ADDRESS_AT = { 4: 4, 6: 8 };
const SOCKADDR_BYTES = { 4: 16, 6: 28 };

/** AF_INET or AF_INET6. */
export const familyOf = (af) => FAMILY[af];

/** An address as it stands in a header. */
export function addressBytes(af, address) {
  if (af === 4) return Buffer.from(address.split('.').map(Number));
  const [before, after] = address.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const words = [...before, ...zeros, ...after].map((word) => Number.parseInt(word, 16));
  return Buffer.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}

/** struct sockaddr_in, or sockaddr_in6. */
export function socketAddress(af, address, port) {
  const bytes = Buffer.alloc(SOCKADDR_BYTES[af]);
  bytes.writeUInt16LE(FAMILY[af], 0);
  bytes.writeUInt16BE(port, 2);
  addressBytes(af, address).copy(bytes, ADDRESS_AT[af]);
  return bytes;
}
