/**
 * The arrows that src/ may have; ARCHITECTURE.md draws them. `core` is pure: it may import nothing of ours, and of Node only what
 * neither reads nor writes anything outside the process.
 */
const layer = (from, ...to) => ({
  name: `${from}-imports`,
  comment: `src/${from} may import only ${[from, ...to].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${from}/`, pathNot: '\\.test\\.tsx?$' },
  to: { path: '^src/', pathNot: [from, ...to].map(name => `^src/${name}/`) },
})
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    layer('core'),
    layer('ports', 'core'),
    layer('config', 'core'),
    layer('engine', 'ports', 'core'),
    layer('adapters', 'ports', 'core'),
    layer('ui', 'core', 'ports'),
    layer('cli', 'config', 'engine', 'adapters', 'ui', 'ports', 'core'),
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^src/core/', pathNot: '\\.test\\.tsx?$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|path|util)(/|$)' },
    },
    {
      name: 'only-compose-constructs-adapters',
      comment: 'cli/compose.ts is the one file that knows which adapters are real',
      severity: 'error',
      from: { path: '^src/(cli|ui|engine|config)/', pathNot: '^src/cli/compose[^/]*\\.ts$|\\.test\\.tsx?$' },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'tests-stay-out',
      severity: 'error',
      from: { pathNot: '\\.test\\.tsx?$|^src/testing/' },
      to: { path: '^src/testing/|\\.test\\.tsx?$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
