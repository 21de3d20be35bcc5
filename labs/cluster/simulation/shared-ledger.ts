/** The shared log of the ledger: a record's slot is its number, so two writers that count alike write over each other. */
export interface Slot {
  readonly node: string
  readonly epoch: number
}

export interface Overwritten {
  readonly number: number
  readonly lost: Slot
  readonly by: Slot
}

export interface SharedLedger {
  write(number: number, slot: Slot): void
  highest(): number
  overwritten(): readonly Overwritten[]
}

export function createSharedLedger(): SharedLedger {
  const slots = new Map<number, Slot>()
  const overwritten: Overwritten[] = []
  let highest = 0
  return {
    write(number, slot) {
      const lost = slots.get(number)
      if (lost && lost.node !== slot.node) overwritten.push({ number, lost, by: slot })
      slots.set(number, slot)
      highest = Math.max(highest, number)
    },
    highest: () => highest,
    overwritten: () => overwritten,
  }
}
