/** An environment: path and kernel settings that hold for every scenario alike, in the place of what each says itself. */
import { MAX_RTT_MS, socketOptionsSchema, sysctlsSchema } from './kernel-settings.ts';
import { choice, number, object, optional, type Canonical } from './words.ts';

export const environmentSchema = object(
  'What was set for every scenario alike, in the place of what each says itself.',
  {
    rttMs: optional(number('Round trip, ms.', 1, MAX_RTT_MS)),
    hz: optional(choice('Ticks per second (CONFIG_HZ).', [100, 250, 1000])),
    serverSysctls: optional(sysctlsSchema),
    clientSysctls: optional(sysctlsSchema),
    serverSocketOptions: optional(socketOptionsSchema),
    clientSocketOptions: optional(socketOptionsSchema),
  },
);
/** What is set for every scenario alike, in the place of what each says itself. */
export interface Environment extends Canonical<typeof environmentSchema> {}
