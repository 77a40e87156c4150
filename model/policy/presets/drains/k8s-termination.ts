/** Kubernetes: how long a pod has from SIGTERM to SIGKILL. */
import { definePreset } from '../definition.ts';
import { STOP_MS, time } from '../options.ts';
import { supervised } from '../runtimes/runtime.ts';

export const k8sTermination = definePreset({
  name: 'k8s-termination',
  aliases: ['kubernetes', 'k8s'],
  tags: ['drain'],
  title: 'Kubernetes: terminationGracePeriodSeconds 30',
  claim: 'Every connection has 30 s to finish.',
  truth:
    'A ghost never finishes, so every stop with one on board takes the whole time, the preStop hook included, and ends in SIGKILL.',
  source: 'Kubernetes, Pod lifecycle: termination of Pods',
  assumes: [
    'the process waits for its connections after SIGTERM, and a preStop hook runs inside the same 30 s',
  ],
  runtime: supervised,
  options: {
    terminationGracePeriodSeconds: time('30s', 'From SIGTERM to SIGKILL.', {
      bare: 's',
      minMs: 0,
      plausibleMs: STOP_MS,
    }),
  },
  mechanisms: (set) => [{ kind: 'drain', deadlineMs: set.terminationGracePeriodSeconds }],
});
