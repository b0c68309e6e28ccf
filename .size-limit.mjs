// What a program pays for each entry, bundled by esbuild and gzipped: `npm run size`, after npm run build. An entry that is added is
// measured by itself.
import { readFileSync } from 'node:fs';

const { exports, name, peerDependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** The root with the core, and what comes with the pool; any other has no core. */
const LIMITS = { '.': '120 kB', './pool': '120 kB', './node': '150 kB', './rvq_core.wasm': '60 kB' };
const WITHOUT_CORE = '40 kB';

/** What is left of an entry where a program imports one function. */
const ALONE = [
  { entry: './reference', name: 'decode', limit: '4 kB' },
  { entry: './slim', name: 'decode', limit: '5 kB' },
];

/** Files as they are served; other entries are bundled. */
const SERVED = ['./rvq_core.wasm', './worker'];

const modifyEsbuildConfig = (config) => ({ ...config, external: ['node:*', ...Object.keys(peerDependencies)], logLevel: 'error' });

const alone = ALONE.map(({ entry, name: one, limit }) => ({
  name: `${entry.replace('.', name)}, ${one} alone`,
  path: exports[entry].import.default,
  limit,
  gzip: true,
  import: `{ ${one} }`,
  modifyEsbuildConfig,
}));

const whole = Object.entries(exports).flatMap(([entry, target]) => {
  if (entry === './package.json') return [];
  const path = typeof target === 'string' ? target : target.import.default;
  const bundled = SERVED.includes(entry) ? { gzip: true, disablePlugins: ['@size-limit/esbuild'] } : { gzip: true, import: '*', modifyEsbuildConfig };
  return [{ name: entry.replace('.', name), path, limit: LIMITS[entry] ?? WITHOUT_CORE, ...bundled }];
});

export default [...whole, ...alone];
