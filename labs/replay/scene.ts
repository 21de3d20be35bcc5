/**
 * The lab at a moment of a run: what was known by then, and since when. The picture of the bench, the key tables at a
 * cursor and the matrix of keys are all this, live and of a recording.
 */
import type { FaultState, LinkLane } from '../timeline/time-line.ts'
import type { NodeLaneState } from '../timeline/node-lane.ts'
import type { Connection, LunRecord, OutletState, StackStatus } from '../journal/event.ts'

/** Lab time in milliseconds everywhere. */
export interface Scene {
  readonly at: number
  readonly phase: string | undefined
  readonly nodes: readonly SceneNode[]
  readonly links: readonly SceneLink[]
  readonly luns: readonly SceneLun[]
  readonly faults: readonly SceneFault[]
  readonly hosts: readonly SceneHost[]
  /** what power units said last of outlets, where anybody asked */
  readonly outlets: readonly SceneOutlet[]
  /** which node has which role of the row: a row may bind them anew on the way */
  readonly roles: Readonly<Record<string, string>>
}

export interface SceneNode {
  readonly name: string
  /** the number the stack knows it by */
  readonly id: number
  /** `unknown`: nothing was seen of it yet */
  readonly state: NodeLaneState | 'unknown'
  /** the last moment at which it was seen in this state */
  readonly seen: number | undefined
  readonly events: readonly number[]
  /** the last that its stack said, and when */
  readonly stack:
    | (Pick<StackStatus, 'answered' | 'state' | 'members' | 'active' | 'text'> & {
        readonly at: number
        readonly event: number
      })
    | undefined
  readonly writes: { readonly acknowledged: number; readonly refused: number; readonly failed: number }
}

/** One node's end of a private link. */
export interface SceneLink {
  readonly link: string
  readonly node: string
  readonly state: LinkLane['segments'][number]['state'] | 'unknown'
  readonly seen: number | undefined
  /** a fault that hits exactly this end, and how far it is */
  readonly fault: { readonly id: string; readonly state: FaultState } | undefined
}

export interface SceneLun {
  readonly name: string
  readonly use: LunRecord['use']
  readonly array: string | undefined
  /** the viewer that can be believed most; undefined where nobody looked */
  readonly best: string | undefined
  /** of every viewer, or of the best alone */
  readonly tables: readonly SceneTable[]
  /** the array's own view of it, as text */
  readonly own: { readonly text: string; readonly at: number; readonly event: number } | undefined
}

/** A LUN's registrations and reservation as one viewer saw them last. */
export interface SceneTable {
  readonly viewer: string
  /** undefined: there was no good answer yet */
  readonly keys: readonly string[] | undefined
  readonly generation: number | undefined
  /** undefined: no good answer; null: nothing is reserved */
  readonly reservation: { readonly key: string; readonly type: number } | null | undefined
  /** why the last look failed, where it did: what is above is older then */
  readonly failed: string | undefined
  /** when the keys were last read well */
  readonly keysAt: number | undefined
  /** when somebody last looked, with or without success */
  readonly lookedAt: number
  /** the looks that it rests on */
  readonly events: readonly number[]
  /** the keys before the first fault */
  readonly before: readonly string[] | undefined
  /** the last change of the keys */
  readonly change:
    | {
        readonly at: number
        readonly gone: readonly string[]
        readonly come: readonly string[]
        readonly events: readonly [number, number]
      }
    | undefined
}

export interface SceneFault {
  readonly id: string
  readonly fault: string
  readonly target: Readonly<Record<string, string>>
  readonly state: FaultState
  readonly since: number
}

/** The lab's connection to a host. */
export interface SceneHost {
  readonly name: string
  readonly state: Connection['state']
  readonly reason: string
  readonly since: number
}

/** An outlet as its unit said last. */
export interface SceneOutlet {
  /** UNIT/OUTLET */
  readonly outlet: string
  readonly state: OutletState['state']
  readonly since: number
  readonly event: number
}
