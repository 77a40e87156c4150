/** Who says what of the end of a connection, and connections of which one side has ended and the other does not mind. */
import type { Fault, FaultScenario } from '../../scenario/types.ts';

/** Whether the peer's side of the stream has ended and the server, which reads that, keeps its own open. */
export function staysHalfClosed({ fault, server }: FaultScenario): boolean {
  if (server.closesAtEof !== false) return false;
  const { kind } = fault;
  const box = kind === 'nat-expiry' && fault.onExpiry === 'fin-both';
  return box || kind === 'crash' || kind === 'half-close';
}

/** Whether a middlebox that has forgotten a flow tells the server so, at once or when it next sends. */
export function boxSpeaks({ onExpiry }: Extract<Fault, { readonly kind: 'nat-expiry' }>): boolean {
  return onExpiry !== undefined && onExpiry !== 'drop' && onExpiry !== 'reset-client';
}
