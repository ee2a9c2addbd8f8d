import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createTerminal, type TerminalProcess } from './terminal.js'
import type { TerminalInput, TerminalOutput } from './terminal-streams.js'

const ENTER = '<enter>'
const LEAVE = '<leave>'

/** A terminal and a process, and everything that was done to them in its order. */
function rig(fatalSignals: readonly NodeJS.Signals[] = []) {
  const done: string[] = []
  const note = (text: string): void => {
    const words = text
      .replace('\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H', ENTER)
      .replace('\x1b[?2026l\x1b[0m\x1b[?25h\x1b[?1049l', LEAVE)
      .replace('\x1b[2J\x1b[H', '<clear>')
    done.push(words)
  }
  const input = Object.assign(new EventEmitter(), {
    isTTY: true,
    setRawMode: (raw: boolean) => done.push(raw ? 'raw' : 'cooked'),
    resume: () => done.push('read'),
    pause: () => done.push('no reading'),
    ref: () => {},
    unref: () => {},
  })
  const output = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns: 80,
    rows: 24,
    write: (text: string) => note(text),
  })
  const errors = { write: (text: string) => note(`stderr ${text}`) }
  const self = Object.assign(new EventEmitter(), {
    pid: 4711,
    kill: (pid: number, signal: string) => done.push(`kill ${pid} ${signal}`),
  })
  const terminal = createTerminal({
    stdin: input as unknown as TerminalInput,
    stdout: output as unknown as TerminalOutput,
    stderr: errors as unknown as NodeJS.WriteStream,
    process: self as TerminalProcess,
    writeNow: note,
    onInterrupt: () => done.push('interrupt'),
    fatalSignals,
  })
  /** What was done since the last call. */
  const since = (): readonly string[] => done.splice(0)
  return { terminal, input, output, errors, self, since }
}

const restored = ['no reading', LEAVE, 'cooked']

test('enters and leaves once, and leaves no listener behind', () => {
  const { terminal, since, self, output, input } = rig(['SIGTERM'])
  terminal.enter()
  terminal.enter()
  expect(since()).toEqual([ENTER, 'raw', 'read'])
  terminal.leave()
  terminal.leave()
  terminal.enter()
  expect(since()).toEqual(restored)
  for (const emitter of [self, output, input]) expect(emitter.eventNames()).toEqual([])
})

test.each(['exit', 'uncaughtExceptionMonitor'])('restores at %s', event => {
  const { terminal, since, self } = rig()
  terminal.enter()
  since()
  self.emit(event)
  expect(since()).toEqual(restored)
})

test('restores before a fatal signal takes its effect', () => {
  const { terminal, since, self } = rig(['SIGTERM'])
  terminal.enter()
  since()
  self.emit('SIGTERM')
  expect(since()).toEqual([...restored, 'kill 4711 SIGTERM'])
  expect(self.listenerCount('SIGTERM')).toBe(0)
})

test('what is drawn after the end does not come to the primary screen', () => {
  const { terminal, since } = rig()
  terminal.stdout.write('early')
  terminal.enter()
  terminal.stdout.write('frame')
  terminal.leave()
  terminal.stdout.write('late')
  expect(since()).toEqual([ENTER, 'raw', 'read', 'frame', ...restored])
})

test('what others write meanwhile comes after the end', () => {
  const { terminal, since, errors, output } = rig()
  terminal.enter()
  since()
  errors.write('a warning\n')
  output.write('a line\n')
  expect(since()).toEqual([])
  terminal.leave()
  expect(since()).toEqual([...restored, 'a warning\na line\n'])
  errors.write('later')
  expect(since()).toEqual(['stderr later'])
})

test('keys come to Ink, but for Ctrl-C and Ctrl-Z', () => {
  const { terminal, since, input } = rig()
  terminal.enter()
  input.emit('data', Buffer.from('before anybody listens'))
  const keys: string[] = []
  terminal.stdin.setEncoding('utf8')
  terminal.stdin.on('data', chunk => keys.push(String(chunk)))
  since()
  input.emit('data', Buffer.from('a\x03한b'))
  expect(keys).toEqual(['a', '한', 'b'])
  expect(since()).toEqual(['interrupt'])
})

test('Ctrl-Z stops the whole process group, and SIGCONT draws anew', () => {
  const { terminal, since, input, self } = rig()
  terminal.enter()
  since()
  input.emit('data', Buffer.from('\x1a'))
  expect(since()).toEqual([...restored, 'kill 0 SIGTSTP'])
  expect(self.listenerCount('SIGTSTP')).toBe(0)
  terminal.stdout.write('dropped')
  self.emit('SIGCONT')
  expect(since()).toEqual([ENTER, 'raw', 'read', '<clear>', 'kill 4711 SIGWINCH'])
  expect(self.listenerCount('SIGTSTP')).toBe(1)
  terminal.leave()
})

test('SIGTSTP stops this process alone, for it may not have been meant for others', () => {
  const { terminal, since, self } = rig()
  terminal.enter()
  since()
  self.emit('SIGTSTP')
  expect(since()).toEqual([...restored, 'kill 4711 SIGTSTP'])
  terminal.leave()
  expect(since()).toEqual([])
})

test('another program has the terminal for as long as it runs, also where it fails', async () => {
  const { terminal, since, errors } = rig()
  terminal.enter()
  since()
  await expect(
    terminal.suspend(async () => {
      expect(since()).toEqual(restored)
      terminal.stdout.write('dropped')
      errors.write('its own')
      expect(since()).toEqual(['stderr its own'])
      throw new Error('not found')
    }),
  ).rejects.toThrow('not found')
  expect(since()).toEqual([ENTER, 'raw', 'read', '<clear>'])
  expect(terminal.isShown).toBe(true)
})

test('a process that ends while another program has the terminal does not come back', async () => {
  const { terminal, since, self } = rig()
  terminal.enter()
  await terminal.suspend(async () => {
    since()
    self.emit('exit')
  })
  expect(since()).toEqual([])
})

test('a redraw passes a width that Ink takes for wider, unseen', () => {
  const { terminal, since, output } = rig()
  const widths: number[] = []
  terminal.stdout.on('resize', () => {
    widths.push(terminal.stdout.columns)
    terminal.stdout.write(`frame ${terminal.stdout.columns}`)
  })
  terminal.enter()
  since()
  output.columns = 60
  output.emit('resize')
  expect(widths).toEqual([61, 60])
  expect(since()).toEqual(['<clear>', 'frame 60'])
})
