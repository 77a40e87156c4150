/** What users type and what their files hold: every wrong thing is named with its place and its remedy. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkWritable, makeDirectory, readText, writeWhole } from '../../cli/files/files.ts';
import { parseJson } from '../../cli/files/json.ts';
import {
  allOf,
  parseChoice,
  parseJobs,
  parseRate,
  parseRuns,
  parseThresholds,
  unwrap,
} from '../../cli/arguments/options.ts';
import { commandLine, shellWord } from '../../cli/arguments/replay.ts';
import { formatIssue, InputError, type Issue, type Result } from '../../model/issue.ts';
import { cases } from '../support/property.ts';

function messages(result: Result<unknown>): string[] {
  return result.ok ? [] : result.issues.map(formatIssue);
}

describe('JSON', () => {
  it.each([
    ['{"a": }', 'f: line 1 column 7: received "}"; expected a JSON value'],
    ['{"a": 1', 'f: line 1 column 8: received the end of the file; expected "," or "}"'],
    ['', 'f: line 1 column 1: received the end of the file; expected a JSON value'],
    ['{\n  "a": 1,\n}', 'f: line 3 column 1: received "}"; expected a field name in double quotes'],
    ["{'a': 1}", 'f: line 1 column 2: received "\'"; expected a field name in double quotes'],
    ['[1, 2', 'f: line 1 column 6: received the end of the file; expected "," or "]"'],
    [
      '{"a": "x',
      'f: line 1 column 9: received the end of the file; expected the rest of a string, closed by "',
    ],
    ['{"a": 1} x', 'f: line 1 column 10: received "x"; expected nothing after the document'],
    ['nothing', 'f: line 1 column 1: received "n"; expected a JSON value (this is no JSON file)'],
    ['{"a" 1}', 'f: line 1 column 6: received "1"; expected ":"'],
    [
      '\u00a0{}',
      'f: line 1 column 1: received "\u00a0"; expected a JSON value (this is no JSON file)',
    ],
    ['[1, // one\n2]', 'f: line 1 column 5: received "/"; expected a JSON value'],
    ['[1.]', 'f: line 1 column 4: received "]"; expected a digit'],
    ['{"a": 01}', 'f: line 1 column 8: received "1"; expected "," or "}"'],
  ])('%j', (text, message) => {
    expect(messages(parseJson(text, 'f'))).toEqual([message]);
  });

  it('reads what JSON.parse reads, and breaks where it breaks', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 3 }), (json, at, noise) => {
        expect(parseJson(`\ufeff${json}`, 'f')).toEqual({ ok: true, value: JSON.parse(json) });
        const cut = at % (json.length + 1);
        const broken = json.slice(0, cut) + noise + json.slice(cut + 1);
        let parses = true;
        try {
          JSON.parse(broken);
        } catch {
          parses = false;
        }
        const place = (issue: Issue): boolean =>
          /^f: line \d+ column \d+$/.test(issue.path) && issue.expected !== 'a JSON document';
        const result = parseJson(broken, 'f');
        expect(result.ok ? 'parses' : result.issues.every(place)).toBe(parses ? 'parses' : true);
      }),
      cases(500),
    );
  });
});

describe('options', () => {
  it.each([
    [parseRuns('0'), '--runs: received "0"; expected a whole number from 1 to 10000000'],
    [parseRuns('1e3'), '--runs: received "1e3"; expected a whole number from 1 to 10000000'],
    [parseRuns('-1'), '--runs: received "-1"; expected a whole number from 1 to 10000000'],
    [parseRuns(''), '--runs: received ""; expected a whole number from 1 to 10000000'],
    [parseJobs('0'), '--jobs: received "0"; expected a whole number from 1 to 256'],
    [
      parseRate('200', '--max-overhead'),
      '--max-overhead: received "200"; expected packets per time such as 200/h, 4/min or 0.5/s (write "200/h")',
    ],
    [
      parseChoice('pcap', '--trace', ['ndjson', 'pcapng', 'perfetto']),
      '--trace: received "pcap"; expected one of ndjson, pcapng, perfetto (did you mean "pcapng"?)',
    ],
    [
      parseThresholds({ falseReaps: true, maxGhost: '45' }),
      '--max-ghost: received "45"; expected a duration such as 250ms, 30s, 1.5m or 2h, or whole milliseconds (add a unit: "45ms" or "45s")',
    ],
  ])('%#', (result, message) => {
    expect(messages(result)).toEqual([message]);
  });

  it('take what is right', () => {
    expect(parseRuns('1000')).toEqual({ ok: true, value: 1000 });
    expect(parseRate('4/min', '--max-overhead')).toEqual({ ok: true, value: 240 }); // 4 × 60
    expect(parseRate('0.5/s', '--max-overhead')).toEqual({ ok: true, value: 1800 }); // 0.5 × 3600
    expect(parseThresholds({ falseReaps: false, maxGhost: '45s' })).toEqual({
      ok: true,
      value: { maxGhostMs: 45_000, maxPacketsPerHour: undefined, fleet: {}, noFalseReaps: true },
    });
  });

  it('report every wrong one at once', () => {
    const all = allOf({ runs: parseRuns('0'), jobs: parseJobs('x') });
    expect(messages(all).map((message) => message.split(':')[0])).toEqual(['--runs', '--jobs']);
    expect(() => unwrap(all)).toThrow(InputError);
  });
});

describe('replay commands', () => {
  it('survive a shell', () => {
    expect(commandLine(['ghostbound', 'run', '--policy', 'a b.json', '--scenario', '@live'])).toBe(
      "ghostbound run --policy 'a b.json' --scenario @live",
    );
    expect(shellWord("it's $(here)")).toBe("'it'\\''s $(here)'");
    expect(shellWord('')).toBe("''");
  });
});

describe('files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ghostbound-files-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('that cannot be read say why', () => {
    expect(messages(readText(join(folder, 'none.json')))[0]).toContain(
      'none.json: there is no such file or directory',
    );
    expect(messages(readText(folder))[0]).toMatch(/: this is a directory$/);
    writeFileSync(join(folder, 'plain'), '');
    expect(messages(readText(join(folder, 'plain', 'inside')))[0]).toMatch(
      /: the path leads through something that is no directory$/,
    );
  });

  it('are replaced whole, with their mode, through links', () => {
    const path = join(folder, 'kept.json');
    const link = join(folder, 'link.json');
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    symlinkSync(path, link);
    writeWhole(link, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('stay as they were when writing fails', () => {
    const inside = join(folder, 'directory');
    mkdirSync(inside);
    expect(() => writeWhole(inside, 'x')).toThrow(/cannot be written: this is a directory/);
    const nowhere = join(folder, 'missing', 'file.json');
    expect(() => checkWritable(nowhere)).toThrow(/no such file or directory/);
    expect(() => writeWhole(nowhere, 'x')).toThrow(/no such file or directory/);
    expect(existsSync(join(folder, 'missing'))).toBe(false);
    expect(() => makeDirectory(join(folder, 'plain', 'below'))).toThrow(/no directory/);
  });
});
