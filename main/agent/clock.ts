/** Seconds since boot on the clock of /proc/uptime (CLOCK_MONOTONIC; a lab machine is never suspended). */
export function secondsSinceBoot(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1e6
}
