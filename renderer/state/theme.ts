import { ref, watchEffect, type Ref } from 'vue'
import type { InterfaceMemory } from './interface-memory.ts'

/** Light or dark: as the system has it, unless the person chose. Says which it is now, for what is drawn on a canvas. */
export function followTheme(memory: InterfaceMemory): Ref<'light' | 'dark'> {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const systemDark = ref(system.matches)
  system.addEventListener('change', ({ matches }) => (systemDark.value = matches))
  const theme = ref<'light' | 'dark'>('light')
  watchEffect(() => {
    const wanted = memory.state.theme
    theme.value = wanted === 'system' ? (systemDark.value ? 'dark' : 'light') : wanted
    document.documentElement.classList.toggle('dark', theme.value === 'dark')
  })
  return theme
}
