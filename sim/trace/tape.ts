/**
 * What a log was told in one cycle of a connection, kept so that it can be told again: a cycle that only repeats differs
 * from the one before in stream offsets alone.
 */

const NOTE = 0;
const PACKET = 1;
const LENGTH = 6;

/** How far the streams move on in a cycle, bytes. */
export interface StreamSteps {
  readonly toClient: number;
  readonly toServer: number;
}

/** Who is told again. */
export interface TapeReader {
  /** An event `afterUs` after the one before it. */
  takeNote(afterUs: number, id: number, first: number, second: number): void;
  takePacket(afterUs: number, kind: number, seq: number, ackSeq: number): void;
}

export class Tape {
  /** Six numbers for each entry. */
  readonly #entries: number[] = [];

  clear(): void {
    this.#entries.length = 0;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** @param isOffset whether the second value is an offset in the stream to the client */
  note(afterUs: number, id: number, first: number, second: number, isOffset: boolean): void {
    this.#entries.push(NOTE, afterUs, id, first, second, isOffset ? 1 : 0);
  }

  packet(afterUs: number, kind: number, seq: number, ackSeq: number, toClient: boolean): void {
    this.#entries.push(PACKET, afterUs, kind, seq, ackSeq, toClient ? 1 : 0);
  }

  /** Tells it `times` times more, each time further on in both streams. */
  repeat(times: number, { toClient, toServer }: StreamSteps, reader: TapeReader): void {
    const entries = this.#entries;
    for (let time = 1; time <= times; time += 1) {
      const down = time * toClient;
      const up = time * toServer;
      for (let at = 0; at < entries.length; at += LENGTH) {
        const afterUs = entries[at + 1] as number;
        const id = entries[at + 2] as number;
        const first = entries[at + 3] as number;
        const second = entries[at + 4] as number;
        const flag = entries[at + 5] === 1;
        if (entries[at] === NOTE) reader.takeNote(afterUs, id, first, second + (flag ? down : 0));
        else {
          reader.takePacket(afterUs, id, first + (flag ? down : up), second + (flag ? up : down));
        }
      }
    }
  }
}
