/** Signs of life: what an answer is heard as, and words for the sentences of verdicts. */
import type { LifeSign } from './fields.ts';

const LIFE_WORDS: Readonly<Record<LifeSign, string>> = {
  pong: 'pong',
  message: 'message',
  'any-byte': 'byte',
  'matching-pong': 'pong',
  ping: 'ping',
  'send-accepted': 'accepted message',
  drained: 'progress of the send queue',
};

/** `pong or message`. */
export function anyOf(life: readonly LifeSign[]): string {
  return life.map((sign) => LIFE_WORDS[sign]).join(' or ');
}

/** What the answer to a ping of ours may be heard as. */
export const ANSWERS: ReadonlySet<LifeSign> = new Set(['pong', 'matching-pong', 'any-byte']);
