/**
 * Where the numbers of all connections of a server are: rows of a few large arrays. An array of its own for each connection would
 * take several times as much memory as what is in it.
 */

const ROWS_OF_BLOCK = 256;

/** A few hundred rows. */
export class Block {
  readonly numbers: Float64Array;
  /** Where the rows begin that nobody has. */
  readonly #free: number[] = [];

  constructor(width: number) {
    this.numbers = new Float64Array(width * ROWS_OF_BLOCK);
    for (let row = ROWS_OF_BLOCK - 1; row >= 0; row--) this.#free.push(row * width);
  }

  get isFull(): boolean {
    return this.#free.length === 0;
  }

  get isEmpty(): boolean {
    return this.#free.length === ROWS_OF_BLOCK;
  }

  /** Where a row begins that is the caller's from now on. */
  take(): number {
    return this.#free.pop() ?? 0;
  }

  giveBack(at: number): void {
    this.#free.push(at);
  }
}

export class Rows {
  readonly #width: number;
  /** Blocks that are not full. */
  readonly #open = new Set<Block>();

  constructor(width: number) {
    this.#width = width;
  }

  /** A block with a row to take. */
  block(): Block {
    for (const block of this.#open) return block;
    const block = new Block(this.#width);
    this.#open.add(block);
    return block;
  }

  take(block: Block): number {
    const at = block.take();
    if (block.isFull) this.#open.delete(block);
    return at;
  }

  /** The row is nobody's any more. A block without any goes, unless it is the last one with room. */
  giveBack(block: Block, at: number): void {
    block.giveBack(at);
    this.#open.add(block);
    if (block.isEmpty && this.#open.size > 1) this.#open.delete(block);
  }
}
