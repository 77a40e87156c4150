/** Docker: how long a container has from SIGTERM to SIGKILL. */
import { definePreset } from '../definition.ts';
import { STOP_MS, time } from '../options.ts';
import { supervised } from '../runtimes/runtime.ts';

export const dockerStop = definePreset({
  name: 'docker-stop',
  aliases: ['docker', 'docker-compose'],
  tags: ['drain'],
  title: 'Docker: stop_grace_period 10 s',
  claim: 'docker stop lets a service finish.',
  truth: 'It has 10 s; a process that waits for its WebSockets is killed at every stop.',
  source: 'docker container stop, --time; Compose file reference, stop_grace_period',
  assumes: [
    'a Linux container whose stop signal is SIGTERM; the process waits for its connections',
  ],
  runtime: supervised,
  options: {
    stop_grace_period: time('10s', 'From SIGTERM to SIGKILL.', {
      bare: 's',
      minMs: 0,
      plausibleMs: STOP_MS,
    }),
  },
  mechanisms: ({ stop_grace_period }) => [{ kind: 'drain', deadlineMs: stop_grace_period }],
});
