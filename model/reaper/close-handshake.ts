/** How long a policy waits for the closing handshake (RFC 6455 §7.1) once this side has begun it: its own word, or what `ws` does. */
import { defaultWebSocketTimeouts } from '../machines/websocket/timeouts.ts';
import type { CloseHandshakeMechanism, Policy } from '../policy/types.ts';

/** What a policy says of the closing handshake; where it says nothing, what `ws` does. */
export function closeHandshakeOf(policy: Policy): CloseHandshakeMechanism {
  const found = policy.mechanisms.find(
    (mechanism): mechanism is CloseHandshakeMechanism => mechanism.kind === 'close-handshake',
  );
  if (found === undefined) {
    return {
      kind: 'close-handshake',
      timeoutMs: defaultWebSocketTimeouts.closeMs,
      clock: 'enqueued',
    };
  }
  return found.lost === undefined ? found : { ...found, timeoutMs: null };
}
