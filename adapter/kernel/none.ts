/** The backend that leaves every socket as it is. */
import type { KernelBackend } from './types.ts';

/** Refuses everything for the one reason given. */
export function noBackend(why: string): KernelBackend {
  return {
    name: 'none',
    keepaliveRefusal: () => why,
    userTimeoutRefusal: () => why,
    samplingRefusal: () => why,
    setKeepalive: () => why,
    setUserTimeout: () => why,
    sendQueueBytes: () => undefined,
    tcpInfo: () => false,
  };
}
