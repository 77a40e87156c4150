/**
 * Life of a peer while the application has paused its socket: nothing is read then, and only the kernel has heard of it. Asked at a verdict of
 * silence alone, so the package koffi is loaded when the first paused connection is to be ended, and not before.
 */
import type { Socket } from 'node:net';
import { loadKoffiBackend } from './koffi.ts';
import type { KernelChoice } from './select.ts';
import type { KernelBackend } from './types.ts';

/** What the kernel has heard since is so much later at least: its clock ticks, and what was read had lain there a little. */
const LATER_US = 50_000;

export class PausedLife {
  readonly #choice: KernelChoice;
  #kernel: KernelBackend | undefined;
  #isLoaded = false;

  /** `kernel`: the one in use; `choice`: what the owner allows. */
  constructor(kernel: KernelBackend, choice: KernelChoice) {
    this.#choice = choice;
    if (kernel.heardMsAgo !== undefined) this.#kernel = kernel;
  }

  /** When the kernel has heard of the peer last, if that is after `lastReceivedUs` and the application reads nothing now; else undefined. */
  heardUs(socket: Socket, lastReceivedUs: number, nowUs: number): number | undefined {
    if (!socket.isPaused()) return undefined;
    const heardMsAgo = this.#backend()?.heardMsAgo?.(socket);
    if (heardMsAgo === undefined) return undefined;
    const heardUs = nowUs - heardMsAgo * 1000;
    return heardUs > lastReceivedUs + LATER_US ? heardUs : undefined;
  }

  #backend(): KernelBackend | undefined {
    if (this.#kernel === undefined && this.#choice === 'auto' && !this.#isLoaded) {
      this.#isLoaded = true;
      const loaded = loadKoffiBackend();
      if (loaded.ok) this.#kernel = loaded.backend;
    }
    return this.#kernel;
  }
}
