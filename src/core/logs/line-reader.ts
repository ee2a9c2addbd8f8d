/** Longer lines lose their end: a line is held in memory until its end has come. In UTF-16 units. */
const LONGEST_LINE = 256 * 1024

/** Follows every line that lost its end. */
const CUT_MARK = ' … [devloop: the line is longer than 256 KiB; the rest is left out]'

export interface LineReader {
  /** The lines that this chunk completes, without their line ends. */
  read(chunk: Uint8Array): readonly string[]
  /** What came after the last line end, if anything. */
  rest(): string | undefined
}

/** Splits bytes at `\n` alone, as the container runtime does; decodes UTF-8 across chunks and takes one `\r` off each line. */
export function createLineReader(longest = LONGEST_LINE): LineReader {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let parts: string[] = []
  let length = 0

  const append = (text: string) => {
    if (length < longest) parts.push(length + text.length > longest ? text.slice(0, longest - length) : text)
    length += text.length
  }
  const take = (): string => {
    const line = parts.length === 1 ? (parts[0] ?? '') : parts.join('')
    const cut = length > longest
    parts = []
    length = 0
    if (cut) return line + CUT_MARK
    return line.endsWith('\r') ? line.slice(0, -1) : line
  }
  return {
    read(chunk) {
      const text = decoder.decode(chunk, { stream: true })
      const lines: string[] = []
      let from = 0
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
        append(text.slice(from, end))
        lines.push(take())
        from = end + 1
      }
      if (from < text.length) append(text.slice(from))
      return lines
    },
    rest: () => {
      const tail = decoder.decode()
      if (tail !== '') append(tail)
      return length === 0 ? undefined : take()
    },
  }
}
