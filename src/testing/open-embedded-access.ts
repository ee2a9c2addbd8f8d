import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../adapters/clock/system-clock.js'
import { createEmbeddedAccess, type EmbeddedAccess } from '../adapters/embedded/embedded-access.js'
import { createProcessRunner } from '../adapters/process/process-runner.js'
import { nodeImage } from './process-image-of.js'

export interface TestEmbeddedAccess extends EmbeddedAccess {
  /** Where its processes run. */
  readonly folder: string
}

/** The cluster that is this process, its images scripts of Node, in a folder of its own that goes when it is closed. */
export async function openEmbeddedAccess({
  scripts = {},
  missing = {},
}: {
  /** Script by image reference. */
  readonly scripts?: Readonly<Record<string, string>>
  /** What each image lacks to be started. */
  readonly missing?: Readonly<Record<string, string>>
} = {}): Promise<TestEmbeddedAccess> {
  const folder = await mkdtemp(join(tmpdir(), 'devloop-embedded-'))
  const access = createEmbeddedAccess({
    context: 'processes',
    uid: 'embedded-test',
    clock: systemClock,
    runner: createProcessRunner(),
    platform: process.platform,
    env: process.env,
    folder,
    imageOf: reference => {
      const script = scripts[reference]
      return script === undefined ? undefined : nodeImage(script, folder)
    },
    missingProgram: async reference => missing[reference],
    register: async () => {},
  })
  return {
    ...access,
    folder,
    close: async () => {
      await access.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
