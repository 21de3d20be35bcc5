#!/bin/bash
# sg_turs, sg_raw (RESERVE(6) and RELEASE(6)) and sg_reset over files, with the exit statuses of sg3_utils 1.46; called by
# one of those names. DEVICE.scsi2 holds the name of the nexus that reserved; DEVICE.seen.NEXUS that it was there at all.
# Everything else is as in fake-sg-persist.sh.
name=${0##*/}
case $name in
  sg_raw) device=$1 code=$2 ;;
  *) device=${*: -1} ;;
esac
if [ -e "$device.hang" ]; then exec sleep 3600; fi
if [ ! -e "$device" ]; then
  echo "$name: $device: No such file or directory" >&2
  [ "$name" = sg_reset ] && exit 1
  exit 52
fi
exec 9>>"$device.lock"
flock 9
: >"$device.seen.$FAKE_NEXUS"
if [ "$name" = sg_reset ]; then
  rm -f "$device.scsi2"
  for seen in "$device".seen.*; do : >"$device.ua.${seen##*.}"; done
  exit 0
fi
attention="$device.ua.$FAKE_NEXUS"
if [ -e "$attention" ]; then
  rm "$attention"
  echo 'SCSI Status: Check Condition' >&2
  exit 6
fi
# sg_raw reports on its error output how the command ended, also where all is well
good() { [ "$name" != sg_raw ] || printf 'SCSI Status: Good \n\n' >&2; }
holder=
[ -e "$device.scsi2" ] && read -r holder <"$device.scsi2"
case $name$code in
  sg_raw17)
    if [ "$holder" = "$FAKE_NEXUS" ]; then rm "$device.scsi2"; fi
    good
    exit 0
    ;;
esac
if [ -n "$holder" ] && [ "$holder" != "$FAKE_NEXUS" ]; then
  echo 'SCSI Status: Reservation Conflict' >&2
  exit 24
fi
case $name$code in
  sg_raw16)
    echo "$FAKE_NEXUS" >"$device.scsi2"
    good
    ;;
  sg_turs) ;;
  *)
    echo "fake $name: not implemented: $*" >&2
    exit 1
    ;;
esac
