// failed-files.mjs REPORT MOST: prints the test files of a runner's JSON report that failed, one a line; nothing where there are more than MOST, or no report.
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

const [report, most] = process.argv.slice(2)
const { testResults = [] } = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {}
const failed = testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative('.', name))
if (failed.length <= Number(most)) for (const file of failed) console.log(file)
