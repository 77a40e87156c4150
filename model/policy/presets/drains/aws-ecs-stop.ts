/** Amazon ECS: how long a task has from SIGTERM to SIGKILL. */
import { definePreset } from '../definition.ts';
import { STOP_MS, time } from '../options.ts';
import { supervised } from '../runtimes/runtime.ts';

export const awsEcsStop = definePreset({
  name: 'aws-ecs-stop',
  aliases: ['ecs', 'fargate'],
  tags: ['drain'],
  title: 'Amazon ECS: stopTimeout 30 s',
  claim: 'The deregistration delay of the balancer keeps the task.',
  truth: 'From SIGTERM on it has 30 s, 120 s at most on Fargate, whatever the balancer waits for.',
  source: 'Amazon ECS, task definition parameters, stopTimeout',
  assumes: ['the process waits for its connections after SIGTERM'],
  runtime: supervised,
  options: {
    stopTimeout: time('30s', 'From SIGTERM to SIGKILL.', {
      bare: 's',
      minMs: 0,
      plausibleMs: STOP_MS,
    }),
  },
  mechanisms: ({ stopTimeout }) => [{ kind: 'drain', deadlineMs: stopTimeout }],
});
