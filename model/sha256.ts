/**
 * SHA-256 (FIPS 180-4) of a text's UTF-8 bytes. In plain JavaScript: the rooms below the edge may not load
 * `node:crypto`, and a policy's fingerprint must be the same in every place that computes it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * The digest as 64 lower-case hexadecimal digits.
 *
 * @example
 * sha256Hex('abc') // => 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
 */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
