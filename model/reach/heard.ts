/** What of the server's writes the reaper cares about: the rest needs no following. */
import { Column } from '../reaper/program.ts';
import type { Setting } from './setting.ts';

export interface HeardOfWrites {
  /** That there was one. */
  readonly messages: boolean;
  /** That the kernel took it. */
  readonly accepted: boolean;
  /** That it did not, or whether it took a ping. */
  readonly blocked: boolean;
  /** The queue's length; that bytes were acknowledged. */
  readonly queue: boolean;
  readonly acknowledgements: boolean;
}

/** What of the server's writes anybody in the process cares about. */
export function heardOfWrites({ parts }: Setting): HeardOfWrites {
  const hears = (column: number): boolean =>
    parts.some(({ region }) => region.program.hears[column] === 1);
  return {
    messages: hears(Column.MessageSent),
    accepted: hears(Column.SendAccepted),
    blocked: hears(Column.SendBlocked) || hears(Column.PingWritten),
    queue: parts.some(({ region }) => region.samples === 'queue'),
    acknowledgements: parts.some(({ region }) => region.samples === 'bytes-acked'),
  };
}

/**
 * Whether anybody in the process, or the peer's application, heeds what the load writes while nothing blocks: that there was a message, that it was taken, that it is
 * acknowledged, or how much is queued.
 */
export function areWritesHeard(setting: Setting): boolean {
  const { messages, accepted, queue, acknowledgements } = heardOfWrites(setting);
  return setting.answersMessages || messages || accepted || queue || acknowledgements;
}
