/** Times and numbers in words, the same everywhere. */

/** `12.34 s`, from milliseconds of a recording. */
export const seconds = (milliseconds: number, decimals = 2) => `${(milliseconds / 1000).toFixed(decimals)} s`

/** A moment of a recording: `12.34 s`, and from 1000 s on minutes and hours, `18:00.00`, `2:46:40.00`. */
export function clockOf(milliseconds: number): string {
  if (Math.abs(milliseconds) < 1_000_000) return seconds(milliseconds)
  const hundredths = Math.round(Math.abs(milliseconds) / 10)
  const two = (value: number) => String(value).padStart(2, '0')
  const [minutes, rest] = [Math.floor(hundredths / 6000), hundredths % 6000]
  const end = `${two(Math.floor(rest / 100))}.${two(rest % 100)}`
  const begin = minutes < 60 ? String(minutes) : `${Math.floor(minutes / 60)}:${two(minutes % 60)}`
  return `${milliseconds < 0 ? '-' : ''}${begin}:${end}`
}

/** How long something takes or took: `45 s`, `3 min`, `1 h 20 min`. */
export function duration(milliseconds: number): string {
  const total = Math.round(milliseconds / 1000)
  if (total < 90) return `${total} s`
  if (total < 5400) return `${Math.round(total / 60)} min`
  return `${Math.floor(total / 3600)} h ${Math.round((total % 3600) / 60)} min`
}

/** How old a reading is: fine where it is young. */
export function age(milliseconds: number): string {
  if (milliseconds < 9950) return `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`
  return duration(milliseconds)
}

const dateForm = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
const timeForm = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** A UTC time in the person's own zone; empty where there is none. */
export function date(wall: string): string {
  const at = Date.parse(wall)
  return Number.isNaN(at) ? '' : dateForm.format(at)
}
export function clock(wall: string): string {
  const at = Date.parse(wall)
  return Number.isNaN(at) ? '' : timeForm.format(at)
}

export const count = (number: number, one: string, many = `${one}s`) =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`
