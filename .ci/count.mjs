// count.mjs FOLDER FAILED: adds up the runners' JSON reports and fails where a check failed, a test failed, or one of the runs did not happen.
// A file that was run once more counts as it went then, and is named.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, failedSteps] = process.argv.slice(2)

/** What a runner said of each of its files; undefined where it left no report. */
function read(run) {
  const file = join(folder, `${run}.json`)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).testResults : undefined
}

/** Counts of tests; a file that failed without a failed test (it could not be loaded, a hook failed) is one. */
function count(files) {
  const tests = files.flatMap(({ assertionResults }) => assertionResults)
  const of = (...statuses) => tests.filter(({ status }) => statuses.includes(status)).length
  const broken = files.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every(({ status }) => status !== 'failed'),
  )
  return {
    passed: of('passed'),
    failed: of('failed') + broken.length,
    skipped: of('skipped', 'pending', 'todo', 'disabled'),
  }
}

let passed = 0
let failed = Number(failedSteps) > 0 ? 1 : 0
for (const [run, least] of [
  ['unit', 4000],
  ['cluster', 350],
]) {
  const first = read(run)
  if (first === undefined) {
    console.log(`the ${run} tests did not run`)
    failed += 1
    continue
  }
  const again = read(`${run}-again`) ?? []
  const files = first.map(file => again.find(({ name }) => name === file.name) ?? file)
  const of = count(files)
  passed += of.passed
  failed += of.failed
  for (const { name, status } of again) console.log(`run once more: ${name} ${status}`)
  console.log(`${run}: ${of.passed} passed, ${of.failed} failed, ${of.skipped} skipped`)
  // A suite that skips itself for want of a cluster must not look like success.
  if (of.passed < least) {
    console.log(`only ${of.passed} ${run} tests passed; at least ${least} are expected`)
    failed += 1
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
