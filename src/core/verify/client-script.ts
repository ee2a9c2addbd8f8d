/** Where a client sends its requests, and how many. */
export interface ClientTarget {
  readonly host: string
  readonly port: number
  /** Path and query. */
  readonly path: string
  /** Requests a second. */
  readonly rate: number
  /** Seconds of the stream. */
  readonly seconds: number
}

/** Seconds that one request may take. */
export const REQUEST_PATIENCE = 2

/** Every request opens a connection of its own: that is what meets a pod that is going, or is not there yet. */
const NODE = `
const http = require('http')
const [host, port, path, interval, count, patience] = process.argv.slice(1)
let sent = 0
const timer = setInterval(() => {
  const id = ++sent
  if (id >= Number(count)) clearInterval(timer)
  let over = false
  const end = words => { if (!over) { over = true; clearTimeout(late); console.log('E ' + id + ' ' + words) } }
  console.log('S ' + id)
  const request = http.get({ host: host.replace(/[[]]/g, ''), port, path, agent: false }, answer => {
    answer.on('end', () => end(answer.complete ? answer.statusCode : 'cut off'))
    answer.on('error', error => end(error.code || error.message))
    answer.resume()
  })
  const late = setTimeout(() => { end('timed out'); request.destroy() }, Number(patience) * 1000)
  request.on('error', error => end(error.code || error.message))
}, Number(interval))
`

/**
 * A script for `sh` that sends a bounded stream of requests with whatever the image has: Node, curl, wget or Bash. It says what it uses (`C curl`, or `X`
 * for nothing), then tells the start and the end of each request. Nothing is retried. Some builds of busybox have no -T for wget and crash at it, and their timeout ends
 * a command with 143 in place of 124; where sleep knows no fractions, one request a second has to do.
 */
const CLIENT_SCRIPT = `
host=$1 port=$2 path=$3 interval=$4 count=$5 patience=$6 nap=$7
url="http://$host:$port$path"
if command -v node >/dev/null 2>&1; then echo 'C node'; exec node -e "$NODE_CLIENT" "$host" "$port" "$path" "$interval" "$count" "$patience"; fi
if command -v curl >/dev/null 2>&1; then
  echo 'C curl'
  ask() { out=$(curl -sS -o /dev/null --noproxy '*' -m "$patience" -w '%{http_code}' "$url" 2>&1) && echo "E $1 $out" || echo "E $1 failed:" $out; }
elif command -v wget >/dev/null 2>&1; then
  echo 'C wget'
  help=$(wget --help 2>&1)
  case $help in *--tries*) once='-nv --tries=1' ;; *) once=-q ;; esac
  limit=
  if timeout 1 true 2>/dev/null; then limit="timeout $patience"; else case $help in *'-T SEC'*|*'-T,'*) once="$once -T $patience" ;; esac; fi
  ask() { out=$($limit wget $once -O /dev/null "$url" 2>&1); case $? in 0) echo "E $1 200" ;; 124|143) echo "E $1 timed out" ;; *) echo "E $1 failed:" $out ;; esac; }
elif command -v bash >/dev/null 2>&1; then
  echo 'C bash'
  once='exec 3<>"/dev/tcp/$0/$1" && printf "GET %s HTTP/1.0\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" "$2" "$0" >&3 && IFS= read -r line <&3 && echo "$line"'
  if command -v timeout >/dev/null 2>&1; then limit="timeout $patience"; else limit=; fi
  ask() { out=$($limit bash -c "$once" "$host" "$port" "$path" 2>&1); case $?:$out in 0:?*) echo "E $1" $out ;; 124:*|143:*) echo "E $1 timed out" ;; *:) echo "E $1 empty reply" ;; *) echo "E $1 failed:" $out ;; esac; }
else
  echo X; exit 64
fi
sleep "$nap" 2>/dev/null || nap=1
n=0
while [ $n -lt "$count" ]; do n=$((n + 1)); echo "S $n"; ask $n & sleep "$nap"; done
wait
`

/** The client's environment and arguments: the script takes everything as arguments, so that nothing of a path is read as a command. */
export function clientCommand({ host, port, path, rate, seconds }: ClientTarget): {
  readonly command: readonly string[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
} {
  const interval = Math.round(1000 / rate)
  const numbers = [interval, Math.ceil(rate * seconds), REQUEST_PATIENCE, interval / 1000].map(String)
  return {
    command: ['sh', '-c', CLIENT_SCRIPT, 'devloop-verify', host, String(port), path, ...numbers],
    env: [{ name: 'NODE_CLIENT', value: NODE }],
  }
}
