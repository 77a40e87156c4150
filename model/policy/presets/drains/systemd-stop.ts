/** systemd: how long a service has from SIGTERM to SIGKILL. */
import { definePreset } from '../definition.ts';
import { STOP_MS, timeOrOff } from '../options.ts';
import { supervised } from '../runtimes/runtime.ts';

export const systemdStop = definePreset({
  name: 'systemd-stop',
  aliases: ['systemd'],
  tags: ['drain'],
  title: 'systemd: TimeoutStopSec 90 s',
  claim: 'Every connection has 90 s to finish.',
  truth: 'A ghost never finishes, so every stop with one on board takes 90 s and ends in SIGKILL.',
  source: 'systemd.service(5), TimeoutStopSec=; systemd-system.conf(5), DefaultTimeoutStopSec=90s',
  assumes: [
    'KillSignal=SIGTERM and SendSIGKILL=yes, the defaults; the process waits for its connections',
  ],
  runtime: supervised,
  options: {
    TimeoutStopSec: timeOrOff('90s', 'From SIGTERM to SIGKILL; infinity = never.', {
      bare: 's',
      plausibleMs: STOP_MS,
    }),
  },
  mechanisms: ({ TimeoutStopSec }) => [{ kind: 'drain', deadlineMs: TimeoutStopSec }],
});
