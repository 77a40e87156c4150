/** Rules of the pages: every relative link leads somewhere, within the packed package too, and every decision is in the list. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './sources.ts';

function pagesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name === 'node_modules' || entry.name === '.git' || entry.name.startsWith('dist')) {
      return [];
    }
    if (entry.isDirectory()) return pagesBelow(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const pages = pagesBelow('.');
const read = (page: string): string => readFileSync(join(root, page), 'utf8');

/** What is code is neither a link nor a heading. */
const prose = (text: string): string =>
  text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, (code) => code.slice(1, -1));

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, title = ''] of prose(read(page)).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

interface Link {
  readonly written: string;
  /** Path from the root; the page itself for a mere anchor. */
  readonly target: string;
  readonly anchor: string | undefined;
}

function linksOf(page: string): Link[] {
  const text = read(page).replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
  return [...text.matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(([, written = '']) => {
    const [path = '', anchor] = written.split('#');
    const target = path === '' ? page : normalize(join(dirname(page), path));
    return { written, target, anchor };
  });
}

describe('links on the pages', () => {
  it('are there', () => expect(pages.flatMap(linksOf).length).toBeGreaterThan(20));

  it.each(pages)('%s: each leads to a file, and to a heading of it', (page) => {
    const broken = linksOf(page).filter(({ target, anchor }) => {
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(target).has(anchor);
    });
    expect(broken.map(({ written }) => written)).toEqual([]);
  });

  it('lead, on a page that is packed, to what is packed with it', () => {
    // npm packs these three whatever `files` says.
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const packed = [...files, 'package.json', 'README.md', 'LICENSE'];
    const holds = (target: string): boolean =>
      packed.some((path) => target === path || target.startsWith(`${path}/`));
    const missing = pages.filter(holds).flatMap((page) =>
      linksOf(page)
        .filter(({ target }) => !holds(target))
        .map(({ written }) => `${page}: ${written}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('decisions', () => {
  const folder = 'docs/decisions';
  const files = readdirSync(join(root, folder)).filter((name) => name !== 'README.md');

  it('are numbered, each number once, and each page opens with its own', () => {
    const numbers = files.map((name) => /^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]);
    expect(new Set(numbers).size).toBe(files.length);
    expect(
      files.filter((name) => !read(`${folder}/${name}`).startsWith(`# ${name.slice(0, 4)} `)),
    ).toEqual([]);
  });

  it('are all in the list', () => {
    const listed = linksOf(`${folder}/README.md`).map(({ written }) => written);
    expect(listed.toSorted()).toEqual(files.toSorted());
  });
});
