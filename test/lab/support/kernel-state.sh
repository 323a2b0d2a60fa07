# All that a walkthrough may leave behind, a line each: what lies in configfs and sysfs, the modules, the host identity.
[ ! -d /sys/kernel/config ] || find /sys/kernel/config -mindepth 1 | sort
for class in /sys/class/nvme /sys/class/nvme-subsystem /sys/class/nvme-fabrics /sys/block; do
  [ ! -d "$class" ] || find "$class" | sort
done
grep -oE '^nvme[a-z_]*' /proc/modules | sort
find /etc/nvme -mindepth 1 | sort
