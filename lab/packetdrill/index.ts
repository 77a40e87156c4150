/** packetdrill: scripts in its public format played on the simulated kernel. */
import type { ConformanceRow } from '../../model/results/types.ts';
import { playScript } from './play.ts';
import type { Script } from './script.ts';

export { parseScript } from './parse.ts';

/** How far a script was followed, as a row beside recorded traces: there, too, the packets decide. */
export function conformScript(script: Script): ConformanceRow {
  const { expected, matched, complaint } = playScript(script);
  const pass = complaint === null;
  return {
    name: script.name,
    outcome: { kernel: 'followed', sim: pass ? 'followed' : 'left' },
    endMs: { kernel: null, sim: null },
    errorMs: 0,
    packets: { kernel: expected, sim: matched, matched, maxErrorMs: 0 },
    samples: { compared: 0, agreed: 0 },
    pass,
    remarks: pass ? [] : [complaint],
  };
}
