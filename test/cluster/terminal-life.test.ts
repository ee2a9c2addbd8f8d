import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { run } from './rig/kubectl.js'
import { startTmux, type Tmux } from './rig/tmux.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = 'node --import tsx test/cluster/fixtures/terminal-app.ts'
const PROMPT = 'ready>'

/** A shell with job control in which the program runs, its counter at 1. */
async function startProgram(): Promise<Tmux> {
  const terminal = await startTmux({ command: `PS1='${PROMPT} ' exec bash --norc`, cwd: root, rows: 20 })
  await terminal.waitForScreen(screen => screen.startsWith(PROMPT))
  await terminal.type(`clear; before=$(stty -g); ${program}; echo "code $?"`)
  await terminal.press('Enter')
  await terminal.waitForScreen(/count 0/)
  await terminal.press('+')
  await terminal.waitForScreen(/count 1/)
  expect(await terminal.isAlternate()).toBe(true)
  expect((await terminal.cursor()).visible).toBe(false)
  return terminal
}

async function pidOfProgram(terminal: Tmux): Promise<number> {
  const { stdout } = await run('pgrep', ['-P', String(terminal.pid), '-f', 'terminal-app'])
  return Number(stdout.trim())
}

/** Asserts that the shell has its terminal as it was: the primary screen with what was on it, the cursor, and every setting. Returns all that was told. */
async function expectRestored(terminal: Tmux): Promise<string> {
  const screen = await terminal.waitForScreen(new RegExp(`${PROMPT}\\s*$`))
  expect(await terminal.isAlternate()).toBe(false)
  expect((await terminal.cursor()).visible).toBe(true)
  expect(screen).not.toMatch(/count \d|[┌└]/)
  // With what scrolled out: a stack trace is as long as the paths in it.
  const told = await terminal.history()
  await terminal.type('clear; [ "$before" = "$(stty -g)" ] && echo as before || stty -a')
  await terminal.press('Enter')
  await terminal.waitForScreen(/^as before$/m)
  return told
}

describe('the terminal is as it was', () => {
  test.concurrent.each([
    { way: 'after its own end', keys: ['q'], shows: /goodbye\ncode 0/ },
    { way: 'after process.exit', keys: ['x'], shows: /code 7/ },
    { way: 'after Ctrl-C', keys: ['C-c'], shows: /code 130/ },
    {
      way: 'after a thrown error, which is told',
      keys: ['t'],
      shows: /Error: thrown on purpose[\s\S]*code 1/,
    },
    {
      way: 'after a rejection that nobody handles',
      keys: ['r'],
      shows: /Error: rejected on purpose[\s\S]*code 1/,
    },
    {
      way: 'after an error while it draws',
      keys: ['f'],
      shows: /Error: render failed on purpose[\s\S]*code 1/,
    },
    {
      way: 'with what Node warned of meanwhile',
      keys: ['w', 'q'],
      shows: /Warning: warned on purpose[\s\S]*code 0/,
    },
  ])('$way', async ({ keys, shows }) => {
    await using terminal = await startProgram()
    for (const key of keys) await terminal.press(key)
    expect(await expectRestored(terminal)).toMatch(shows)
  })

  test.concurrent.each([
    ['SIGTERM', /Terminated[\s\S]*code 143/],
    // At this one a shell leaves out what comes after.
    ['SIGINT', /^[^c]*$/],
    ['SIGHUP', /Hangup[\s\S]*code 129/],
  ] as const)('after %s, which takes its effect', async (signal, shows) => {
    await using terminal = await startProgram()
    process.kill(await pidOfProgram(terminal), signal)
    expect(await expectRestored(terminal)).toMatch(shows)
  })

  test.concurrent('while it is stopped by Ctrl-Z, and drawn anew when it goes on', async () => {
    await using terminal = await startProgram()
    await terminal.press('C-z')
    expect(await expectRestored(terminal)).toMatch(/Stopped\s+node/)
    await terminal.resize(60, 15)
    await terminal.type('fg')
    await terminal.press('Enter')
    await terminal.waitForScreen(/count 1[\s\S]*size 60x15/)
    expect(await terminal.isAlternate()).toBe(true)
    await terminal.press('+')
    await terminal.waitForScreen(/count 2/)
    await terminal.press('q')
    await expectRestored(terminal)
  })

  test.concurrent('after it was stopped by SIGSTOP, at which it has no turn, and went on', async () => {
    await using terminal = await startProgram()
    process.kill(await pidOfProgram(terminal), 'SIGSTOP')
    await terminal.type('fg')
    await terminal.press('Enter')
    await terminal.waitForScreen(/count 1/)
    await terminal.press('+')
    await terminal.waitForScreen(/count 2/)
    await terminal.press('q')
    await expectRestored(terminal)
  })

  test.concurrent('while another program has it, which gets every key', async () => {
    await using terminal = await startProgram()
    await terminal.press('s')
    await terminal.waitForScreen(/^icanon$/m)
    expect(await terminal.isAlternate()).toBe(false)
    expect((await terminal.cursor()).visible).toBe(true)
    await terminal.type('++ 한국')
    await terminal.press('Enter')
    await terminal.waitForScreen(/^got \+\+ 한국$/m)
    await terminal.press('Enter')
    await terminal.waitForScreen(/count 1/)
    expect(await terminal.isAlternate()).toBe(true)
    await terminal.press('+')
    await terminal.waitForScreen(/count 2/)
    await terminal.press('q')
    await expectRestored(terminal)
  })

  test.concurrent('and goes on by itself where no shell could wake it after Ctrl-Z', async () => {
    await using terminal = await startTmux({ command: `exec ${program}`, cwd: root })
    await terminal.waitForScreen(/count 0/)
    await terminal.press('C-z', '+')
    await terminal.waitForScreen(/count 1/)
  })
})

test.concurrent('every frame is whole after any change of the size', async () => {
  await using terminal = await startProgram()
  for (const [columns, rows] of [
    [120, 30],
    [60, 15],
    [61, 40],
    [60, 14],
  ] as const) {
    await terminal.resize(columns, rows)
    await eventually(async () => {
      const screen = (await terminal.screen()).trimEnd().split('\n')
      expect(screen).toHaveLength(rows - 1)
      expect(screen[0]).toBe(`┌${'─'.repeat(columns - 2)}┐`)
      expect(screen[2]).toContain(`size ${columns}x${rows}`)
      expect(screen.at(-1)).toBe(`└${'─'.repeat(columns - 2)}┘`)
    })
  }
})
