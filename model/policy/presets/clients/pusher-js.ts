/** pusher-js, and with it Laravel Echo: a ping of the application after silence, and patience for any message. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { browser } from '../runtimes/others.ts';

export const pusherJs = definePreset({
  name: 'pusher-js',
  aliases: ['pusher', 'laravel-echo'],
  tags: ['client'],
  title: 'pusher-js: activityTimeout 120 s, pongTimeout 30 s',
  claim: 'A dead connection is noticed after pongTimeout, 30 s.',
  truth:
    '30 s after a ping, which leaves once nothing has come for 120 s: 30 s to 150 s. The server may ask for less: Reverb says 30 s, which makes it 30 s to 60 s.',
  source:
    'pusher/pusher-js@f53faf9f, src/core/connection/connection_manager.ts (resetActivityCheck, sendActivityCheck), src/core/defaults.ts; laravel/reverb@dca414f, config/reverb.php',
  assumes: [
    'the WebSocket transport; the shorter of activityTimeout and what the server says holds',
    'the answer is code of the server, not of the WebSocket library',
  ],
  runtime: browser,
  notModelled: ['a page that is hidden, whose timers come once a minute: stacks say timers=page'],
  options: {
    activityTimeout: time('120s', 'Silence before a ping.', { bare: 'ms' }),
    pongTimeout: time('30s', 'Patience for any message.', { bare: 'ms' }),
    serverActivityTimeout: time('120s', 'What the server says: Pusher 120 s, Reverb 30 s.', {
      bare: 's',
    }),
  },
  mechanisms: (set) => [
    {
      kind: 'ping',
      intervalMs: Math.min(set.activityTimeout, set.serverActivityTimeout),
      after: 'last-life',
      replyTimeoutMs: set.pongTimeout,
      replyClock: 'enqueued',
      life: ['pong', 'message'],
      answeredBy: 'application',
      verdict: 'close',
    },
  ],
});
