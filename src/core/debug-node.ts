/**
 * Run by the Node of a container, beside the program: finds the Node process that serves, has it open its inspector where it has not, and prints the port. Of
 * several processes the one that listens counts, and the one that started no other: a package manager or a watcher is none that people debug.
 * https://nodejs.org/api/process.html#signal-events: SIGUSR1 starts the inspector.
 */
const SCRIPT = `
const fs = require('fs')
const read = file => { try { return fs.readFileSync(file, 'utf8') } catch { return '' } }
const exe = pid => { try { return fs.readlinkSync('/proc/' + pid + '/exe') } catch { return '' } }
const pids = fs.readdirSync('/proc').filter(name => /^[0-9]+$/.test(name) && name !== String(process.pid))
const nodes = pids.filter(pid => /(^|\\/)node[^/]*$/.test(exe(pid).replace(/ \\(deleted\\)$/, '')))
const parent = pid => (/^PPid:\\s*([0-9]+)/m.exec(read('/proc/' + pid + '/status')) || [])[1]
const above = pid => { const seen = []; for (let at = parent(pid); at && at !== '0' && !seen.includes(at); at = parent(at)) seen.push(at); return seen }
const leaves = nodes.filter(pid => !nodes.some(other => above(other).includes(pid)))
const listening = () => new Map(['tcp', 'tcp6'].flatMap(name => read('/proc/net/' + name).split('\\n').slice(1).map(line => line.trim().split(/\\s+/)).filter(row => row[3] === '0A').map(row => [row[9], parseInt(row[1].split(':').pop(), 16)])))
const ports = pid => { const open = listening(); let list = []; try { list = fs.readdirSync('/proc/' + pid + '/fd') } catch {} return list.flatMap(fd => { try { const inode = /^socket:\\[([0-9]+)\\]$/.exec(fs.readlinkSync('/proc/' + pid + '/fd/' + fd)); return inode && open.has(inode[1]) ? [open.get(inode[1])] : [] } catch { return [] } }) }
const app = leaves.find(pid => ports(pid).length > 0) || leaves[0]
const say = answer => { process.stdout.write(JSON.stringify(answer)); process.exit(0) }
if (app === undefined) say({ error: 'none' })
const words = read('/proc/' + app + '/cmdline') + '\\0' + (read('/proc/' + app + '/environ').split('\\0').find(line => line.startsWith('NODE_OPTIONS=')) || '')
const given = /--inspect(?:-brk|-port|-wait)?=(?:[^\\s\\0]*:)?([0-9]+)(?=[\\s\\0]|$)/.exec(words)
const port = given && given[1] !== '0' ? Number(given[1]) : 9229
if (ports(app).includes(port)) say({ port, pid: Number(app) })
try { process.kill(Number(app), 'SIGUSR1') } catch (error) { say({ error: error.message }) }
const end = Date.now() + 5000
const look = () => ports(app).includes(port) ? say({ port, pid: Number(app) }) : Date.now() > end ? say({ error: 'silent' }) : setTimeout(look, 50)
look()
`

/** The command that opens the inspector of a container's program. */
export const openInspector: readonly string[] = ['node', '-e', SCRIPT]

export type Inspector =
  | { readonly kind: 'open'; readonly port: number }
  /** No Node runs there. */
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly message: string }

/** What the command printed. */
export function readInspector(output: string): Inspector {
  try {
    const answer: unknown = JSON.parse(output)
    if (typeof answer === 'object' && answer !== null) {
      if ('port' in answer && typeof answer.port === 'number') return { kind: 'open', port: answer.port }
      if ('error' in answer && answer.error === 'none') return { kind: 'none' }
      if ('error' in answer && answer.error === 'silent')
        return {
          kind: 'failed',
          message: 'its Node process opened no inspector (another process of the pod may have the port)',
        }
      if ('error' in answer) return { kind: 'failed', message: String(answer.error) }
    }
  } catch {
    // Told below: whatever it is, it is no answer.
  }
  return { kind: 'failed', message: `the look for its Node process ended with "${output.slice(-200)}"` }
}
