import { readFile } from 'node:fs/promises'
import { isCode } from './state-failure.js'

export interface NdjsonContent {
  readonly values: readonly unknown[]
  /** Numbers, from 1, of lines that hold no JSON. A last line without its end, torn by a crash, is not counted: it was never promised. */
  readonly corrupt: readonly number[]
  readonly bytes: number
}

/** Empty where there is no file. */
export async function readNdjson(path: string): Promise<NdjsonContent> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return { values: [], corrupt: [], bytes: 0 }
    throw error
  }
  const lines = text.split('\n')
  lines.pop()
  const values: unknown[] = []
  const corrupt: number[] = []
  lines.forEach((line, index) => {
    if (line === '') return
    try {
      values.push(JSON.parse(line))
    } catch {
      corrupt.push(index + 1)
    }
  })
  return { values, corrupt, bytes: Buffer.byteLength(text) }
}
