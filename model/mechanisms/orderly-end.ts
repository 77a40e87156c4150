/** How the end of an idle or old connection is carried out, in words. */
import type { VerdictManner } from './fields.ts';

const WORDS: Readonly<Record<VerdictManner, string>> = {
  close: 'closing handshake',
  destroy: 'closed',
  reset: 'reset',
  flush: 'closed once all is written',
};

/** `idle: closing handshake`. */
export function orderlyEnd(one: {
  readonly kind: string;
  readonly verdict?: VerdictManner;
}): string {
  return `${one.kind}: ${WORDS[one.verdict ?? 'close']}`;
}
