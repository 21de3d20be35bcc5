/**
 * A LUN with persistent reservations, as far as the cluster uses them. One nexus per node, named like the node.
 * Rules: SPC-4 5.12. Linux target: unit attention to a nexus that was preempted, delivered on its next command, once.
 */
import type { DiskAnswer, DiskOperation, Reservation } from '../disk.ts'

export interface SimulatedLun {
  readonly name: string
  /** Executes a command that arrived through the nexus. */
  execute(nexus: string, operation: DiskOperation): DiskAnswer
  /** May this nexus write? */
  mayWrite(nexus: string): boolean
  /** The state as an observer reads it. */
  look(): { readonly generation: number; readonly keys: readonly string[]; readonly reservation: Reservation | null }
  /** Puts a key there that no command of this world registered. */
  plant(nexus: string, key: string): void
}

export function createSimulatedLun(name: string): SimulatedLun {
  const keys = new Map<string, string>()
  const attention = new Set<string>()
  let generation = 0
  let holder: { nexus: string; type: number } | null = null

  function reservation(): Reservation | null {
    return holder && { key: keys.get(holder.nexus) ?? '', type: holder.type }
  }

  function release(): void {
    holder = null
    // Registrants-only: the others are told (SPC-4 5.12.11, reservations released).
    for (const nexus of keys.keys()) attention.add(nexus)
  }

  function preempt(nexus: string, victim: string, type: number): DiskAnswer {
    const victims = [...keys].filter(([, key]) => key === victim).map(([one]) => one)
    if (victims.length === 0) return { result: 'conflict' }
    for (const one of victims) {
      keys.delete(one)
      if (one !== nexus) attention.add(one)
      if (holder?.nexus === one) holder = { nexus, type }
    }
    generation++
    return { result: 'good' }
  }

  function out(
    nexus: string,
    operation: Exclude<DiskOperation, { kind: 'read-keys' | 'read-reservation' }>,
  ): DiskAnswer {
    if (operation.kind === 'register-ignore') {
      keys.set(nexus, operation.key)
      generation++
      return { result: 'good' }
    }
    if (keys.get(nexus) !== operation.key) return { result: 'conflict' }
    switch (operation.kind) {
      case 'unregister':
        keys.delete(nexus)
        generation++
        if (holder?.nexus === nexus) release()
        return { result: 'good' }
      case 'reserve':
        if (holder && (holder.nexus !== nexus || holder.type !== operation.type)) return { result: 'conflict' }
        holder = { nexus, type: operation.type }
        return { result: 'good' }
      case 'preempt-abort':
        return preempt(nexus, operation.victim, operation.type)
    }
  }

  return {
    name,
    execute(nexus, operation) {
      if (attention.delete(nexus)) return { result: 'unit-attention' }
      if (operation.kind === 'read-keys') return { result: 'good', keys: [...keys.values()] }
      if (operation.kind === 'read-reservation') return { result: 'good', reservation: reservation() }
      return out(nexus, operation)
    },
    mayWrite: (nexus) => keys.has(nexus) || holder === null,
    look: () => ({ generation, keys: [...keys.values()].sort(), reservation: reservation() }),
    plant(nexus, key) {
      keys.set(nexus, key)
      generation++
    },
  }
}
