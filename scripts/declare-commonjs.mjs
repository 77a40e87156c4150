// Writes a declaration file for CommonJS beside each entry of the compiled package: `require` of it works since Node 20.19, but TypeScript (module node16)
// lets a CommonJS file only import what is declared as CommonJS. The new file repeats no declaration, it points to those of the entry.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const MODE = "with { 'resolution-mode': 'import' }";

function isClass(value) {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/** @param folder the compiled package's */
export async function declareCommonJs(folder) {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const entries = Object.values(exports).flatMap((entry) => entry.require?.types ?? []);
  for (const declared of entries) {
    const file = join(folder, declared.replace('./dist/', ''));
    const module = file.replace(/\.d\.cts$/, '.js');
    const from = `'./${basename(module)}'`;
    const values = await import(pathToFileURL(module).href);
    const lines = Object.entries(values).map(([name, value]) => {
      const source = `import(${from}, { with: { 'resolution-mode': 'import' } })`;
      const type = isClass(value) ? `\nexport type ${name} = ${source}.${name};` : '';
      return `export declare const ${name}: typeof ${source}.${name};${type}`;
    });
    writeFileSync(file, [`export type * from ${from} ${MODE};`, ...lines, ''].join('\n'));
  }
}
