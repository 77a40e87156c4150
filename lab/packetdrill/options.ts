/** Socket options that a script may set: those of the simulated kernel. */
import { socketOptionTable, type SocketOptionName } from '../../model/linux/socket-options.ts';

export function isSocketOption(name: string): name is SocketOptionName {
  return Object.hasOwn(socketOptionTable, name);
}
