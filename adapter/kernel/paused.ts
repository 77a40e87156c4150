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

/** One that is to be ended for its silence. */
export interface Silent {
  readonly raw: Socket;
  readonly isClosing: boolean;
  lastReceivedUs: number;
}

export class PausedLife {
  readonly #choice: KernelChoice;
  #kernel: KernelBackend | undefined;
  #isLoaded = false;

  /** `kernel`: the one in use; `choice`: what the owner allows. */
  constructor(kernel: KernelBackend, choice: KernelChoice) {
    this.#choice = choice;
    if (kernel.heardMsAgo !== undefined) this.#kernel = kernel;
  }

  /** See `Looks`. */
  hears(silent: Silent, nowUs: number): boolean {
    const { raw, isClosing, lastReceivedUs } = silent;
    if (isClosing || !raw.isPaused()) return false;
    const heardMsAgo = this.#backend()?.heardMsAgo?.(raw);
    if (heardMsAgo === undefined) return false;
    const heardUs = nowUs - heardMsAgo * 1000;
    if (heardUs <= lastReceivedUs + LATER_US) return false;
    silent.lastReceivedUs = heardUs;
    return true;
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
