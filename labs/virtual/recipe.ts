/**
 * What the virtual lab's machines are made of, as data. Everything here goes into the hash under which the built image
 * is cached: change a line and the next `fencelab up` builds anew.
 */
import { arrayPortScript, arrayScript, fenceScript, initiatorScript, machineScript, stageOneScript } from './scripts.ts'

export interface Recipe {
  readonly suite: string
  /** Debian packages inside the machines, besides the minimal base system */
  readonly packages: readonly string[]
  /** meta package whose dependency is the kernel; the cloud flavour carries iSCSI, LIO, sg and virtio */
  readonly kernelPackage: string
  /** needed before the root file system is mounted, in loading order (virtio_ring before virtio) */
  readonly earlyModules: readonly string[]
  /** paths that dpkg leaves out: they are of no use in a machine without a reader */
  readonly excludedPaths: readonly string[]
  /** files of the first file system, by path */
  readonly scripts: Readonly<Record<string, string>>
}

export const recipe: Recipe = {
  suite: 'bookworm',
  packages: [
    'openssh-server',
    'open-iscsi',
    'sg3-utils',
    'iproute2',
    // the arrays close their ports with it
    'nftables',
    'iputils-ping',
    'kmod',
    'procps',
    'nodejs',
  ],
  kernelPackage: 'linux-image-cloud-amd64',
  earlyModules: [
    'drivers/virtio/virtio_ring.ko',
    'drivers/virtio/virtio.ko',
    'drivers/virtio/virtio_pci_modern_dev.ko',
    'drivers/virtio/virtio_pci_legacy_dev.ko',
    'drivers/virtio/virtio_pci.ko',
    'drivers/block/virtio_blk.ko',
    'fs/squashfs/squashfs.ko',
    'fs/overlayfs/overlay.ko',
    'drivers/firmware/qemu_fw_cfg.ko',
    'net/core/failover.ko',
    'drivers/net/net_failover.ko',
    'drivers/net/virtio_net.ko',
  ],
  excludedPaths: ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/usr/share/info/*'],
  scripts: {
    '/init': stageOneScript,
    '/lab/machine': machineScript,
    '/lab/array': arrayScript,
    '/lab/initiator': initiatorScript,
    '/lab/fence': fenceScript,
    '/lab/www/cgi-bin/port': arrayPortScript,
  },
}
