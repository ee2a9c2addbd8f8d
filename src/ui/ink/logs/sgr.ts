/** The attributes of text that are let through to the terminal. Blinking and hidden text are not. */
export interface SgrState {
  readonly attributes: readonly ('1' | '2' | '3' | '4' | '7' | '9')[]
  /** SGR parameters, such as `31` or `38;2;1;2;3`; empty for the terminal's own. */
  readonly foreground: string
  readonly background: string
}

export const PLAIN: SgrState = { attributes: [], foreground: '', background: '' }

type Attribute = SgrState['attributes'][number]

const ON: Readonly<Record<number, Attribute>> = { 1: '1', 2: '2', 3: '3', 4: '4', 7: '7', 9: '9', 21: '4' }
const OFF: Readonly<Record<number, readonly Attribute[]>> = {
  22: ['1', '2'],
  23: ['3'],
  24: ['4'],
  27: ['7'],
  29: ['9'],
}

/** Applies the parameters of one `ESC [ … m` (ECMA-48 8.3.117, and the 256 and 24-bit colours of xterm). Unknown ones change nothing. */
export function applySgr(state: SgrState, parameters: string): SgrState {
  let next = state
  const parts = parameters.split(';')
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] ?? ''
    const code = Number(part.split(':')[0])
    if (code === 38 || code === 48 || code === 58) {
      const { color, used } = extended(parts, at)
      at += used
      if (color === undefined || code === 58) continue
      next = code === 38 ? { ...next, foreground: `38;${color}` } : { ...next, background: `48;${color}` }
      continue
    }
    next = applyCode(next, code, part)
  }
  return next
}

function applyCode(state: SgrState, code: number, part: string): SgrState {
  if (code === 0) return PLAIN
  if (part === '4:0') return without(state, ['4'])
  const attribute = ON[code]
  if (attribute !== undefined) {
    if (state.attributes.includes(attribute)) return state
    return { ...state, attributes: [...state.attributes, attribute].sort() }
  }
  const off = OFF[code]
  if (off !== undefined) return without(state, off)
  if (code === 39) return { ...state, foreground: '' }
  if (code === 49) return { ...state, background: '' }
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return { ...state, foreground: String(code) }
  if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107))
    return { ...state, background: String(code) }
  return state
}

function without(state: SgrState, off: readonly Attribute[]): SgrState {
  return { ...state, attributes: state.attributes.filter(attribute => !off.includes(attribute)) }
}

/** The colour after 38, 48 or 58, written with `;` or with `:` (ISO 8613-6), and how many more parameters it took. */
function extended(
  parts: readonly string[],
  at: number,
): { readonly color: string | undefined; readonly used: number } {
  const own = (parts[at] ?? '').split(':')
  if (own.length > 1) {
    const [, kind, ...rest] = own
    // `38:2::r:g:b` has the colour space between, which old writers leave out.
    const values = kind === '2' ? rest.slice(-3) : rest.slice(0, 1)
    return { color: checked(kind, values), used: 0 }
  }
  const kind = parts[at + 1]
  const count = kind === '2' ? 3 : kind === '5' ? 1 : 0
  return { color: checked(kind, parts.slice(at + 2, at + 2 + count)), used: count === 0 ? 0 : count + 1 }
}

function checked(kind: string | undefined, values: readonly string[]): string | undefined {
  if (values.length !== (kind === '2' ? 3 : kind === '5' ? 1 : -1)) return undefined
  const good = values.every(value => /^\d{1,3}$/.test(value) && Number(value) <= 255)
  return good ? [kind, ...values].join(';') : undefined
}

/** The parameters that turn this state on from none; empty for none. Without colour only the attributes. */
export function toParameters(state: SgrState, color: boolean): string {
  const colors = color ? [state.foreground, state.background] : []
  return [...state.attributes, ...colors].filter(part => part !== '').join(';')
}
