// count.mjs FOLDER FAILED: adds up the runners' JSON reports and fails where a check failed, a test failed, or one of the runs did not happen.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, failedSteps] = process.argv.slice(2)
let passed = 0
let failed = Number(failedSteps) > 0 ? 1 : 0
for (const [run, least] of [
  ['unit', 4000],
  ['cluster', 350],
]) {
  const file = join(folder, `${run}.json`)
  if (!existsSync(file)) {
    console.log(`the ${run} tests did not run`)
    failed += 1
    continue
  }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  passed += report.numPassedTests
  failed +=
    report.numFailedTests +
    (report.numFailedTestSuites > 0 && report.numFailedTests === 0 ? report.numFailedTestSuites : 0)
  console.log(
    `${run}: ${report.numPassedTests} passed, ${report.numFailedTests} failed, ${report.numPendingTests} skipped`,
  )
  // A suite that skips itself for want of a cluster must not look like success.
  if (report.numPassedTests < least) {
    console.log(`only ${report.numPassedTests} ${run} tests passed; at least ${least} are expected`)
    failed += 1
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
