/** One address of a network interface, as `ip -o address show` prints it. */
export interface InterfaceAddress {
  /** in normal form, without prefix and zone */
  readonly address: string
  /** the other end of a point-to-point link */
  readonly peer?: string
  /** `tentative`, `dadfailed`, `deprecated`, … */
  readonly flags: readonly string[]
}

/**
 * The addresses in the output of `ip -o address show dev NAME` (iproute2 ipaddress.c, print_addrinfo; busybox prints
 * the same). With a peer the prefix stands behind that one: `inet 192.168.101.11 peer 192.168.101.12/32 scope global
 * tun0`.
 */
export function interfaceAddresses(text: string): readonly InterfaceAddress[] {
  return text.split('\n').flatMap((line) => {
    const words = line.split('\\')[0]?.trim().split(/\s+/) ?? []
    const at = words.findIndex((word) => word === 'inet' || word === 'inet6')
    const written = at < 0 ? undefined : words[at + 1]
    if (written === undefined) return []
    const peer = words[at + 2] === 'peer' ? words[at + 3] : undefined
    return [
      {
        address: normalAddress(written),
        ...(peer !== undefined && { peer: normalAddress(peer) }),
        flags: words.slice(at + 2).filter((word) => flags.has(word)),
      },
    ]
  })
}
/** ifa_flags by their names in iproute2 */
const flags = new Set([
  'tentative',
  'dadfailed',
  'optimistic',
  'deprecated',
  'temporary',
  'secondary',
  'dynamic',
  'nodad',
  'mngtmpaddr',
  'noprefixroute',
  'home',
  'stable-privacy',
])

/**
 * An IPv4 or IPv6 address in the one form in which it is compared: without prefix and zone, IPv6 as RFC 5952 writes it.
 * Text that is no address stays as it is.
 */
export function normalAddress(text: string): string {
  const bare = text.replace(/\/\d+$/, '').replace(/%[^/]*$/, '')
  if (!bare.includes(':') || !URL.canParse(`http://[${bare}]/`)) return bare
  // the URL standard's host serializer is RFC 5952's, but for IPv4-mapped addresses, which it writes in hex both times
  return new URL(`http://[${bare}]/`).hostname.slice(1, -1)
}

/** The zone of a link-local address: `fe80::1%ens1f0`. */
export const zoneOf = (text: string): string | undefined => /%([^/]+)/.exec(text)?.[1]
