/** The columns of a comparison: one row is what a policy made of a scenario. */
import type { ComparisonRow, Distribution, FleetFigure } from '../../model/results/types.ts';
import { formatCount, formatMs, neverWithin, formatShare } from '../../text/numbers.ts';
import type { Cell, Column } from '../../text/table.ts';
import { leadingFigures } from '../../model/results/figures.ts';
import { EXHAUSTION, hangsUp } from '../../model/results/standing.ts';
import { printable } from '../../text/width.ts';
import { figureValue } from '../../text/differences.ts';
import { verdictCell, verdictOf } from '../checks/comparison.ts';

type RowColumn = Column<ComparisonRow>;

/** A rank of the ghost times, those that never ended counted as the longest; – where there was no ghost. */
function ghostRank(row: ComparisonRow, share: number, ms: number | null): Cell {
  const { ghostMs, watchedMs, watchedOut } = row;
  const ghosts = ghostMs.samples + ghostMs.undetected;
  if (ghosts === 0) return '–';
  const isBeyond = ms === null || Math.ceil(share * ghosts) > ghostMs.samples;
  return isBeyond ? neverWithin(watchedMs, watchedOut) : formatMs(ms);
}

/** How long ghosts lived: the share of them that was gone by then. */
export function rankColumn(
  header: string,
  share: number,
  of: (ghosts: Distribution) => number | null,
): RowColumn {
  return { header, align: 'right', cell: (row) => ghostRank(row, share, of(row.ghostMs)) };
}

/** B as it may be printed: only where it is proved is it a bound; none where every peer was ended before it was gone. */
export function boundText({ kind, boundMs, proved, endedAlive }: ComparisonRow): string {
  if (kind === 'live' || endedAlive.count === endedAlive.samples) return '–';
  if (!proved) return 'not proved';
  return boundMs === null ? '∞' : `≤ ${formatMs(boundMs, 'up')}`;
}

export const boundColumn: RowColumn = { header: 'bound', align: 'right', cell: boundText };

export const releaseColumn: RowColumn = {
  header: 'released',
  align: 'right',
  cell: ({ releasedMs, watchedMs, watchedOut }) => {
    if (releasedMs.unreleased > 0) return neverWithin(watchedMs, watchedOut);
    return releasedMs.max === null ? '–' : formatMs(releasedMs.max);
  },
};

/** Living peers that were ended, whatever ended them. */
export const endedColumn: RowColumn = {
  header: 'living ended',
  align: 'right',
  cell: ({ kind, endedAlive: { count, samples } }) =>
    kind === 'fault' && count === 0 ? '–' : formatShare(count, samples),
};

export const earliestColumn: RowColumn = {
  header: 'earliest',
  align: 'right',
  cell: ({ endedAlive: { earliestMs } }) =>
    earliestMs === null ? '–' : formatMs(earliestMs, 'down'),
};

export const byColumn: RowColumn = {
  header: 'by',
  align: 'left',
  cell: ({ endedAlive: { by } }) => (by === null ? '–' : printable(by)),
};

export const toleranceColumn: RowColumn = {
  header: 'tolerance',
  align: 'right',
  cell: ({ kind, toleranceMs, toleranceProved }) => {
    if (kind === 'fault') return '–';
    if (!toleranceProved) return 'not proved';
    return toleranceMs === null ? '∞' : formatMs(toleranceMs, 'down');
  },
};

/** What a connection costs that lasts; there is none where the policy hangs up on everybody. */
export const costColumn: RowColumn = {
  header: 'packets/h',
  align: 'right',
  cell: (row) => (hangsUp(row) ? '–' : formatCount(row.cost.packetsPerHour)),
};

export const verdictColumn: RowColumn = {
  header: 'verdict',
  align: 'left',
  cell: (row) => verdictCell(verdictOf(row)),
  flexible: 'wrap',
};

/** Only where descriptors run out. */
export const exhaustionColumn: RowColumn = {
  header: EXHAUSTION,
  align: 'right',
  expendable: 0,
  cell: ({ exhaustionMs }) => {
    if (exhaustionMs === undefined) return '–';
    return exhaustionMs.min === null ? 'never' : `≥ ${formatMs(exhaustionMs.min, 'down')}`;
  },
};

/** A figure of a story about many connections: the worst of all runs. */
export function figureColumn(name: string): RowColumn {
  const expendable = leadingFigures.has(name) ? 0 : 8;
  return { header: name, align: 'right', cell: (row) => worstFigure(row, name), expendable };
}

/** Figures of a row in one text. */
export function figuresText({ fleet = [] }: ComparisonRow, names: readonly string[]): string {
  return fleet
    .filter(({ name }) => names.includes(name))
    .map((figure) => `${figure.name} ${worstText(figure)}`)
    .join(' · ');
}

/** The worst of all runs, in its column. */
function worstFigure({ fleet }: ComparisonRow, name: string): string {
  const figure = fleet?.find((one) => one.name === name);
  return figure === undefined ? '–' : worstText(figure);
}

function worstText({ name, unit, max, never }: FleetFigure): string {
  return max === null && never === 0
    ? '–'
    : figureValue({ figure: name, unit, worst: never > 0 ? null : max });
}
