/** What is neither node nor storage: the address that is pinged, and the device that fences. */

/**
 * `power` switches the victim off; `port` closes its way to the storage; `fails` does nothing and says so; `lies` does
 * nothing and says that it did.
 */
export type FenceDevice = 'power' | 'port' | 'fails' | 'lies'

export interface Outside {
  replies(node: string): boolean
  setTieBreaker(node: string, reachable: boolean): void
  setFence(device: FenceDevice): void
  fence(victim: string): { readonly ok: boolean; readonly text: string }
  isOff(node: string): boolean
  powerOn(node: string): void
  /** no command and no write of this node reaches a LUN */
  isClosed(node: string): boolean
  open(node: string): void
}

export function createOutside(): Outside {
  const silentFor = new Set<string>()
  const off = new Set<string>()
  const closed = new Set<string>()
  let fenceDevice: FenceDevice = 'power'
  return {
    replies: (node) => !silentFor.has(node),
    setTieBreaker(node, reachable) {
      if (reachable) silentFor.delete(node)
      else silentFor.add(node)
    },
    setFence: (device) => (fenceDevice = device),
    fence(victim) {
      if (fenceDevice === 'fails') return { ok: false, text: 'the device does not answer' }
      if (fenceDevice === 'power') off.add(victim)
      if (fenceDevice === 'port') closed.add(victim)
      return { ok: true, text: fenceDevice }
    },
    isOff: (node) => off.has(node),
    powerOn: (node) => void off.delete(node),
    isClosed: (node) => closed.has(node),
    open: (node) => void closed.delete(node),
  }
}
