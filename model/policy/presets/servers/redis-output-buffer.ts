/** Redis' client-output-buffer-limit: a hard limit, and a soft one with a time. */
import type { MechanismInput } from '../../types.ts';
import { definePreset } from '../definition.ts';
import { word } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';

const MIB = 2 ** 20;
const LIMITS: Readonly<Record<'replica' | 'pubsub', MechanismInput>> = {
  replica: {
    kind: 'send-queue-limit',
    hardBytes: 256 * MIB,
    softBytes: 64 * MIB,
    softForMs: '60s',
  },
  pubsub: {
    kind: 'send-queue-limit',
    hardBytes: 32 * MIB,
    softBytes: 8 * MIB,
    softForMs: '60s',
  },
};

export const redisOutputBuffer = definePreset({
  name: 'redis-output-buffer',
  tags: ['server', 'send-limit'],
  title: 'Redis: client-output-buffer-limit pubsub 32mb 8mb 60',
  claim: 'A subscriber that does not read is closed.',
  truth:
    'Once 32 MiB wait for it in user space, or 8 MiB for a minute, behind kernel buffers that are full: how long that takes is a matter of what is published. A quiet channel never gets there.',
  source: 'redis/redis@4f8cdc2a1, redis.conf, client-output-buffer-limit',
  assumes: ['a subscriber or replica; normal clients have no limit'],
  runtime: cPlain,
  notModelled: ['tcp-keepalive 300: see redis; clients are looked at about once a second'],
  options: {
    class: word('pubsub', 'Class of the client; normal ones have no limit.', [
      'pubsub',
      'replica',
      'normal',
    ]),
  },
  mechanisms: (set) => (set.class === 'normal' ? [] : [LIMITS[set.class]]),
});
