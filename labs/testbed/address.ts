import * as v from 'valibot'
import { textLike, whole } from './fields.ts'

const ipSays = 'an IPv4 or IPv6 address'
/** An address, not a name: links are judged by what is configured, not by what a name server says today. */
export const ipAddress = v.pipe(v.string(ipSays), v.ip(ipSays), v.description(ipSays))

const addressSays = 'a host name or an IP address'
/** A leading `-` is refused, for it would be an option to whatever is given the address. */
export const address = v.pipe(
  v.string(addressSays),
  v.check((text) => isIp(text) || isHostName(text), addressSays),
  v.description(addressSays),
)

/** `ip -o link` names: at most 15 characters, no space, no `/`, no `:` (Linux, dev_valid_name). */
export const networkInterface = textLike(/^(?![.]{1,2}$)[^\s/:-][^\s/:]{0,14}$/, 'a network interface, like eth1')

export const port = whole(1, 65_535, 'a port')

/** An IPv4 or IPv6 address, and not a name. */
export function isIp(text: string): boolean {
  return v.is(v.pipe(v.string(), v.ip()), text)
}

/** Digits and dots alone are a mistyped address, not a name. */
function isHostName(text: string): boolean {
  return text.length <= 253 && /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(text) && !/^[\d.]+$/.test(text)
}
