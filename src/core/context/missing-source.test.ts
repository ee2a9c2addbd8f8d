import { expect, test } from 'vitest'
import { missingSourceHint } from './missing-source.js'

const hint = (step: string, message: string, prepared = false) =>
  missingSourceHint({ service: 'app', step, message }, { prepared })

test.each([
  // BuildKit of Docker 20.10 and of Docker 28, then the classic builder.
  ['[2/2] COPY cluster.war /x/', 'failed to compute cache key: "/cluster.war" not found: not found'],
  [
    '[2/2] COPY target/*.war /x/',
    'lstat /var/lib/docker/tmp/buildkit-mount1/target: no such file or directory',
  ],
  ['[build 2/3] ADD a.txt app.jar /x/', 'failed to calculate checksum of ref a::b: "/app.jar": not found'],
  ['COPY app.war /x/', 'COPY failed: file not found in build context: stat app.war: file does not exist'],
  ['COPY *.war /x/', 'COPY failed: no source files were specified'],
])('%s: %s', (step, message) => {
  expect(hint(step, message)).toMatch(/hooks: \{ beforeBuild: .* of service app\.$/)
  expect(hint(step, message, true)).toContain('If a hook is to make it')
})

test.each([
  ['[2/2] COPY --from=build /app.war /x/', '"/app.war": not found'],
  ['[2/2] RUN make', 'sh: make: not found'],
  ['[2/2] RUN cp COPY /x', 'COPY: not found'],
  ['[2/2] COPY a.txt /x/', 'no space left on device'],
])('nothing for %s: %s', (step, message) => {
  expect(hint(step, message)).toBeUndefined()
})
