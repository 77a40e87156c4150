/**
 * The nearest known name to one that was misspelt: edit distance with transpositions (optimal string
 * alignment), and names that begin or end with it (`interval` for `intervalMs`).
 */

/** Shorter words are too near to everything. */
const MIN_PART_LENGTH = 3;

/**
 * The candidate a writer most likely meant, or undefined when none is near: at most a third of the
 * longer word may differ. Upper and lower case count as equal; ties go to the earlier candidate.
 *
 * @example
 * nearest('keepalve-go-15s', ['none', 'keepalive-go-15s']) // => 'keepalive-go-15s'
 * nearest('sweep', ['none', 'keepalive-go-15s']) // => undefined
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const allowed = Math.max(1, Math.floor(Math.max(lower.length, other.length) / 3));
    const distance = editDistance(lower, other);
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? candidates.find((candidate) => contains(lower, candidate.toLowerCase()));
}

/** As many names as a reader takes in at a glance. */
const A_FEW = 5;

/**
 * The candidates that are most like a word, the likest first: those that contain it, then by the share of letters
 * that differ. Never the whole list: who misspelt one name does not read a hundred.
 *
 * @example
 * nearestFew('kepalive', ['none', 'keepalive-go-15s', 'keepalive-10-5-3', 'redis'], 2) // => ['keepalive-go-15s', 'keepalive-10-5-3']
 */
export function nearestFew(word: string, candidates: readonly string[], most = A_FEW): string[] {
  const lower = word.toLowerCase();
  const unlike = (candidate: string): number => {
    const other = candidate.toLowerCase();
    if (lower.length >= MIN_PART_LENGTH && other.includes(lower)) return 0;
    return editDistance(lower, other) / Math.max(lower.length, other.length);
  };
  return candidates
    .map((candidate) => ({ candidate, unlike: unlike(candidate) }))
    .toSorted((a, b) => a.unlike - b.unlike)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** The hint that goes with an unknown name, or undefined when nothing is near. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const near = nearest(word, candidates);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

/** Whether one begins or ends with the other. */
function contains(a: string, b: string): boolean {
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  const atEdge = longer.startsWith(shorter) || longer.endsWith(shorter);
  return shorter.length >= MIN_PART_LENGTH && atEdge;
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let distance = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + cost,
      );
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped) {
        distance = Math.min(distance, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
