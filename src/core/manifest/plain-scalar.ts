/** What an unquoted YAML scalar can mean to kubectl. */
export type PlainValue = string | number | bigint | boolean | null

const NULL = /^(?:~|null|Null|NULL|)$/
const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/
const PREFIXED = /^([-+]?)0(?:[xX]([0-9a-fA-F]+)|[oO]?([0-7]+)|[bB]([01]+))$/
const DECIMAL = /^[-+]?(?:0|[1-9][0-9]*)$/
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const INFINITE = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }

/**
 * Reads an unquoted scalar as kubectl does, whose parser (go-yaml v2) keeps neither to YAML 1.1 nor 1.2: `0644` is 420, `on` and `y` are true,
 * but `12:30` and `2001-01-01` are strings. Integers that a double cannot hold come as a bigint, up to 64 bits; larger ones are floats.
 * @throws RangeError for `.inf` and `.nan`, which JSON does not have
 */
export function resolvePlainScalar(text: string): PlainValue {
  // Most scalars are words; a word that is none of the constants needs no further look.
  if (NULL.test(text)) return null
  if (TRUE.test(text)) return true
  if (FALSE.test(text)) return false
  if (!/^[-+.0-9]/.test(text)) return text
  if (INFINITE.test(text)) throw new RangeError(`${text} is no number that JSON can hold`)
  return resolveNumber(text)
}

function resolveNumber(text: string): PlainValue {
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '')
  const integer = parseInteger(digits)
  if (integer !== undefined) {
    const number = Number(integer)
    if (Number.isSafeInteger(number)) return number
    return integer >= INT64.min && integer <= INT64.max ? integer : number
  }
  if (!FLOAT.test(digits)) return text
  const float = Number(digits)
  if (!Number.isFinite(float)) return text
  return float === 0 ? 0 : float
}

function parseInteger(digits: string): bigint | undefined {
  const prefixed = PREFIXED.exec(digits)
  if (prefixed !== null) {
    const [, sign, hex, octal, binary] = prefixed
    const value = BigInt(
      hex !== undefined ? `0x${hex}` : octal !== undefined ? `0o${octal}` : `0b${binary ?? '0'}`,
    )
    return sign === '-' ? -value : value
  }
  if (!DECIMAL.test(digits)) return undefined
  return BigInt(digits.startsWith('+') ? digits.slice(1) : digits)
}
