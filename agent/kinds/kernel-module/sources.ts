/** Where a module that a storage node needs comes from: the kernel's option, and Debian's or Ubuntu's package. */
const sources: Readonly<Record<string, string>> = {
  nvmet: "CONFIG_NVME_TARGET",
  nvmet_tcp: "CONFIG_NVME_TARGET_TCP",
  nvmet_rdma: "CONFIG_NVME_TARGET_RDMA",
  nvmet_fc: "CONFIG_NVME_TARGET_FC",
  nvme_loop: "CONFIG_NVME_TARGET_LOOP",
  nvme: "CONFIG_BLK_DEV_NVME",
  nvme_core: "CONFIG_NVME_CORE",
  nvme_fabrics: "CONFIG_NVME_FABRICS",
  nvme_tcp: "CONFIG_NVME_TCP",
  nvme_rdma: "CONFIG_NVME_RDMA",
  nvme_fc: "CONFIG_NVME_FC",
  configfs: "CONFIG_CONFIGFS_FS",
  rdma_rxe: "CONFIG_RDMA_RXE",
};

/** What to do where this kernel has no such module. */
export function moduleRemedy(name: string, release: string): string {
  const option = sources[name];
  const built = option === undefined ? "" : `it is built with ${option}; `;
  return `${built}Debian ships it in linux-image-${release}, Ubuntu in linux-modules-extra-${release} (a cloud kernel may lack it)`;
}
