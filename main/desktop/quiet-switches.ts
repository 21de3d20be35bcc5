/**
 * Switches of Chromium that keep it from the network. The interface needs none of it, and a bench must not depend on, or
 * tell anything to, anybody outside. Hosts of a testbed are reached by the engine, which is no part of Chromium.
 */
export const quietSwitches: readonly (readonly [string, string?])[] = [
  // no name and no address is ever resolved
  ['host-resolver-rules', 'MAP * ~NOTFOUND'],
  ['no-proxy-server'],
  ['disable-background-networking'],
  ['disable-component-update'],
  ['disable-domain-reliability'],
  ['disable-breakpad'],
  ['no-pings'],
  ['force-webrtc-ip-handling-policy', 'disable_non_proxied_udp'],
]
