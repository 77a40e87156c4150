/** The kernel's own list of a namespace's TCP sockets: /proc/PID/net/tcp (net/ipv4/tcp_ipv4.c, get_tcp4_sock). */
import { readFileSync } from 'node:fs';

/** include/net/tcp_states.h */
const TCP_ESTABLISHED = 0x01;

interface SocketLine {
  /** `address:port` of the peer. */
  readonly peer: string;
  readonly established: boolean;
  readonly inode: string;
}

/** Four bytes in the host's order (little-endian here) and a port, in hexadecimal. */
function endpoint(text: string): string {
  const [address = '', port = ''] = text.split(':');
  const bytes = address.match(/../g) ?? [];
  return `${bytes
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.')}:${Number.parseInt(port, 16)}`;
}

/**
 * The sockets with this local port, listeners left out.
 *
 * @param pid any process of the namespace
 */
export function socketsAt(pid: number, port: number): readonly SocketLine[] {
  const [, ...lines] = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
    if (!endpoint(local).endsWith(`:${port}`) || state === '0A') return [];
    const established = Number.parseInt(state, 16) === TCP_ESTABLISHED;
    return [{ peer: endpoint(remote), established, inode }];
  });
}
