/** The channels between the window's page and the window's process. There are no others. */
export const channels = {
  /** asks for a line to the engine */
  connect: 'fencelab:connect',
  /** brings the port of a line, with its number */
  line: 'fencelab:line',
  openExternal: 'fencelab:open-external',
  choose: 'fencelab:choose',
  /** a command was chosen in the menu */
  command: 'fencelab:command',
  /** which commands apply now */
  applicable: 'fencelab:applicable',
} as const
