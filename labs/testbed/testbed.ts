import type { InferOutput } from 'valibot'
import type { testbedSchema } from './testbed-schema.ts'

/** As it is read, nothing can be changed any more. */
export type Frozen<T> = T extends (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T

/**
 * A testbed as read: every default filled in, durations in milliseconds, WWIDs in sysfs form, roles and outlets as
 * lists, `${lab}` expanded, and every name it mentions exists. What each field means is said at the schema.
 */
export type Testbed = Frozen<InferOutput<ReturnType<typeof testbedSchema>>>
export type Host = Testbed['hosts'][string]
export type Role = Host['role'][number]
export type NodePart = NonNullable<Host['node']>
export type NodeConsole = NonNullable<NodePart['console']>
export type VirtualMachine = NonNullable<NodePart['vm']>
export type Link = Testbed['links'][string]
export type Lun = Testbed['luns'][string]
export type PowerUnit = Testbed['power'][string]
