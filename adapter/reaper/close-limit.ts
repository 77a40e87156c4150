/** How long a closing may take where the policy does not say: what `ws` gives a closing handshake that it knows of. */
import { defaultWebSocketTimeouts } from '../../model/machines/websocket/timeouts.ts';

export const CLOSE_LIMIT_MS = defaultWebSocketTimeouts.closeMs;
