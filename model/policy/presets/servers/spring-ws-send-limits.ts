/** Spring's send limits, which are looked at only when another thread wants to send. */
import { definePreset } from '../definition.ts';
import { bytesOrOff, PATIENCE_MS, time } from '../options.ts';
import { jvm } from '../runtimes/others.ts';

export const springWsSendLimits = definePreset({
  name: 'spring-ws-send-limits',
  aliases: ['spring-send-limits'],
  tags: ['server', 'send-limit'],
  title: 'Spring: sendTimeLimit 10 s, sendBufferSizeLimit 512 KiB',
  claim: 'A client that does not read for 10 s is disconnected.',
  truth:
    'Only if somebody sends to it again: no timer looks. A blocked send on a session that is otherwise quiet hangs on.',
  source:
    'spring-projects/spring-framework@91eb42645e2, ConcurrentWebSocketSessionDecorator.java, checkSessionLimits',
  assumes: ['messages are sent through ConcurrentWebSocketSessionDecorator, as the broker does'],
  runtime: jvm,
  notModelled: ['timeToFirstMessage, 60 s'],
  options: {
    sendTimeLimit: time('10s', 'How long a send may be blocked.', {
      bare: 'ms',
      plausibleMs: PATIENCE_MS,
    }),
    sendBufferSizeLimit: bytesOrOff(524_288, 'What may wait meanwhile.'),
  },
  mechanisms: ({ sendTimeLimit, sendBufferSizeLimit }) => [
    { kind: 'write-deadline', timeoutMs: sendTimeLimit, judgedAt: 'next-send' },
    ...(sendBufferSizeLimit === null
      ? []
      : [{ kind: 'send-queue-limit', hardBytes: sendBufferSizeLimit } as const]),
  ],
});
