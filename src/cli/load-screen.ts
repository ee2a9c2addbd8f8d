/**
 * Imports modules that draw with React, in its production build: React looks at NODE_ENV once, when it is loaded, and its development build takes several
 * times as long for a frame. Programs that devloop starts must not see that value: to npm and others it means something.
 */
export async function loadScreen<T>(load: () => Promise<T>): Promise<T> {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    return await load()
  } finally {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  }
}
