import { get } from 'node:http'

/** The body at a port of this machine, each time over a connection of its own; `name` is the host that is asked for. */
export function fetchText(port: number, path = '/index.html', name?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = name === undefined ? {} : { host: name }
    const request = get({ host: '127.0.0.1', port, path, headers, agent: false, timeout: 2000 }, response => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        body += chunk
      })
      response.on('end', () => resolve(body.trim()))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('no answer in 2 s')))
    request.on('error', reject)
  })
}
