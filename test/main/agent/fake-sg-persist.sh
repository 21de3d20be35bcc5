#!/bin/bash
# sg_persist over files instead of a LUN: the subset the agent uses, with sg_persist's texts and exit status (sg3_utils
# 1.46). The nexus is $FAKE_NEXUS. The state is DEVICE.pr: first line the generation, second the reservation ("holder
# type" or "none"), then one "nexus key" a line; DEVICE.ua.NEXUS is a pending unit attention. A device that does not exist
# cannot be opened (exit 15); with DEVICE.hang beside it the command never ends. No child processes: they are slow.
device=${*: -1}
sark=0x0 rk=0x0 type=0 action=
for word in "$@"; do
  case $word in
    --param-sark=*) sark=${word#*=} ;;
    --param-rk=*) rk=${word#*=} ;;
    --prout-type=*) type=${word#*=} ;;
    --read-keys | --read-reservation | --register | --register-ignore | --reserve | --clear | --preempt-abort) action=${word#--} ;;
  esac
done
if [ -e "$device.hang" ]; then exec sleep 3600; fi
if [ ! -e "$device" ]; then
  echo "sg_persist: error opening file: $device: No such file or directory" >&2
  exit 15
fi
exec 9>>"$device.lock"
flock 9
generation=0 holder=none held=0
declare -A keys=()
order=()
if [ -e "$device.pr" ]; then
  {
    read -r generation
    read -r holder held
    while read -r nexus key; do
      keys[$nexus]=$key
      order+=("$nexus")
    done
  } <"$device.pr"
fi
save() {
  {
    echo "$generation"
    echo "$holder $held"
    for nexus in "${order[@]}"; do if [ -n "${keys[$nexus]}" ]; then echo "$nexus ${keys[$nexus]}"; fi; done
  } >"$device.pr"
}
conflict() {
  echo 'PR out: Reservation conflict' >&2
  echo 'sg_persist failed: Reservation conflict' >&2
  exit 24
}
attention="$device.ua.$FAKE_NEXUS"
if [ -e "$attention" ]; then
  rm "$attention"
  echo 'PR in (Read keys): Unit attention' >&2
  echo 'sg_persist failed: Unit attention' >&2
  exit 6
fi
printf -v head '  PR generation=0x%x,' "$generation"
# what -vvv shows of an empty answer: generation and length, four bytes each
printf -v hex '%08x' "$generation"
empty() {
  echo '    Persistent reservation in: response:' >&2
  echo "${hex:0:2} ${hex:2:2} ${hex:4:2} ${hex:6:2} 00 00 00 00" >&2
}
case $action in
  read-keys)
    case ${#order[@]} in
      0) empty; echo "$head there are NO registered reservation keys" ;;
      1) echo "$head 1 registered reservation key follows:" ;;
      *) echo "$head ${#order[@]} registered reservation keys follow:" ;;
    esac
    for nexus in "${order[@]}"; do echo "    ${keys[$nexus]}"; done
    exit 0
    ;;
  read-reservation)
    if [ "$holder" = none ]; then
      empty
      echo "$head there is NO reservation held"
    else
      words='Write Exclusive'
      [ "$held" = 3 ] && words='Exclusive Access'
      [ "$held" = 5 ] && words='Write Exclusive, registrants only'
      printf '%s Reservation follows:\n    Key=%s\n    scope: LU_SCOPE,  type: %s\n' "$head" "${keys[$holder]}" "$words"
    fi
    exit 0
    ;;
  register-ignore)
    [ -z "${keys[$FAKE_NEXUS]}" ] && order+=("$FAKE_NEXUS")
    keys[$FAKE_NEXUS]=$sark
    generation=$((generation + 1))
    save
    exit 0
    ;;
esac
if [ -e "$device.scsi2" ]; then conflict; fi
if [ "$action" != register ] && [ -z "${keys[$FAKE_NEXUS]}" ] && [ "$holder" = none ]; then
  # as the kernel's target answers a nexus that is not registered while nothing is reserved
  echo 'PR out: Device not ready' >&2
  exit 2
fi
[ "${keys[$FAKE_NEXUS]:-0x0}" = "$rk" ] || conflict
case $action in
  register)
    if [ "$sark" = 0 ]; then
      unset "keys[$FAKE_NEXUS]"
      [ "$holder" = "$FAKE_NEXUS" ] && holder=none
    else
      [ -z "${keys[$FAKE_NEXUS]}" ] && order+=("$FAKE_NEXUS")
      keys[$FAKE_NEXUS]=$sark
    fi
    generation=$((generation + 1))
    ;;
  clear)
    for nexus in "${order[@]}"; do [ "$nexus" = "$FAKE_NEXUS" ] || : >"$device.ua.$nexus"; done
    keys=() order=() holder=none
    generation=$((generation + 1))
    ;;
  reserve)
    [ "$holder" = none ] || [ "$holder $held" = "$FAKE_NEXUS $type" ] || conflict
    holder=$FAKE_NEXUS held=$type
    ;;
  preempt-abort)
    found=
    for nexus in "${order[@]}"; do
      [ "${keys[$nexus]}" = "$sark" ] || continue
      found=yes
      unset "keys[$nexus]"
      [ "$nexus" = "$FAKE_NEXUS" ] || : >"$device.ua.$nexus"
      [ "$holder" = "$nexus" ] && holder=$FAKE_NEXUS held=$type
    done
    [ -n "$found" ] || conflict
    generation=$((generation + 1))
    ;;
  *)
    echo "fake sg_persist: not implemented: $*" >&2
    exit 1
    ;;
esac
save
