/** Other threads that work on a grid. Each has its next order before it is done with the last: this thread works, too, and may not hear it at once. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Answer, Order, WorkGrid } from './work.ts';

/** Orders that a thread has at a time. */
const ORDERS_AHEAD = 2;

/** An order, and whom its answer is told. */
interface Ordered {
  readonly order: Order;
  readonly done: (answer: Answer) => void;
}

interface Thread {
  readonly worker: Worker;
  /** What it has been told and has not answered, oldest first. */
  readonly open: Ordered[];
}

/** The worker's file beside this one, compiled. */
const WORKER = new URL('./worker.js', import.meta.url);

/** Whether another thread can load that file: compiled it can; a source has no loader there. */
export function canHaveThreads(): boolean {
  return extname(import.meta.url) === '.js';
}

export class Threads {
  readonly #threads: readonly Thread[];
  #failure: { readonly error: unknown } | null = null;
  /** Whoever waits for the next answer. */
  #wake: () => void = () => undefined;

  constructor({ policies, scenarios, seed }: WorkGrid, count: number) {
    const workerData: WorkGrid = { policies, scenarios, seed };
    this.#threads = Array.from({ length: count }, () => {
      const thread: Thread = { worker: new Worker(WORKER, { workerData }), open: [] };
      thread.worker.on('message', (answer: Answer) => this.#answered(thread, answer));
      thread.worker.on('error', (error) => this.#failed(error));
      thread.worker.on('exit', (code) =>
        this.#failed(new Error(`a worker thread ended early, code ${code}`)),
      );
      return thread;
    });
  }

  /** Hands out work to everybody who has too little of it. */
  feed(next: () => Ordered | undefined): void {
    if (this.#failure !== null) throw this.#failure.error;
    for (let ahead = 0; ahead < ORDERS_AHEAD; ahead += 1) {
      for (const { worker, open } of this.#threads) {
        if (open.length > ahead) continue;
        const ordered = next();
        if (ordered === undefined) return;
        open.push(ordered);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        worker.postMessage(ordered.order);
      }
    }
  }

  /** Waits for an answer, if any is due; whether nobody has anything to do any more. */
  async idle(): Promise<boolean> {
    const isIdle = (): boolean => this.#threads.every(({ open }) => open.length === 0);
    if (!isIdle() && this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== null) throw this.#failure.error;
    return isIdle();
  }

  async end(): Promise<void> {
    for (const { worker } of this.#threads) worker.removeAllListeners('exit');
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #answered({ open }: Thread, answer: Answer): void {
    open.shift()?.done(answer);
    this.#wake();
  }

  #failed(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }
}
