// The command line in a few files instead of several hundred: opening and linking a file costs more than running most of them.
// The library stays as it was compiled, file by file.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { build } from 'esbuild';

/** Charts stay outside: they find their fonts beside themselves, and only `report` loads them. */
const chartsStayOutside = {
  name: 'charts stay outside',
  setup({ onResolve }) {
    onResolve({ filter: /\/viz\// }, ({ path }) => ({
      path: path.replace(/^.*\/viz\//, '../viz/'),
      external: true,
    }));
  },
};

/** Packages written for CommonJS ask for Node's own modules by `require`. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`;

/** Names and licences of the packages that went into the bundle, as their licences ask for. */
function notices(inputs) {
  const folders = inputs.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  const packages = [...new Set(folders)].filter((folder) => folder !== undefined).toSorted();
  return packages.map((folder) => {
    const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    if (licence === undefined) throw new Error(`${name} comes without a licence`);
    return `${name} ${version}\n\n${readFileSync(`${folder}/${licence}`, 'utf8').trim()}\n`;
  });
}

/** Puts `main.js`, `worker.js` and what they share in the place of the compiled folder `cli`. */
export async function bundleCommandLine(compiled) {
  const outdir = resolve(compiled, 'bundle');
  const { metafile } = await build({
    entryPoints: { main: 'cli/main.js', worker: 'cli/grid/worker.js' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    // Names stay, for whoever reports a stack trace.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    chunkNames: '[name]-[hash]',
    banner: { js: REQUIRE },
    plugins: [chartsStayOutside],
    // Told by their place in dist/, modules are called the same in every build.
    absWorkingDir: resolve(compiled),
    outdir,
    metafile: true,
    logLevel: 'warning',
  });
  // For whoever asks what a start loads; not shipped.
  const parts = Object.entries(metafile.outputs).map(([file, { inputs }]) => [
    basename(file),
    Object.keys(inputs),
  ]);
  writeFileSync(`${outdir}/parts.json`, JSON.stringify(Object.fromEntries(parts)));
  writeFileSync(
    `${outdir}/THIRD-PARTY.txt`,
    notices(Object.keys(metafile.inputs).map((file) => resolve(compiled, file))).join('\n---\n\n'),
  );
  rmSync(`${compiled}/cli`, { recursive: true });
  renameSync(outdir, `${compiled}/cli`);
}
