/** Window scaling (RFC 7323 §2): by how many bits the windows in the headers are shifted. */

/** tcp_select_initial_window: for a receive buffer that may grow to so many bytes. */
export function windowScaleFor(largestBytes: number): number {
  return Math.min(14, Math.max(0, Math.floor(Math.log2(largestBytes)) - 15));
}
