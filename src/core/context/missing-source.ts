import type { ImageBuildFailed } from '../problem.js'

/** How the builders say that what is to be copied is not there: one file, a folder on the way to it, a pattern, and the classic builder's words. */
const MISSING = /not found|no such file or directory|file does not exist|no source files were specified/

/**
 * What to do where a COPY or ADD did not find its source in the build context, as with a `war` that nobody has packed yet; undefined where a build failed of
 * something else. `prepared`: hooks ran before this build.
 */
export function missingSourceHint(
  { step = '', message, service }: Pick<ImageBuildFailed, 'step' | 'message' | 'service'>,
  { prepared }: { readonly prepared: boolean },
): string | undefined {
  const isCopy = /(?:^|\] )(?:COPY|ADD) /i.test(step) && !/ --from=/.test(step)
  if (!isCopy || !MISSING.test(message)) return undefined
  return prepared
    ? `It is not in the build context, or .dockerignore leaves it out. If a hook is to make it, it did not where the Dockerfile looks: check the cwd of hooks.beforeBuild.`
    : `It is not in the build context, or .dockerignore leaves it out. Where a build tool makes it, have devloop run that first: hooks: { beforeBuild: { run: …, inputs: […], outputs: […] } } of service ${service}.`
}
