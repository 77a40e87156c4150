/** Socket options that a script may set: those of the simulated kernel, and some that change nothing of what it does. */
import { socketOptionTable, type SocketOptionName } from '../../model/linux/socket-options.ts';

export function isSocketOption(name: string): name is SocketOptionName {
  return Object.hasOwn(socketOptionTable, name);
}

/** Reuse of an address, pages that are not copied, and what is written into the IP header (`SOL_IP`) times no segment. */
export function withoutEffect(level: string, name: string): boolean {
  return level === 'SOL_IP' || name === 'SO_REUSEADDR' || name === 'SO_ZEROCOPY';
}
