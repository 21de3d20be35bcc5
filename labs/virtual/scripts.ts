/**
 * The shell that runs inside the machines. A machine learns who it is from QEMU's firmware configuration
 * (`opt/fencelab/...`), so that one image serves all of them.
 */

import { closePort, openPort, portTable } from '../faults/port-rules.ts'

/** First program of the kernel (busybox): mounts the shared, read-only root under a writable layer in memory. */
export const stageOneScript = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
# somebody only wants to know whether a kernel boots here
case "$(/bin/busybox cat /proc/cmdline)" in *fencelab.probe*)
  echo "fencelab: boots" >/dev/console
  /bin/busybox reboot -f ;;
esac
while read -r module; do /bin/busybox insmod "/modules/$module" || echo "fencelab: module $module failed"; done </modules/order
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 100 ]; do /bin/busybox usleep 50000; tries=$((tries + 1)); done
/bin/busybox mkdir -p /lower /upper /root
/bin/busybox mount -t squashfs -o ro /dev/vda /lower || exec /bin/busybox sh
/bin/busybox mount -t tmpfs -o size=100% tmpfs /upper
/bin/busybox mkdir -p /upper/data /upper/work
/bin/busybox mount -t overlay -o lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work overlay /root
/bin/busybox mkdir -p /root/lab
/bin/busybox cp -r /lab/* /bin/busybox /root/lab/
for place in proc sys dev; do /bin/busybox mount --move /$place /root/$place; done
exec /bin/busybox switch_root /root /lab/machine
`

/** Second stage: what every machine does, then its role. Ends as process 1, which reaps. */
export const machineScript = `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
configuration=/sys/firmware/qemu_fw_cfg/by_name/opt/fencelab
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/lock/iscsi /run/fencelab
cat "$configuration/environment/raw" >/run/fencelab/environment
. /run/fencelab/environment
hostname "$NAME"
echo "$NAME" >/etc/hostname
echo "127.0.0.1 localhost $NAME" >/etc/hosts
ip link set lo up
# NICS: name=mac=address/prefix ...
for nic in $NICS; do
  name=\${nic%%=*}; rest=\${nic#*=}; mac=\${rest%%=*}; address=\${rest#*=}
  for device in /sys/class/net/*; do
    [ "$(cat "$device/address")" = "$mac" ] || continue
    ip link set "\${device##*/}" name "$name"
    ip address add "$address" dev "$name"
    ip link set "$name" up
  done
done
# every command over SSH goes through the login shell: the small one starts in a fraction of the other's time
sed -i 's#^\\(root:.*:\\)/bin/bash$#\\1/bin/sh#' /etc/passwd
mkdir -p /root/.ssh /etc/ssh
cat "$configuration/host_key/raw" >/etc/ssh/ssh_host_ed25519_key
cat "$configuration/authorized_keys/raw" >/root/.ssh/authorized_keys
chmod 600 /etc/ssh/ssh_host_ed25519_key /root/.ssh/authorized_keys
printf '%s\\n' 'HostKey /etc/ssh/ssh_host_ed25519_key' 'UseDNS no' 'UsePAM no' 'PermitRootLogin prohibit-password' \\
  'PasswordAuthentication no' 'PrintMotd no' 'MaxSessions 100' 'ClientAliveInterval 0' 'AcceptEnv LANG' \\
  'AllowStreamLocalForwarding yes' 'Subsystem sftp internal-sftp' >/etc/ssh/sshd_config
# -r: a connection is served by a copy of the running daemon, not by starting it anew
/usr/sbin/sshd -r
# a panic must reach QEMU (the second witness of it) before anything else happens
modprobe pvpanic-pci
echo 1 >/proc/sys/kernel/sysrq
[ "$ARRAY" = yes ] && . /lab/array
[ "$INITIATOR" = yes ] && . /lab/initiator
rm -rf /var/log/* /var/cache/* 2>/dev/null
echo "fencelab: ready $NAME" >/dev/console
while :; do sleep 86400 & wait $!; done
`

