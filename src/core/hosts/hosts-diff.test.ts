import { expect, test } from 'vitest'
import { hostsDiff } from './hosts-diff.js'

const HEAD = '--- /etc/hosts\n+++ /etc/hosts\n'

test.each([
  ['nothing', 'a\n', 'a\n', ''],
  ['into an empty file', '', 'a\n', `${HEAD}@@ -0,0 +1,1 @@\n+a\n`],
  ['at the end', '1\n2\n3\n4\n', '1\n2\n3\n4\n5\n', `${HEAD}@@ -2,3 +2,4 @@\n 2\n 3\n 4\n+5\n`],
  [
    'in the middle',
    '1\n2\n3\n4\n5\n6\n7\n8\n',
    '1\n2\n3\n4\nx\n6\n7\n8\n',
    `${HEAD}@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n`,
  ],
  ['all', 'a\n', '', `${HEAD}@@ -1,1 +0,0 @@\n-a\n`],
  ['a final newline', 'a', 'a\nb\n', `${HEAD}@@ -1,1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n`],
  ['a repeated line', 'a\na\n', 'a\na\na\n', `${HEAD}@@ -1,2 +1,3 @@\n a\n a\n+a\n`],
])('%s', (_, before, after, diff) => {
  expect(hostsDiff('/etc/hosts', before, after)).toBe(diff)
})
