import { StringDecoder } from 'node:string_decoder'

/** Characters after which a line that does not end is handed on in parts. */
const LONGEST_LINE = 1 << 20

/** Cuts a stream of UTF-8 chunks into lines without their line ends (`\n` or `\r\n`). */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  readonly #sink: (line: string) => void
  #rest = ''

  constructor(sink: (line: string) => void) {
    this.#sink = sink
  }

  write(chunk: Uint8Array): void {
    const parts = this.#decoder
      .write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
      .split('\n')
    const last = parts.pop() ?? ''
    for (const part of parts) {
      this.#emit(this.#rest + part)
      this.#rest = ''
    }
    this.#rest += last
    if (this.#rest.length < LONGEST_LINE) return
    this.#sink(this.#rest)
    this.#rest = ''
  }

  /** Hands over a last line that has no line end. */
  end(): void {
    const last = this.#rest + this.#decoder.end()
    this.#rest = ''
    if (last !== '') this.#emit(last)
  }

  #emit(line: string): void {
    this.#sink(line.endsWith('\r') ? line.slice(0, -1) : line)
  }
}
