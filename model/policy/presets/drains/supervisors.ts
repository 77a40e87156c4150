/** Platforms and supervisors, by how long they wait between the signal to stop and SIGKILL. */
import { definePreset, type Preset } from '../definition.ts';
import { STOP_MS, time } from '../options.ts';
import { supervised } from '../runtimes/runtime.ts';

interface Supervisor {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly title: string;
  readonly option: string;
  readonly usual: string;
  readonly bare: 's' | 'ms';
  readonly maxMs?: number;
  readonly claim: string;
  readonly truth: string;
  readonly source: string;
  readonly notModelled?: readonly string[];
}

const ASSUMED = ['the process waits for its connections after the signal'];

function supervisor(input: Supervisor): Preset {
  const { option, usual, bare, maxMs, ...rest } = input;
  return definePreset({
    ...rest,
    tags: ['drain'],
    assumes: ASSUMED,
    runtime: supervised,
    options: {
      [option]: time(usual, 'From the signal to SIGKILL.', {
        bare,
        minMs: 0,
        ...(maxMs === undefined ? {} : { maxMs }),
        plausibleMs: STOP_MS,
      }),
    },
    mechanisms: (set) => [{ kind: 'drain', deadlineMs: set[option] as number }],
  });
}

export const supervisorPresets: readonly Preset[] = [
  supervisor({
    name: 'heroku-dyno',
    aliases: ['heroku'],
    title: 'Heroku: a dyno has 30 s after SIGTERM',
    option: 'shutdown',
    usual: '30s',
    bare: 's',
    claim: 'A deploy lets requests finish.',
    truth:
      'It has 30 s (R12 then), and so it is once a day, when dynos are cycled: a WebSocket that is not ended sooner is cut.',
    source: 'Heroku Dev Center, Dyno Shutdown Behavior; Error Codes, R12 Exit timeout',
    notModelled: ['a common runtime: a private space has the same'],
  }),
  supervisor({
    name: 'fly-machine',
    aliases: ['fly-machines'],
    title: 'Fly.io: kill_timeout 5 s',
    option: 'kill_timeout',
    usual: '5s',
    bare: 's',
    maxMs: 300_000,
    claim: 'A deploy drains a machine.',
    truth:
      'It has 5 s after kill_signal, SIGINT or SIGTERM, 300 s at most where it is set, and less is possible, as its documentation says.',
    source: 'superfly/docs@5c22c8ce, reference/configuration.html.markerb (kill_timeout)',
  }),
  supervisor({
    name: 'cloud-run',
    aliases: ['google-cloud-run'],
    title: 'Google Cloud Run: 10 s after SIGTERM',
    option: 'shutdown',
    usual: '10s',
    bare: 's',
    claim: 'An instance that is taken away finishes its streams.',
    truth: 'It has 10 s; and a stream is a request, which ends after 300 s as it comes.',
    source:
      'Cloud Run, Container runtime contract, instance shutdown; Set request timeout for services (300 s, 3600 s at most)',
    notModelled: ['the request timeout, which ends a WebSocket by its age'],
  }),
  supervisor({
    name: 'nomad-stop',
    aliases: ['nomad'],
    title: 'Nomad: kill_timeout 5 s',
    option: 'kill_timeout',
    usual: '5s',
    bare: 's',
    claim: 'A task has as long as under Kubernetes.',
    truth: 'It has 5 s, and no more than max_kill_timeout of the client, 30 s.',
    source: 'hashicorp/nomad@aa026cc99c, nomad/structs/structs.go (DefaultKillTimeout)',
    notModelled: ['shutdown_delay, which comes before the signal'],
  }),
  supervisor({
    name: 'pm2-stop',
    aliases: ['pm2'],
    title: 'PM2: kill_timeout 1.6 s',
    option: 'kill_timeout',
    usual: '1600ms',
    bare: 'ms',
    claim: 'pm2 reload is graceful.',
    truth: 'A process that waits for its WebSockets has 1.6 s after SIGINT.',
    source: 'Unitech/pm2@31adee80, constants.js (KILL_TIMEOUT), lib/God/Methods.js',
  }),
  supervisor({
    name: 'supervisord-stop',
    aliases: ['supervisord', 'supervisor'],
    title: 'Supervisor: stopwaitsecs 10',
    option: 'stopwaitsecs',
    usual: '10s',
    bare: 's',
    claim: 'supervisorctl restart lets a service finish.',
    truth: 'It has 10 s after stopsignal, SIGTERM as it comes.',
    source: 'Supervisor/supervisor@abc60468, supervisor/options.py (stopwaitsecs)',
  }),
];
