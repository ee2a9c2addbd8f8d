type Stream = Pick<NodeJS.WriteStream, 'write'>

/** What others wrote to streams while these belonged to the screen. */
export interface HeldWrites {
  /** Gives the streams back, and what was written to them to `write`: the last 64 kB. */
  release(write: (text: string) => void): void
}

const LIMIT = 65_536

/**
 * Keeps what is written to the streams by anybody else (warnings of Node, `console` of a library) from the screen. Ink's own patch of `console`
 * would draw it above the frame, which on the alternate screen pushes the frame out.
 */
export function holdWrites(streams: readonly Stream[]): HeldWrites {
  let text = ''
  const originals = streams.map(stream => {
    const { write } = stream
    stream.write = ((chunk: string | Uint8Array, ...more: readonly unknown[]) => {
      text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
      if (text.length > 2 * LIMIT) text = text.slice(-LIMIT)
      const done = more.find((one): one is () => void => typeof one === 'function')
      if (done !== undefined) process.nextTick(done)
      return true
    }) as Stream['write']
    return { stream, write }
  })
  return {
    release: write => {
      for (const { stream, write: original } of originals) stream.write = original
      if (text !== '') write(text.slice(-LIMIT))
      text = ''
    },
  }
}
