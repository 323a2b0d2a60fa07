# All that a walkthrough may leave behind, a line each: what lies in configfs and sysfs, the modules, the host identity.
cd /
[ -d /sys/kernel/config ] && find /sys/kernel/config | sort
# After that of the loading a class of nothing stays: an unloaded module takes it away, a loaded one has it.
for class in /sys/class/nvme /sys/class/nvme-subsystem /sys/class/nvme-fabrics /sys/block; do
  [ -d "$class" ] && ls -d "$class" "$class"/*
done 2> /dev/null
grep -oE '^nvme[a-z_]*' /proc/modules | sort
ls -d /etc/nvme/* 2> /dev/null
exit 0
