/** Who says what of the end of a connection, and connections of which one side has ended and the other does not mind. */
import type { Fault } from '../../scenario/types.ts';

/** Whether a middlebox that has forgotten a flow tells the server so, at once or when it next sends. */
export function boxSpeaks({ onExpiry }: Extract<Fault, { readonly kind: 'nat-expiry' }>): boolean {
  return onExpiry !== undefined && onExpiry !== 'drop' && onExpiry !== 'reset-client';
}