/** An array: LIO through configfs alone. LUNS: name=serial=megabytes ... */
export const arrayScript = `
modprobe target_core_mod
modprobe target_core_file
modprobe iscsi_target_mod
mount -t configfs configfs /sys/kernel/config 2>/dev/null
mkdir -p /var/target/pr /var/target/alua /luns
target=/sys/kernel/config/target
portal="$target/iscsi/$IQN/tpgt_1"
mkdir -p "$portal/np/0.0.0.0:3260"
echo 0 >"$portal/attrib/authentication"
echo 0 >"$portal/attrib/demo_mode_write_protect"
echo 1 >"$portal/attrib/generate_node_acls"
echo 1 >"$portal/attrib/cache_dynamic_acls"
number=0
for lun in $LUNS; do
  name=\${lun%%=*}; rest=\${lun#*=}; serial=\${rest%%=*}; size=\${rest#*=}
  truncate -s "\${size}M" "/luns/$name"
  store="$target/core/fileio_0/$name"
  mkdir -p "$store"
  echo "fd_dev_name=/luns/$name,fd_dev_size=$((size * 1048576))" >"$store/control"
  echo "$serial" >"$store/wwn/vpd_unit_serial"
  echo 1 >"$store/enable"
  mkdir -p "$portal/lun/lun_$number"
  ln -s "$store" "$portal/lun/lun_$number/$name"
  number=$((number + 1))
done
echo 1 >"$portal/enable"
# the array's management: it closes its port to an initiator when it is told so
/lab/busybox httpd -p 8080 -h /lab/www
`

const initiator = { table: '$table', family: 'ip', address: '$address' }

/**
 * The array's management, called by its web server: `?close=ADDRESS` drops all that comes from an initiator and all that
 * goes there, `?open=ADDRESS` ends that. What an FC switch or a storage array does when it disables a port.
 */
export const arrayPortScript = `#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
action=\${QUERY_STRING%%=*}; address=\${QUERY_STRING#*=}
printf 'Content-Type: text/plain\\r\\n\\r\\n'
case $address in *[!0-9.]*|'') echo 'no address'; exit 0 ;; esac
table=${portTable('')}$(echo "$address" | tr . _)
if [ "$action" = close ]; then
  ${closePort(initiator)} && echo closed
else
  ${openPort(initiator)}
  echo open
fi
`

/**
 * The fence command of a node: \`fence power NODE\` switches the victim's outlets off at the PDU and asks until it says so;
 * \`fence port NODE\` lets every array close its port to the victim. Ends with 0 when the victim is proved to be fenced.
 */
export const fenceScript = `#!/bin/sh
. /run/fencelab/environment
for one in $FENCEABLE; do
  [ "\${one%%=*}" = "$2" ] || continue
  rest=\${one#*=}; address=\${rest%%=*}; outlets=\${rest#*=}
  get() { timeout 10 /lab/busybox wget -q -O - "http://$1"; }
  case $1 in
    power)
      [ -n "$outlets" ] || { echo "$2 hangs on no outlet" >&2; exit 1; }
      for outlet in $(echo "$outlets" | tr , ' '); do
        get "$PDU/outlet/$outlet/off" >/dev/null || exit 1
        tries=0
        while [ "$(get "$PDU/outlet/$outlet")" != off ]; do
          tries=$((tries + 1)); [ $tries -lt 40 ] || { echo "outlet $outlet does not go off" >&2; exit 1; }
          sleep 0.25
        done
      done ;;
    port)
      for array in $MANAGEMENT; do
        [ "$(get "$array:8080/cgi-bin/port?close=$address")" = closed ] || { echo "$array did not close its port" >&2; exit 1; }
      done ;;
    *) echo "fence power|port NODE" >&2; exit 1 ;;
  esac
  exit 0
done
echo "no node $2 is known here" >&2
exit 1
`

/** An initiator: logs in to every portal, again and again until all are there. PORTALS: iqn@address ...; LUN_COUNT in all. */
export const initiatorScript = `
modprobe iscsi_tcp
modprobe sd_mod
modprobe sg
echo "InitiatorName=$INITIATOR_IQN" >/etc/iscsi/initiatorname.iscsi
sed -i -e 's/^node.session.timeo.replacement_timeout.*/node.session.timeo.replacement_timeout = 4/' \\
  -e 's/^node.conn\\[0\\].timeo.noop_out_interval.*/node.conn[0].timeo.noop_out_interval = 3/' \\
  -e 's/^node.conn\\[0\\].timeo.noop_out_timeout.*/node.conn[0].timeo.noop_out_timeout = 4/' /etc/iscsi/iscsid.conf
/usr/sbin/iscsid
for portal in $PORTALS; do
  iscsiadm -m node -o new -T "\${portal%%@*}" -p "\${portal#*@}" >/dev/null 2>&1
done
tries=0
while [ $tries -lt 60 ]; do
  # to all of them at once; those that are logged in already are passed over
  iscsiadm -m node --login >/dev/null 2>&1
  looks=0
  while [ $looks -lt 10 ]; do
    set -- /sys/block/sd*
    [ -e "$1" ] && [ $# -ge "$LUN_COUNT" ] && break 2
    looks=$((looks + 1)); sleep 0.2
  done
  tries=$((tries + 1))
done
# how long a write may be on its way before the kernel gives it up
for block in /sys/block/sd*; do
  [ -n "$SCSI_TIMEOUT" ] && [ -w "$block/device/timeout" ] && echo "$SCSI_TIMEOUT" >"$block/device/timeout"
done
`
