import { nodesOf } from './parts.ts'
import { outletText, type Outlet } from './outlet.ts'
import type { Testbed } from './testbed.ts'

/** What an outlet feeds: hosts, and private links by their switch. */
export function feedsOf(testbed: Testbed, outlet: string): string[] {
  const feeds = (outlets: readonly Outlet[] | undefined) => (outlets ?? []).some((one) => outletText(one) === outlet)
  return [
    ...Object.entries(testbed.hosts).flatMap(([name, { node, array }]) =>
      feeds(node?.outlets) || feeds(array?.outlets) ? [name] : [],
    ),
    ...Object.entries(testbed.links).flatMap(([name, link]) => (feeds(link.switch?.outlets) ? [name] : [])),
  ]
}

/** The outlets of a node, an array, or the switch of a private link, as UNIT/OUTLET; none where the testbed names none. */
export function outletsOf(testbed: Testbed, name: string): string[] {
  const host = testbed.hosts[name]
  const outlets = [
    ...(host?.node?.outlets ?? []),
    ...(host?.array?.outlets ?? []),
    ...(testbed.links[name]?.switch?.outlets ?? []),
  ]
  return outlets.map(outletText)
}

/** Every outlet that feeds a node, an array or a private link's switch, each once. */
export function allOutlets(testbed: Testbed): string[] {
  const names = [
    ...nodesOf(testbed).map(({ name }) => name),
    ...Object.keys(testbed.hosts),
    ...Object.keys(testbed.links),
  ]
  return [...new Set(names.flatMap((name) => outletsOf(testbed, name)))]
}
