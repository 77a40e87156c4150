/** Drawing and the report page: same bytes every time, nothing loaded from elsewhere, no way to break out. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../model/issue.ts';
import { chartFiles } from '../../viz/charts.ts';
import { embeddedJson, html } from '../../viz/page/html.ts';
import { renderPng, renderSvg, renderSvgFile } from '../../viz/render.ts';
import { renderReport } from '../../viz/report.ts';
import type { ReportInput } from '../../viz/data/types.ts';
import { policyOf, reportInput } from './fixtures.ts';

async function pageOf(input: ReportInput): Promise<string> {
  const page = await renderReport(input);
  if (!page.ok) throw new Error(JSON.stringify(page.issues));
  return page.value;
}

describe('drawing', () => {
  const charts = chartFiles(reportInput());

  it('gives the same bytes each time, alone or side by side', async () => {
    const alone: unknown[] = [];
    for (const { spec } of charts) alone.push(await renderSvg(spec));
    const sideBySide = await Promise.all(charts.map(({ spec }) => renderSvg(spec)));
    expect(sideBySide).toEqual(alone);
  });

  it('writes text with the shipped font: a PNG is larger with words than without', async () => {
    const blank = { mark: { type: 'text', text: ' ' }, data: { values: [{}] } };
    const words = { mark: { type: 'text', text: 'ghost' }, data: { values: [{}] } };
    const [without, lettered] = [await renderPng(blank), await renderPng(words)];
    if (!without.ok || !lettered.ok) throw new Error('not drawn');
    expect(Array.from(lettered.value.subarray(0, 8))).toEqual([
      0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a,
    ]);
    expect(lettered.value.length).toBeGreaterThan(without.value.length + 200);
  });
});

describe('an SVG file', () => {
  it('carries its font, and every mark says what it is', async () => {
    const chart = chartFiles(reportInput()).find(({ name }) => name.startsWith('bound-against'));
    const svg = await renderSvgFile(chart!.spec);
    if (!svg.ok) throw new Error('not drawn');
    expect(svg.value.match(/@font-face/g)?.length).toBe(2);
    expect(svg.value).not.toMatch(/url\((?!data:font|#)/);
    expect(svg.value).toMatch(/<title>[^<]*alive-flag-sweep[^<]*: B 60\.0 s, T 29\.0 s<\/title>/);
  });
});

describe('without the optional packages', () => {
  it('an issue names the missing one and the command that adds it', async () => {
    const bare = mkdtempSync(join(tmpdir(), 'ghostbound-viz-'));
    try {
      writeFileSync(join(bare, 'package.json'), '{ "type": "module" }');
      for (const room of ['viz', 'text']) {
        const compiled = fileURLToPath(new URL(`../../dist/${room}`, import.meta.url));
        cpSync(compiled, join(bare, room), { recursive: true });
      }
      const ask = `import { renderPng, renderSvg, renderSvgFile } from './viz/render.js';
        console.log(JSON.stringify([await renderSvg({}), await renderPng({})]));`;
      const words = ['--input-type=module', '-e', ask];
      const answer = spawnSync(process.execPath, words, { cwd: bare, encoding: 'utf8' });
      const [svg, png] = JSON.parse(answer.stdout) as Result<unknown>[];
      if (svg === undefined || svg.ok || png === undefined || png.ok) throw new Error('drawn');
      expect([svg.issues[0]?.path, png.issues[0]?.path]).toEqual(['vega', '@resvg/resvg-js']);
      expect(svg.issues[0]?.hint).toContain('npm install vega vega-lite @resvg/resvg-js');
    } finally {
      rmSync(bare, { recursive: true });
    }
  });
});

describe('the report page', () => {
  it('is one file that loads nothing and runs nothing', async () => {
    const page = await pageOf(reportInput());
    expect(page.startsWith('<!doctype html>')).toBe(true);
    expect(page).not.toMatch(/https?:/);
    expect(page).not.toMatch(/<(link|img|iframe|object|embed|base)\b/);
    expect(page).not.toMatch(/<script(?! type="application\/json")/);
    expect(page).not.toMatch(/\son[a-z]+=/i);
    for (const [, target] of page.matchAll(/url\(([^)]{0,40})/g)) {
      expect(target).toMatch(/^(data:font\/woff2;base64,|#(?:figure|narrow)-)/);
    }
  });

  it('has unique ids, ordered headings, and words for every picture', async () => {
    const page = await pageOf(reportInput());
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    expect(levels[0]).toBe(1);
    levels.forEach((level, i) => expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1));
    const pictures = page.match(/<svg /g)?.length;
    // The two sheets of the overview are tables; every other chart is there for a desk and for a phone.
    expect(pictures).toBe(2 * (chartFiles(reportInput()).length - 2));
    expect(page.match(/<table class="heat/g)?.length).toBe(2);
    expect(page.match(/<svg role="img" aria-label="[^"]{20,}/g)?.length).toBe(pictures);
    expect(page).toMatch(/<html lang="en">/);
    expect(page).toMatch(/<title>Ghostbound report: [^<]+<\/title>/);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });

  it('states claim, truth, formula, derivation and the command that makes it again', async () => {
    const page = await pageOf(reportInput());
    for (const words of [
      'finds a ghost within 30 s',
      'takes up to 60 s',
      '<code>2 · intervalMs</code>',
      'A peer that dies just after its pong',
      '<pre>ghostbound report --seed 1 --runs 1000</pre>',
    ]) {
      expect(page).toContain(words);
    }
  });

  it('carries its data, and no string in it can break out', async () => {
    const hostile = `</script><script>alert("1")</script><!-- \u2028\u2029 & 'x'`;
    const input = {
      ...reportInput(),
      policies: [{ ...policyOf('none'), title: hostile }],
      command: hostile,
    };
    const page = await pageOf(input);
    expect(page).not.toContain('<script>alert');
    expect(page.match(/<\/script>/g)?.length).toBe(1);
    const data = /<script type="application\/json" id="ghostbound-data">(.*?)<\/script>/s.exec(
      page,
    );
    const { version, command, comparison, policies, scenarios } = input;
    const carried = JSON.parse(data?.[1] ?? '') as Pick<ReportInput, 'comparison'>;
    const rows = comparison.rows.map((row) => Object.assign({}, row, { ghostQuantilesMs: [] }));
    const carriedRows = carried.comparison.rows.map((row) =>
      Object.assign({}, row, { ghostQuantilesMs: [] }),
    );
    expect({ ...carried, comparison: { ...carried.comparison, rows: carriedRows } }).toEqual({
      version,
      command,
      comparison: { ...comparison, rows },
      policies,
      scenarios,
    });
    // Of the order statistics as many as a curve needs, the greatest among them, to a millisecond.
    carried.comparison.rows.forEach(({ ghostQuantilesMs }, i) => {
      const all = comparison.rows[i]?.ghostQuantilesMs ?? [];
      expect(ghostQuantilesMs.length).toBe(Math.min(32, all.length));
      expect(ghostQuantilesMs.at(-1)).toBe(all.length === 0 ? undefined : Math.round(all.at(-1)!));
    });
  });

  it('begins with what the comparison means for who said what he runs, else with the charts titles', async () => {
    const told = await pageOf({
      ...reportInput(),
      findings: [
        {
          sentence: 'Instead of ws:',
          alternatives: [
            {
              policy: 'socket.io',
              better: ['finds vanish-idle within 45.1 s, not 60.0 s'],
              worse: ['ends 50 % in live-outage-29s, not 40 %'],
              losesNothing: false,
            },
          ],
        },
      ],
    });
    const list = /<ul class="findings">(.*?)<h2/s.exec(told)?.[1] ?? '';
    expect(list).toMatch(/<li>Instead of ws:<table class="alternatives">/);
    expect(list).toMatch(
      /<th scope="row">socket\.io<\/th>\s*<td class="better">\s*<ul>\s*<li>finds vanish-idle within .*<td class="worse">\s*<ul>\s*<li>ends 50/s,
    );
    const own = await pageOf(reportInput());
    const [sheet] = chartFiles(reportInput());
    expect(own).toContain(`<li>${sheet?.title ?? 'no title'}.</li>`);
    expect(told).not.toContain(`<li>${sheet?.title ?? 'no title'}.</li>`);
  });

  it('names every policy and fault in a table whose cells say what they mean', async () => {
    const page = await pageOf(reportInput());
    const table = /<table class="heat">.*?<\/table>/s.exec(page)?.[0] ?? '';
    for (const { policy } of reportInput().comparison.rows) {
      expect(table).toContain(`<th scope="row">${policy}</th>`);
    }
    expect(table).toContain('title="B 60.0 s · seen 60.0 s">≤ 60.0 s<');
  });

  it('of one policy is few charts, and its sheet has the scenarios as rows', async () => {
    const { comparison, ...rest } = reportInput();
    const rows = ['a', 'b', 'c', 'd'].flatMap((scenario) =>
      comparison.rows
        .filter((row) => row.policy === 'alive-flag-sweep' && row.kind === 'fault')
        .map((row) => Object.assign({}, row, { scenario })),
    );
    const page = await pageOf({ ...rest, comparison: { ...comparison, rows } });
    expect(page).toContain('<table class="heat one">');
    expect(page).toMatch(/<th scope="row">d<\/th>\s*<td class="step2">B 60\.0 s · seen/);
    expect(page.match(/<figure id="detection/g)?.length).toBe(1);
  });

  it('stays below 1.5 MB for as many policies and scenarios as there are by default', async () => {
    const { comparison, ...rest } = reportInput();
    const faults = Array.from({ length: 14 }, (_, i) => `a-fault-with-a-name-${i}`);
    const living = Array.from({ length: 10 }, (_, i) => `a-living-peer-with-a-name-${i}`);
    const copies = (kind: 'fault' | 'live', names: readonly string[]) =>
      comparison.rows
        .filter((row) => row.kind === kind)
        .flatMap((row) =>
          names.map((scenario, i) =>
            // No two faults are alike: none of their charts can be left out.
            Object.assign({}, row, {
              scenario,
              boundMs: row.boundMs === null ? null : row.boundMs + 1_000 * i,
            }),
          ),
        );
    const rows = [...copies('fault', faults), ...copies('live', living)];
    const page = await pageOf({ ...rest, comparison: { ...comparison, rows } });
    expect(page.match(/<figure id="detection/g)?.length).toBe(14);
    expect(Buffer.byteLength(page)).toBeLessThan(1_500_000);
  });

  it('gives the same bytes each time', async () => {
    expect(await pageOf(reportInput())).toBe(await pageOf(reportInput()));
  });

  it('can be made of nothing', async () => {
    const empty = { ...reportInput(), timelines: [], bounds: [], policies: [], scenarios: [] };
    const page = await pageOf({ ...empty, comparison: { ...empty.comparison, rows: [] } });
    expect(page).toContain('Nothing was compared');
    expect(page).not.toContain('<svg');
  });
});

describe('html', () => {
  it('escapes what is put in, and leaves what it made', () => {
    expect(html`<p title="${'"&\''}">${'<b>'}${html`<i>${1}</i>`}</p>`.text).toBe(
      '<p title="&quot;&amp;&#39;">&lt;b&gt;<i>1</i></p>',
    );
    expect(embeddedJson('</script>\u2028').text).toBe('"\\u003c/script>\\u2028"');
  });
});
