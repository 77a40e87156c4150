/** What waits for a connection: so many messages and so many bytes at the most, in order. */

/** Bytes of a message on the wire, without its frame's header: text is UTF-8 (RFC 6455 §5.6). */
export function bytesOf(message: unknown): number {
  if (typeof message === 'string') return utf8Bytes(message);
  const { byteLength, size } = (message ?? {}) as { byteLength?: unknown; size?: unknown };
  if (typeof byteLength === 'number') return byteLength;
  // A Blob.
  return typeof size === 'number' ? size : 0;
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x8_00 ? 2 : point < 0x1_00_00 ? 3 : 4;
  }
  return bytes;
}

export class Outbox {
  readonly #messages: unknown[] = [];
  readonly #mostMessages: number;
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostMessages: number, mostBytes: number) {
    this.#mostMessages = mostMessages;
    this.#mostBytes = mostBytes;
  }

  get length(): number {
    return this.#messages.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there is room for it. */
  put(message: unknown): boolean {
    const bytes = bytesOf(message);
    if (this.#messages.length >= this.#mostMessages) return false;
    if (this.#bytes + bytes > this.#mostBytes) return false;
    this.#messages.push(message);
    this.#bytes += bytes;
    return true;
  }

  take(): unknown {
    const message = this.#messages.shift();
    this.#bytes -= bytesOf(message);
    return message;
  }

  clear(): void {
    this.#messages.length = 0;
    this.#bytes = 0;
  }
}
