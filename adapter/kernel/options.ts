/** Sets what a policy leaves to the kernel on one socket. */
import type { Socket } from 'node:net';
import type { KernelOptions } from '../../model/mechanisms/kind.ts';
import type { KernelBackend } from './types.ts';

const NO_SOCKET = 'there is no socket below';

/** @param refused told of what could not be set, and why */
export function setKernelOptions(
  kernel: KernelBackend,
  socket: Socket | undefined,
  { keepalive, userTimeoutMs }: KernelOptions,
  refused: (what: 'keepalive' | 'user-timeout', why: string) => void,
): void {
  if (keepalive !== undefined) {
    const why = socket ? kernel.setKeepalive(socket, keepalive) : NO_SOCKET;
    if (why !== undefined) refused('keepalive', why);
  }
  if (userTimeoutMs !== undefined) {
    const why = socket ? kernel.setUserTimeout(socket, userTimeoutMs) : NO_SOCKET;
    if (why !== undefined) refused('user-timeout', why);
  }
}
