// What is to be done when, on CLOCK_MONOTONIC.
export class Timeline {
  #deeds = [];
  /** The instant that is being played: what follows is counted from when something was due, not from when it was done. */
  nowNs = 0;

  /** At an instant; of several at the same one, in the order in which they were put down. */
  at(dueNs, run) {
    const index = this.#deeds.findLastIndex((one) => one.dueNs <= dueNs) + 1;
    this.#deeds.splice(index, 0, { dueNs, run });
  }

  /** So long after what is being done. */
  after(ns, run) {
    this.at(this.nowNs + ns, run);
  }

  get nextNs() {
    return this.#deeds[0]?.dueNs ?? Infinity;
  }

  /** Does what is due. */
  run(nowNs) {
    while (this.nextNs <= nowNs) {
      const { dueNs, run } = this.#deeds.shift();
      this.nowNs = dueNs;
      run();
    }
  }
}
